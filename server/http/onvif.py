"""Fixed cameras by ONVIF, for who adds them: found on the network, asked what they offer."""

from typing import Annotated, Any

from aiohttp import web
from pydantic import Field

from domain.cameras import Camera, check_secret_stays
from domain.identifiers import CameraId
from domain.onvif import Trouble
from domain.people import Permission
from mobile_api.bodies import Body, Line, read_body
from mobile_api.description import Routes
from server.database.cameras import CameraSources
from server.database.onvif import Abilities
from server.http import keys
from server.http.inner_answers import read_as
from server.http.media import MEDIA
from server.http.principal import person_of
from server.http.schemas import Answer, answer, id_in

ROUTES = Routes("onvif")
MANAGE = Permission.MANAGE_CAMERAS

type OnvifSecret = Annotated[str, Field(max_length=200)]
type OnvifAddress = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[!-~]+$")]


class Search(Body):
    """``interface``: one of the addresses of the host that asks; without it, all of them."""

    interface: Annotated[str, Field(max_length=45, pattern=r"^[0-9.]+$")] | None = None


class FoundCamera(Answer):
    address: str
    name: str
    hardware: str
    id: str


class SearchResult(Answer):
    """``interfaces``: where cameras can be looked for, own addresses of the media host."""

    reason: Trouble | None
    interfaces: list[str]
    found: list[FoundCamera]


class Visit(Body):
    """``address``: a host, host:port or http(s) URL."""

    address: OnvifAddress
    username: OnvifSecret | None = None
    password: OnvifSecret | None = None


class StreamOffer(Answer):
    token: str
    name: str
    codec: str
    width: int
    height: int
    rate: int | None
    url: str
    moves: bool


class CameraSays(Answer):
    manufacturer: str
    model: str
    firmware: str
    serial: str
    streams: list[StreamOffer]
    has_ptz: bool
    has_events: bool
    has_loudspeaker: bool


class Described(Answer):
    """``main`` and ``sub``: the tokens of the streams that fit, to begin with."""

    reason: Trouble | None
    camera: CameraSays | None
    main: str | None
    sub: str | None


class CameraClock(Answer):
    """The camera's clock minus the media host's; ``alarming``: certainly off by over 100 ms."""

    reason: Trouble | None
    offset_ms: float | None
    uncertainty_ms: float | None
    alarming: bool


@ROUTES.post(
    "/onvif/search",
    needs=MANAGE,
    summary="Look for cameras on the network of the media host (WS-Discovery, 3 s).",
    body=Search,
    answers={200: SearchResult},
)
async def search(request: web.Request) -> web.Response:
    body = await read_body(request, Search)
    said = {"interface": body.interface} if body.interface is not None else {}
    found = await request.config_dict[MEDIA].ask_cameras("/onvif/discover", said)
    return answer(read_as(SearchResult, found))


@ROUTES.post(
    "/onvif/description",
    needs=MANAGE,
    summary="Ask a camera what it is and which streams it offers, or say what is wrong.",
    body=Visit,
    answers={200: Described},
)
async def describe(request: web.Request) -> web.Response:
    return answer(read_as(Described, await _visit(request, "/onvif/describe")))


@ROUTES.post(
    "/onvif/clock",
    needs=MANAGE,
    summary="Ask a camera for its clock, and compare it with ours; takes some seconds.",
    body=Visit,
    answers={200: CameraClock},
)
async def clock(request: web.Request) -> web.Response:
    return answer(read_as(CameraClock, await _visit(request, "/onvif/clock")))


class KeptVisit(Body):
    """Asked as who the camera's picture is fetched as: its password is not entered again."""

    address: OnvifAddress


@ROUTES.post(
    "/cameras/{camera_id}/onvif/description",
    needs=MANAGE,
    summary="Ask a camera that was added by its address alone, with the password that is kept.",
    body=KeptVisit,
    answers={200: Described},
    problems=("bad-camera",),
)
async def describe_kept(request: web.Request) -> web.Response:
    camera, body = await _camera(request), await read_body(request, KeptVisit)
    sources = await _sources_with(request, camera, body.address)
    said = {
        "address": body.address,
        "username": sources.username,
        "password": sources.password,
    }
    found = await request.config_dict[MEDIA].ask_cameras("/onvif/describe", said)
    return answer(read_as(Described, found))


class KeptAbilities(Body):
    """What the camera said, as the form shows it; ``profile``: the token of the stream kept."""

    address: OnvifAddress
    profile: Annotated[str, Field(min_length=1, max_length=200)]
    model: Annotated[Line, Field(max_length=200)]
    has_ptz: bool
    has_events: bool = False
    has_loudspeaker: bool = False


@ROUTES.put(
    "/cameras/{camera_id}/onvif",
    needs=MANAGE,
    summary="Keep where a camera is asked by ONVIF, and what it can do.",
    body=KeptAbilities,
    answers={204: None},
    problems=("invalid-mask", "bad-camera"),
)
async def keep(request: web.Request) -> web.Response:
    principal, camera = person_of(request), await _camera(request)
    body = await read_body(request, KeptAbilities)
    # What is kept here is asked for years, with the camera's password.
    await _sources_with(request, camera, body.address)
    await request.config_dict[keys.ONVIF].keep(
        camera, Abilities(**body.model_dump()), actor=principal.actor, at=keys.now(request)
    )
    return web.Response(status=204)


@ROUTES.delete(
    "/cameras/{camera_id}/onvif",
    needs=MANAGE,
    summary="Ask a camera nothing by ONVIF any more.",
    answers={204: None},
)
async def drop(request: web.Request) -> web.Response:
    principal, camera = person_of(request), await _camera(request)
    await request.config_dict[keys.ONVIF].drop(camera, actor=principal.actor, at=keys.now(request))
    return web.Response(status=204)


async def _camera(request: web.Request) -> Camera:
    camera_id = id_in(request, "camera_id", CameraId)
    return await request.config_dict[keys.ACCESS].camera_for(person_of(request), camera_id, MANAGE)


async def _sources_with(request: web.Request, camera: Camera, address: str) -> CameraSources:
    """Raise ``BadCamera`` when ``address`` is of a host that never had the camera's password."""
    sources = await request.config_dict[keys.CAMERAS].sources_of(camera.id)
    if sources.password is not None:
        asked = address if "://" in address else f"http://{address}"
        check_secret_stays([sources.main_url, sources.sub_url or ""], [asked])
    return sources


async def _visit(request: web.Request, path: str) -> dict[str, Any]:
    body = await read_body(request, Visit)
    said = {"address": body.address, "username": body.username, "password": body.password}
    return await request.config_dict[MEDIA].ask_cameras(path, said)
