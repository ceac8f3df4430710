"""Recordings: what is to be recorded, what lies on which volume, and what must go.

The media processes are its users: they write the files, so they keep their index.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

from domain.identifiers import CameraId, CommuneId, ReceiptId, SegmentId, StreamId
from domain.receipts import Destroyed, Receipt, Why, receipts_of
from domain.recordings import (
    Hold,
    Retention,
    Segment,
    due,
    full_at,
    kept_days,
    to_make_room,
)
from domain.register import Action, Entry
from domain.volumes import Claim, Known, VolumeTrouble
from server.database.pool import Database, Row, Transaction
from server.database.statements import load
from server.recordings.cueing import as_bytes
from server.recordings.segments import About, Written

SQL = load("recordings")
BATCH = 500  # segments in one transaction
SHORTEST_LOOK_S = 3600.0  # what came in less says little of a day


@dataclass(frozen=True, slots=True)
class Wanted:
    """A stream that is to be recorded, and how long its pictures will be kept.

    ``since``: when a patrol began to film; None: a camera, from when it is known to be wanted on.
    """

    stream_id: StreamId
    commune_id: CommuneId
    camera_id: CameraId | None
    keep_days: int
    since: datetime | None = None

    @property
    def source(self) -> UUID:
        return self.camera_id or self.stream_id

    @property
    def with_sound(self) -> bool:
        """Only patrols'. A fixed camera's sound is nowhere taken, and here neither (CNIL)."""
        return self.camera_id is None


@dataclass(frozen=True, slots=True)
class Doomed:
    """A file that is to go, decided and noted."""

    id: SegmentId
    path: str
    why: Why


@dataclass(frozen=True, kw_only=True)
class SeenVolume:
    """A volume as a media process sees it."""

    id: UUID
    commune_id: CommuneId
    holder: str
    bytes_free: int
    bytes_total: int
    full_at: datetime | None
    trouble: VolumeTrouble
    overdue: int


class Recordings:
    """The index of what lies on the volumes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def wanted(self) -> list[Wanted]:
        return [
            Wanted(row["stream_id"], row["commune_id"], row["camera_id"], row["days"], row["since"])
            for row in await self._database.rows(SQL["wanted"])
        ]

    async def last_hashes(self, sources: Collection[UUID]) -> Mapping[UUID, bytes]:
        """The hashes of the newest closed files of cameras, or of patrols' streams."""
        rows = await self._database.rows(SQL["last_hashes"], list(sources))
        return {row["source"]: row["sha256"] for row in rows}

    async def note(
        self, about: About, *, volume: UUID, path: str, written: Written, closed: bool
    ) -> None:
        """A segment was begun, closed, or found; what is closed stays as it is."""
        async with self._database.transaction() as t:
            await t.execute(SQL["lock_decisions"])
            decided = [Retention(**one) for one in await t.rows(SQL["decisions"], about.commune_id)]
            days = kept_days(about.keep_days, about.started_at, decided)
            await t.execute(
                SQL["note"],
                *(about.segment_id, about.commune_id, about.stream_id, about.camera_id),
                *(volume, path, about.started_at, written.ended_at, days),
                *(about.codec.value, about.with_sound, written.pictures, written.size),
                *(about.previous, written.sha256 if closed else None, written.is_whole),
                as_bytes(written.cues) if closed else None,
            )

    async def known(
        self, ids: Collection[SegmentId], *, commune_id: CommuneId
    ) -> Mapping[SegmentId, Known]:
        """What the index says of these; a volume's claim counts the files among them."""
        rows = await self._database.rows(SQL["known"], list(ids), commune_id)
        files = Counter(row["volume"] for row in rows)
        return {SegmentId(row["id"]): _known(row, files[row["volume"]]) for row in rows}

    async def follow(self, moved: Mapping[SegmentId, str], *, volume: UUID) -> None:
        """These lie on ``volume`` now, at these paths."""
        async with self._database.transaction() as t:
            await t.execute(SQL["follow"], [*moved], volume, [*moved.values()])

    async def take_over(self, former: UUID, *, volume: UUID) -> None:
        """All that the index has of a volume is another's: its files are there, or nowhere."""
        async with self._database.transaction() as t:
            await t.execute(SQL["take_over"], former, volume)

    async def forget_volumes(
        self, commune_id: CommuneId, *, but: UUID, not_seen_since: datetime
    ) -> None:
        """Forget what nothing is left of, whose files are another volume's now."""
        async with self._database.transaction() as t:
            await t.execute(SQL["forget_volumes"], commune_id, but, not_seen_since)

    # What must go

    async def doom_due(self, volume: UUID, commune_id: CommuneId, *, now: datetime) -> int:
        """Take from all readers what is past its hour and not held; give how many.

        A hold that comes later finds them gone.
        """
        async with self._database.transaction() as t:
            await t.execute(SQL["lock_holds"])
            holds = [read_hold(row) for row in await t.rows(SQL["holds_in_force"], commune_id)]
            rows = await t.rows(SQL["due"], volume, now, BATCH)
            gone = due(map(read_segment, rows), holds, now=now)
            await t.execute(SQL["doom"], [one.id for one in gone], now, Why.RETENTION.value)
        return len(gone)

    async def doom_oldest(
        self, volume: UUID, commune_id: CommuneId, *, bytes_wanted: int, now: datetime
    ) -> Sequence[Segment]:
        """Take the oldest that are not held from all readers, so that the disk has room."""
        async with self._database.transaction() as t:
            await t.execute(SQL["lock_holds"])
            holds = [read_hold(row) for row in await t.rows(SQL["holds_in_force"], commune_id)]
            rows = await t.rows(SQL["oldest"], volume, BATCH)
            gone = to_make_room(map(read_segment, rows), holds, bytes_wanted=bytes_wanted)
            await t.execute(SQL["doom"], [one.id for one in gone], now, Why.ROOM.value)
        return gone

    async def doomed(self, volume: UUID) -> list[Doomed]:
        """Some of the files that are to go."""
        rows = await self._database.rows(SQL["doomed"], volume, BATCH)
        return [Doomed(row["id"], row["path"], Why(row["doomed_why"])) for row in rows]

    async def destroyed(self, ids: Collection[SegmentId], *, why: Why, at: datetime) -> None:
        async with self._database.transaction() as t:
            await t.execute(SQL["destroyed"], list(ids), at, why.value)

    async def overdue(self, volume: UUID, *, now: datetime) -> tuple[int, datetime | None]:
        """How many are past their hour and still there, and since when the first of them is."""
        row = await self._database.row(SQL["overdue"], volume, now)
        return (row["count"], row["since"]) if row else (0, None)

    async def sign_receipts(
        self, volume: UUID, commune_id: CommuneId, *, sign: Callable[[bytes], bytes], now: datetime
    ) -> int:
        """Write and sign what was destroyed on the days before this one, UTC; give how many."""
        today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        rows = await self._database.rows(SQL["sources_to_sign"], volume, today, BATCH)
        total = 0
        for source in [row["source"] for row in rows]:
            async with self._database.transaction() as t:
                gone = await t.rows(SQL["to_sign"], volume, source, today)
                for receipt in receipts_of(commune_id, source, map(read_destroyed, gone)):
                    await add_receipt(t, receipt, sign=sign, at=now)
                    total += 1
                await t.execute(SQL["forget"], [row["id"] for row in gone])
        return total

    # What becomes of the volume

    async def full_at(
        self, volume: UUID, commune_id: CommuneId, *, bytes_free: int, now: datetime
    ) -> datetime | None:
        """When the volume will be full, going by the last day; None: it will not."""
        decided = await self._database.row(SQL["decision"], commune_id)
        if decided is None or decided["days"] is None:
            return None
        came = await self._database.row(SQL["came"], volume, now - timedelta(days=1))
        if came is None or came["since"] is None:
            return None
        lasted_s = max((now - came["since"]).total_seconds(), SHORTEST_LOOK_S)
        going = await self._database.rows(SQL["to_come"], volume)
        return full_at(
            [(row["at"], row["size"]) for row in going],
            now=now,
            bytes_free=bytes_free,
            bytes_per_s=came["size"] / lasted_s,
            keep=timedelta(days=decided["days"]),
        )

    async def note_volume(self, seen: SeenVolume, *, at: datetime) -> None:
        async with self._database.transaction() as t:
            room = (seen.bytes_free, seen.bytes_total, seen.full_at)
            values = (seen.commune_id, seen.holder, *room, seen.trouble.value, seen.overdue, at)
            await t.execute(SQL["note_volume"], seen.id, *values)


