"""What `push` is given: rows to send, and a channel."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from domain.errors import Unavailable
from push.channels import ChannelStatus
from push.outgoing import ChannelName, Delivery


@dataclass
class Row:
    """A row of the push table: its state and what led to it."""

    delivery: Delivery
    due_at: datetime
    state: str = "due"
    log: list[str] = field(default_factory=list)


class FakeOutgoing:
    """push.outgoing.Outgoing. ``answered`` holds what needs to ring no more."""

    def __init__(self) -> None:
        self.rows: dict[UUID, Row] = {}
        self.answered: set[UUID] = set()
        self.dropped: list[UUID] = []
        self.unavailable = 0
        self.asked = asyncio.Event()
        self.changed = asyncio.Condition()

    def add(self, delivery: Delivery, *, due_at: datetime) -> None:
        self.rows[delivery.id] = Row(delivery, due_at)

    async def wait_until(self, holds: Callable[[], bool]) -> None:
        async with self.changed:
            await self.changed.wait_for(holds)

    async def due(self, *, limit: int, now: datetime, hold: timedelta) -> Sequence[Delivery]:
        self.asked.set()
        self._answer()
        for row in self.rows.values():
            if row.state == "due" and row.delivery.about_id in self.answered:
                row.state = "arrived"
                await self._log(row, "answered")
        due = [row for row in self.rows.values() if row.state == "due" and row.due_at <= now]
        for row in (taken := sorted(due, key=lambda row: row.due_at)[:limit]):
            row.due_at = now + hold
        return [row.delivery for row in taken]

    async def accepted(
        self, delivery_id: UUID, *, channel: ChannelName, at: datetime, again_at: datetime
    ) -> None:
        self._answer()
        row = self._tried(delivery_id)
        row.delivery = replace(row.delivery, accepted_at=row.delivery.accepted_at or at)
        row.due_at = again_at
        await self._log(row, "accepted")

    async def failed(
        self, delivery_id: UUID, *, channel: ChannelName, error: str, retry_at: datetime
    ) -> None:
        self._answer()
        row = self._tried(delivery_id)
        row.due_at = retry_at
        await self._log(row, "failed")

    async def given_up(self, delivery_id: UUID, *, error: str) -> None:
        self._answer()
        row = self.rows[delivery_id]
        row.state = "failed"
        await self._log(row, "given up")

    async def expired(self, delivery_id: UUID) -> None:
        self._answer()
        row = self.rows[delivery_id]
        row.state = "expired"
        await self._log(row, "expired")

    async def drop_subscription(self, device_id: UUID, *, address: Mapping[str, str]) -> None:
        self._answer()
        self.dropped.append(device_id)

    async def waiting(self) -> int:
        return sum(row.state == "due" for row in self.rows.values())

    def _answer(self) -> None:
        if self.unavailable:
            self.unavailable -= 1
            raise Unavailable("the database does not answer")

    def _tried(self, delivery_id: UUID) -> Row:
        row = self.rows[delivery_id]
        row.delivery = replace(row.delivery, attempts=row.delivery.attempts + 1)
        return row

    async def _log(self, row: Row, what: str) -> None:
        async with self.changed:
            row.log.append(what)
            self.changed.notify_all()


class FakePush:
    """mobile_api.keys.Push: both channels on, every address good."""

    vapid_public_key: str | None = "BFakeKey"

    def __init__(self) -> None:
        self.tested: list[Mapping[str, str]] = []
        self.status = ChannelStatus(on=True)

    def channels(self) -> Mapping[ChannelName, ChannelStatus]:
        return {"web-push": self.status, "firebase": self.status}

    def check_address(self, channel: ChannelName, address: Mapping[str, str]) -> None:
        pass

    async def test(self, channel: ChannelName, address: Mapping[str, str]) -> None:
        self.tested.append(address)
