"""Keeps heavy work off the event loop, and shares the threads out fairly between cameras."""

import asyncio
import os
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from enum import Enum
from typing import Self

from detectors.priority import STEPS_BEHIND
from domain.fair_share import FairShare


class Worker:
    """Threads for decoding and looking, by turns as `domain.fair_share` gives them.

    Each camera asks for one turn at a time, so the queue is never longer than the number of
    cameras.
    """

    def __init__(self, pool: ThreadPoolExecutor, threads: int) -> None:
        self._pool = pool
        self._share: FairShare[asyncio.Future[None]] = FairShare(threads)

    @classmethod
    @contextmanager
    def of(cls, name: str, *, threads: int = 1, is_last: bool = False) -> Iterator[Self]:
        """Run ``threads`` threads until the block ends; it waits for what they are doing.

        ``is_last``: they go behind the others, with a tenth of what those have on a full processor.
        """
        begin = _step_back if is_last else None
        with ThreadPoolExecutor(threads, thread_name_prefix=name, initializer=begin) as pool:
            try:
                yield cls(pool, threads)
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    async def run[T](self, work: Callable[[], T], *, begun: bool = False) -> T:
        """Wait for a turn, do ``work`` in a thread and return its result.

        ``begun``: it goes on with a look. Cancelled, its result is thrown away.
        """
        async with self.turn(begun=begun):
            return await self.in_turn(work)

    @asynccontextmanager
    async def turn(self, *, begun: bool = False) -> AsyncIterator[None]:
        """Wait for a turn, and have it for the block: what is taken in there is the newest."""
        given: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._share.ask(given, begun=begun)
        self._give()
        try:
            await given
            yield
        finally:
            if not self._share.withdraw(given):
                self._share.free()
                self._give()

    async def in_turn[T](self, work: Callable[[], T]) -> T:
        """Do ``work`` in a thread; only for who has a turn."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    async def each[T](self, reading: Generator[T]) -> AsyncGenerator[T]:
        """Give what ``reading`` gives, each in a turn.

        Who asks closes this (``aclosing``); ``reading`` is closed in a thread then, when the step
        that is under way is over.
        """
        stepping = threading.Lock()  # who is cancelled leaves a step behind, which still runs

        def step() -> T | _End:
            with stepping:
                return next(reading, _End.END)

        def close() -> None:
            with stepping:
                reading.close()

        try:
            while not isinstance(one := await self.run(step), _End):
                yield one
        finally:
            await self.run(close, begun=True)

    def _give(self) -> None:
        while (given := self._share.give()) is not None:
            if not given.done():
                given.set_result(None)


class _End(Enum):
    END = "end"


def _step_back() -> None:
    # Linux knows one for each thread. Whoever needs the interpreter's lock waits for it, too.
    os.nice(STEPS_BEHIND)