async def add_receipt(
    t: Transaction, receipt: Receipt, *, sign: Callable[[bytes], bytes], at: datetime
) -> None:
    """Store it, signed, with its hash in the register."""
    receipt_id, body = ReceiptId(uuid4()), receipt.canonical()
    values = (receipt.commune_id, receipt.source, receipt.day, body, sign(body), at)
    await t.execute(SQL["sign"], receipt_id, *values)
    t.enter(_destroyed_entry(receipt_id, receipt, at))


def _destroyed_entry(receipt_id: ReceiptId, receipt: Receipt, at: datetime) -> Entry:
    return Entry(
        at=at,
        actor="system",
        action=Action.RECORDINGS_DESTROYED,
        about=f"recordings:{receipt.source}",
        commune_id=receipt.commune_id,
        data={
            "receipt": str(receipt_id),
            "sha256": sha256(receipt.canonical()).hexdigest(),
            "day": receipt.day.isoformat(),
            "count": len(receipt.destroyed),
            "bytes": receipt.size,
        },
    )


def read_destroyed(row: Row) -> Destroyed:
    return Destroyed(
        segment_id=row["id"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        size=row["size"],
        sha256=row["sha256"].hex() if row["sha256"] else "",
        destroyed_at=row["destroyed_at"],
        why=Why(row["destroyed_why"]),
    )


def _known(row: Row, files: int) -> Known:
    host = row["holder"].partition("@")[2].partition("/")[0] if row["holder"] else None
    return Known(
        claim=Claim(volume=row["volume"], files=files, host=host, seen_at=row["seen_at"]),
        path=row["path"],
        is_closed=row["is_closed"],
        is_doomed=row["is_doomed"],
        is_destroyed=row["is_destroyed"],
    )


def read_segment(row: Row) -> Segment:
    return Segment(
        id=row["id"],
        commune_id=row["commune_id"],
        stream_id=row["stream_id"],
        camera_id=row["camera_id"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        keep_days=row["keep_days"],
        size=row["size"],
        taken_by=row["taken_by"],
        is_open=row["sha256"] is None,
    )


def read_hold(row: Row) -> Hold:
    return Hold(
        id=row["id"],
        commune_id=row["commune_id"],
        requisition=row["requisition"],
        sources=frozenset(row["sources"]),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        placed_at=row["placed_at"],
        placed_by=row["placed_by"],
        lifted_at=row["lifted_at"],
        lifted_by=row["lifted_by"],
        lifted_because=row["lifted_because"],
    )
