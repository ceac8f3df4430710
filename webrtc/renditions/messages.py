"""What a media process and the process of one rendition say to each other, over two pipes.

Each message is its kind, its length and its bytes. Neither end waits for an answer: the one that
makes pictures tells each time how many units it has dealt with.
"""

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum
from typing import BinaryIO, NamedTuple

from domain.masks import Mask

_HEAD = struct.Struct("!BI")
_UNIT = struct.Struct("!q?")
_PICTURE = struct.Struct("!q?I")
HEAD_BYTES = _HEAD.size
MAX_BYTES = 8 * 1024 * 1024
"""Of one message; a 4K keyframe stays below 2 MiB."""


class Kind(IntEnum):
    RECIPE = 1  # to the worker, first of all and again when the masks change
    UNIT = 2
    KEYFRAME = 3  # the next picture is to need no other
    READY = 10  # from the worker
    PICTURE = 11
    DONE = 12  # a unit is dealt with; its body tells what became of it
    REFUSED = 13  # the pictures can't be rendered; the worker ends


class Outcome(Enum):
    """What became of a unit that was handed over."""

    TAKEN = b"t"
    DAMAGED = b"d"  # undecodable, and so are those up to the next keyframe
    LATE = b"l"  # decoded, and not encoded: newer ones were waiting


class Input(StrEnum):
    """FFmpeg's names of what cameras send, and phones."""

    H264 = "h264"
    H265 = "hevc"
    VP8 = "vp8"


class Source(NamedTuple):
    """One access unit as a camera sends it, Annex B, in decoding order; B-frames are welcome.

    ``timestamp``: when it is to be shown, in `VIDEO_CLOCK_HZ` units, unbounded.
    """

    data: bytes
    timestamp: int
    is_keyframe: bool


class Rendered(NamedTuple):
    """One access unit that was made: H264, Annex B, no B-frames, keyframes with parameter sets.

    ``version``: of the masks that are burnt in.
    """

    data: bytes
    timestamp: int
    is_keyframe: bool
    version: int


@dataclass(frozen=True, slots=True)
class Recipe:
    """What comes in, and what is made of it.

    ``version``: a name for the masks, told with each picture that has them.
    """

    source: Input = Input.H264
    masks: tuple[Mask, ...] = ()
    version: int = 0

    def to_bytes(self) -> bytes:
        polygons = [[(point.x, point.y) for point in mask.points] for mask in self.masks]
        return json.dumps([self.source, polygons, self.version]).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Recipe":
        source, polygons, version = json.loads(data)
        masks = tuple(Mask.drawn(points) for points in polygons)
        return cls(Input(source), masks, int(version))


def message(kind: Kind, body: bytes = b"") -> bytes:
    return _HEAD.pack(kind, len(body)) + body


def head_of(data: bytes) -> tuple[Kind, int]:
    """Raises `ValueError` for what is no message of ours."""
    kind, length = _HEAD.unpack(data)
    if length > MAX_BYTES:
        raise ValueError(f"a message of {length} bytes")
    return Kind(kind), length


def of_unit(unit: Source) -> bytes:
    return message(Kind.UNIT, _UNIT.pack(unit.timestamp, unit.is_keyframe) + unit.data)


def unit_in(body: bytes) -> Source:
    timestamp, is_keyframe = _UNIT.unpack_from(body)
    return Source(body[_UNIT.size :], timestamp, is_keyframe)


def of_picture(picture: Rendered) -> bytes:
    head = _PICTURE.pack(picture.timestamp, picture.is_keyframe, picture.version)
    return message(Kind.PICTURE, head + picture.data)


def picture_in(body: bytes) -> Rendered:
    timestamp, is_keyframe, version = _PICTURE.unpack_from(body)
    return Rendered(body[_PICTURE.size :], timestamp, is_keyframe, version)


def messages(stream: BinaryIO) -> Iterator[tuple[Kind, bytes]]:
    """What comes from a pipe, until it ends. Blocks."""
    while len(head := stream.read(HEAD_BYTES)) == HEAD_BYTES:
        kind, length = head_of(head)
        body = stream.read(length)
        if len(body) < length:
            return
        yield kind, body
