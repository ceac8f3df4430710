"""Fixed cameras: what administrators keep, and what everybody who may watch is told of them."""

from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from aiohttp import web
from pydantic import Field, TypeAdapter

from domain.cameras import (
    BadCamera,
    Camera,
    NoOrderInForce,
    PlaceKind,
    SourceKind,
    Transport,
    split_user,
)
from domain.errors import Forbidden, NotFound
from domain.identifiers import CameraId, CommuneId, OrderId, StreamId
from domain.people import Permission
from mobile_api.bodies import Body, Line, Note, PointBody, read_body, read_query
from mobile_api.description import Needs, Routes
from server.database.cameras import KEEP
from server.database.masks import polygons_of
from server.http import keys
from server.http.camera_answers import CAMERA_FIELDS, CameraAnswer, cameras_seen
from server.http.inner_answers import read_as
from server.http.media import MEDIA
from server.http.places import place_of
from server.http.principal import person_of
from server.http.schemas import (
    Answer,
    ByCommune,
    Degrees,
    answer,
    answers,
    id_in,
    picture,
)
from server.http.stills import STILLS
from server.http.streams import ON_THE_WALL, Watching

ROUTES = Routes("cameras")

MANAGE, VIEW = Permission.MANAGE_CAMERAS, Permission.VIEW_CAMERAS
#: What the register keeps for an administrator who looks at a picture to draw on it.
TO_DRAW_ZONES = "tracé de zone"
THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})

type Url = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[!-~]+$")]
type Metres = Annotated[float, Field(allow_inf_nan=False, ge=-1e6, le=1e6)]
type CameraSecret = Annotated[str, Field(max_length=200)]


class NewCamera(Body):
    """``username`` and ``password`` go in and never come out. ``place`` None: asked of the map."""

    id: UUID | None = None
    commune_id: UUID
    number: Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
    name: Line
    source: SourceKind = SourceKind.RTSP
    main_url: Url
    sub_url: Url | None = None
    username: CameraSecret | None = None
    password: CameraSecret | None = None
    point: PointBody
    bearing_deg: Degrees
    field_of_view_deg: Degrees
    range_m: Metres
    place_kind: PlaceKind = PlaceKind.PUBLIC_ROAD
    place: Annotated[Note, Field(max_length=200)] | None = None
    order_id: UUID | None = None
    demonstration: bool = False
    transcode: bool = False
    transport: Transport = Transport.AUTO


class CameraChange(Body):
    """What is left out stays; ``sub_url`` null takes the sub-stream away."""

    number: Annotated[int, Field(ge=-(2**31), le=2**31 - 1)] | None = None
    name: Line | None = None
    main_url: Url | None = None
    sub_url: Url | None = None
    username: CameraSecret | None = None
    password: CameraSecret | None = None
    point: PointBody | None = None
    bearing_deg: Degrees | None = None
    field_of_view_deg: Degrees | None = None
    range_m: Metres | None = None
    place_kind: PlaceKind | None = None
    place: Annotated[Note, Field(max_length=200)] | None = None
    order_id: UUID | None = None
    transcode: bool | None = None
    transport: Transport | None = None


class CameraCheck(Body):
    main_url: Url
    username: CameraSecret | None = None
    password: CameraSecret | None = None


class CameraChecked(Answer):
    """``still`` is a JPEG in base64."""

    ok: bool
    reason: str | None
    codec: str | None
    still: str | None


class CameraVitals(Answer):
    """Of the main stream. Null: not known, or not yet.

    ``clock_offset_s``: how far its clock is ahead of ours; ``drift_ppm``: how much faster it runs.
    ``lost``: pictures that came with a hole; ``jumps``: of the pictures' times.
    """

    up: bool
    codec: str | None
    kbit_per_s: int | None
    pictures_per_s: float | None
    gop_s: float | None
    lost: int | None
    jumps: int | None
    restarts: int
    clock_offset_s: float | None
    drift_ppm: float | None


@ROUTES.get(
    "/cameras",
    needs=Needs.SESSION,
    summary="The cameras that I may watch or whose set-up I may read.",
    query=ByCommune,
    answers={200: TypeAdapter(list[CameraAnswer])},
)
async def list_cameras(request: web.Request) -> web.Response:
    return answers(await _seen(request, commune=read_query(request, ByCommune).commune))


