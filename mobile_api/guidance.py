"""Guidance on a phone: a point and a text from the control room, arrived and then read."""

from collections.abc import Callable

from aiohttp import web
from pydantic import TypeAdapter

from domain.guidance import Guidance
from domain.identifiers import GuidanceId
from domain.people import Permission
from mobile_api.description import Needs, Routes
from mobile_api.keys import ACCESS, CLOCK, DEVICE, GUIDANCES
from mobile_api.schemas import MobileGuidance, answer, answers, id_in
from mobile_api.views import VIEWS, shift_of

ROUTES = Routes("phones", prefix="/mobile/guidance")


@ROUTES.get(
    "",
    needs=Needs.DEVICE,
    summary="What was sent to this device's unit lately, newest first; nothing off shift.",
    answers={200: TypeAdapter(list[MobileGuidance])},
)
async def index(request: web.Request) -> web.Response:
    return answers(await request.config_dict[VIEWS].guidances(request[DEVICE]))


@ROUTES.post(
    "/{guidance_id}/arrival",
    needs=Needs.DEVICE,
    summary="Say that it is on the phone.",
    answers={200: MobileGuidance},
    problems=("not-on-shift",),
)
async def arrive(request: web.Request) -> web.Response:
    now = request.config_dict[CLOCK]()
    return await _change(request, lambda guidance: guidance.arrive(at=now))


@ROUTES.post(
    "/{guidance_id}/reading",
    needs=Needs.DEVICE,
    summary="Say that the agent has read it.",
    answers={200: MobileGuidance},
    problems=("not-on-shift",),
)
async def read(request: web.Request) -> web.Response:
    now = request.config_dict[CLOCK]()
    return await _change(request, lambda guidance: guidance.read(at=now))


async def _change(request: web.Request, how: Callable[[Guidance], Guidance]) -> web.Response:
    services, principal = request.config_dict, request[DEVICE]
    shift_of(principal)
    guidance_id = id_in(request, "guidance_id", GuidanceId)
    await services[ACCESS].guidance_for(principal, guidance_id, Permission.PATROL)
    changed = await services[GUIDANCES].change(
        guidance_id, how, actor=principal.actor, device_id=principal.device.id
    )
    return answer((await services[VIEWS].of_guidance([changed]))[0])
