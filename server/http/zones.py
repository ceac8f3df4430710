"""Zones: what a person drew on a camera's still."""

from typing import Annotated, Literal
from uuid import UUID, uuid4

from aiohttp import web
from pydantic import Field

from domain.cameras import Camera
from domain.identifiers import CameraId, ZoneId
from domain.people import Permission
from domain.zones import MOST_POINTS, Zone
from mobile_api.bodies import Body, Line, read_body
from mobile_api.description import Routes
from server.http import keys
from server.http.principal import person_of
from server.http.schemas import Answer, answer, id_in

ROUTES = Routes("zones")

type Share = Annotated[float, Field(allow_inf_nan=False, ge=-10.0, le=10.0)]
type Corner = Annotated[list[Share], Field(min_length=2, max_length=2)]


class ZoneBody(Body):
    """``polygon``: points [x, y], shares of the picture's width and height, 0..1."""

    id: UUID | None = None
    name: Line
    kind: Literal["forbidden-zone"] = "forbidden-zone"
    polygon: Annotated[list[Corner], Field(min_length=3, max_length=MOST_POINTS)]


class ZonesBody(Body):
    zones: Annotated[list[ZoneBody], Field(max_length=20)]


class ZoneAnswer(Answer):
    id: UUID
    name: str
    kind: Literal["forbidden-zone"]
    polygon: list[tuple[float, float]]


class Zones(Answer):
    zones: list[ZoneAnswer]


@ROUTES.get(
    "/cameras/{camera_id}/zones",
    needs=Permission.READ_SETUP,
    summary="The zones of a camera.",
    answers={200: Zones},
)
async def get_zones(request: web.Request) -> web.Response:
    camera = await _camera(request, Permission.READ_SETUP)
    return _shown(await request.config_dict[keys.ZONES].of(camera.id))


@ROUTES.put(
    "/cameras/{camera_id}/zones",
    needs=Permission.MANAGE_ZONES,
    summary="Set all zones of a camera.",
    body=ZonesBody,
    answers={200: Zones},
    problems=("invalid-zone",),
)
async def set_zones(request: web.Request) -> web.Response:
    camera = await _camera(request, Permission.MANAGE_ZONES)
    body = await read_body(request, ZonesBody)
    zones = [Zone.drawn(ZoneId(z.id or uuid4()), z.name, z.polygon) for z in body.zones]
    kept = await request.config_dict[keys.ZONES].put(
        camera.id, zones, actor=person_of(request).actor, at=keys.now(request)
    )
    return _shown(kept)


async def _camera(request: web.Request, permission: Permission) -> Camera:
    camera_id = id_in(request, "camera_id", CameraId)
    return await request.config_dict[keys.ACCESS].camera_for(
        person_of(request), camera_id, permission
    )


def _shown(zones: list[Zone]) -> web.Response:
    shown = [
        ZoneAnswer(
            id=zone.id,
            name=zone.name,
            kind="forbidden-zone",
            polygon=[(point.x, point.y) for point in zone.points],
        )
        for zone in zones
    ]
    return answer(Zones(zones=shown))
