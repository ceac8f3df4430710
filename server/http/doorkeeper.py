"""The door: a connection that asks nothing does not keep its place.

aiohttp waits for ever for the rest of a half-sent request (reliability.md, section 6): without
this, one machine on the network could open connections until nobody else gets one.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from aiohttp import web
from prometheus_client import Counter as Metric

from domain.addresses import Network, is_in, share_of

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
#: From the connection, or from the last answer, to the whole head of the next request.
ASKS_WITHIN_S = 30.0
#: Connections of one address that ask nothing; a browser keeps six. Beyond, the oldest go.
MOST_IDLE_OF_ADDRESS = 64
CLOSED = Metric("ilotier_http_idle_closed_total", "connections closed because they asked nothing")


class Doorkeeper:
    """Knows of each connection of ``server`` since when it asks nothing.

    ``proxies`` hold connections for many: they only have to ask in time. Those that ``is_kept``
    are ours to keep: a line to an edge waits for whoever comes.
    """

    def __init__(
        self,
        server: web.Server,
        *,
        proxies: Sequence[Network] = (),
        is_kept: Callable[[object], bool] = lambda connection: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server = server
        self._proxies, self._is_kept = proxies, is_kept
        self._clock = clock
        self._waits: dict[Any, tuple[object, float]] = {}

    async def run(self) -> None:
        """Look every second until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self.look()

    def look(self) -> None:
        """Close what has asked nothing for too long, and the oldest of who has too many."""
        now, before = self._clock(), self._waits
        self._waits = {}
        for connection in self._server.connections:
            waiter = _waiter_of(connection)
            if waiter is not None and not self._is_kept(connection):
                known, since = before.get(connection, (None, now))
                self._waits[connection] = (waiter, since if known in (None, waiter) else now)
        held: Counter[str] = Counter()
        youngest_first = sorted(self._waits.items(), key=lambda item: -item[1][1])
        for connection, (_, since) in youngest_first:
            transport = connection.transport
            if transport is None:
                continue
            address = str((transport.get_extra_info("peername") or ("",))[0])
            share = share_of(address)
            held[share] += 1
            many = held[share] > MOST_IDLE_OF_ADDRESS and not is_in(address, self._proxies)
            if many or now - since > ASKS_WITHIN_S:
                CLOSED.inc()
                transport.abort()


def _waiter_of(connection: Any) -> object | None:
    """What the connection waits for while it has no whole request; a new one after each answer.

    aiohttp says this of itself alone (its keep-alive asks the same); the tests would see it go.
    """
    waiter = connection._waiter  # noqa: SLF001
    return waiter if waiter is not None and not waiter.done() else None
