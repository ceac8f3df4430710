"""Waiting for what another process does, with a limit: it tells nobody when it has done it."""

import asyncio
from collections.abc import Awaitable, Callable

LIMIT_S = 120.0  # three processes, one with a model to load, on a machine that does much else
LOOK_EVERY_S = 0.05


async def eventually[T](look: Callable[[], Awaitable[T]], *, limit_s: float = LIMIT_S) -> T:
    """Give the first truthy result of ``look``; raise ``TimeoutError`` after ``limit_s``."""
    async with asyncio.timeout(limit_s):
        while not (found := await look()):  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(LOOK_EVERY_S)
    return found
