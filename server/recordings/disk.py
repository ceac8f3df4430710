"""Threads that wait for one disk, so that nobody else has to."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import Any

from domain.errors import Unavailable


class DiskThreads:
    """Some threads of one disk's own: one that hangs holds up that disk's work and no other.

    An executor of the standard library is waited for when the process ends; these end with it,
    also while a disk hangs. Whoever asks awaits the answer, so no more waits than ask at once.
    """

    def __init__(self, name: str, *, threads: int = 1) -> None:
        self._name, self._most = name, threads
        self._work: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._running = 0
        self._is_closed = False

    async def do[T](self, work: Callable[[], T]) -> T:
        """Run ``work`` in a thread. Cancelled before its turn, it is not begun.

        Raises ``Unavailable`` once they are closed: no thread would ever take it.
        """
        if self._is_closed:
            raise Unavailable(f"the threads of this disk have ended ({self._name})")
        future: Future[T] = Future()
        self._work.put((future, work))
        if self._running < self._most:
            self._running += 1
            Thread(target=self._run, name=self._name, daemon=True).start()
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Let the threads end when all they were asked for is done; what comes then is refused."""
        for _ in range(self._running):
            self._work.put(None)
        self._is_closed = True

    def _run(self) -> None:
        while (item := self._work.get()) is not None:
            future, work = item
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)
            del future, work, item  # a thread that waits holds nothing
