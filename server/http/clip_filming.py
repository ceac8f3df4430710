"""A clip's film: read where the recordings lie, joined without a decoder, encrypted as it comes."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from domain.cues import Cue, ticks_at, time_of
from domain.errors import Unavailable
from domain.exports import BadExport, Export
from domain.identifiers import CameraId, SegmentId, StreamId
from domain.manifests import Piece
from domain.recordings import RecordingDamaged, gaps
from domain.streams import Codec
from server.database.playbacks import Stored
from server.http.archive import Archive
from server.recordings.joining import Joining, fragments_in
from server.recordings.segments import GENESIS, About, SegmentWriter

MOST_BYTES = 4 * 1024 * 1024 * 1024  # an hour of 9 Mbit/s
SPAN_BYTES = 8 * 1024 * 1024  # read at once; a GOP that is larger, whole
RESERVE_BYTES = 1024 * 1024 * 1024  # left free beside it: the database may live on this disk


@dataclass(frozen=True, kw_only=True)
class Filmed:
    """A film that is there whole. ``goes_at``: when the first of its pictures goes.

    ``cut_at``: when the camera's codec changed; what came from then on is not in it.
    ``damaged``: what the disk does not give as it was recorded. ``codec``: of its pictures.
    """

    pieces: tuple[Piece, ...]
    damaged: tuple[tuple[datetime, datetime], ...]
    gaps: tuple[tuple[datetime, datetime], ...]
    cut_at: datetime | None
    codec: Codec
    goes_at: datetime
    size: int
    sha256: bytes


@dataclass(frozen=True)
class _Cut:
    """What a clip takes of one segment: from a keyframe to a keyframe, or to its end."""

    stored: Stored
    head_size: int
    places: tuple[Cue, ...]
    begin: Cue
    end: Cue

    @property
    def size(self) -> int:
        return self.end.offset - self.begin.offset


class ClipFilming:
    """`film` makes one film; it is given nothing of who asked, nor why."""

    def __init__(self, *, archive: Archive, master: bytes, clock: Callable[[], datetime]) -> None:
        self._archive, self._master, self._clock = archive, master, clock

    async def film(self, export: Export, path: Path, *, tell: Callable[[float], None]) -> Filmed:
        """Write it to ``path``; ``tell`` how far it is, from 0 to 1.

        Raises ``BadExport``, and ``Unavailable`` or ``OSError`` for what may pass.
        """
        cuts, cut_at = await self._cuts(export)
        total = sum(cut.size for cut in cuts)
        await asyncio.to_thread(_check_room, path.parent, total)
        writer = await asyncio.to_thread(
            SegmentWriter, path, _about(export, cuts[0]), master=self._master
        )
        joining, hashed, size = Joining(), sha256(), 0
        pieces, damaged = list[Piece](), list[tuple[datetime, datetime]]()
        ends_at = cuts[-1].stored.segment.ended_at
        try:
            async with aclosing(self._joined(cuts, joining, pieces, damaged, tell)) as film:
                async for data in film:
                    hashed.update(data)
                    size += len(data)
                    await asyncio.to_thread(writer.fragment, data, newest_at=ends_at, pictures=0)
            await asyncio.to_thread(writer.end)
        finally:
            writer.close()
        segments = [cut.stored.segment for cut in cuts]
        until = cut_at or export.ends_at
        return Filmed(
            pieces=tuple(pieces),
            damaged=tuple(damaged),
            gaps=tuple(gaps(segments, starts_at=export.starts_at, ends_at=until)),
            cut_at=cut_at,
            codec=Codec(cuts[0].stored.codec),
            goes_at=min(one.keep_until for one in segments),
            size=size,
            sha256=hashed.digest(),
        )

    async def _joined(
        self,
        cuts: list[_Cut],
        joining: Joining,
        pieces: list[Piece],
        damaged: list[tuple[datetime, datetime]],
        tell: Callable[[float], None],
    ) -> AsyncGenerator[bytes]:
        """The film's bytes in turn; what it is made of goes into ``pieces``."""
        done, total = 0, sum(cut.size for cut in cuts)
        for cut in cuts:
            started_at = cut.stored.segment.started_at
            head = await self._read(cut, 0, cut.head_size)
            is_new = True
            async with aclosing(self._spans(cut, wanted=head is not None)) as spans:
                async for begin, end, data in spans:
                    done += end.offset - begin.offset
                    tell(done / total)
                    since, until = time_of(begin, started_at), time_of(end, started_at)
                    if head is None or data is None:
                        damaged.append((since, until))
                        is_new = True
                        continue
                    if is_new:
                        pieces.append(_piece(cut.stored, since, joining.lasts_ticks))
                        yield joining.begin(head, from_ticks=begin.ticks)
                    is_new = False
                    pieces[-1] = replace(pieces[-1], ends_at=until)
                    for fragment in fragments_in([data], bytearray()):
                        yield joining.add(fragment)
        if not pieces:
            raise BadExport("what was recorded of these hours was changed, or can't be read")
        yield joining.finish()

    async def _spans(
        self, cut: _Cut, *, wanted: bool
    ) -> AsyncGenerator[tuple[Cue, Cue, bytes | None]]:
        """What a clip takes of a segment, some megabytes at a time; None for what is damaged."""
        places = [one for one in cut.places if cut.begin.offset <= one.offset < cut.end.offset]
        waiting = [[*places, cut.end]]  # stretches from keyframe to keyframe, the next one last
        while waiting:
            stretch = waiting.pop()
            begin, end = stretch[0], stretch[-1]
            is_small = end.offset - begin.offset <= SPAN_BYTES or len(stretch) == 2
            data = None
            if wanted and is_small:
                data = await self._read(cut, begin.offset, end.offset)
            if data is not None or len(stretch) == 2 or not wanted:
                yield begin, end, data
            else:
                middle = len(stretch) // 2
                waiting += [stretch[middle:], stretch[: middle + 1]]

    async def _read(self, cut: _Cut, start: int, stop: int) -> bytes | None:
        """None: it was changed, or can't be read any more."""
        stored = cut.stored
        path = f"/recordings/{stored.segment.commune_id}/{stored.path}"
        asked = f"bytes={start}-{stop - 1}"
        try:
            async with self._archive.reading(stored.holder, path, byte_range=asked) as read:
                return b"".join([part async for part in read.parts])
        except RecordingDamaged:
            return None

    async def _cuts(self, export: Export) -> tuple[list[_Cut], datetime | None]:
        """What there is of the hours up to a change of codec, and when that was.

        Raises ``BadExport``, ``Unavailable``.
        """
        found = await self._archive.of_hours(
            export.source,
            export.commune_id,
            starts_at=export.starts_at,
            ends_at=export.ends_at,
            now=self._clock(),
        )
        cuts, cut_at = list[_Cut](), None
        for one in found:
            cues, started_at = one.cues, one.segment.started_at
            if cues is None and one.segment.is_open:
                continue  # it has no picture yet
            if cues is None:
                raise Unavailable("the host of a recording is not there at the moment")
            if cuts and one.codec != cuts[0].stored.codec:
                cut_at = started_at
                break
            begin = cues.before(ticks_at(export.starts_at, started_at))
            last = ticks_at(export.ends_at, started_at)
            end = next((cue for cue in cues.places if cue.ticks >= last), cues.end)
            if end.offset > begin.offset:
                cuts.append(_Cut(one, cues.head_size, cues.places, begin, end))
        if not cuts:
            raise BadExport("nothing is recorded of these hours (any more)")
        if sum(cut.size for cut in cuts) > MOST_BYTES:
            raise BadExport("this is too large for one clip; ask for less time")
        return cuts, cut_at


def _piece(stored: Stored, since: datetime, position_ticks: int) -> Piece:
    return Piece(
        segment_id=stored.segment.id,
        starts_at=since,
        ends_at=since,
        position_s=round(position_ticks / 90_000, 3),
        sha256=(stored.sha256 or b"").hex(),
    )


def _check_room(folder: Path, total: int) -> None:
    """Raises ``Unavailable``. Runs in a thread."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free - total < RESERVE_BYTES:
        raise Unavailable("the disk has no room for the clip")


def _about(export: Export, first: _Cut) -> About:
    segment = first.stored.segment
    return About(
        segment_id=SegmentId(export.id),
        commune_id=export.commune_id,
        stream_id=StreamId(segment.stream_id),
        camera_id=CameraId(segment.camera_id) if segment.camera_id else None,
        started_at=time_of(first.begin, segment.started_at),
        keep_days=segment.keep_days,
        codec=Codec(first.stored.codec),
        with_sound=segment.camera_id is None,
        previous=GENESIS,
    )
