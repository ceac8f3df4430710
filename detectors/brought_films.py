"""The pictures of a film that somebody has brought, as a live stream gives them.

Some of it at a time, so that whoever asks may stop, and ask whether it is still allowed.
"""

import logging
from collections.abc import Generator, Iterator, Sequence
from datetime import datetime, timedelta
from typing import BinaryIO

import av
import av.error
from av.codec.context import ThreadType
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from detectors.film_survey import Survey, opened, pictures_of
from detectors.frames import DecodedFrame
from detectors.metrics import FRAMES_DECODED, FRAMES_DROPPED
from detectors.recordings import Due, Paint
from domain.masks import Mask
from domain.trials import Hours, NoPictures

logger = logging.getLogger(__name__)

PASSED_AT_ONCE = 50
"""Packets without a picture that is due, until it is asked whether to go on."""
BEHIND = timedelta(seconds=1)
"""By how much a picture may come later in a file than those that are shown after it."""


def pictures_in(
    film: BinaryIO,
    survey: Survey,
    *,
    filmed_at: datetime,
    covered: Sequence[Hours],
    period: timedelta,
    masks: Sequence[Mask] = (),
) -> Generator[DecodedFrame | Hours | None]:
    """Give a picture each ``period``, the first of all at ``filmed_at``, in ``covered`` hours.

    What lies outside of those is not decoded, nor is what comes before their first keyframe. Hours
    are those that are damaged; None: nothing yet. Raises ``NoPictures``, and what ``opened`` does.
    Blocks for a moment at a time: call it in a thread.
    """
    reading = _Reading(survey, filmed_at, covered, Due(period), Paint(masks))
    with opened(film) as container:
        stream = pictures_of(container)
        stream.thread_type = ThreadType.NONE  # one thread: the others are for what is live
        passed = 0
        try:
            for packet in container.demux(stream):
                given = False
                for one in reading.taken(packet, stream):
                    given = True
                    yield one
                passed = 0 if given else passed + 1
                if passed >= PASSED_AT_ONCE:
                    passed = 0
                    yield None
                if reading.is_over:
                    break
        except av.error.FFmpegError as error:
            reading.breaks(error)
    yield from reading.ended()


class _Reading:
    def __init__(
        self,
        survey: Survey,
        filmed_at: datetime,
        covered: Sequence[Hours],
        due: Due,
        paint: Paint,
    ) -> None:
        self._zero = filmed_at - timedelta(seconds=survey.first_s)
        self._ends_at = filmed_at + survey.lasts
        self._covered, self._due, self._paint = covered, due, paint
        self._until = covered[-1].ends_at + BEHIND if covered else filmed_at
        self._waits_for_keyframe = True
        self._newest_at = filmed_at
        self._damaged_from: datetime | None = None
        self._asked = self._decoded = 0
        self.is_over = not covered

    def taken(
        self, packet: "av.Packet[VideoStream]", stream: VideoStream
    ) -> Iterator[DecodedFrame | Hours]:
        if packet.pts is not None:
            at = self._time_of(packet)
            self.is_over = at >= self._until
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
        except av.error.FFmpegError as error:
            self.breaks(error)
            stream.codec_context.flush_buffers()
            return
        yield from self._wanted(frames)

    def breaks(self, error: av.error.FFmpegError) -> None:
        """It can't be read from here to the next keyframe."""
        logger.warning("a film is damaged: %s", error)
        FRAMES_DROPPED.labels("damaged").inc()
        self._damaged_from = self._damaged_from or self._newest_at
        self._waits_for_keyframe = True

    def ended(self) -> Iterator[Hours]:
        if self._asked and not self._decoded:
            raise NoPictures("its pictures can't be decoded")
        if self._damaged_from is not None:
            yield Hours(self._damaged_from, max(self._ends_at, self._damaged_from))

    def _wanted(self, frames: Sequence[VideoFrame]) -> Iterator[DecodedFrame]:
        for frame in frames:
            FRAMES_DECODED.inc()
            self._decoded += 1
            at = self._time_of(frame)
            self._newest_at = max(self._newest_at, at)
            if self._is_covered(at) and self._due.takes(at):
                yield DecodedFrame(self._paint.over(frame), at)

    def _time_of(self, one: "av.Packet[VideoStream] | VideoFrame") -> datetime:
        if one.pts is None or one.time_base is None:
            return self._newest_at
        try:
            return self._zero + timedelta(seconds=float(one.pts * one.time_base))
        except OverflowError:
            return datetime.max.replace(tzinfo=self._zero.tzinfo)

    def _is_covered(self, at: datetime) -> bool:
        return any(hours.starts_at <= at < hours.ends_at for hours in self._covered)
