"""Looking at recordings: a motive in the register, then the pictures, by parts."""

import asyncio
import logging
from datetime import timedelta
from typing import Annotated
from uuid import UUID, uuid4

from aiohttp import ClientError, hdrs, web
from pydantic import Field, TypeAdapter

from domain.cues import keyframe_times
from domain.errors import NotFound
from domain.identifiers import CameraId, CommuneId, PlaybackId, SegmentId, StreamId
from domain.people import Permission
from domain.recordings import BadHours, Playback, gaps
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
MOST_KEYFRAMES_OF = timedelta(hours=1)
NOT_KEPT = {hdrs.CACHE_CONTROL: "private, no-store"}
COMPRESSED_BESIDE = 64 * 1024  # bytes; a day's playlist has two million


class NewPlayback(Body):
    """``motive``: why these hours are looked at; it is in the register before the first picture."""

    id: UUID | None = None
    starts_at: Instant
    ends_at: Instant
    motive: Annotated[Line, Field(min_length=3)]


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
    return await _open(request, camera.id, camera.commune_id, about=f"camera:{camera.id}")


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
    return await _open(request, patrol.id, patrol.commune_id, about=f"stream:{patrol.id}")


async def _open(
    request: web.Request, source: UUID, commune_id: CommuneId, *, about: str
) -> web.Response:
    principal, body = person_of(request), await read_body(request, NewPlayback)
    playbacks = request.config_dict[keys.PLAYBACKS]
    playback = Playback(
        id=PlaybackId(body.id or uuid4()),
        commune_id=commune_id,
        source=source,
        person_id=principal.person.id,
        starts_at=body.starts_at,
        ends_at=body.ends_at,
        opened_at=keys.now(request),
    )
    hours = {"starts_at": body.starts_at, "ends_at": body.ends_at}
    await playbacks.open(playback, motive=body.motive, about=about, actor=principal.actor)
    archive = request.config_dict[ARCHIVE]
    stored = await archive.of_hours(source, commune_id, **hours, now=playback.opened_at)
    found = [one.segment for one in stored]
    return answer(
        PlaybackAnswer(
            id=playback.id,
            source=source,
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
            gaps=[
                GapAnswer(starts_at=since, ends_at=until) for since, until in gaps(found, **hours)
            ],
        ),
        status=201,
    )


@ROUTES.get(
    "/playbacks/{playback_id}/index.m3u8",
    needs=VIEW,
    summary="A playback of mine as an HLS playlist (RFC 8216), up to the newest picture.",
    answers={200: MEDIA_TYPE},
)
async def send_playlist(request: web.Request) -> web.Response:
    playback, stored = await _stored(request)
    hours = {"since": playback.starts_at, "until": playback.ends_at}
    text = await asyncio.to_thread(media_playlist, stored, **hours)
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


async def _stored(request: web.Request) -> tuple[Playback, list[Stored]]:
    """A playback of mine that may still be looked at, and what there is of its hours."""
    playback = await request.config_dict[keys.ACCESS].playback_for(
        person_of(request), id_in(request, "playback_id", PlaybackId)
    )
    now = keys.now(request)
    if not playback.is_open(by=person_of(request).person.id, at=now):
        raise NotFound("the leave to look at these hours is over; ask again, with the motive")
    return playback, await request.config_dict[ARCHIVE].of_hours(
        playback.source,
        playback.commune_id,
        starts_at=playback.starts_at,
        ends_at=playback.ends_at,
        now=now,
    )


@ROUTES.get(
    "/playbacks/{playback_id}/segments/{segment_id}.mp4",
    needs=VIEW,
    summary="One recorded segment of a playback of mine, whole or by parts (Range), as MP4.",
    answers={200: MP4, 206: MP4},
    problems=("unavailable",),
)
async def send_segment(request: web.Request) -> web.StreamResponse:
    playback = await request.config_dict[keys.ACCESS].playback_for(
        person_of(request), id_in(request, "playback_id", PlaybackId)
    )
    by, at = person_of(request).person.id, keys.now(request)
    stored = await request.config_dict[keys.PLAYBACKS].segment(
        id_in(request, "segment_id", SegmentId), now=at
    )
    if not playback.covers(stored.segment, by=by, at=at):
        raise NotFound("this is not of the hours that were asked for; ask again, with the motive")
    path = f"/recordings/{playback.commune_id}/{stored.path}"
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


def _cut_off(request: web.Request) -> None:
    """Its beginning is on the way: an end before its length is no end that a player believes."""
    if request.transport is not None:
        request.transport.close()
