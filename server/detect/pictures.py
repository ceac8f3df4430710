"""Pictures to be tried on, read part by part from the media process that sees their volume.

Nothing is written: a part of some seconds is in memory while it is decoded.
"""

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import Protocol

from aiohttp import ClientError, ClientPayloadError, ClientTimeout

from detectors.executor import Worker
from detectors.protocol import Frame
from detectors.recordings import frames_of
from domain.cues import Part
from domain.errors import Unavailable
from domain.masks import Mask
from domain.recordings import RecordingDamaged
from domain.trials import Hours, NoPictures
from server.database.presence import Processes
from server.edge.calling import Callees, read_all
from server.trial_requests import TrialRequest, TriedSegment

logger = logging.getLogger(__name__)

LIMIT_S = 10.0
LARGEST_PART = 64 * 1024 * 1024
"""Ten seconds of 50 Mbit/s."""
LARGEST_PROBLEM = 64 * 1024


class Pictures(Protocol):
    def frames(
        self, asked: TrialRequest, *, covered: Sequence[Hours], masks: Sequence[Mask]
    ) -> AsyncGenerator[Frame | Hours | None]:
        """Give the pictures that are asked for, in order; hours are those of a damaged part, and
        None says that the next takes its time.

        What lies outside of the ``covered`` hours is not decoded. Raises ``Unavailable``.
        """
        ...


class RecordedPictures:
    """``worker``: where pictures are decoded, behind all that is live."""

    def __init__(
        self, *, callees: Callees, processes: Processes, worker: Worker, looks_per_s: float
    ) -> None:
        self._callees, self._processes, self._worker = callees, processes, worker
        self._period = timedelta(seconds=1 / looks_per_s)

    async def frames(
        self, asked: TrialRequest, *, covered: Sequence[Hours], masks: Sequence[Mask]
    ) -> AsyncGenerator[Frame | Hours]:
        wanted, due = Hours(asked.starts_at, asked.ends_at), None
        for segment in asked.segments:
            head: bytes | None = None
            for part in segment.parts:
                within = _within(part, covered, wanted)
                if within is None:
                    continue
                try:
                    head = head or await self._read(segment, 0, segment.head_size)
                    decoding = frames_of(
                        head + await self._read(segment, part.offset, part.size),
                        started_at=segment.started_at,
                        within=within,
                        period=self._period,
                        masks=masks,
                        due=due,
                    )
                    async with aclosing(self._worker.each(decoding)) as decoded:
                        async for frame in decoded:
                            due = frame.captured_at + self._period
                            yield frame
                except NoPictures as error:
                    logger.warning("part of a recording is left out: %s", error)
                    yield Hours(part.starts_at, part.ends_at)

    async def _read(self, segment: TriedSegment, place: int, size: int) -> bytes:
        if size > LARGEST_PART:
            raise Unavailable("a recording has no keyframe for too long: it can't be replayed")
        there = [one for one in await self._processes.media() if one.holder == segment.holder]
        if not there:
            raise Unavailable("the host of this recording is not there at the moment")
        try:
            async with self._callees.request(
                "GET",
                there[0].url,
                segment.path,
                headers={"Range": f"bytes={place}-{place + size - 1}"},
                timeout=ClientTimeout(total=LIMIT_S),
                allow_redirects=False,
            ) as response:
                if response.status not in (200, 206):
                    problem = await read_all(response, most=LARGEST_PROBLEM)
                    if RecordingDamaged.code.encode() in problem:
                        raise NoPictures("this part of the recording is damaged")
                    raise Unavailable("a part of the recording is not there (any more)")
                return await read_all(response, most=size)
        except ClientPayloadError as error:
            # Short of its length: its host has found a byte of it changed.
            raise NoPictures("this part of the recording is damaged") from error
        except (ClientError, TimeoutError, OSError) as error:
            raise Unavailable("the recording could not be read; try again") from error


def _within(part: Part, covered: Sequence[Hours], wanted: Hours) -> Hours | None:
    """What of a part may be decoded: it has to begin with a picture that is covered."""
    for hours in covered:
        if hours.starts_at <= part.starts_at < hours.ends_at:
            return Hours(wanted.starts_at, min(hours.ends_at, wanted.ends_at))
    return None
