"""A look through a volume: what lies there and what the index says are brought to agree.

A crash leaves files that were not ended, a lost index leaves files that it does not know, a copy
leaves a segment twice, a lost number leaves rows that nobody purges. `domain.volumes` says what
becomes of each; here it is found and done.
"""

import logging
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Protocol
from uuid import UUID, uuid4

from prometheus_client import CollectorRegistry, Counter

from domain.identifiers import CommuneId, SegmentId
from domain.volumes import Claim, Fate, Found, Known, fate, identity, is_past_any_hour
from server.media.recording import Note
from server.recordings.disk import DiskThreads
from server.recordings.segments import About, Damaged, Written, is_recording, recover
from server.recordings.volume import NumberLost, Volume, named

logger = logging.getLogger(__name__)


class Index(Protocol):
    """What a look asks of the database, and tells it."""

    async def known(
        self, ids: Collection[SegmentId], *, commune_id: CommuneId
    ) -> Mapping[SegmentId, Known]: ...

    async def note(
        self, about: About, *, volume: UUID, path: str, written: Written, closed: bool
    ) -> None: ...

    async def follow(self, moved: Mapping[SegmentId, str], *, volume: UUID) -> None: ...

    async def take_over(self, former: UUID, *, volume: UUID) -> None: ...


class LookMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str) -> Counter:
            return Counter(f"ilotier_recorder_{name}", text, registry=registry)

        self.recovered = counter("recovered", "Segments whose end was found after a crash.")
        self.damaged = counter("damaged", "Files that were found changed.")
        self.copies = counter("copies", "Files destroyed that were copies, or should have gone.")
        self.followed = counter("followed", "Files found where the index did not know them.")
        self.strange = counter("strange", "Files seen on volumes that are no recordings.")


@dataclass(frozen=True, kw_only=True)
class Looker:
    """Who looks: with which key, on which host, by which clock."""

    master: bytes
    host: str
    clock: Callable[[], datetime]
    metrics: LookMetrics


@dataclass(slots=True)
class Seen:
    """What a look has found. ``former``: what the index took the files' volume for."""

    recovered: list[Note] = field(default_factory=list)
    former: set[Claim] = field(default_factory=set)


async def open_volume(root: Path, *, index: Index, disk: DiskThreads, by: Looker) -> Volume:
    """The volume in a folder. One whose number was lost is again what its files say.

    Raises `OSError`; ``Unavailable`` when the index is needed for that and does not answer.
    """
    try:
        return await disk.do(partial(Volume, root))
    except NumberLost as lost:
        known = await index.known(lost.segments, commune_id=CommuneId(UUID(root.name)))
        claims = {one.claim for one in known.values()}
        number = identity(claims, host=by.host, now=by.clock()) or uuid4()
        logger.error("%s, by its files it is %s", lost, number)
        return await disk.do(partial(Volume, root, number=number))


async def look_through(
    volume: Volume,
    *,
    index: Index,
    disk: DiskThreads,
    by: Looker,
    days: Collection[date] | None = None,
) -> list[Note]:
    """Look at every file, or those of some days; the index then knows them, and copies are gone.

    Give those whose end was found. Raises `OSError`; ``Unavailable``.
    """
    seen = Seen()
    folders = volume.by_day(days)
    while (paths := await disk.do(partial(next, folders, None))) is not None:
        await _look(volume, paths, seen, index=index, disk=disk, by=by)
    for claim in seen.former if days is None else ():
        if claim.host in (None, by.host):
            await index.take_over(claim.volume, volume=volume.id)
    return seen.recovered


async def _look(
    volume: Volume,
    paths: Collection[Path],
    seen: Seen,
    *,
    index: Index,
    disk: DiskThreads,
    by: Looker,
) -> None:
    ids = {path: segment_id for path in paths if (segment_id := named(path))}
    known = {**await index.known(ids.values(), commune_id=volume.commune_id)}
    unknown = [path for path in paths if path not in ids or ids[path] not in known]
    opened = await disk.do(partial(_open, unknown, by, may_remove=True))
    # A copy may have any name: its header says what it is.
    ids |= {path: about.segment_id for path, (about, _) in opened.items()}
    headers = {about.segment_id for about, _ in opened.values()}
    known |= await index.known(headers, commune_id=volume.commune_id)
    there = [path for path in ids if path in opened or path not in unknown]
    fates = await disk.do(partial(_judge, volume, {path: ids[path] for path in there}, known, by))

    copies = [path for path in there if fates[path] is Fate.DESTROY]
    await disk.do(partial(_destroy, volume, copies))
    by.metrics.copies.inc(len(copies))
    moved = {ids[path]: path for path in there if fates[path] is Fate.FOLLOW}
    if moved:
        logger.error("%d recordings are found on volume %s and followed", len(moved), volume.id)
        wheres = {segment_id: volume.relative(path) for segment_id, path in moved.items()}
        await index.follow(wheres, volume=volume.id)
        by.metrics.followed.inc(len(moved))
        claims = {known[segment_id].claim for segment_id in moved}
        seen.former |= {claim for claim in claims if claim.volume != volume.id}
    to_tell = [path for path in there if fates[path] is Fate.NOTE]
    to_tell += [path for segment_id, path in moved.items() if not known[segment_id].is_closed]
    cut = [path for path in to_tell if path not in opened]
    opened |= await disk.do(partial(_open, cut, by))
    for path in to_tell:
        if path in opened:
            about, written = opened[path]
            where = volume.relative(path)
            by.metrics.recovered.inc()
            seen.recovered.append(Note(about, where, written, closed=True))
            await index.note(about, volume=volume.id, path=where, written=written, closed=True)


def _judge(
    volume: Volume,
    ids: Mapping[Path, SegmentId],
    known: Mapping[SegmentId, Known],
    by: Looker,
) -> dict[Path, Fate]:
    now, found = by.clock(), {}
    claimed: set[SegmentId] = set()  # by the first of two files that are of one segment
    for path, segment_id in ids.items():
        row, where = known.get(segment_id), volume.relative(path)
        is_copy = row is not None and row.path != where and (volume.root / row.path).exists()
        one = Found(
            volume=volume.id, path=where, original_is_there=is_copy or segment_id in claimed
        )
        found[path] = fate(one, row, host=by.host, now=now)
        if found[path] is Fate.FOLLOW:
            claimed.add(segment_id)
    return found


def _destroy(volume: Volume, copies: Collection[Path]) -> None:
    for path in copies:
        where = volume.relative(path)
        logger.error("%s is a copy, or should have gone: it goes now", where)
        volume.remove(where)


def _open(
    paths: Collection[Path], by: Looker, *, may_remove: bool = False
) -> dict[Path, tuple[About, Written]]:
    """What is in these files whose writers are gone; one without a picture goes."""
    opened = {}
    for path in paths:
        with suppress(FileNotFoundError, BlockingIOError):  # it went, or it is being written
            if named(path) is None and not is_recording(path):
                by.metrics.strange.inc()
                continue
            try:
                found = recover(path, master=by.master)
            except Damaged as error:
                by.metrics.damaged.inc()
                logger.error("a recording is damaged: %s", error)
                if may_remove and is_past_any_hour(path.parent.name, now=by.clock()):
                    path.unlink()
                continue
            if found is None:
                path.unlink()
            else:
                opened[path] = found
    return opened
