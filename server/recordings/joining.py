"""Recorded fragments joined into one plain MP4 (ISO 14496-12), as they are: nothing is encoded.

The fragments' ``mdat`` boxes are kept byte for byte; the tables that say where each sample lies
come behind them. A hole between two pieces is left out: the film goes on with what was recorded
next. Within a piece a picture stays until the next one.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from struct import Struct, pack

from domain.cues import TICKS_PER_S
from server.recordings.cueing import Box, NoFragment, Run, boxes, runs

_U32, _U64, _PAIR = Struct(">I"), Struct(">Q"), Struct(">II")
_FTYP = pack(">I4s4sI4s4s4s", 28, b"ftyp", b"isom", 512, b"isom", b"iso2", b"mp41")
_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})
_DROPPED = frozenset({b"mvex", b"udta", b"edts", b"stts", b"stsc", b"stsz", b"stco", b"stss"})
_PICTURES = 1
# Where a duration lies in a box of version 0.
_MVHD, _TKHD, _MDHD = 16, 20, 16
_MOST_U32 = 2**32 - 1


class NoHead(Exception):
    """Bytes that are no head of a recording."""


@dataclass
class _Track:
    """One track's samples so far; times and lengths in its own ``scale``."""

    number: int
    scale: int
    entries: list[bytes] = field(default_factory=list)
    """Distinct sample descriptions: another head may come with another one."""
    starts: list[int] = field(default_factory=list)
    last: int = 0
    sizes: list[int] = field(default_factory=list)
    syncs: list[int] = field(default_factory=list)
    chunks: list[tuple[int, int, int]] = field(default_factory=list)
    """Place in the file, samples, which description."""

    @property
    def lasts(self) -> int:
        return self.starts[-1] - self.starts[0] + self.last if self.starts else 0

    def deltas(self) -> list[int]:
        return [b - a for a, b in zip(self.starts, self.starts[1:], strict=False)] + [self.last]


class Joining:
    """`begin` a piece, `add` its fragments, `finish`: each gives the bytes that come next."""

    def __init__(self) -> None:
        self._head = b""
        self._tracks: dict[int, _Track] = {}
        self._kinds: dict[int, int] = {}
        self._size = 0
        self._piece_at = 0  # in the film, 90 kHz
        self._from = 0  # of the piece's own clock, 90 kHz

    @property
    def lasts_ticks(self) -> int:
        """How long the film is so far."""
        pictures = self._tracks.get(_PICTURES)
        return pictures.starts[-1] + pictures.last if pictures and pictures.starts else 0

    def begin(self, head: bytes, *, from_ticks: int) -> bytes:
        """A piece of a segment, from the keyframe at ``from_ticks`` on. Raises `NoHead`."""
        found = _descriptions(head)
        first = not self._head
        if first:
            self._head = head
            self._tracks = {number: _Track(number, scale) for number, scale, _ in found}
        self._kinds = {}
        for number, scale, description in found:
            track = self._tracks.get(number)
            if track is None or track.scale != scale:
                continue  # sound that the film did not begin with
            if description not in track.entries:
                track.entries.append(description)
            self._kinds[number] = track.entries.index(description) + 1
        self._piece_at, self._from = self.lasts_ticks, from_ticks
        if not first:
            return b""
        self._size = len(_FTYP)
        return _FTYP

    def add(self, fragment: bytes) -> bytes:
        """Raises `NoFragment`."""
        mdat = next((box for box in boxes(fragment) if box.kind == b"mdat"), None)
        if mdat is None:
            raise NoFragment("a fragment without its media")
        data = fragment[mdat.start - 8 : mdat.end]
        place = self._size + 8
        for run in runs(fragment):
            self._note(run, place)
            place += sum(sample.size for sample in run.samples)
        self._size += len(data)
        return data

    def _note(self, run: Run, place: int) -> None:
        track = self._tracks.get(run.track)
        if track is None or run.track not in self._kinds:
            return
        at = (self._piece_at - self._from) * track.scale // TICKS_PER_S + run.ticks
        count = 0
        for sample in run.samples:
            # Before the piece begins, or before what was there: sound that ran ahead.
            if at >= 0 and at > (track.starts[-1] if track.starts else -1):
                track.starts.append(at)
                track.sizes.append(sample.size)
                track.last = sample.duration
                if sample.is_sync:
                    track.syncs.append(len(track.sizes))
                count += 1
            elif count == 0:
                place += sample.size
            else:
                break
            at += sample.duration
        if count:
            track.chunks.append((place, count, self._kinds[run.track]))

    def finish(self) -> bytes:
        """The tables. Raises `NoHead` when there is no sample."""
        if not self._tracks or not self._tracks[_PICTURES].starts:
            raise NoHead("there is no picture")
        moov = next(box for box in boxes(self._head) if box.kind == b"moov")
        return _rebuilt(self._head, moov, self._tracks)


