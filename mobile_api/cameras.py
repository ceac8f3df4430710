"""Cameras near a phone. Live comes by ``POST /api/v1/streams/{id}/whep``, as everywhere else."""

from typing import Annotated

from aiohttp import web
from pydantic import Field, TypeAdapter

from domain.errors import Invalid
from domain.identifiers import CameraId
from domain.people import Permission
from domain.positions import Point
from mobile_api.bodies import Body, read_query
from mobile_api.description import Needs, Routes
from mobile_api.keys import ACCESS, DEVICE, STILLS
from mobile_api.positions import Finite
from mobile_api.schemas import NearCamera, answers, id_in, picture
from mobile_api.views import VIEWS, shift_of

ROUTES = Routes("phones", prefix="/mobile/cameras")


class Near(Body):
    """Both coordinates, or neither: then the order is that of the cameras' numbers."""

    lon: Finite | None = None
    lat: Finite | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 20

    def point(self) -> Point | None:
        """Raises ``BadPosition`` for a point nowhere on Earth, ``Invalid`` for half of one."""
        if self.lon is None and self.lat is None:
            return None
        if self.lon is None or self.lat is None:
            raise Invalid("give both lon and lat, or neither")
        return Point(self.lon, self.lat)


@ROUTES.get(
    "",
    needs=Needs.DEVICE,
    summary="The cameras that may be watched now, nearest first. On shift only.",
    query=Near,
    answers={200: TypeAdapter(list[NearCamera])},
    problems=("not-on-shift", "crew-without-pictures", "bad-position"),
)
async def near(request: web.Request) -> web.Response:
    services, principal = request.config_dict, request[DEVICE]
    query = read_query(request, Near)
    point = query.point()
    shift_of(principal)
    cameras = await services[ACCESS].cameras_for(principal, Permission.PATROL)
    return answers(await services[VIEWS].near(cameras, point=point, limit=query.limit))


@ROUTES.get(
    "/{camera_id}/still",
    needs=Needs.DEVICE,
    summary="A picture of now; noted in the register. X-Captured-At says when it was taken.",
    answers={200: "image/jpeg"},
    problems=("not-on-shift", "crew-without-pictures", "no-order-in-force"),
)
async def still(request: web.Request) -> web.Response:
    services, principal = request.config_dict, request[DEVICE]
    camera_id = id_in(request, "camera_id", CameraId)
    shift_of(principal)
    camera = await services[ACCESS].camera_for(principal, camera_id, Permission.PATROL)
    return picture(await services[STILLS].of_camera(principal, camera))
