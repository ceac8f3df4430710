"""The Bus on PostgreSQL: nothing lost, nothing out of order, whoever is killed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from domain.facts import AlertRaised, Fact, MediaStarted
from server.bus import FellBehind
from server.database.bus import PgBus
from server.database.pool import Database
from server.supervision import supervise

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LIMIT_S = 60.0


def a_fact() -> Fact:
    return AlertRaised(at=NOW, commune_id=uuid4(), alert_id=uuid4())


@asynccontextmanager
async def running(bus: PgBus) -> AsyncIterator[PgBus]:
    def failed() -> None:
        raise AssertionError("the bus died")

    async with supervise({"bus": bus.run}, on_failure=failed):
        yield bus


async def take(bus: PgBus, durable: str, count: int) -> list[UUID]:
    """The ids of the next ``count`` facts, acknowledged."""
    taken: list[UUID] = []
    async with asyncio.timeout(LIMIT_S):
        async for delivered in bus.subscribe(durable=durable):
            taken.append(delivered.fact.id)
            await delivered.ack()
            if len(taken) == count:
                break
    return taken


async def test_a_fact_comes_back_as_it_was_published(database: Database) -> None:
    bus, fact = PgBus(database), a_fact()
    await bus.publish(fact)

    async with asyncio.timeout(LIMIT_S):
        async for delivered in bus.subscribe(durable="one"):
            assert delivered.fact == fact
            break


async def test_every_subscriber_hears_everything_in_one_order(database: Database) -> None:
    bus = PgBus(database)
    async with running(bus), asyncio.TaskGroup() as group:
        hearing = [group.create_task(take(bus, f"subscriber-{n}", 400)) for n in range(3)]
        facts = [a_fact() for _ in range(400)]
        for start in range(0, 400, 20):
            group.create_task(publish_each(bus, facts[start : start + 20]))

    heard = [task.result() for task in hearing]
    assert heard[0] == heard[1] == heard[2]
    assert set(heard[0]) == {fact.id for fact in facts}


async def publish_each(bus: PgBus, facts: list[Fact]) -> None:
    for fact in facts:
        await bus.publish(fact)


async def test_a_subscriber_goes_on_where_it_left_off(database: Database) -> None:
    bus, facts = PgBus(database), [a_fact() for _ in range(5)]
    for fact in facts:
        await bus.publish(fact)
    await take(bus, "one", 2)

    assert await take(PgBus(database), "one", 3) == [fact.id for fact in facts[2:]]


async def test_what_was_not_acknowledged_comes_again(database: Database) -> None:
    bus, fact = PgBus(database), a_fact()
    await bus.publish(fact)
    async with asyncio.timeout(LIMIT_S):
        async for delivered in bus.subscribe(durable="one"):
            assert delivered.fact.id == fact.id
            break

    assert await take(bus, "one", 1) == [fact.id]


async def test_the_same_fact_published_twice_is_told_once(database: Database) -> None:
    bus, fact, other = PgBus(database), a_fact(), a_fact()
    for one in (fact, fact, other):
        await bus.publish(one)

    assert await take(bus, "one", 2) == [fact.id, other.id]


async def test_a_transaction_that_fails_tells_nothing(database: Database) -> None:
    bus, told = PgBus(database), a_fact()

    async def fail() -> None:
        async with database.transaction() as t:
            t.publish(a_fact())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    await bus.publish(told)

    assert await take(bus, "one", 1) == [told.id]


async def test_a_follower_hears_what_is_published_from_now_on(database: Database) -> None:
    bus, before = PgBus(database), a_fact()
    await bus.publish(before)
    async with running(bus), asyncio.timeout(LIMIT_S):
        heard = await follow_one(bus)

    assert heard.kind == "media-started"


async def follow_one(bus: PgBus) -> Fact:
    """Follow until a fact published meanwhile is heard: from then on nothing is missed."""
    while True:
        with bus.follow() as facts:
            await bus.publish(MediaStarted(at=NOW, commune_id=None, holder="media@here"))
            try:
                return (await anext(facts)).fact
            except FellBehind:  # entered before the bus knew where it was
                continue


async def test_a_follower_that_does_not_listen_falls_behind_alone(database: Database) -> None:
    bus = PgBus(database)
    async with running(bus), asyncio.timeout(LIMIT_S):
        await follow_one(bus)
        with bus.follow(most_waiting=2) as asleep, bus.follow() as awake:
            for _ in range(4):
                await bus.publish(a_fact())
            for _ in range(4):
                await anext(awake)

            with pytest.raises(FellBehind):
                await anext(asleep)


async def test_pruning_keeps_what_a_subscriber_has_not_read(database: Database) -> None:
    bus = PgBus(database)
    for _ in range(3):
        await bus.publish(a_fact())
    await take(bus, "slow", 1)

    assert await bus.prune(now=NOW + timedelta(hours=1)) == 0
    assert await bus.prune(now=NOW + timedelta(days=2)) == 1
    assert await bus.prune(now=NOW + timedelta(days=8), at_most=timedelta(days=9)) == 0
    assert await bus.prune(now=NOW + timedelta(days=8)) == 2
