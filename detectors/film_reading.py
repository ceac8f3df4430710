"""The pictures of a film that somebody has brought, at the rate of live looks.

Some of it at a time, so that whoever asks may stop, and ask whether it is still allowed. Everything
here blocks, and may break on what was brought: `film_decoder.py` runs it in a process of its own.
"""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, NamedTuple

import av
import av.error
from av.codec.context import ThreadType
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from detectors.film_survey import Survey, opened, pictures_of
from domain.due import Due
from domain.trials import Hours, NoPictures

BEGINS = datetime(2000, 1, 1, tzinfo=UTC)
"""Whoever decodes is not told when it was filmed: its first picture is of this moment here."""
PASSED_AT_ONCE, PASSED_FOR_S = 50, 1.0
"""Packets without a picture that is due, or so long with them, until who asks is answered."""
BEHIND = timedelta(seconds=1)
"""By how much a picture may come later in a file than those that are shown after it."""


class Decoded(NamedTuple):
    frame: VideoFrame
    at: datetime


class FilmReading:
    """Gives a picture each ``period``, the first of all at `BEGINS`, in ``covered`` hours.

    What lies outside of those is not decoded, nor is what comes before their first keyframe.
    ``decoded``: how many pictures were, so far.
    """

    def __init__(
        self, film: BinaryIO, survey: Survey, *, covered: Sequence[Hours], period: timedelta
    ) -> None:
        self._film, self._covered, self._due = film, covered, Due(period)
        self._zero = BEGINS - timedelta(seconds=survey.first_s)
        self._ends_at = BEGINS + survey.lasts
        self._until = covered[-1].ends_at + BEHIND if covered else BEGINS
        self._is_over = not covered
        self._waits_for_keyframe = True
        self._newest_at = BEGINS
        self._damaged_from: datetime | None = None
        self._asked = self.decoded = 0

    def __iter__(self) -> Iterator[Decoded | Hours | None]:
        """Hours are those that are damaged; None: nothing yet.

        Raises ``NoPictures``, and what ``opened`` does.
        """
        with opened(self._film) as container:
            stream = pictures_of(container)
            stream.thread_type = ThreadType.NONE  # one thread: the others are for what is live
            passed, since_s = 0, time.monotonic()
            try:
                for packet in container.demux(stream):
                    given = False
                    for one in self._taken(packet, stream):
                        given = True
                        yield one
                    passed = 0 if given else passed + 1
                    if passed >= PASSED_AT_ONCE or time.monotonic() - since_s >= PASSED_FOR_S:
                        passed = 0
                        yield None
                    if not passed:
                        since_s = time.monotonic()
                    if self._is_over:
                        break
            except av.error.FFmpegError:
                self._breaks()
        if self._asked and not self.decoded:
            raise NoPictures("its pictures can't be decoded")
        if self._damaged_from is not None:
            yield Hours(self._damaged_from, max(self._ends_at, self._damaged_from))

    def _taken(
        self, packet: "av.Packet[VideoStream]", stream: VideoStream
    ) -> Iterator[Decoded | Hours]:
        if packet.pts is not None:
            at = self._time_of(packet)
            self._is_over = at >= self._until
            if not self._is_covered(at) or (self._waits_for_keyframe and not packet.is_keyframe):
                if not self._waits_for_keyframe:
                    stream.codec_context.flush_buffers()
                self._waits_for_keyframe = True
                return
            if self._damaged_from is not None:
                yield Hours(self._damaged_from, at)
                self._damaged_from = None
            self._waits_for_keyframe = False
            self._asked += 1
        elif packet.size or self._waits_for_keyframe:
            return  # of no time, so of no act; or the end, and the decoder was given nothing
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            self._breaks()
            stream.codec_context.flush_buffers()
            return
        yield from self._wanted(frames)

    def _breaks(self) -> None:
        """It can't be read from here to the next keyframe."""
        self._damaged_from = self._damaged_from or self._newest_at
        self._waits_for_keyframe = True

    def _wanted(self, frames: Sequence[VideoFrame]) -> Iterator[Decoded]:
        for frame in frames:
            self.decoded += 1
            at = self._time_of(frame)
            self._newest_at = max(self._newest_at, at)
            if self._is_covered(at) and self._due.takes(at):
                yield Decoded(frame, at)

    def _time_of(self, one: "av.Packet[VideoStream] | VideoFrame") -> datetime:
        if one.pts is None or one.time_base is None:
            return self._newest_at
        try:
            return self._zero + timedelta(seconds=float(one.pts * one.time_base))
        except OverflowError:
            return datetime.max.replace(tzinfo=UTC)

    def _is_covered(self, at: datetime) -> bool:
        return any(hours.starts_at <= at < hours.ends_at for hours in self._covered)