@ROUTES.get(
    "/cameras/{camera_id}",
    needs=Needs.SESSION,
    summary="One camera.",
    answers={200: CameraAnswer},
)
async def get_camera(request: web.Request) -> web.Response:
    return await _shown(request, id_in(request, "camera_id", CameraId))


@ROUTES.post(
    "/cameras",
    needs=MANAGE,
    summary="Add a camera.",
    body=NewCamera,
    answers={201: CameraAnswer},
    problems=("bad-camera", "camera-there", "conflict"),
)
async def add_camera(request: web.Request) -> web.Response:
    body, principal = await read_body(request, NewCamera), person_of(request)
    commune = await request.config_dict[keys.ACCESS].commune_for(
        principal, CommuneId(body.commune_id), MANAGE
    )
    if body.demonstration and commune.profile != "demonstration":
        raise BadCamera("a demonstration camera belongs to a demonstration commune")
    if body.source is SourceKind.FILE and not body.demonstration:
        raise BadCamera("a file stands in for a camera in demonstrations only")
    if body.demonstration:
        _check_clips(body.main_url, body.sub_url)
    point = body.point.point()
    camera = Camera(
        id=CameraId(body.id or uuid4()),
        commune_id=commune.id,
        number=body.number,
        name=body.name,
        source=body.source,
        point=point,
        bearing_deg=body.bearing_deg,
        field_of_view_deg=body.field_of_view_deg,
        range_m=body.range_m,
        place_kind=body.place_kind,
        main_stream_id=StreamId(uuid4()),
        sub_stream_id=StreamId(uuid4()) if body.sub_url is not None else None,
        order_id=OrderId(body.order_id) if body.order_id is not None else None,
        demonstration=body.demonstration,
        transcode=body.transcode,
        transport=body.transport,
    )
    kept = await request.config_dict[keys.CAMERAS].add(
        camera,
        place=place_of(request, point) if body.place is None else body.place,
        main_url=body.main_url,
        sub_url=body.sub_url,
        credentials=(body.username, body.password or "") if body.username else None,
        actor=principal.actor,
        at=keys.now(request),
    )
    return await _shown(request, kept.id, status=201)


@ROUTES.patch(
    "/cameras/{camera_id}",
    needs=MANAGE,
    summary="Change a camera.",
    body=CameraChange,
    answers={200: CameraAnswer},
    problems=("bad-camera", "camera-there", "conflict"),
)
async def change_camera(request: web.Request) -> web.Response:
    principal, camera = person_of(request), await _camera(request)
    body = await read_body(request, CameraChange)
    given = {name: getattr(body, name) for name in body.model_fields_set}
    if camera.demonstration:
        _check_clips(body.main_url, body.sub_url)
    credentials: Any = KEEP
    if "username" in given or "password" in given:
        credentials = (body.username, body.password or "") if body.username else None
    changed = await request.config_dict[keys.CAMERAS].change(
        camera.id,
        lambda one: _changed(one, given),
        place=body.place if body.place is not None else KEEP,
        main_url=body.main_url if body.main_url is not None else KEEP,
        sub_url=body.sub_url if "sub_url" in given else KEEP,
        credentials=credentials,
        actor=principal.actor,
        at=keys.now(request),
    )
    return await _shown(request, changed.id)


@ROUTES.delete(
    "/cameras/{camera_id}",
    needs=MANAGE,
    summary="Take a camera out of use; its history stays.",
    answers={204: None},
)
async def disable_camera(request: web.Request) -> web.Response:
    principal, camera, at = person_of(request), await _camera(request), keys.now(request)
    await request.config_dict[keys.CAMERAS].change(
        camera.id,
        lambda one: replace(one, disabled_at=one.disabled_at or at),
        actor=principal.actor,
        at=at,
    )
    return web.Response(status=204)


