"""Who may negotiate now: a few at a time, some waiting, the others told to come back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from domain.streams import ManyConnecting

# A negotiation takes some 10 ms of the event loop, in pieces; between them packets have their turn.
_AT_ONCE = 2
_WAITING = 50
_WITHIN_S = 3.0
"""Control gives an answer 5 s."""


class Turns:
    """One per media process. ``max_connecting`` bounds who has an answer and is not there yet."""

    def __init__(self, *, max_connecting: int = 100) -> None:
        self._max_connecting = max_connecting
        self._free = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    @asynccontextmanager
    async def turn(self, *, connecting: int) -> AsyncIterator[None]:
        """Wait for a turn. Raises `ManyConnecting`, at once if too many wait already."""
        if self._waiting >= _WAITING or self._waiting + connecting >= self._max_connecting:
            raise ManyConnecting("many are connecting at this moment")
        self._waiting += 1
        try:
            async with asyncio.timeout(_WITHIN_S):
                await self._free.acquire()
        except TimeoutError:
            raise ManyConnecting("many are connecting at this moment") from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()
