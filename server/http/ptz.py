"""PTZ: a camera moved from the control room, by one person at a time.

A held movement is said again every 250 ms; the media process stops the camera 600 ms after the last
(`server.onvif.heads`). Each is a request of its own: it is asked for the right to it, and is on a
connection that is open already.
"""

from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import Field

from domain.cameras import Camera
from domain.errors import Unavailable
from domain.identifiers import CameraId
from domain.onvif import Trouble
from domain.people import Permission
from domain.ptz import Looking, Whereabouts, rank_of
from mobile_api.bodies import Body, Line, read_body
from mobile_api.description import Routes
from server.http import keys
from server.http.inner_answers import as_told, read_as
from server.http.media import MEDIA
from server.http.principal import person_of
from server.http.schemas import Answer, answer, id_in

ROUTES = Routes("ptz")
MOVE = Permission.MOVE_CAMERAS

type Speed = Annotated[float, Field(allow_inf_nan=False, ge=-1, le=1, strict=False)]
type Token = Annotated[str, Field(min_length=1, max_length=200)]


class CameraDoesNotMove(Unavailable):
    code = "camera-does-not-move"
    title = "The camera does not move"


class Movement(Body):
    """Right, up and in are positive; as a hand gives it: the server shapes it. All 0: stop."""

    pan: Speed = 0.0
    tilt: Speed = 0.0
    zoom: Speed = 0.0


class PtzAct(Body):
    """``what``: the token of a preset or a tour; ``name``: of a preset that is kept.

    ``turn``: by ``pan`` and ``tilt``, parts of the camera's whole way.
    """

    act: Literal["preset", "keep", "turn", "tour-start", "tour-stop"]
    what: Token | None = None
    name: Annotated[Line, Field(max_length=60)] | None = None
    pan: Speed = 0.0
    tilt: Speed = 0.0


class TakeOver(Body):
    """``over``: also from somebody of a lower rank, who is told."""

    over: bool = False


class PresetAnswer(Answer):
    token: str
    name: str


class TourAnswer(Answer):
    token: str
    name: str
    is_running: bool


class LookingAt(Answer):
    """``preset``: the token of the preset it looks at."""

    looking: Looking
    preset: str | None


class HeadAnswer(Answer):
    presets: list[PresetAnswer]
    tours: list[TourAnswer]
    at: LookingAt


@ROUTES.get(
    "/cameras/{camera_id}/ptz",
    needs=MOVE,
    summary="Where a camera looks, and the presets and tours it has.",
    answers={200: HeadAnswer},
    problems=("camera-does-not-move", "no-order-in-force"),
)
async def get_head(request: web.Request) -> web.Response:
    camera = await _camera(request)
    said = await _ask(request, camera, "/onvif/head", await _who(request, camera))
    return answer(read_as(HeadAnswer, said.get("state")))


@ROUTES.get(
    "/cameras/{camera_id}/presets",
    needs=Permission.MANAGE_ZONES,
    summary="The presets of a camera, and at which it looks, for who draws rules on them.",
    answers={200: HeadAnswer},
    problems=("camera-does-not-move",),
)
async def get_presets(request: web.Request) -> web.Response:
    camera_id = id_in(request, "camera_id", CameraId)
    camera = await request.config_dict[keys.ACCESS].camera_for(
        person_of(request), camera_id, Permission.MANAGE_ZONES
    )
    said = await _ask(request, camera, "/onvif/head", await _who(request, camera))
    return answer(read_as(HeadAnswer, said.get("state")))


@ROUTES.post(
    "/cameras/{camera_id}/ptz/lock",
    needs=MOVE,
    summary="Move a camera from now on, also from a lower rank; noted in the register.",
    body=TakeOver,
    answers={204: None},
    problems=("ptz-held", "camera-does-not-move", "no-order-in-force"),
)
async def take(request: web.Request) -> web.Response:
    body, camera = await read_body(request, TakeOver), await _camera(request)
    await _who(request, camera)
    await _use(request, camera, over=body.over)
    return web.Response(status=204)


