"""A segment's cues, noted while its fragments are written or read: keyframes and their places.

Of ISO 14496-12 it knows what ``webrtc.recording.fragments`` writes: the pictures are track 1, and
each sample has its duration, size and flags.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import Struct, error
from typing import NamedTuple

from domain.cues import LEAST_BETWEEN_CUES, Cue, Cues

_BOX, _TRACK, _TIME, _COUNT = Struct(">I4s"), Struct(">II"), Struct(">IQ"), Struct(">II")
_SAMPLE, _CUE = Struct(">III"), Struct(">QQ")
_PICTURES = 1
_NOT_SYNC = 0x010000
_RUN_HEAD = 12  # flags, count, data offset


class Box(NamedTuple):
    kind: bytes
    start: int
    """Of its contents; the box itself begins 8 bytes earlier."""
    end: int


class Sample(NamedTuple):
    duration: int
    size: int
    is_sync: bool


class Run(NamedTuple):
    """The samples of one track in one fragment."""

    track: int
    ticks: int
    """When the first one begins, in the track's own clock."""
    samples: list[Sample]


class NoFragment(Exception):
    """Bytes that are no fragment of ours."""


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """The boxes that lie side by side in ``data``. Raises `NoFragment`."""
    end = len(data) if end is None else end
    while start + _BOX.size <= end:
        size, kind = _BOX.unpack_from(data, start)
        if size < _BOX.size or start + size > end:
            raise NoFragment(f"a box of {size} bytes does not fit")
        yield Box(kind, start + _BOX.size, start + size)
        start += size


def runs(fragment: bytes) -> list[Run]:
    """What a fragment holds of each track. Raises `NoFragment`."""
    try:
        moof = next(box for box in boxes(fragment) if box.kind == b"moof")
        return [
            _run(fragment, box)
            for box in boxes(fragment, moof.start, moof.end)
            if box.kind == b"traf"
        ]
    except (StopIteration, KeyError, error) as cause:
        raise NoFragment("a fragment without its tables") from cause


def _run(data: bytes, traf: Box) -> Run:
    inner = {box.kind: box for box in boxes(data, traf.start, traf.end)}
    _, track = _TRACK.unpack_from(data, inner[b"tfhd"].start)
    _, ticks = _TIME.unpack_from(data, inner[b"tfdt"].start)
    trun = inner[b"trun"]
    samples = [
        Sample(duration, size, not flags & _NOT_SYNC)
        for duration, size, flags in _SAMPLE.iter_unpack(data[trun.start + _RUN_HEAD : trun.end])
    ]
    return Run(track, ticks, samples)


class Cueing:
    """Is shown each fragment in turn; what can't be read is passed over."""

    def __init__(self) -> None:
        self._places: list[Cue] = []
        self._size = self._end_ticks = 0

    def head(self, data: bytes) -> None:
        self._size += len(data)

    def fragment(self, data: bytes) -> None:
        try:
            pictures = next((run for run in runs(data) if run.track == _PICTURES), None)
        except NoFragment:
            pictures = None
        if pictures is not None and pictures.samples:
            apart = pictures.ticks - self._places[-1].ticks if self._places else LEAST_BETWEEN_CUES
            if pictures.samples[0].is_sync and apart >= LEAST_BETWEEN_CUES:
                self._places.append(Cue(self._size, pictures.ticks))
            self._end_ticks = pictures.ticks + sum(one.duration for one in pictures.samples)
        self._size += len(data)

    @property
    def cues(self) -> Cues | None:
        """None before there is a keyframe."""
        if not self._places:
            return None
        return Cues(tuple(self._places), Cue(self._size, self._end_ticks))


@dataclass
class Survey:
    """How far a file was read that may still grow, and what was found; ``newest`` in µs."""

    chunks: int = 0
    newest: int = 0
    pictures: int = 0
    cueing: Cueing = field(default_factory=Cueing)


def as_bytes(cues: Cues | None) -> bytes | None:
    """As the index keeps it: 16 bytes a cue, the end behind them."""
    if cues is None:
        return None
    return b"".join(_CUE.pack(*cue) for cue in (*cues.places, cues.end))


def read_cues(data: bytes | None) -> Cues | None:
    """None for what was never noted, or can't be read."""
    if not data or len(data) % _CUE.size or len(data) < 2 * _CUE.size:
        return None
    *places, end = (Cue(*pair) for pair in _CUE.iter_unpack(data))
    return Cues(tuple(places), end)
