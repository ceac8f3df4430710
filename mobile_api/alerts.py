"""Alerts on a phone: sent to its unit, which says that they arrived, that it goes or can't."""

from typing import Annotated
from uuid import UUID, uuid4

from aiohttp import web
from pydantic import AfterValidator, TypeAdapter

from domain.alerts import AlreadyAcknowledged, NotAddressed
from domain.identifiers import AlertId, InterventionId, UnitId
from domain.people import Permission
from mobile_api.bodies import Body, Line, read_body
from mobile_api.description import Needs, Routes
from mobile_api.keys import ACCESS, ALERTS, CLOCK, DEVICE, STILLS, UNITS
from mobile_api.schemas import Acknowledged, MobileAlert, answer, answers, id_in, picture
from mobile_api.views import VIEWS, shift_of

ROUTES = Routes("phones", prefix="/mobile/alerts")


class AnotherWasFirst(AlreadyAcknowledged):
    """As the second unit is told it: with the first one's call sign."""

    def __init__(self, *, unit_id: UnitId, call_sign: str) -> None:
        super().__init__(f"{call_sign} was first", unit_id=unit_id)
        self.call_sign = call_sign


class Acknowledgement(Body):
    """``id``: of the intervention that opens, made on the phone."""

    id: UUID | None = None


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("say why")
    return text


class Refusal(Body):
    reason: Annotated[Line, AfterValidator(_said)]


@ROUTES.get(
    "",
    needs=Needs.DEVICE,
    summary="The open alerts sent to this device's unit, newest first; none off shift.",
    answers={200: TypeAdapter(list[MobileAlert])},
)
async def index(request: web.Request) -> web.Response:
    return answers(await request.config_dict[VIEWS].alerts(request[DEVICE]))


@ROUTES.get(
    "/{alert_id}",
    needs=Needs.DEVICE,
    summary="One alert sent to this device's unit, or raised by its agent.",
    answers={200: MobileAlert},
    problems=("not-on-shift",),
)
async def show(request: web.Request) -> web.Response:
    services, principal = request.config_dict, request[DEVICE]
    alert_id = id_in(request, "alert_id", AlertId)
    alert = await services[ACCESS].alert_for(principal, alert_id, Permission.PATROL)
    return answer(await services[VIEWS].alert(principal, alert))


@ROUTES.get(
    "/{alert_id}/still",
    needs=Needs.DEVICE,
    summary="The alert's still; noted in the register. X-Captured-At says when it was taken.",
    answers={200: "image/jpeg"},
    problems=("not-on-shift", "crew-without-pictures"),
)
async def still(request: web.Request) -> web.Response:
    services, principal = request.config_dict, request[DEVICE]
    alert_id = id_in(request, "alert_id", AlertId)
    alert = await services[ACCESS].alert_for(principal, alert_id, Permission.PATROL)
    await services[ACCESS].check_sees_pictures(principal)
    return picture(await services[STILLS].of_alert(principal, alert))


@ROUTES.post(
    "/{alert_id}/arrival",
    needs=Needs.DEVICE,
    summary="Say that the alert is on the phone.",
    answers={200: MobileAlert},
    problems=("not-on-shift", "alert-not-addressed"),
)
async def arrive(request: web.Request) -> web.Response:
    services, principal = request.config_dict, request[DEVICE]
    alert_id, unit_id = id_in(request, "alert_id", AlertId), shift_of(principal).unit_id
    alert = await services[ACCESS].alert_for(principal, alert_id, Permission.PATROL)
    if unit_id not in alert.recipients:
        raise NotAddressed("it was not sent to this unit")
    await services[ALERTS].arrived(
        alert_id, unit_id=unit_id, device_id=principal.device.id, at=services[CLOCK]()
    )
    return answer(await services[VIEWS].alert(principal, alert))


@ROUTES.post(
    "/{alert_id}/acknowledgement",
    needs=Needs.DEVICE,
    summary="Say that this unit goes. The first wins; an intervention opens with it.",
    body=Acknowledgement,
    answers={200: Acknowledged},
    problems=(
        "alert-already-acknowledged",
        "alert-not-addressed",
        "alert-already-decided",
        "not-on-shift",
    ),
)
async def acknowledge(request: web.Request) -> web.Response:
    services, principal = request.config_dict, request[DEVICE]
    alert_id, unit_id = id_in(request, "alert_id", AlertId), shift_of(principal).unit_id
    body = await read_body(request, Acknowledgement)
    await services[ACCESS].alert_for(principal, alert_id, Permission.PATROL)
    try:
        alert, intervention = await services[ALERTS].acknowledge(
            alert_id,
            unit_id=unit_id,
            intervention_id=InterventionId(body.id or uuid4()),
            actor=principal.actor,
            at=services[CLOCK](),
        )
    except AlreadyAcknowledged as error:
        first = await services[UNITS].get(error.unit_id)
        raise AnotherWasFirst(unit_id=first.id, call_sign=first.call_sign) from None
    views = services[VIEWS]
    return answer(
        Acknowledged(
            alert=await views.alert(principal, alert),
            intervention=await views.intervention(principal, intervention),
        )
    )


@ROUTES.post(
    "/{alert_id}/refusal",
    needs=Needs.DEVICE,
    summary="Say that this unit can't go, and why; the alert stays open for the others.",
    body=Refusal,
    answers={200: MobileAlert},
    problems=("alert-not-addressed", "conflict", "not-on-shift"),
)
async def refuse(request: web.Request) -> web.Response:
    services, principal = request.config_dict, request[DEVICE]
    alert_id, unit_id = id_in(request, "alert_id", AlertId), shift_of(principal).unit_id
    body = await read_body(request, Refusal)
    await services[ACCESS].alert_for(principal, alert_id, Permission.PATROL)
    alert = await services[ALERTS].decline(
        alert_id,
        unit_id=unit_id,
        reason=body.reason,
        actor=principal.actor,
        at=services[CLOCK](),
    )
    return answer(await services[VIEWS].alert(principal, alert))
