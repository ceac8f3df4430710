"""What is read step by step in a worker's threads: it is closed there, whoever stops asking."""

import asyncio
import os
import threading
from collections.abc import Generator
from contextlib import aclosing
from dataclasses import dataclass, field

import pytest

from detectors.executor import Worker
from detectors.priority import STEPS_BEHIND

LOWEST = 19


@dataclass
class Reading:
    """Its second step lasts until it is let go on; in which thread it was closed."""

    begun: threading.Event = field(default_factory=threading.Event)
    may_go_on: threading.Event = field(default_factory=threading.Event)
    closed_in: list[str] = field(default_factory=list)

    def steps(self) -> Generator[int]:
        try:
            yield 1
            self.begun.set()
            assert self.may_go_on.wait(60)
            yield 2
        finally:
            self.closed_in.append(threading.current_thread().name)


async def test_who_stops_asking_has_it_closed_in_a_thread() -> None:
    reading = Reading()
    with Worker.of("reader") as worker:
        async with aclosing(worker.each(reading.steps())) as given:
            assert await anext(given) == 1
        assert reading.closed_in == ["reader_0"]


@pytest.mark.parametrize("threads", [1, 2])
async def test_who_is_cancelled_ends_when_the_step_is_over_and_it_is_closed(threads: int) -> None:
    reading = Reading()
    steps = reading.steps()

    async def read(worker: Worker) -> list[int]:
        async with aclosing(worker.each(steps)) as given:
            return [one async for one in given]

    with Worker.of("reader", threads=threads) as worker:
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            task = group.create_task(read(worker))
            assert await asyncio.to_thread(reading.begun.wait, 60)
            task.cancel()
            for _ in range(10):
                await asyncio.sleep(0)  # it has heard of it
            is_over_early = task.done()
            reading.may_go_on.set()

    assert not is_over_early
    assert task.cancelled()
    assert [name.startswith("reader") for name in reading.closed_in] == [True]


async def test_to_the_end_all_is_given() -> None:
    reading = Reading()
    reading.may_go_on.set()
    with Worker.of("reader") as worker:
        async with aclosing(worker.each(reading.steps())) as given:
            assert [one async for one in given] == [1, 2]
    assert len(reading.closed_in) == 1


async def test_what_goes_last_goes_behind_the_others_but_is_not_starved() -> None:
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    with Worker.of("reader", is_last=True) as worker:
        niceness = await worker.run(lambda: os.getpriority(os.PRIO_PROCESS, 0))

    assert niceness == min(usual + STEPS_BEHIND, LOWEST)
    assert os.getpriority(os.PRIO_PROCESS, 0) == usual
