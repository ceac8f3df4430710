"""Looking at recordings: a motive in the register, then the pictures, by parts."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal, Self
from uuid import UUID, uuid4

from aiohttp import ClientError, hdrs, web
from pydantic import Field, TypeAdapter

from domain.cameras import Camera
from domain.cues import keyframe_times
from domain.errors import Invalid, NotFound
from domain.identifiers import CameraId, CommuneId, PlaybackId, SegmentId, StreamId
from domain.patrol_streams import PatrolStream
from domain.people import Permission
from domain.recordings import BadHours, BadPlayback, Playback, gaps
from domain.streams import Codec
from mobile_api.bodies import Body, Instant, Line, read_body, read_query
from mobile_api.description import Routes
from server.database.playbacks import Stored
from server.http import keys
from server.http.archive import ARCHIVE
from server.http.openapi import PREFIX
from server.http.playlist import MEDIA_TYPE, media_playlist
from server.http.principal import person_of
from server.http.schemas import Answer, At, answer, as_z, id_in

logger = logging.getLogger(__name__)

ROUTES = Routes("playback")

VIEW = Permission.VIEW_RECORDINGS
MP4 = "video/mp4"
MOST_SOURCES = 9  # the largest wall that is looked back at in step
MOST_KEYFRAMES_OF = timedelta(hours=1)
NOT_KEPT: dict[str, str] = {hdrs.CACHE_CONTROL: "private, no-store"}
COMPRESSED_BESIDE = 64 * 1024  # bytes; a day's playlist has two million


class NewPlayback(Body):
    """``motive``: why these hours are looked at; it is in the register before the first picture."""

    id: UUID | None = None
    starts_at: Instant
    ends_at: Instant
    motive: Annotated[Line, Field(min_length=3)]


class OneSource(Body):
    """A camera, or a patrol's stream."""

    source: UUID
    id: UUID | None = None


class NewPlaybacks(Body):
    """``continues``: a playback of mine whose motive holds for these, too, unless one is said."""

    sources: Annotated[list[OneSource], Field(min_length=1, max_length=MOST_SOURCES)]
    starts_at: Instant
    ends_at: Instant
    motive: Annotated[Line, Field(min_length=3)] | None = None
    continues: UUID | None = None


class SegmentAnswer(Answer):
    """One MP4; ``url`` gives any part of it (Range). It may reach beyond the hours, either way."""

    id: UUID
    starts_at: At
    ends_at: At
    url: str


class GapAnswer(Answer):
    starts_at: At
    ends_at: At


class PlaybackAnswer(Answer):
    id: UUID
    source: UUID
    starts_at: At
    ends_at: At
    segments: list[SegmentAnswer]
    gaps: list[GapAnswer]


class PlaybacksAnswer(Answer):
    """In the order of the sources that were named."""

    playbacks: list[PlaybackAnswer]


@dataclass(frozen=True)
class Source:
    """What was recorded: a camera, or a patrol's stream; ``about`` as the register names it."""

    id: UUID
    commune_id: CommuneId
    about: str

    @classmethod
    def of_camera(cls, camera: Camera) -> Self:
        return cls(camera.id, camera.commune_id, f"camera:{camera.id}")

    @classmethod
    def of_patrol(cls, patrol: PatrolStream) -> Self:
        return cls(patrol.id, patrol.commune_id, f"stream:{patrol.id}")


@ROUTES.post(
    "/cameras/{camera_id}/playback",
    needs=VIEW,
    summary="Look at a camera's recordings of some hours; the motive is in the register first.",
    body=NewPlayback,
    answers={201: PlaybackAnswer},
    problems=("bad-hours", "conflict"),
)
async def of_camera(request: web.Request) -> web.Response:
    camera = await request.config_dict[keys.ACCESS].camera_for(
        person_of(request), id_in(request, "camera_id", CameraId), VIEW
    )
    return await _of_one(request, Source.of_camera(camera))


@ROUTES.post(
    "/streams/{stream_id}/playback",
    needs=VIEW,
    summary="Look at what was recorded of a patrol's stream, likewise.",
    body=NewPlayback,
    answers={201: PlaybackAnswer},
    problems=("bad-hours", "conflict"),
)
async def of_patrol(request: web.Request) -> web.Response:
    patrol = await request.config_dict[keys.ACCESS].patrol_stream_for(
        person_of(request), id_in(request, "stream_id", StreamId), VIEW
    )
    return await _of_one(request, Source.of_patrol(patrol))


