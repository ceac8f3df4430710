"""Recorded pictures to frames, as a live stream gives them, as quickly as they are asked for."""

import io
import logging
from collections.abc import Generator, Iterator, Sequence
from datetime import datetime, timedelta

import av
import av.error
import numpy as np
from av.codec.context import ThreadType
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from detectors.film_survey import ONLY
from detectors.frames import QUARTERED, DecodedFrame
from detectors.metrics import FRAMES_DECODED, FRAMES_DROPPED
from domain.due import Due
from domain.masks import BLOCK, Mask, masked_blocks
from domain.streams import MOST_PIXELS
from domain.trials import Hours, NoPictures

logger = logging.getLogger(__name__)

FILL_LUMA, FILL_CHROMA = 44, 128


def frames_of(
    part: bytes,
    *,
    started_at: datetime,
    within: Hours,
    period: timedelta,
    masks: Sequence[Mask] = (),
    due: datetime | None = None,
) -> Generator[DecodedFrame]:
    """Give a picture each ``period`` of those ``within`` some hours. Blocks: call it in a thread.

    ``part``: a head and fragments that begin with a keyframe; its times count from
    ``started_at``. All up to the end of those hours is decoded, since each picture is built on the
    one before, and nothing behind it. ``due``: when the first is, where others came before it.
    ``masks`` are painted over. It ends where damage begins. Raises ``NoPictures``.
    """
    try:
        container = av.open(io.BytesIO(part), "r", options=dict(ONLY))
    except (av.error.FFmpegError, ValueError) as error:
        raise NoPictures("this can't be read as a part of a recording") from error
    with container:
        paint = Paint(masks)
        taking = Due(period, due)
        for frame, at in _decoded(container, started_at, within.ends_at):
            if at >= within.starts_at and taking.takes(at):
                yield DecodedFrame(paint.over(frame), at)


def _decoded(
    container: InputContainer, started_at: datetime, until: datetime
) -> Iterator[tuple[VideoFrame, datetime]]:
    if not container.streams.video:
        raise NoPictures("there are no pictures in it")
    stream = container.streams.video[0]
    stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}
    stream.thread_type = ThreadType.NONE  # one thread: the others are for what is live
    some = False
    try:
        for packet in container.demux(stream):
            if _time_of(packet, started_at) >= until:
                return
            for frame in packet.decode():
                FRAMES_DECODED.inc()
                some = True
                yield frame, _time_of(frame, started_at)
    except av.error.FFmpegError as error:
        logger.warning("a part of a recording is damaged: %s", error)
        FRAMES_DROPPED.labels("damaged").inc()
        if not some:
            raise NoPictures("its pictures can't be decoded") from error


def _time_of(one: "av.Packet[VideoStream] | VideoFrame", started_at: datetime) -> datetime:
    if one.pts is None or one.time_base is None:
        return started_at  # such as the empty packet at the end
    try:
        return started_at + timedelta(seconds=float(one.pts * one.time_base))
    except OverflowError:
        return datetime.max.replace(tzinfo=started_at.tzinfo)


class Paint:
    """The masks, laid out anew for each size that the pictures turn out to have."""

    def __init__(self, masks: Sequence[Mask]) -> None:
        self._masks = masks
        self._size = (0, 0)
        self._areas: list[tuple[slice, slice]] = []

    def over(self, frame: VideoFrame) -> VideoFrame:
        if not self._masks:
            return frame
        if frame.format.name in QUARTERED:
            frame.make_writable()  # the decoder needs what it gave to make the next one
        else:
            frame = frame.reformat(format="yuv420p")
        if (frame.width, frame.height) != self._size:
            self._size = (frame.width, frame.height)
            runs = masked_blocks(self._masks, width=frame.width, height=frame.height)
            self._areas = [
                (
                    slice(run.row * BLOCK, (run.row + 1) * BLOCK),
                    slice(run.first * BLOCK, run.end * BLOCK),
                )
                for run in runs
            ]
        for number, plane in enumerate(frame.planes):
            halved = 2 if number else 1  # in both directions, in 4:2:0
            pixels = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
            for rows, columns in self._areas:
                pixels[
                    rows.start // halved : rows.stop // halved,
                    columns.start // halved : min(columns.stop // halved, plane.width),
                ] = FILL_CHROMA if number else FILL_LUMA
        return frame
