"""A thread with an event loop of its own, for what cameras answer.

Reading XML of a camera that means harm takes tenths of a second of Python; the process's own loop
sends pictures in the meantime.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager

END_S = 3.0


class Apart:
    """Made by `apart`."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    async def do[T](self, work: Coroutine[None, None, T]) -> T:
        """Run ``work`` there and give what it gives; cancelling this cancels it."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))


@asynccontextmanager
async def apart() -> AsyncIterator[Apart]:
    """What still runs at the end is cancelled, and has `END_S` to end."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=_run, args=(loop,), name="onvif", daemon=True)
    thread.start()
    try:
        yield Apart(loop)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        await asyncio.to_thread(thread.join, END_S)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.close()