async def _of_one(request: web.Request, source: Source) -> web.Response:
    body = await read_body(request, NewPlayback)
    playback = _playback(request, source, body.id, body.starts_at, body.ends_at)
    await request.config_dict[keys.PLAYBACKS].open(
        [(playback, source.about)], motive=body.motive, actor=person_of(request).actor
    )
    return answer(await _shown(request, playback), status=201)


@ROUTES.post(
    "/playbacks",
    needs=VIEW,
    summary="Look at the same hours of up to nine sources, or go on to others with my motive.",
    body=NewPlaybacks,
    answers={201: PlaybacksAnswer},
    problems=("bad-hours", "conflict"),
)
async def of_several(request: web.Request) -> web.Response:
    principal, body = person_of(request), await read_body(request, NewPlaybacks)
    access, playbacks = request.config_dict[keys.ACCESS], request.config_dict[keys.PLAYBACKS]
    motive, continues = body.motive, None
    if body.continues is not None:
        former = await access.playback_for(principal, PlaybackId(body.continues))
        if not former.is_open(by=principal.person.id, at=keys.now(request)):
            raise NotFound("the leave to look at these hours is over; say the motive again")
        continues, motive = former.id, motive or await playbacks.motive(former.id)
    if not motive:
        raise BadPlayback("say why these hours are looked at")
    if len({one.source for one in body.sources}) < len(body.sources):
        raise BadPlayback("a source is named twice")
    opened = []
    for one in body.sources:
        source = await _source_for(request, one.source)
        playback = _playback(request, source, one.id, body.starts_at, body.ends_at)
        opened.append((playback, source.about))
    await playbacks.open(opened, motive=motive, actor=principal.actor, continues=continues)
    shown = [await _shown(request, playback) for playback, _ in opened]
    return answer(PlaybacksAnswer(playbacks=shown), status=201)


async def _source_for(request: web.Request, source: UUID) -> Source:
    """The camera of this id, or else the patrol's stream, when I may look back at it."""
    access, principal = request.config_dict[keys.ACCESS], person_of(request)
    try:
        return Source.of_camera(await access.camera_for(principal, CameraId(source), VIEW))
    except NotFound:
        patrol = await access.patrol_stream_for(principal, StreamId(source), VIEW)
        return Source.of_patrol(patrol)


def _playback(
    request: web.Request,
    source: Source,
    playback_id: UUID | None,
    starts_at: datetime,
    ends_at: datetime,
) -> Playback:
    return Playback(
        id=PlaybackId(playback_id or uuid4()),
        commune_id=source.commune_id,
        source=source.id,
        person_id=person_of(request).person.id,
        starts_at=starts_at,
        ends_at=ends_at,
        opened_at=keys.now(request),
    )


async def _shown(request: web.Request, playback: Playback) -> PlaybackAnswer:
    hours = {"starts_at": playback.starts_at, "ends_at": playback.ends_at}
    stored = await request.config_dict[ARCHIVE].of_hours(
        playback.source, playback.commune_id, **hours, now=playback.opened_at
    )
    found = [one.segment for one in stored]
    return PlaybackAnswer(
        id=playback.id,
        source=playback.source,
        **hours,
        segments=[
            SegmentAnswer(
                id=one.id,
                starts_at=one.started_at,
                ends_at=one.ended_at,
                url=f"{PREFIX}/playbacks/{playback.id}/segments/{one.id}.mp4",
            )
            for one in found
        ],
        gaps=[GapAnswer(starts_at=since, ends_at=until) for since, until in gaps(found, **hours)],
    )


class ForPlayer(Body):
    """``without``: a codec that the player has not; it is given H264 in its place."""

    without: Literal["h265"] | None = None


@ROUTES.get(
    "/playbacks/{playback_id}/index.m3u8",
    needs=VIEW,
    summary="A playback of mine as an HLS playlist (RFC 8216), up to the newest picture.",
    query=ForPlayer,
    answers={200: MEDIA_TYPE},
)
async def send_playlist(request: web.Request) -> web.Response:
    lacks = read_query(request, ForPlayer).without
    playback, stored = await _stored(request)
    hours = {"since": playback.starts_at, "until": playback.ends_at}
    without = Codec(lacks) if lacks else None
    text = await asyncio.to_thread(media_playlist, stored, **hours, without=without)
    if text is None:
        raise NotFound("nothing is recorded of these hours (any more)")
    response = web.Response(
        body=text.encode(), headers=NOT_KEPT, zlib_executor_size=COMPRESSED_BESIDE
    )
    response.content_type = MEDIA_TYPE
    response.enable_compression()
    return response


