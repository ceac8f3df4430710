"""The recordings, where they lie: control asks the media process that sees the volume."""

import asyncio
import logging
import time
from base64 import b64decode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from aiohttp import ClientError, ClientResponse, ClientTimeout, web

from domain.errors import DomainError, Unavailable
from domain.identifiers import CommuneId, SegmentId
from mobile_api.keys import Still
from server.database.playbacks import Playbacks, Stored
from server.database.presence import Processes
from server.edge.calling import Callees, read_all
from server.http.inner_answers import as_told, object_in
from server.http.refusals import refusal_of
from server.recordings.cueing import read_cues

logger = logging.getLogger(__name__)

OF_PARTS = ("Content-Type", "Content-Length", "Content-Range", "Accept-Ranges")
LIMIT_S = 5.0
CONVERTED_WITHIN_S = 30.0
"""A part in H264: the media process gives up before."""
LARGEST_ANSWER = 4 * 1024 * 1024  # bytes: the cues of a segment take some thousand
LARGEST_PART = 64 * 1024 * 1024
MOST_SURVEYS = 32
"""Of one question: segments without cues in the index; the rest waits for the next."""
SURVEYS_AT_ONCE = 4
SURVEY_LASTS_S = 2.0
"""A row of thumbnails of a segment that is being written asks many times within it."""
KEPT_SURVEYS = 64


@dataclass(frozen=True, slots=True)
class Reading:
    """A recording on its way; where it can't be read on, ``parts`` raise."""

    status: int
    headers: Mapping[str, str]
    parts: AsyncIterator[bytes]


class Archive:
    """All that is recorded, whichever host it lies on."""

    def __init__(self, *, callees: Callees, processes: Processes, playbacks: Playbacks) -> None:
        self._callees, self._processes = callees, processes
        self._playbacks = playbacks
        self._kept: dict[SegmentId, tuple[float, Stored]] = {}

    async def of_hours(
        self,
        source: UUID,
        commune_id: CommuneId,
        *,
        starts_at: datetime,
        ends_at: datetime,
        now: datetime,
    ) -> list[Stored]:
        """What may be shown, in order, up to the picture that was written last."""
        found = await self._playbacks.of_hours(
            source, commune_id, starts_at=starts_at, ends_at=ends_at, now=now
        )
        unknown = [one for one in found if one.cues is None]
        return [
            one
            for one in await self._with_surveys(found, unknown)
            if one.segment.ended_at >= starts_at
        ]

    async def grown(self, found: list[Stored], *, since: datetime) -> list[Stored]:
        """The same, those that are being written up to their newest picture."""
        unknown = [one for one in found if one.segment.is_open]
        return [
            one for one in await self._with_surveys(found, unknown) if one.segment.ended_at >= since
        ]

    async def _with_surveys(self, found: list[Stored], unknown: list[Stored]) -> list[Stored]:
        at_once = asyncio.Semaphore(SURVEYS_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            surveys = {
                one.segment.id: group.create_task(self._surveyed(one, at_once), name="survey")
                for one in unknown[-MOST_SURVEYS:]
            }
        return [
            surveys[one.segment.id].result() if one.segment.id in surveys else one for one in found
        ]

    async def _surveyed(self, one: Stored, at_once: asyncio.Semaphore) -> Stored:
        """With what its file says; as it was where that can't be read just now."""
        segment = one.segment
        kept = self._kept.get(segment.id)
        if kept is not None and time.monotonic() - kept[0] < SURVEY_LASTS_S:
            return kept[1]
        async with at_once:
            try:
                async with self._asked(
                    one.holder, f"/cues/{segment.commune_id}/{one.path}"
                ) as response:
                    said = object_in(await read_all(response, most=LARGEST_ANSWER))
                with as_told():
                    cues = read_cues(b64decode(said["cues"] or ""))
                    ended_at = max(segment.ended_at, datetime.fromisoformat(said["ended_at"]))
            except DomainError as error:
                logger.warning("segment %s is not surveyed: %s", segment.id, error)
                return one
        if cues is not None and not segment.is_open:
            await self._playbacks.note_cues(segment.id, cues)
        found = replace(one, segment=replace(segment, ended_at=ended_at), cues=cues)
        self._kept[segment.id] = (time.monotonic(), found)
        if len(self._kept) > KEPT_SURVEYS:
            del self._kept[next(iter(self._kept))]
        return found

    async def picture(
        self,
        one: Stored,
        *,
        start: int,
        stop: int,
        ticks: int | None = None,
        width: int | None = None,
    ) -> Still:
        """A picture between two keyframes of a segment, as JPEG. Raises ``Unavailable``."""
        asked = {"start": start, "stop": stop, "ticks": ticks, "width": width}
        query = "&".join(f"{name}={value}" for name, value in asked.items() if value is not None)
        path = f"/pictures/{one.segment.commune_id}/{one.path}?{query}"
        async with self._asked(one.holder, path) as response:
            with as_told():
                taken_at = datetime.fromisoformat(response.headers["X-Captured-At"])
            return Still(jpeg=await read_all(response, most=LARGEST_ANSWER), taken_at=taken_at)

    @asynccontextmanager
    async def reading(
        self, holder: str | None, path: str, *, byte_range: str | None
    ) -> AsyncIterator[Reading]:
        """Read a recording where it lies, as it comes. Raises ``Unavailable``, ``NotFound``."""
        headers = {"Range": byte_range} if byte_range is not None else {}
        async with self._asked(holder, path, headers=headers) as response:
            kept = {name: response.headers[name] for name in OF_PARTS if name in response.headers}
            yield Reading(response.status, kept, response.content.iter_any())

    async def converted(self, one: Stored, *, start: int, stop: int, wants_head: bool) -> bytes:
        """A part of a segment in H265 as H264, or what goes before all of them.

        Raises ``Unavailable``, ``NotFound``.
        """
        path = f"/h264/{one.segment.commune_id}/{one.path}?start={start}&stop={stop}"
        path += "&head=1" if wants_head else ""
        async with self._asked(one.holder, path, within_s=CONVERTED_WITHIN_S) as response:
            return await read_all(response, most=LARGEST_PART)

    @asynccontextmanager
    async def _asked(
        self,
        holder: str | None,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        within_s: float = LIMIT_S,
    ) -> AsyncIterator[ClientResponse]:
        there = [one for one in await self._processes.media() if one.holder == holder]
        if not there:
            raise Unavailable("the host of this recording is not there at the moment")
        try:
            async with self._callees.request(
                "GET",
                there[0].url,
                path,
                headers=headers or {},
                timeout=ClientTimeout(total=None, connect=LIMIT_S, sock_read=within_s),
                allow_redirects=False,
            ) as response:
                if response.status == 416:
                    said = {"Content-Range": response.headers.get("Content-Range", "bytes */0")}
                    raise web.HTTPRequestRangeNotSatisfiable(headers=said)
                if response.status not in (200, 206):
                    raise refusal_of(response.status, await read_all(response, most=LARGEST_ANSWER))
                yield response
        except (ClientError, TimeoutError, OSError) as error:
            raise Unavailable("the recording could not be read; try again") from error


ARCHIVE = web.AppKey("ARCHIVE", Archive)