@ROUTES.post(
    "/cameras/check",
    needs=MANAGE,
    summary="Open a camera once, before it is added: does it answer, and what does it show?",
    body=CameraCheck,
    answers={200: CameraChecked},
)
async def check_camera(request: web.Request) -> web.Response:
    body = await read_body(request, CameraCheck)
    url, written = split_user(body.main_url)
    username, password = (body.username, body.password) if body.username else written or (None,) * 2
    # Its masks are for who asks by its address, too.
    masks = await request.config_dict[keys.MASKS].of_address(url)
    found = await request.config_dict[MEDIA].check_camera(
        url, username, password, masks=polygons_of(masks)
    )
    return answer(read_as(CameraChecked, found))


@ROUTES.get(
    "/cameras/{camera_id}/vitals",
    needs=MANAGE,
    summary="What is measured of a camera that plays: rate, keyframes, clock, restarts.",
    answers={200: CameraVitals},
    problems=("stream-offline", "stream-not-found"),
)
async def get_vitals(request: web.Request) -> web.Response:
    found = await request.config_dict[MEDIA].camera_vitals(await _camera(request))
    named = {name: value for name, value in found.items() if name in CameraVitals.model_fields}
    return answer(read_as(CameraVitals, named))


@ROUTES.get(
    "/cameras/{camera_id}/still",
    needs=Needs.SESSION,
    summary="The camera's newest picture, for who watches or draws zones; noted in the register.",
    query=Watching,
    answers={200: "image/jpeg"},
    problems=("no-order-in-force", "stream-offline"),
)
async def get_still(request: web.Request) -> web.Response:
    principal, stated = person_of(request), read_query(request, Watching).motive
    camera_id, access = id_in(request, "camera_id", CameraId), request.config_dict[keys.ACCESS]
    try:
        camera, usual = await access.camera_for(principal, camera_id, VIEW), ON_THE_WALL
    except NoOrderInForce:
        raise
    except Forbidden:
        camera = await access.camera_for(principal, camera_id, Permission.MANAGE_ZONES)
        usual = TO_DRAW_ZONES
    # Drawing a zone needs a right of its own, and the law's gate is the same.
    view = (await request.config_dict[keys.SCREENS].cameras({camera.commune_id}, ids=[camera.id]))[
        0
    ]
    view.camera.check_lawful(view.order, profile=view.profile, at=keys.now(request))
    if camera.disabled_at is not None:
        raise NotFound("this camera is out of use")
    return picture(
        await request.config_dict[STILLS].of_camera(principal, camera, motive=stated or usual)
    )


def _check_clips(*urls: str | None) -> None:
    """Raise ``BadCamera`` unless a demonstration's pictures come from this very machine.

    A fictional order and a fictional act open a demonstration camera; were it a real one, its
    picture would be given and analysed without any law.
    """
    for url in filter(None, urls):
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            raise BadCamera("the camera's address is not one") from None
        if parts.scheme != "file" and host not in THIS_MACHINE:
            raise BadCamera("a demonstration camera shows a clip of this machine")


def _changed(camera: Camera, given: dict[str, Any]) -> Camera:
    """Apply what a ``CameraChange`` gives; None means "as it is" save for the order."""
    values = {
        name: value
        for name, value in given.items()
        if name in CAMERA_FIELDS and (value is not None or name == "order_id")
    }
    if "point" in values:
        values["point"] = values["point"].point()
    if "sub_url" in given:
        kept = camera.sub_stream_id or StreamId(uuid4())
        values["sub_stream_id"] = kept if given["sub_url"] is not None else None
    return replace(camera, **values)


async def _camera(request: web.Request) -> Camera:
    camera_id = id_in(request, "camera_id", CameraId)
    return await request.config_dict[keys.ACCESS].camera_for(person_of(request), camera_id, MANAGE)


async def _seen(
    request: web.Request, *, ids: list[CameraId] | None = None, commune: UUID | None = None
) -> list[CameraAnswer]:
    return await cameras_seen(
        request.app, person_of(request), at=keys.now(request), ids=ids, commune=commune
    )


async def _shown(request: web.Request, camera_id: CameraId, *, status: int = 200) -> web.Response:
    seen = await _seen(request, ids=[camera_id])
    if not seen:
        raise NotFound("there is no such camera")
    return answer(seen[0], status=status)