def _rebuilt(head: bytes, moov: Box, tracks: dict[int, _Track]) -> bytes:
    parts = []
    mvhd = _find(head, moov, b"mvhd")
    clock = int(_U32.unpack_from(head, mvhd.start + 12)[0])
    longest = max(one.lasts * clock // one.scale for one in tracks.values())
    for box in boxes(head, moov.start, moov.end):
        body = head[box.start : box.end]
        if box.kind == b"mvhd":
            parts.append(_box(b"mvhd", _with_duration(body, _MVHD, longest)))
        elif box.kind == b"trak":
            track = tracks[_number_of(head, box)]
            if track.starts:
                parts.append(_trak(head, box, track, clock))
        elif box.kind not in _DROPPED:
            parts.append(_box(box.kind, body))
    return _box(b"moov", *parts)


def _trak(head: bytes, trak: Box, track: _Track, clock: int) -> bytes:
    """``clock``: what durations outside the track's own are counted in, a second."""
    begins = track.starts[0] * clock // track.scale
    lasts = track.lasts * clock // track.scale

    def edits() -> bytes:
        later = pack(">IiHH", begins, -1, 1, 0) if begins else b""
        shown = pack(">IiHH", lasts, 0, 1, 0)
        entries = 2 if later else 1
        return _box(b"edts", _box(b"elst", pack(">II", 0, entries), later, shown))

    def walk(box: Box) -> bytes:
        body = head[box.start : box.end]
        if box.kind == b"tkhd":
            duration = _box(b"tkhd", _with_duration(body, _TKHD, begins + lasts))
            return duration + edits()
        if box.kind == b"mdhd":
            return _box(b"mdhd", _with_duration(body, _MDHD, track.lasts))
        if box.kind == b"stsd":
            return _box(b"stsd", pack(">II", 0, len(track.entries)), *track.entries)
        if box.kind in _DROPPED:
            return b""
        if box.kind not in _CONTAINERS:
            return _box(box.kind, body)
        inner = [walk(one) for one in boxes(head, box.start, box.end)]
        return _box(box.kind, *inner, *(_tables(track) if box.kind == b"stbl" else ()))

    return walk(trak)


def _tables(track: _Track) -> list[bytes]:
    groups: list[tuple[int, int]] = []
    for delta in track.deltas():
        if groups and groups[-1][1] == delta:
            groups[-1] = (groups[-1][0] + 1, delta)
        else:
            groups.append((1, delta))
    changes: list[tuple[int, int, int]] = []
    for number, (_, count, kind) in enumerate(track.chunks, start=1):
        if not changes or changes[-1][1:] != (count, kind):
            changes.append((number, count, kind))
    places = [place for place, _, _ in track.chunks]
    tables = [
        _table(b"stts", groups, lambda one: _PAIR.pack(*one)),
        _table(b"stsc", changes, lambda one: pack(">III", *one)),
        _box(b"stsz", pack(">III", 0, 0, len(track.sizes)), *map(_U32.pack, track.sizes)),
        _table(b"co64", places, _U64.pack),
    ]
    if len(track.syncs) < len(track.sizes):
        tables.append(_table(b"stss", track.syncs, _U32.pack))
    return tables


def _table[T](kind: bytes, rows: Sequence[T], packed: Callable[[T], bytes]) -> bytes:
    return _box(kind, pack(">II", 0, len(rows)), *map(packed, rows))


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return _PAIR.pack(len(body) + 8, int.from_bytes(kind)) + body


def _with_duration(body: bytes, place: int, duration: int) -> bytes:
    if body[0] != 0:
        raise NoHead("a head of another version")
    return body[:place] + _U32.pack(min(duration, _MOST_U32)) + body[place + 4 :]


def _number_of(head: bytes, trak: Box) -> int:
    tkhd = _find(head, trak, b"tkhd")
    return int(_U32.unpack_from(head, tkhd.start + 12)[0])


def _descriptions(head: bytes) -> list[tuple[int, int, bytes]]:
    """Of each track: its number, its clock, and how its samples are coded. Raises `NoHead`."""
    try:
        moov = next(box for box in boxes(head) if box.kind == b"moov")
        found = []
        for trak in boxes(head, moov.start, moov.end):
            if trak.kind != b"trak":
                continue
            mdhd = _find(head, trak, b"mdia", b"mdhd")
            stsd = _find(head, trak, b"mdia", b"minf", b"stbl", b"stsd")
            scale = int(_U32.unpack_from(head, mdhd.start + 12)[0])
            found.append((_number_of(head, trak), scale, head[stsd.start + 8 : stsd.end]))
    except (StopIteration, NoFragment) as error:
        raise NoHead("a head without its tables") from error
    return found


def _find(data: bytes, box: Box, *path: bytes) -> Box:
    for kind in path:
        box = next(one for one in boxes(data, box.start, box.end) if one.kind == kind)
    return box


def fragments_in(parts: Iterable[bytes], rest: bytearray) -> Iterable[bytes]:
    """Whole fragments, as their bytes come; ``rest`` keeps what is not whole yet."""
    for part in parts:
        rest += part
        while (size := _whole(rest)) is not None:
            yield bytes(rest[:size])
            del rest[:size]


def _whole(data: bytearray) -> int | None:
    """How long the first fragment is, ``moof`` and ``mdat``; None before all of it is there."""
    at = 0
    for _ in range(2):
        if at + 8 > len(data):
            return None
        at += max(8, _U32.unpack_from(data, at)[0])
    return at if at <= len(data) else None
