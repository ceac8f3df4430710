"""What a detect process and the process that decodes a film say to each other, over two pipes.

Nothing is decoded unasked: each answer is to one `NEXT`. Times are counted from the film's first
picture, in microseconds.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, NamedTuple

from av.video.frame import VideoFrame

from detectors.film_reading import BEGINS, Decoded
from detectors.film_survey import Survey
from domain.streams import MOST_PIXELS
from domain.trials import Hours

NEXT = b"n"
LENGTH = struct.Struct("!I")
"""Of the orders, which come first."""
HEAD = struct.Struct("!BII")
_PICTURE = struct.Struct("!qIIBBB")
_HOURS = struct.Struct("!qq")
FORMS = ("yuv420p", "yuvj420p")
MOST_BYTES = _PICTURE.size + 2 * MOST_PIXELS
MOST_DECODED = 100_000
"""For one answer: many more than who asks is given."""
_MICROSECOND = timedelta(microseconds=1)


class Kind(IntEnum):
    PICTURE = 1
    NOTHING = 2  # yet
    DAMAGED = 3
    OVER = 4
    REFUSED = 5


class Picture(NamedTuple):
    """One in 4:2:0, its planes one behind the other without padding.

    ``range`` and ``space``: what its values mean, as FFmpeg numbers it.
    """

    after: timedelta
    width: int
    height: int
    form: str
    range: int
    space: int
    planes: bytes


def orders(
    survey: Survey, *, filmed_at: datetime, covered: Sequence[Hours], period: timedelta
) -> bytes:
    said = json.dumps(
        {
            "first_s": survey.first_s,
            "lasts_us": survey.lasts // _MICROSECOND,
            "period_us": period // _MICROSECOND,
            "covered_us": [[(at - filmed_at) // _MICROSECOND for at in one] for one in covered],
        }
    ).encode()
    return LENGTH.pack(len(said)) + said


def read_orders(said: bytes) -> Mapping[str, Any]:
    """Give what a `FilmReading` is made of."""
    told = json.loads(said)
    lasts, period = (timedelta(microseconds=told[one]) for one in ("lasts_us", "period_us"))
    covered = [
        Hours(*(BEGINS + timedelta(microseconds=at) for at in one)) for one in told["covered_us"]
    ]
    return {"survey": Survey(told["first_s"], lasts), "covered": covered, "period": period}


def answer(kind: Kind, decoded: int, body: bytes = b"") -> bytes:
    """``decoded``: pictures, since the answer before."""
    return HEAD.pack(kind, decoded, len(body)) + body


def head_of(data: bytes) -> tuple[Kind, int, int]:
    """Give the kind, how many were decoded, and the length. Raises ``ValueError``."""
    kind, decoded, length = HEAD.unpack(data)
    if length > MOST_BYTES or decoded > MOST_DECODED:
        raise ValueError(f"an answer of {length} bytes, of {decoded} pictures")
    return Kind(kind), decoded, length


def of_picture(one: Decoded) -> bytes:
    frame = one.frame
    if frame.format.name not in FORMS:
        frame = frame.reformat(format="yuv420p")
    rows = [
        line[: plane.width]
        for plane in frame.planes
        for line in _lines(memoryview(plane), plane.line_size, plane.height)
    ]
    head = _PICTURE.pack(
        (one.at - BEGINS) // _MICROSECOND,
        frame.width,
        frame.height,
        FORMS.index(frame.format.name),
        int(frame.color_range),
        int(frame.colorspace),
    )
    return b"".join((head, *rows))


def picture_in(body: bytes) -> Picture:
    """Raises ``ValueError`` for what is none."""
    if len(body) < _PICTURE.size:
        raise ValueError("a picture without a head")
    after, width, height, form, range_, space = _PICTURE.unpack_from(body)
    quarter = ((width + 1) // 2) * ((height + 1) // 2)
    if not 0 < width * height <= MOST_PIXELS or form >= len(FORMS):
        raise ValueError(f"a picture of {width} by {height}")
    planes = body[_PICTURE.size :]
    if len(planes) != width * height + 2 * quarter:
        raise ValueError("a picture that is not whole")
    return Picture(_after(after), width, height, FORMS[form], range_, space, planes)


def of_hours(one: Hours) -> bytes:
    return _HOURS.pack(*((at - BEGINS) // _MICROSECOND for at in one))


def hours_in(body: bytes) -> tuple[timedelta, timedelta]:
    """Raises ``ValueError``."""
    if len(body) != _HOURS.size:
        raise ValueError("these are no hours")
    begins, ends = _HOURS.unpack(body)
    return _after(begins), _after(ends)


def _after(microseconds: int) -> timedelta:
    try:
        return timedelta(microseconds=microseconds)
    except OverflowError as error:
        raise ValueError("a time that is none") from error


def _lines(plane: memoryview, length: int, count: int) -> list[memoryview]:
    return [plane[at * length : (at + 1) * length] for at in range(count)]


def filled(picture: Picture) -> VideoFrame:
    """Make a frame of it, as a decoder would give it."""
    frame = VideoFrame(picture.width, picture.height, picture.form)
    frame.color_range, frame.colorspace = picture.range, picture.space
    place = 0
    for plane in frame.planes:
        into = memoryview(plane)
        for row in range(plane.height):
            line = picture.planes[place : place + plane.width]
            into[row * plane.line_size : row * plane.line_size + plane.width] = line
            place += plane.width
    return frame
