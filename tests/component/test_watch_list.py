"""The watch list: a burst of facts is read once, and what a fact says is heard soon after it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from domain.facts import CameraChanged
from server.bus import Numbered
from server.database.bus import Following
from server.pipeline import Watched
from server.watch_list import APART_S, followed
from tests.component.hours import Loop, run
from tests.component.watching import ACT, QUAY, watched

START = datetime(2026, 12, 1, tzinfo=UTC)
FACTS, EVERY_S = 200, 0.01


class World:
    """A list that changes with each fact, and what was read of it: when, and after which fact."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.said_at: list[float] = []
        self.read_at: list[tuple[float, int]] = []

    def clock(self) -> datetime:
        return START + timedelta(seconds=self.loop.time())

    async def read(self) -> list[Watched]:
        self.read_at.append((self.loop.time(), len(self.said_at)))
        return [watched()]

    @contextmanager
    def follow(self) -> Iterator[Following]:
        self.facts = Following(2 * FACTS)
        yield self.facts

    def say(self) -> None:
        self.said_at.append(self.loop.time())
        fact = CameraChanged(at=START, commune_id=ACT.commune_id, camera_id=QUAY)
        self.facts.tell(Numbered(len(self.said_at), fact))

    async def follow_list(self) -> None:
        async for _ in followed(self.read, self, clock=self.clock):
            pass

    async def live(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            following = tasks.create_task(self.follow_list())
            await asyncio.sleep(5.0)
            for _ in range(FACTS):
                self.say()
                await asyncio.sleep(EVERY_S)
            await asyncio.sleep(5.0)
            following.cancel()


def test_a_burst_of_facts_is_read_a_few_times_and_each_fact_is_heard_soon() -> None:
    loop = Loop()
    world = World(loop)
    run(loop, world.live())

    assert len(world.read_at) <= 1 + 1 + FACTS * EVERY_S / APART_S + 1
    for number, said_at in enumerate(world.said_at, start=1):
        heard_at = next(at for at, heard in world.read_at if heard >= number)
        assert heard_at - said_at <= APART_S
    first_heard_at = world.read_at[1][0]
    assert first_heard_at == world.said_at[0]
