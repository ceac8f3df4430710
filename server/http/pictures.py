"""Single pictures of a playback: thumbnails to find the minute, and stills that are taken out."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID, uuid4

from aiohttp import hdrs, web
from pydantic import Field

from domain.cues import Cues, ticks_at
from domain.errors import NotFound
from domain.exports import Export, Kind
from domain.identifiers import ExportId
from domain.people import Permission
from domain.recordings import Playback
from mobile_api.bodies import Body, Instant, Line, read_body, read_query
from mobile_api.description import Routes
from server.database.playbacks import Stored
from server.http import keys
from server.http.archive import ARCHIVE
from server.http.playback import NOT_KEPT, VIEW, playback_of
from server.http.principal import person_of
from server.http.schemas import as_z

ROUTES = Routes("playback")

EXPORT = Permission.EXPORT_RECORDINGS
JPEG = "image/jpeg"
A_MOMENT = timedelta(milliseconds=1)
SMALLEST, LARGEST, USUAL = 160, 640, 320  # pixels


class ThumbnailQuery(Body):
    at: Instant
    width: Annotated[int, Field(ge=SMALLEST, le=LARGEST)] = USUAL


class NewStill(Body):
    """``motive``: why it is taken out; it is in the register before the picture is."""

    id: UUID | None = None
    at: Instant
    motive: Annotated[Line, Field(min_length=3)]


@ROUTES.get(
    "/playbacks/{playback_id}/thumbnails",
    needs=VIEW,
    summary="The keyframe at or before a second of a playback of mine, small, as JPEG.",
    query=ThumbnailQuery,
    answers={200: JPEG, 304: None},
    problems=("unavailable",),
)
async def send_thumbnail(request: web.Request) -> web.Response:
    asked = read_query(request, ThumbnailQuery)
    playback = await playback_of(request)
    one, cues = await _filmed(request, playback, asked.at)
    cue = cues.before(ticks_at(asked.at, one.segment.started_at))
    etag = f'"{one.segment.id}-{cue.ticks}-{asked.width}"'
    headers = {hdrs.ETAG: etag, **NOT_KEPT}
    if request.headers.get(hdrs.IF_NONE_MATCH) == etag:
        return web.Response(status=304, headers=headers)
    taken = await request.config_dict[ARCHIVE].picture(
        one, start=cue.offset, stop=cue.offset + 1, width=asked.width
    )
    headers["X-Captured-At"] = as_z(taken.taken_at)
    return web.Response(body=taken.jpeg, content_type=JPEG, headers=headers)


@ROUTES.post(
    "/playbacks/{playback_id}/stills",
    needs=EXPORT,
    summary="Take one picture out of a playback of mine, as JPEG; the register has it first.",
    body=NewStill,
    answers={200: JPEG},
    problems=("conflict", "unavailable"),
)
async def take_still(request: web.Request) -> web.Response:
    principal = person_of(request)
    playback = await playback_of(request)
    await request.config_dict[keys.ACCESS].commune_for(principal, playback.commune_id, EXPORT)
    asked = await read_body(request, NewStill)
    one, cues = await _filmed(request, playback, asked.at)
    export = Export(
        id=ExportId(asked.id or uuid4()),
        kind=Kind.STILL,
        commune_id=playback.commune_id,
        source=playback.source,
        playback_id=playback.id,
        person_id=principal.person.id,
        motive=asked.motive,
        starts_at=asked.at,
        ends_at=asked.at,
        asked_at=keys.now(request),
    )
    await request.config_dict[keys.EXPORTS].add(export, actor=principal.actor)
    ticks = ticks_at(asked.at, one.segment.started_at)
    taken = await request.config_dict[ARCHIVE].picture(
        one, start=cues.before(ticks).offset, stop=cues.after(ticks).offset, ticks=max(0, ticks)
    )
    headers = {
        "X-Captured-At": as_z(taken.taken_at),
        "X-Export-Id": str(export.id),
        **NOT_KEPT,
    }
    return web.Response(body=taken.jpeg, content_type=JPEG, headers=headers)


async def _filmed(request: web.Request, playback: Playback, at: datetime) -> tuple[Stored, Cues]:
    """The segment that shows this second. Raises ``NotFound`` in a gap or beside the hours."""
    if not playback.starts_at <= at < playback.ends_at:
        raise NotFound("this is not of the hours that were asked for")
    found = await request.config_dict[ARCHIVE].of_hours(
        playback.source,
        playback.commune_id,
        starts_at=at,
        ends_at=at + A_MOMENT,
        now=keys.now(request),
    )
    for one in reversed(found):
        if one.cues is not None:
            return one, one.cues
    raise NotFound("nothing was recorded at this second")
