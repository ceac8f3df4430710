"""What a commune decides of its recordings: whether and how long, never this camera, hold these."""

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from datetime import date, datetime

from domain.errors import Conflict, NotFound
from domain.identifiers import CameraId, CommuneId, HoldId, PersonId, ReceiptId
from domain.recordings import BadHold, Hold, Retention
from domain.register import Action, Entry
from domain.volumes import SEEN_LATELY, VolumeState, VolumeTrouble
from server.database.columns import plain
from server.database.history import configured
from server.database.pool import Database, Row
from server.database.recordings import SQL, read_hold

MOST_RECEIPTS = 2000  # a month of a commune's sixty cameras


@dataclass(frozen=True, kw_only=True)
class Held:
    """What a hold keeps that is still there."""

    segments: int
    size: int


@dataclass(frozen=True, kw_only=True)
class SignedReceipt:
    """``body``: the bytes of `domain.receipts.Receipt.canonical`, which are signed."""

    id: ReceiptId
    day: date
    body: bytes
    signature: bytes
    signed_at: datetime


class RecordingRules:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def retention(self, commune_id: CommuneId) -> Retention | None:
        """The newest decision; None: there was none, and nothing is recorded."""
        row = await self._database.row(SQL["decision"], commune_id)
        return Retention(**row) if row else None

    async def decide(self, decision: Retention, *, by: PersonId, actor: str) -> None:
        """Record from now on, so long, or not at all; what was taken may go sooner, never later."""
        commune_id, at = decision.commune_id, decision.decided_at
        async with self._database.transaction() as t:
            before = await t.row(SQL["decision"], commune_id)
            if before is not None and before["days"] == decision.days:
                return
            if before is None and decision.days is None:
                return
            await t.execute(SQL["decide"], commune_id, decision.days, at, by)
            if decision.days is not None:
                await t.execute(SQL["shorten"], commune_id, decision.days)
            days = [before["days"] if before else None, decision.days]
            configured(
                t,
                "recording-retention",
                commune_id,
                commune_id=commune_id,
                actor=actor,
                at=at,
                data={"days": days},
            )

    async def never_recorded(self, commune_id: CommuneId) -> set[CameraId]:
        """The cameras that are kept out of the recorder."""
        rows = await self._database.rows(SQL["never_recorded"], commune_id)
        return {CameraId(row["id"]) for row in rows}

    async def set_never(
        self, camera_id: CameraId, never: bool, *, actor: str, at: datetime
    ) -> None:
        """Keep a camera out of the recorder, or let it in again. Raises ``NotFound``."""
        async with self._database.transaction() as t:
            row = await t.row(SQL["camera_locked"], camera_id)
            if row is None:
                raise NotFound("there is no such camera")
            if row["never_recorded"] == never:
                return
            await t.execute(SQL["set_never"], camera_id, never)
            configured(
                t,
                "camera",
                camera_id,
                commune_id=row["commune_id"],
                actor=actor,
                at=at,
                data={"never_recorded": [not never, never]},
            )

    # Holds

    async def hold(self, hold_id: HoldId) -> Hold:
        """Raises ``NotFound``."""
        row = await self._database.row(SQL["hold"], hold_id)
        if row is None:
            raise NotFound("there is no such hold")
        return read_hold(row)

    async def holds_with_what_they_keep(
        self, communes: Collection[CommuneId]
    ) -> list[tuple[Hold, Held]]:
        """In force or lifted, the newest first."""
        rows = await self._database.rows(SQL["holds_kept"], [*communes])
        return [(read_hold(row), Held(segments=row["count"], size=row["size"])) for row in rows]

    async def held(self, hold: Hold) -> Held:
        values = (hold.commune_id, [*hold.sources], hold.starts_at, hold.ends_at)
        row = await self._database.row(SQL["held_now"], *values)
        return Held(segments=row["count"], size=row["size"]) if row else Held(segments=0, size=0)

    async def place(self, hold: Hold, *, actor: str) -> Hold:
        """Keep what it names from now on; the same once more gives the stored one.

        Raises ``BadHold`` for hours that no requisition names, or a source that is not the
        commune's; ``Conflict`` for an id that is of another hold, or of one that was lifted.
        """
        hold = hold.placed()
        async with self._database.transaction() as t:
            sources = [*hold.sources]
            known = {row["id"] for row in await t.rows(SQL["sources_of"], hold.commune_id, sources)}
            if strange := hold.sources - known:
                raise BadHold(f"{len(strange)} of the cameras are not this commune's")
            values = (hold.commune_id, hold.requisition, sources, hold.starts_at, hold.ends_at)
            added = await t.value(SQL["place"], hold.id, *values, hold.placed_at, hold.placed_by)
            if added is not None:
                t.enter(_entry(Action.HOLD_PLACED, hold, actor, hold.placed_at, plain(hold)))
        stored = await self.hold(hold.id)
        if replace(stored, placed_at=hold.placed_at, placed_by=hold.placed_by) != hold:
            raise Conflict("this id is of another hold, or of one that was lifted")
        return stored

    async def lift(
        self, hold_id: HoldId, *, by: PersonId, because: str, actor: str, at: datetime
    ) -> Hold:
        """Let go what it kept: what is past its hour goes. Raises ``NotFound``, ``HoldLifted``."""
        async with self._database.transaction() as t:
            row = await t.row(SQL["hold_locked"], hold_id)
            if row is None:
                raise NotFound("there is no such hold")
            lifted = read_hold(row).lift(by=by, because=because, at=at)
            await t.execute(SQL["lift"], hold_id, at, by, because)
            t.enter(_entry(Action.HOLD_LIFTED, lifted, actor, at, {"because": because}))
        return lifted

    # Volumes and receipts

    async def volumes(self, communes: Collection[CommuneId]) -> list[VolumeState]:
        """As the media processes last saw them."""
        rows = await self._database.rows(SQL["volumes"], [*communes], None)
        return [read_volume(row) for row in rows]

    async def volumes_to_watch(self, *, at: datetime) -> list[VolumeState]:
        """Of all communes: those that are seen, and those that have recordings and are not."""
        rows = await self._database.rows(SQL["volumes"], None, at - SEEN_LATELY)
        return [read_volume(row) for row in rows]

    async def receipts(
        self, commune_id: CommuneId, *, first: date, last: date
    ) -> list[SignedReceipt]:
        """Those of some days, the newest first."""
        rows = await self._database.rows(SQL["receipts"], commune_id, first, last, MOST_RECEIPTS)
        return [_receipt(row) for row in rows]


def read_volume(row: Row) -> VolumeState:
    said = {field.name: row[field.name] for field in fields(VolumeState)}
    return VolumeState(**{**said, "trouble": VolumeTrouble(row["trouble"])})


def _receipt(row: Row) -> SignedReceipt:
    return SignedReceipt(
        id=row["id"],
        day=row["day"],
        body=row["body"],
        signature=row["signature"],
        signed_at=row["signed_at"],
    )


def _entry(action: Action, hold: Hold, actor: str, at: datetime, data: dict[str, object]) -> Entry:
    return Entry(
        at=at,
        actor=actor,
        action=action,
        about=f"hold:{hold.id}",
        commune_id=hold.commune_id,
        motive=hold.requisition,
        data=data,
    )
