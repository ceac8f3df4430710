"""Push messages that wait in the database: what the courier takes, and what became of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.facts import AlertSent, Fact, GuidanceChanged
from push.outgoing import ChannelName, Delivery
from server.database.columns import Clock, utc_now
from server.database.pool import Database, Row, Transaction
from server.database.statements import load

SQL = load("push_outbox")


class PushOutbox:
    """``push.outgoing.Outgoing`` on PostgreSQL. Screens are told when a message's fate changes."""

    def __init__(self, database: Database, *, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def due(self, *, limit: int, now: datetime, hold: timedelta) -> Sequence[Delivery]:
        """Take up to ``limit`` due messages; each is held until ``now + hold``."""
        async with self._database.transaction() as t:
            await t.execute(SQL["settle"], now)
            rows = await t.rows(SQL["due"], now, limit, now + hold)
        return [_read_delivery(row) for row in rows]

    async def accepted(
        self, delivery_id: UUID, *, channel: ChannelName, at: datetime, again_at: datetime
    ) -> None:
        async with self._database.transaction() as t:
            row = await t.row(SQL["accepted"], delivery_id, channel, at, again_at)
            if row is not None and row["attempts"] == 1:
                _tell(t, row, at)

    async def failed(
        self, delivery_id: UUID, *, channel: ChannelName, error: str, retry_at: datetime
    ) -> None:
        async with self._database.transaction() as t:
            await t.row(SQL["failed"], delivery_id, channel, error, retry_at)

    async def given_up(self, delivery_id: UUID, *, error: str) -> None:
        async with self._database.transaction() as t:
            _tell(t, await t.row(SQL["given_up"], delivery_id, error), self._clock())

    async def expired(self, delivery_id: UUID) -> None:
        async with self._database.transaction() as t:
            _tell(t, await t.row(SQL["expired"], delivery_id), self._clock())

    async def drop_subscription(self, device_id: UUID, *, address: Mapping[str, str]) -> None:
        async with self._database.transaction() as t:
            await t.execute(SQL["drop_subscription"], device_id, dict(address))

    async def waiting(self) -> int:
        return int(await self._database.value(SQL["waiting"]))


def _read_delivery(row: Row) -> Delivery:
    return Delivery(
        id=row["id"],
        device_id=row["device_id"],
        about_kind=row["about_kind"],
        about_id=row["about_id"],
        channel=row["reached_by"],
        address=row["address"] or {},
        attempts=row["attempts"],
        sent_at=row["sent_at"],
        expires_at=row["expires_at"],
        accepted_at=row["accepted_at"],
    )


def _tell(t: Transaction, row: Row | None, at: datetime) -> None:
    """Let screens read the alert or the guidance anew."""
    if row is None:
        return
    fact: Fact
    if row["about_kind"] == "alert":
        fact = AlertSent(at=at, commune_id=row["commune_id"], alert_id=row["about_id"])
    else:
        fact = GuidanceChanged(at=at, commune_id=row["commune_id"], guidance_id=row["about_id"])
    t.publish(fact)
