"""Whose turn it is to dial: many cameras may be down, and those that are up do not wait for them.

A turn ends when the camera plays or has failed, and after a second at the latest: one that hangs
holds up nobody. Who failed before has turns of another, smaller number. A host that is many cameras
(a recorder, a gateway) is dialled by few of them at a time.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

MOST, MOST_AGAIN, MOST_OF_A_HOST = 32, 8, 4
TURN_S = 1.0


class Dials:
    """Shared by all cameras of a process."""

    def __init__(self) -> None:
        self._first = asyncio.Semaphore(MOST)
        self._again = asyncio.Semaphore(MOST_AGAIN)
        self._hosts: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, host: str, *, again: bool) -> AsyncIterator[None]:
        """Wait for a turn. ``again``: the last attempt failed."""
        of_host = self._hosts.setdefault(host, asyncio.Semaphore(MOST_OF_A_HOST))
        turn = _Turn(of_host, self._again if again else self._first)
        await turn.begin()
        try:
            yield
        finally:
            turn.end()


class _Turn:
    def __init__(self, *places: asyncio.Semaphore) -> None:
        self._places = places
        self._held: list[asyncio.Semaphore] = []
        self._timer: asyncio.TimerHandle | None = None

    async def begin(self) -> None:
        try:
            for place in self._places:
                await place.acquire()
                self._held.append(place)
        except BaseException:
            self.end()  # cancelled while it waited for the second
            raise
        self._timer = asyncio.get_running_loop().call_later(TURN_S, self.end)

    def end(self) -> None:
        """Once; what is held is given back."""
        if self._timer is not None:
            self._timer.cancel()
        while self._held:
            self._held.pop().release()
