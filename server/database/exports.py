"""What is taken out of the recordings: noted in the register first, and what became of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from domain.errors import Conflict, NotFound, TooMany
from domain.exports import Export, Kind, State, again_at
from domain.identifiers import CommuneId, ExportId, PlaybackId
from domain.register import Action, Entry
from server.database.pool import Database, Row
from server.database.statements import load

SQL = load("exports")
MOST_WAITING = 3
"""Clips of one person that are not made yet: each may be an hour long."""
AGAIN_AFTER_S = 30


@dataclass(frozen=True, kw_only=True)
class Exported:
    """An export and what became of it; what is None comes when it is ready.

    ``reason``: why it failed, or what hinders it so that it is tried again ``try_at``.
    """

    export: Export
    state: State
    reason: str
    try_at: datetime | None
    made_at: datetime | None
    keep_until: datetime | None
    size: int | None
    sha256: bytes | None
    manifest: bytes | None
    signature: bytes | None


class Exports:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, export: Export, *, actor: str) -> Exported:
        """Write in the register who takes out what and why; the same once more changes nothing.

        Raises ``Conflict`` for an id that is another's, ``TooMany`` for one clip too many.
        """
        state = State.WAITING if export.kind is Kind.CLIP else State.READY
        async with self._database.transaction() as t:
            await t.execute(SQL["lock_waiting"])
            row = await t.row(SQL["get"], export.id)
            if row is not None:
                if replace(_export(row), asked_at=export.asked_at) != export:
                    raise Conflict("this id is of another export")
                return _known(row)
            if export.kind is Kind.CLIP:
                waiting = await t.value(SQL["count_waiting"], export.person_id)
                if waiting >= MOST_WAITING:
                    raise TooMany(
                        f"{waiting} clips of yours are being made; wait for one",
                        retry_after_s=AGAIN_AFTER_S,
                    )
            who = (export.commune_id, export.source, export.playback_id, export.person_id)
            hours = (export.starts_at, export.ends_at, export.asked_at)
            values = (export.id, export.kind.value, *who, export.motive, *hours, state.value)
            await t.execute(SQL["add"], *values)
            action = Action.CLIP_EXPORTED if export.kind is Kind.CLIP else Action.STILL_EXPORTED
            t.enter(_entry(export, action, actor=actor, at=export.asked_at, motive=export.motive))
        return await self.get(export.id)

    async def get(self, export_id: ExportId) -> Exported:
        """Raises ``NotFound``."""
        row = await self._database.row(SQL["get"], export_id)
        if row is None:
            raise NotFound("there is no such export")
        return _known(row)

    async def fetched(self, export: Export, *, actor: str, at: datetime) -> None:
        async with self._database.transaction() as t:
            t.enter(_entry(export, Action.CLIP_FETCHED, actor=actor, at=at))

    async def take_next(self, *, now: datetime) -> Export | None:
        """The clip to be made now; None: none waits, or those that do are tried later."""
        async with self._database.transaction() as t:
            row = await t.row(SQL["next"], now)
            if row is None:
                return None
            await t.execute(SQL["begin"], row["id"])
        return _export(row)

    async def ready(
        self,
        export: Export,
        *,
        at: datetime,
        keep_until: datetime,
        size: int,
        sha256: bytes,
        manifest: bytes,
        signature: bytes,
    ) -> None:
        async with self._database.transaction() as t:
            values = (at, keep_until, size, sha256, manifest, signature)
            await t.execute(SQL["ready"], export.id, *values)
            made = {"sha256": sha256.hex(), "bytes": size, "keep_until": keep_until.isoformat()}
            t.enter(_entry(export, Action.CLIP_MADE, actor="system", at=at, more=made))

    async def failed(self, export: Export, *, reason: str, at: datetime) -> None:
        async with self._database.transaction() as t:
            await t.execute(SQL["failed"], export.id, reason, at)

    async def put_off(self, export: Export, *, reason: str, at: datetime) -> bool:
        """It can't be made just now: give whether it is tried again, or has failed for good."""
        async with self._database.transaction() as t:
            again = again_at(await t.value(SQL["failing"], export.id, at), now=at)
            if again is None:
                await t.execute(SQL["failed"], export.id, reason, at)
            else:
                await t.execute(SQL["again"], export.id, reason, again)
        return again is not None

    async def due(self, *, now: datetime) -> list[Export]:
        """Clips whose hour has come, some of them."""
        return [_export(row) for row in await self._database.rows(SQL["due"], now)]

    async def kept(self, ids: Collection[ExportId]) -> set[ExportId]:
        """Which of these clips have a file that is to be there."""
        return {ExportId(row["id"]) for row in await self._database.rows(SQL["kept"], [*ids])}

    async def gone(self, export: Export, *, at: datetime) -> None:
        """Its file is destroyed."""
        async with self._database.transaction() as t:
            await t.execute(SQL["gone"], export.id)
            t.enter(_entry(export, Action.PURGED, actor="system", at=at))


def _entry(
    export: Export,
    action: Action,
    *,
    actor: str,
    at: datetime,
    motive: str = "",
    more: Mapping[str, object] | None = None,
) -> Entry:
    return Entry(
        at=at,
        actor=actor,
        action=action,
        about=f"{export.kind.value}:{export.id}",
        commune_id=export.commune_id,
        motive=motive,
        data={
            "source": str(export.source),
            "playback": str(export.playback_id),
            "from": export.starts_at.isoformat(),
            "until": export.ends_at.isoformat(),
            **(more or {}),
        },
    )


def _export(row: Row) -> Export:
    return Export(
        id=ExportId(row["id"]),
        kind=Kind(row["kind"]),
        commune_id=CommuneId(row["commune_id"]),
        source=row["source"],
        playback_id=PlaybackId(row["playback_id"]),
        person_id=row["person_id"],
        motive=row["motive"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        asked_at=row["asked_at"],
    )


def _known(row: Row) -> Exported:
    return Exported(
        export=_export(row),
        state=State(row["state"]),
        reason=row["reason"],
        try_at=row["try_at"],
        made_at=row["made_at"],
        keep_until=row["keep_until"],
        size=row["size"],
        sha256=row["sha256"],
        manifest=row["manifest"],
        signature=row["signature"],
    )
