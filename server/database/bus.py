"""The Bus on PostgreSQL: an outbox in commit order, NOTIFY to wake, cursors that survive."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from domain.errors import Invalid, Unavailable
from domain.facts import Fact, from_json
from server.bus import FellBehind, Numbered
from server.database.listening import Listener
from server.database.pool import Database
from server.database.statements import load

logger = logging.getLogger(__name__)

SQL = load("bus")
BATCH = 500  # rows in one read
SAFETY_NET_S = 0.5  # a lost NOTIFY delays a fact by no more than this
KEPT_FOR = timedelta(days=1)  # facts that everybody has read
KEPT_AT_MOST = timedelta(days=7)  # facts that a subscriber, long gone, has not, by default


@dataclass(frozen=True, slots=True)
class PgDelivered:
    """A fact from the outbox, to be acknowledged once the work it asks for is stored."""

    seq: int
    fact: Fact
    _bus: "PgBus"
    _durable: str

    async def ack(self) -> None:
        """Raises ``Unavailable``: then the fact comes again."""
        async with self._bus.database.transaction() as t:
            await t.execute(SQL["move_cursor"], self._durable, self.seq)


class Following:
    """Facts from the moment it was made, in order, out of a queue with a bound."""

    def __init__(self, most_waiting: int) -> None:
        self._waiting: asyncio.Queue[Numbered | None] = asyncio.Queue(most_waiting)
        self._fell_behind = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Numbered:
        numbered = None if self._fell_behind else await self._waiting.get()
        if numbered is None:
            raise FellBehind("facts were missed: read a snapshot")
        return numbered

    def tell(self, numbered: Numbered) -> None:
        if not self._fell_behind and self._waiting.full():
            self.fall_behind()
        elif not self._fell_behind:
            self._waiting.put_nowait(numbered)

    def fall_behind(self) -> None:
        self._fell_behind = True
        if self._waiting.empty():
            self._waiting.put_nowait(None)  # it may be asleep


class PgBus:
    """Publish, subscribe and follow. ``run`` must run for followers and for quick waking."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._followers: set[Following] = set()
        self._woken: set[asyncio.Event] = set()

    async def run(self) -> None:
        """Listen, and hand on what is stored to who follows, until cancelled."""
        listener = Listener(self.database.dsn, wake=self._wake)
        async with asyncio.TaskGroup() as group:
            group.create_task(listener.run(), name="bus-listener")
            group.create_task(self._hand_on(), name="bus-followers")

    async def publish(self, fact: Fact) -> None:
        """Return once ``fact`` is stored, in a transaction of its own.

        A fact that reports a change goes with the change: ``Transaction.publish``. Raises
        ``Unavailable``: it is not known to be stored, and publishing it again is safe.
        """
        async with self.database.transaction() as t:
            t.publish(fact)

    async def subscribe(self, *, durable: str) -> AsyncIterator[PgDelivered]:
        async def left_off() -> int:
            return await self.database.value(SQL["cursor"], durable) or 0

        async with aclosing(self._batches(left_off)) as batches:
            async for batch in batches:
                for numbered in batch:
                    yield PgDelivered(numbered.seq, numbered.fact, self, durable)

    @contextmanager
    def follow(self, *, most_waiting: int = 256) -> Iterator[Following]:
        follower = Following(most_waiting)
        self._followers.add(follower)
        try:
            yield follower
        finally:
            self._followers.discard(follower)

    async def prune(self, *, now: datetime, at_most: timedelta = KEPT_AT_MOST) -> int:
        """Drop facts that all have read, and those older than ``at_most``; give how many."""
        read_by_all = now - min(KEPT_FOR, at_most)
        async with self.database.transaction() as t:
            return await t.execute(SQL["prune"], read_by_all, now - at_most)

    def _wake(self) -> None:
        for event in self._woken:
            event.set()

    async def _hand_on(self) -> None:
        async def newest() -> int:
            seq: int = await self.database.value(SQL["newest"]) or 0
            for follower in self._followers:  # came before we knew where we are
                follower.fall_behind()
            return seq

        async with aclosing(self._batches(newest)) as batches:
            async for batch in batches:
                for numbered in batch:
                    for follower in self._followers:
                        follower.tell(numbered)

    async def _batches(self, start: Callable[[], Awaitable[int]]) -> AsyncGenerator[list[Numbered]]:
        """What comes after ``start``, for ever; it is asked until the database is there."""
        woken = asyncio.Event()
        self._woken.add(woken)
        try:
            cursor: int | None = None
            while True:
                woken.clear()
                try:
                    if cursor is None:
                        cursor = await start()
                    batch = await self._read_after(cursor)
                except Unavailable:
                    batch = []  # the safety net below asks again
                if batch:
                    yield batch
                    cursor = batch[-1].seq
                if len(batch) < BATCH:
                    await _wait(woken)
        finally:
            self._woken.discard(woken)

    async def _read_after(self, cursor: int) -> list[Numbered]:
        read = []
        for row in await self.database.rows(SQL["after"], cursor, BATCH):
            try:
                read.append(Numbered(row["seq"], from_json(row["body"])))
            except Invalid as error:  # of a newer release: its own processes understand it
                logger.warning("skipping fact %d: %s", row["seq"], error)
        return read


async def _wait(woken: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(SAFETY_NET_S):
            await woken.wait()
    except TimeoutError:
        return
