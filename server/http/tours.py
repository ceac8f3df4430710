"""Guard tours of ours, and where a camera was last seen to look: no camera is asked here."""

from datetime import timedelta
from typing import Annotated

from aiohttp import web
from pydantic import Field

from domain.cameras import Camera
from domain.identifiers import CameraId
from domain.people import Permission
from domain.ptz import Looking, Seen
from domain.tours import MOST_STOPS, Stop, Tour
from mobile_api.bodies import Body, Line, read_body
from mobile_api.description import Routes
from server.http import keys
from server.http.principal import person_of
from server.http.ptz import Token
from server.http.schemas import Answer, At, answer, id_in

ROUTES = Routes("ptz")
MOVE = Permission.MOVE_CAMERAS

type Dwell = Annotated[float, Field(allow_inf_nan=False, ge=0, le=86_400, strict=False)]


class TourStop(Body):
    """``preset``: its token; ``name``: as it is called, for who reads the tour."""

    preset: Token
    name: Annotated[Line, Field(max_length=80)]
    dwell_s: Dwell


class NewTour(Body):
    """No stops: the camera has no guard tour of ours any more."""

    stops: Annotated[list[TourStop], Field(max_length=MOST_STOPS)]


class Running(Body):
    running: bool


class StopAnswer(Answer):
    preset: str
    name: str
    dwell_s: float


class SeenAnswer(Answer):
    """``since``: since when it has been so; ``unknown`` also when it was not asked for 20 s."""

    looking: Looking
    preset: str | None
    since: At


class OwnTour(Answer):
    """``at`` None: the camera was never asked where it looks."""

    stops: list[StopAnswer]
    running_since: At | None
    at: SeenAnswer | None


@ROUTES.get(
    "/cameras/{camera_id}/ptz/tour",
    needs=MOVE,
    summary="A camera's guard tour of ours, and at which preset it was last seen, since when.",
    answers={200: OwnTour},
)
async def get_tour(request: web.Request) -> web.Response:
    return await _tour(request, await _camera(request))


@ROUTES.put(
    "/cameras/{camera_id}/ptz/tour",
    needs=MOVE,
    summary="Keep a guard tour of ours: presets in turn, and how long the camera stays at each.",
    body=NewTour,
    answers={200: OwnTour},
    problems=("bad-tour", "no-order-in-force"),
)
async def keep_tour(request: web.Request) -> web.Response:
    body, camera = await read_body(request, NewTour), await _camera(request)
    stops = tuple(
        Stop(preset=one.preset, name=one.name, dwell=timedelta(seconds=one.dwell_s))
        for one in body.stops
    )
    await request.config_dict[keys.TOURS].keep(
        camera,
        Tour(camera_id=camera.id, stops=stops) if stops else None,
        actor=person_of(request).actor,
        at=keys.now(request),
    )
    return await _tour(request, camera)


@ROUTES.post(
    "/cameras/{camera_id}/ptz/tour",
    needs=MOVE,
    summary="Start a camera's guard tour of ours, or stop it; noted in the register.",
    body=Running,
    answers={200: OwnTour},
    problems=("no-order-in-force",),
)
async def run_tour(request: web.Request) -> web.Response:
    body, camera = await read_body(request, Running), await _camera(request)
    await request.config_dict[keys.TOURS].run(
        camera, body.running, actor=person_of(request).actor, at=keys.now(request)
    )
    return await _tour(request, camera)


async def _camera(request: web.Request) -> Camera:
    camera_id = id_in(request, "camera_id", CameraId)
    return await request.config_dict[keys.ACCESS].camera_for(person_of(request), camera_id, MOVE)


async def _tour(request: web.Request, camera: Camera) -> web.Response:
    tour = await request.config_dict[keys.TOURS].of(camera.id)
    seen = await request.config_dict[keys.WHEREABOUT].of(camera.id, now=keys.now(request))
    return answer(
        OwnTour(
            stops=[
                StopAnswer(
                    preset=stop.preset,
                    name=stop.name,
                    dwell_s=stop.dwell / timedelta(seconds=1),
                )
                for stop in (tour.stops if tour is not None else ())
            ],
            running_since=tour.running_since if tour is not None else None,
            at=_seen(seen) if seen is not None else None,
        )
    )


def _seen(seen: Seen) -> SeenAnswer:
    return SeenAnswer(looking=seen.where.looking, preset=seen.where.preset, since=seen.since)
