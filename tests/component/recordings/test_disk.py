"""A disk's threads: what is asked of them when they end, and afterwards."""

import asyncio
import threading

import pytest

from domain.errors import Unavailable
from server.recordings.disk import DiskThreads


async def test_what_was_asked_before_the_end_is_done_and_nothing_is_asked_after_it() -> None:
    disk, may_end = DiskThreads("disk"), threading.Event()
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        both = [group.create_task(disk.do(may_end.wait)) for _ in range(2)]
        await asyncio.sleep(0)  # both have asked
        disk.close()
        with pytest.raises(Unavailable):
            await disk.do(may_end.wait)
        may_end.set()

    assert [one.result() for one in both] == [True, True]


async def test_threads_that_never_began_end_too() -> None:
    disk = DiskThreads("disk", threads=2)
    disk.close()

    async with asyncio.timeout(60):
        with pytest.raises(Unavailable):
            await disk.do(threading.get_ident)
