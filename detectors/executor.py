"""Keeps heavy work off the event loop: decoding in one set of threads, inference in another."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Self


class Worker:
    """Threads for one sort of work, first come first served.

    Each camera asks for one piece of work at a time, so the queue is never longer than the number
    of cameras, and no camera gets a second turn before the others had their first.
    """

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool

    @classmethod
    @contextmanager
    def of(cls, name: str, *, threads: int = 1) -> Iterator[Self]:
        """Run ``threads`` threads until the block ends; it waits for what they are doing."""
        with ThreadPoolExecutor(threads, thread_name_prefix=name) as pool:
            try:
                yield cls(pool)
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    async def run[T](self, work: Callable[[], T]) -> T:
        """Do ``work`` in a thread and return its result. Cancelled, its result is thrown away."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)