class Hours(Body):
    starts_at: Instant
    ends_at: Instant


@ROUTES.get(
    "/playbacks/{playback_id}/keyframes",
    needs=VIEW,
    summary="When the keyframes of a playback of mine were taken, of at most an hour of it.",
    query=Hours,
    answers={200: TypeAdapter(list[At])},
    problems=("bad-hours",),
)
async def list_keyframes(request: web.Request) -> web.Response:
    hours = read_query(request, Hours)
    if not timedelta(0) < hours.ends_at - hours.starts_at <= MOST_KEYFRAMES_OF:
        raise BadHours("ask for at most an hour, that ends after it starts")
    playback, stored = await _stored(request)
    times = keyframe_times(
        [(one.segment.started_at, one.cues) for one in stored if one.cues is not None],
        since=max(hours.starts_at, playback.starts_at),
        until=min(hours.ends_at, playback.ends_at),
    )
    return web.json_response([as_z(at) for at in times], headers=NOT_KEPT)


async def playback_of(request: web.Request) -> Playback:
    """A playback of mine that may still be looked at. Raises ``NotFound``."""
    playback = await request.config_dict[keys.ACCESS].playback_for(
        person_of(request), id_in(request, "playback_id", PlaybackId)
    )
    if not playback.is_open(by=person_of(request).person.id, at=keys.now(request)):
        raise NotFound("the leave to look at these hours is over; ask again, with the motive")
    return playback


async def _stored(request: web.Request) -> tuple[Playback, list[Stored]]:
    """A playback of mine, and what there is of its hours."""
    playback = await playback_of(request)
    return playback, await request.config_dict[ARCHIVE].of_hours(
        playback.source,
        playback.commune_id,
        starts_at=playback.starts_at,
        ends_at=playback.ends_at,
        now=keys.now(request),
    )


@ROUTES.get(
    "/playbacks/{playback_id}/segments/{segment_id}.mp4",
    needs=VIEW,
    summary="One recorded segment of a playback of mine, whole or by parts (Range), as MP4.",
    answers={200: MP4, 206: MP4},
    problems=("unavailable",),
)
async def send_segment(request: web.Request) -> web.StreamResponse:
    stored = await _segment_for(request)
    path = f"/recordings/{stored.segment.commune_id}/{stored.path}"
    asked = request.headers.get(hdrs.RANGE)
    async with request.config_dict[ARCHIVE].reading(stored.holder, path, byte_range=asked) as read:
        response = web.StreamResponse(status=read.status, headers=read.headers)
        response.headers.update(NOT_KEPT)
        await response.prepare(request)
        try:
            async for part in read.parts:
                await response.write(part)
            await response.write_eof()
        except ClientError as error:
            logger.error("a recording ended early: %s", error)
            _cut_off(request)
        return response


class Places(Body):
    """Of a part, as the playlist says; ``head``: what goes before all parts of the segment."""

    start: Annotated[int, Field(ge=0)]
    stop: Annotated[int, Field(gt=0)]
    head: bool = False


@ROUTES.get(
    "/playbacks/{playback_id}/segments/{segment_id}/h264.mp4",
    needs=VIEW,
    summary="A part of a segment recorded in H265, made H264 for who has no H265.",
    query=Places,
    answers={200: MP4},
    problems=("unavailable", "too-many-renditions"),
)
async def send_in_h264(request: web.Request) -> web.Response:
    asked, stored = read_query(request, Places), await _segment_for(request)
    if asked.start >= asked.stop:
        raise Invalid("a part ends behind its start")
    made = await request.config_dict[ARCHIVE].converted(
        stored, start=asked.start, stop=asked.stop, wants_head=asked.head
    )
    return web.Response(body=made, content_type=MP4, headers=NOT_KEPT)


async def _segment_for(request: web.Request) -> Stored:
    """A segment of a playback of mine. Raises ``NotFound``."""
    playback = await request.config_dict[keys.ACCESS].playback_for(
        person_of(request), id_in(request, "playback_id", PlaybackId)
    )
    by, at = person_of(request).person.id, keys.now(request)
    stored = await request.config_dict[keys.PLAYBACKS].segment(
        id_in(request, "segment_id", SegmentId), now=at
    )
    if not playback.covers(stored.segment, by=by, at=at):
        raise NotFound("this is not of the hours that were asked for; ask again, with the motive")
    return stored


def _cut_off(request: web.Request) -> None:
    """Its beginning is on the way: an end before its length is no end that a player believes."""
    if request.transport is not None:
        request.transport.close()
