"""Volumes that are gone for good: declared so by a person, their recordings written off."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from domain.errors import NotFound
from domain.identifiers import CommuneId
from domain.receipts import Destroyed, Why, receipts_of
from domain.register import Action, Entry
from domain.volumes import Loss, VolumeState
from server.database.pool import Database, Row, Transaction
from server.database.recording_rules import read_volume
from server.database.recordings import BATCH, SQL, add_receipt, read_destroyed


class LostVolumes:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def loss(self, volume: UUID, commune_id: CommuneId) -> Loss:
        """What would be lost with it. Raises ``NotFound``."""
        async with self._database.transaction() as t:
            await _locked(t, volume, commune_id)
            return await _loss(t, volume)

    async def declare(
        self,
        volume: UUID,
        commune_id: CommuneId,
        *,
        shown: Loss,
        motive: str,
        actor: str,
        at: datetime,
    ) -> None:
        """It is gone, and what was on it. Raises ``NotFound``, ``VolumeSeen``, ``Conflict``."""
        async with self._database.transaction() as t:
            await t.execute(SQL["lock_holds"])
            state = await _locked(t, volume, commune_id)
            loss = await _loss(t, volume)
            loss.declared(state, shown=shown, now=at)
            await t.execute(SQL["declare_gone"], volume, at)
            t.enter(
                Entry(
                    at=at,
                    actor=actor,
                    action=Action.VOLUME_LOST,
                    about=f"volume:{volume}",
                    commune_id=commune_id,
                    motive=motive,
                    data={
                        "holder": state.holder,
                        "seen_at": state.seen_at.isoformat(),
                        "segments": loss.segments,
                        "held": loss.held,
                    },
                )
            )

    async def write_off(self, *, sign: Callable[[bytes], bytes], now: datetime) -> bool:
        """Write receipts of some of what is gone with a volume; give whether there is more.

        A volume that is seen again meanwhile keeps what is left of it; files that were written off
        are found on it as files that the index does not know.
        """
        async with self._database.transaction() as t:
            volume = await t.row(SQL["gone_volume"])
            if volume is None:
                return False
            rows = await t.rows(SQL["gone_with_it"], volume["id"], BATCH)
            if not rows:
                await t.execute(SQL["forget_volume"], volume["id"])
                return True
            gone = [_lost(row, volume["gone_at"]) for row in rows]
            for receipt in receipts_of(volume["commune_id"], rows[0]["source"], gone):
                await add_receipt(t, receipt, sign=sign, at=now)
            await t.execute(SQL["written_off"], [row["id"] for row in rows])
        return True


async def _locked(t: Transaction, volume: UUID, commune_id: CommuneId) -> VolumeState:
    row = await t.row(SQL["volume_locked"], volume, commune_id)
    if row is None:
        raise NotFound("there is no such volume of this commune")
    return read_volume(row)


async def _loss(t: Transaction, volume: UUID) -> Loss:
    row = await t.row(SQL["loss"], volume)
    return Loss(segments=row["segments"], held=row["held"]) if row else Loss(segments=0, held=0)


def _lost(row: Row, gone_at: datetime) -> Destroyed:
    if row["destroyed_at"] is not None:
        return read_destroyed(row)
    return Destroyed(
        segment_id=row["id"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        size=row["size"],
        sha256=row["sha256"].hex() if row["sha256"] else "",
        destroyed_at=gone_at,
        why=Why.VOLUME,
    )