@ROUTES.delete(
    "/cameras/{camera_id}/ptz/lock",
    needs=MOVE,
    summary="Let go of a camera.",
    answers={204: None},
)
async def let_go(request: web.Request) -> web.Response:
    person, camera = person_of(request), await _camera(request)
    await request.config_dict[keys.PTZ_LOCKS].let_go(
        camera, by=person.person.id, at=keys.now(request)
    )
    return web.Response(status=204)


@ROUTES.post(
    "/cameras/{camera_id}/ptz/movement",
    needs=MOVE,
    summary="Move a camera while this is said again: it stops 0.6 s after the last.",
    body=Movement,
    answers={204: None},
    problems=("ptz-held", "camera-does-not-move", "no-order-in-force"),
)
async def move(request: web.Request) -> web.Response:
    body, camera = await read_body(request, Movement), await _camera(request)
    who = await _who(request, camera)
    await _use(request, camera)
    await _on_its_way(request, camera)
    await _ask(request, camera, "/onvif/move", who | body.model_dump())
    return web.Response(status=204)


@ROUTES.post(
    "/cameras/{camera_id}/ptz/act",
    needs=MOVE,
    summary="Send a camera to a preset, keep one, turn it by a step, start or stop its guard tour.",
    body=PtzAct,
    answers={204: None},
    problems=("ptz-held", "camera-does-not-move", "no-order-in-force"),
)
async def act(request: web.Request) -> web.Response:
    body, camera = await read_body(request, PtzAct), await _camera(request)
    who = await _who(request, camera)
    await _use(request, camera)
    if body.act != "keep":
        await _on_its_way(request, camera)
    await _ask(request, camera, "/onvif/act", who | body.model_dump(exclude_none=True))
    return web.Response(status=204)


async def _camera(request: web.Request) -> Camera:
    camera_id = id_in(request, "camera_id", CameraId)
    return await request.config_dict[keys.ACCESS].camera_for(person_of(request), camera_id, MOVE)


async def _use(request: web.Request, camera: Camera, *, over: bool = False) -> None:
    principal, at = person_of(request), keys.now(request)
    roles = [role for commune, role in principal.person.roles(at) if commune == camera.commune_id]
    await request.config_dict[keys.PTZ_LOCKS].use(
        camera,
        by=principal.person.id,
        rank=rank_of(roles),
        actor=principal.actor,
        at=at,
        over=over,
    )


async def _on_its_way(request: web.Request, camera: Camera) -> None:
    """From now on it is at no preset, for who asks; until it was seen at one."""
    seen_by, at = request.config_dict[keys.WHEREABOUT], keys.now(request)
    seen = await seen_by.of(camera.id, now=at)
    if seen is None or seen.where.looking is not Looking.MOVING:
        await seen_by.looked(camera.id, Whereabouts(Looking.MOVING), at=at)


async def _who(request: web.Request, camera: Camera) -> dict[str, Any]:
    """Where the camera is asked, and as whom; raises ``NotFound`` for one without ONVIF.

    One that is not known to move may have masks of ours: it is not moved away from under them.
    """
    access = await request.config_dict[keys.ONVIF].get(camera.id)
    if not access.abilities.has_ptz:
        raise CameraDoesNotMove("it is not known as one that moves")
    return {
        "address": access.abilities.address,
        "profile": access.abilities.profile,
        "username": access.username,
        "password": access.password,
    }


async def _ask(
    request: web.Request, camera: Camera, path: str, said: dict[str, Any]
) -> dict[str, Any]:
    found = await request.config_dict[MEDIA].ask_camera(camera, path, said)
    with as_told():
        if found["reason"] is not None:
            raise CameraDoesNotMove(Trouble(found["reason"]).value)
    return found
