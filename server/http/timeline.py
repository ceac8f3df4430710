"""Finding the minute: what is recorded of a source, what happened beside it, and what is nearby.

There are no pictures in any of this, so it needs no motive.
"""

from datetime import datetime
from uuid import UUID

from aiohttp import web

from domain.alerts import AlertState
from domain.events import EventKind
from domain.identifiers import CameraId, CommuneId, StreamId
from domain.neighbours import neighbours_of
from domain.people import Permission
from domain.recordings import gaps
from domain.timelines import check_hours, spans
from mobile_api.bodies import read_query
from mobile_api.description import Routes
from server.database.timelines import MOST_SEGMENTS
from server.http import keys
from server.http.archive import ARCHIVE
from server.http.playback import VIEW, GapAnswer, Hours
from server.http.principal import person_of
from server.http.schemas import Answer, At, CameraStreams, GeoPoint, answer, id_in

ROUTES = Routes("playback")


class SpanAnswer(Answer):
    """Recorded without a hole; the first of it goes at ``keep_until``, unless it ``is_held``."""

    starts_at: At
    ends_at: At
    keep_until: At
    is_held: bool


class AlertMarkAnswer(Answer):
    id: UUID
    kind: EventKind
    at: At
    state: AlertState


class EventMarkAnswer(Answer):
    id: UUID
    kind: EventKind
    at: At
    until: At | None


class HoldMarkAnswer(Answer):
    id: UUID
    starts_at: At
    ends_at: At


class RecordedAnswer(Answer):
    """``until``: how far the answer reaches; before ``ends_at`` when there is too much."""

    source: UUID
    starts_at: At
    ends_at: At
    until: At
    spans: list[SpanAnswer]
    gaps: list[GapAnswer]
    alerts: list[AlertMarkAnswer]
    events: list[EventMarkAnswer]
    holds: list[HoldMarkAnswer]


class NeighbourAnswer(Answer):
    """``looks_back``: I may look at its recordings too."""

    id: UUID
    number: int
    name: str
    point: GeoPoint
    streams: CameraStreams
    distance_m: float
    bearing_deg: float
    looks_back: bool


class NeighboursAnswer(Answer):
    neighbours: list[NeighbourAnswer]


@ROUTES.get(
    "/cameras/{camera_id}/recorded",
    needs=VIEW,
    summary="What is recorded of a camera in at most 31 days, what is missing, what happened.",
    query=Hours,
    answers={200: RecordedAnswer},
    problems=("bad-hours",),
)
async def of_camera(request: web.Request) -> web.Response:
    camera = await request.config_dict[keys.ACCESS].camera_for(
        person_of(request), id_in(request, "camera_id", CameraId), VIEW
    )
    return await _recorded(request, camera.id, camera.commune_id)


@ROUTES.get(
    "/streams/{stream_id}/recorded",
    needs=VIEW,
    summary="The same of a patrol's stream.",
    query=Hours,
    answers={200: RecordedAnswer},
    problems=("bad-hours",),
)
async def of_patrol(request: web.Request) -> web.Response:
    patrol = await request.config_dict[keys.ACCESS].patrol_stream_for(
        person_of(request), id_in(request, "stream_id", StreamId), VIEW
    )
    return await _recorded(request, patrol.id, patrol.commune_id)


async def _recorded(request: web.Request, source: UUID, commune_id: CommuneId) -> web.Response:
    asked, now = read_query(request, Hours), keys.now(request)
    check_hours(asked.starts_at, asked.ends_at)
    timelines = request.config_dict[keys.TIMELINES]
    hours = {"starts_at": asked.starts_at, "ends_at": asked.ends_at}
    stored = await timelines.segments(source, commune_id, **hours, now=now)
    stored = await request.config_dict[ARCHIVE].grown(stored, since=asked.starts_at)
    segments = [one.segment for one in stored]
    until: datetime = asked.ends_at
    if len(segments) >= MOST_SEGMENTS:
        until = segments[-1].ended_at
    holds = await timelines.holds(source, commune_id, **hours)
    sees_alerts = commune_id in await request.config_dict[keys.ACCESS].communes_for(
        person_of(request), Permission.SEE_ALERTS
    )
    return answer(
        RecordedAnswer(
            source=source,
            **hours,
            until=until,
            spans=[SpanAnswer.model_validate(one) for one in spans(segments, holds)],
            gaps=[
                GapAnswer(starts_at=since, ends_at=to)
                for since, to in gaps(segments, starts_at=asked.starts_at, ends_at=until)
            ],
            alerts=[
                AlertMarkAnswer.model_validate(one)
                for one in await timelines.alerts(source, commune_id, **hours)
                if sees_alerts
            ],
            events=[
                EventMarkAnswer.model_validate(one)
                for one in await timelines.events(source, commune_id, **hours)
                if sees_alerts
            ],
            holds=[HoldMarkAnswer.model_validate(one) for one in holds],
        )
    )


@ROUTES.get(
    "/cameras/{camera_id}/neighbours",
    needs=Permission.VIEW_CAMERAS,
    summary="The eight cameras nearest to one that I may watch, with distance and bearing.",
    answers={200: NeighboursAnswer},
)
async def list_neighbours(request: web.Request) -> web.Response:
    principal, access = person_of(request), request.config_dict[keys.ACCESS]
    camera = await access.camera_for(
        principal, id_in(request, "camera_id", CameraId), Permission.VIEW_CAMERAS
    )
    others = await access.cameras_for(principal, Permission.VIEW_CAMERAS)
    looks_back = await access.communes_for(principal, VIEW)
    return answer(
        NeighboursAnswer(
            neighbours=[
                NeighbourAnswer(
                    id=one.camera.id,
                    number=one.camera.number,
                    name=one.camera.name,
                    point=one.camera.point,
                    streams=CameraStreams(
                        main=one.camera.main_stream_id, sub=one.camera.sub_stream_id
                    ),
                    distance_m=round(one.distance_m, 1),
                    bearing_deg=round(one.bearing_deg, 1),
                    looks_back=one.camera.commune_id in looks_back,
                )
                for one in neighbours_of(camera, others)
            ]
        )
    )
