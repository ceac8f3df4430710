"""What one address may use of an edge, so that nobody who asks slowly keeps the others out.

An IPv6 subscriber's /64 counts as one address. A mobile network may have hundreds of phones behind
one IPv4 address: so nothing here counts what a device has shown its right to.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from domain.addresses import share_of
from server.edge.pool import WAIT_S, NobodyInside

AT_ONCE, WAITING = 32, 100
KEPT_IN_ALL, KEPT_OF_ADDRESS = 256 * 1024 * 1024, 64 * 1024 * 1024
UNCOUNTED = 16 * 1024
"""An answer of so few bytes is in the kernel's buffer at once."""
TAKEN_WITHIN_S, SLOWEST_BYTES_S = 30.0, 8 * 1024


@dataclass
class _Asking:
    free: asyncio.Semaphore
    wanted: int = 0


class Turns:
    """Requests of one address that are asked inside at the same time; some more wait for a turn."""

    def __init__(
        self, *, at_once: int = AT_ONCE, waiting: int = WAITING, wait_s: float = WAIT_S
    ) -> None:
        self._at_once, self._waiting, self._wait_s = at_once, waiting, wait_s
        self._asking: dict[str, _Asking] = {}

    @asynccontextmanager
    async def turn(self, address: str) -> AsyncIterator[None]:
        """Raises ``NobodyInside``."""
        share = share_of(address)
        asking = self._asking.setdefault(share, _Asking(asyncio.Semaphore(self._at_once)))
        if asking.wanted >= self._at_once + self._waiting:
            raise NobodyInside(busy=True)
        asking.wanted += 1
        try:
            try:
                async with asyncio.timeout(self._wait_s):
                    await asking.free.acquire()
            except TimeoutError:
                raise NobodyInside(busy=True) from None
            try:
                yield
            finally:
                asking.free.release()
        finally:
            asking.wanted -= 1
            if not asking.wanted:
                del self._asking[share]


@dataclass(eq=False)
class _Kept:
    share: str
    size: int
    give_up: Callable[[], None] = field(repr=False)


class Room:
    """For answers that have come and that phones have still to take.

    Who has taken the longest goes first: of the address whose share is used up, or of the one that
    has most when there is no room at all.
    """

    def __init__(self, *, in_all: int = KEPT_IN_ALL, of_address: int = KEPT_OF_ADDRESS) -> None:
        self._in_all, self._of_address = in_all, of_address
        self._kept: dict[str, dict[_Kept, None]] = {}
        self._sizes: dict[str, int] = {}

    @property
    def used(self) -> int:
        """Bytes."""
        return sum(self._sizes.values())

    @contextmanager
    def keep(self, address: str, size: int, *, give_up: Callable[[], None]) -> Iterator[None]:
        """``give_up`` is called when another answer needs the room, once at most."""
        if size <= UNCOUNTED:
            yield
            return
        kept = _Kept(share_of(address), size, give_up)
        self._make_room(kept)
        self._kept.setdefault(kept.share, {})[kept] = None
        self._sizes[kept.share] = self._sizes.get(kept.share, 0) + size
        try:
            yield
        finally:
            self._forget(kept)

    def _make_room(self, coming: _Kept) -> None:
        while (its := self._kept.get(coming.share)) and (
            self._sizes[coming.share] + coming.size > self._of_address
        ):
            self._drop(next(iter(its)))
        while self._sizes and self.used + coming.size > self._in_all:
            most = max(self._sizes, key=self._sizes.__getitem__)
            self._drop(next(iter(self._kept[most])))

    def _drop(self, kept: _Kept) -> None:
        self._forget(kept)
        kept.give_up()

    def _forget(self, kept: _Kept) -> None:
        its = self._kept.get(kept.share, {})
        if kept not in its:
            return
        del its[kept]
        self._sizes[kept.share] -= kept.size
        if not its:
            del self._kept[kept.share], self._sizes[kept.share]


class Pace:
    """How long a phone may take: ``within_s``, which it wins back by what it takes."""

    def __init__(
        self, *, within_s: float = TAKEN_WITHIN_S, slowest_bytes_s: float = SLOWEST_BYTES_S
    ) -> None:
        self._within_s, self._slowest_bytes_s = within_s, slowest_bytes_s
        self.left_s = within_s

    def took(self, size: int, *, seconds: float) -> None:
        won_s = size / self._slowest_bytes_s
        self.left_s = min(self._within_s, self.left_s - seconds + won_s)
