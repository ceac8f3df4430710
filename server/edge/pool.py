"""The edge's end of the lines that inner hosts have dialled, as an HTTP client's own.

A request takes the line that was used last; whoever finds none waits a moment for one.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable
from time import monotonic
from typing import TYPE_CHECKING, Any

from aiohttp import BaseConnector, ClientRequest, ClientTimeout
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from prometheus_client import Gauge

from server.edge.line import Line

if TYPE_CHECKING:
    from aiohttp.client_reqrep import ConnectionKey
    from aiohttp.tracing import Trace

logger = logging.getLogger(__name__)

WAIT_S = 3.0
RENEWED_AFTER_S = 60.0
"""A line that carried nothing for so long is closed; who dialled it opens another if it wants."""
MOST_WAITING = 200
FROM_INSIDE = Gauge("ilotier_edge_lines_from_inside", "lines that inner hosts keep here", ["state"])


class NobodyInside(Exception):
    """No inner host has a line open; ``busy``: some have, and all carry requests."""

    def __init__(self, *, busy: bool) -> None:
        super().__init__("all lines to the inside are busy" if busy else "nobody inside is there")
        self.busy = busy


class InnerLines(BaseConnector):
    """Where ``ClientSession`` gets its connections: none is ever opened from here."""

    def __init__(self, *, wait_s: float = WAIT_S) -> None:
        super().__init__(limit=0)
        self._wait_s = wait_s
        self._idle: deque[tuple[ResponseHandler, float]] = deque()
        self._taken: set[ResponseHandler] = set()
        self._line_of: dict[ResponseHandler, Line] = {}
        self._waiting: deque[asyncio.Future[ResponseHandler]] = deque()

    @property
    def is_up(self) -> bool:
        return bool(self._line_of)

    def offer(self, line: Line) -> None:
        """A new line from inside. Raises ``ConnectionError``."""
        protocol = self._factory()
        line.hand_to(protocol)
        self._line_of[protocol] = line
        self._give(protocol)

    def lost(self, line: Line) -> None:
        """A line has closed, whatever it was doing."""
        gone = [protocol for protocol, its in self._line_of.items() if its is line]
        for protocol in gone:
            del self._line_of[protocol]
            self._taken.discard(protocol)
        self._idle = deque(each for each in self._idle if each[0] in self._line_of)
        self._count()

    def close_stale(self) -> None:
        """Close lines that have carried nothing for long."""
        oldest = monotonic() - RENEWED_AFTER_S
        for protocol, since in list(self._idle):
            if since < oldest:
                self._idle.remove((protocol, since))
                self._line_of[protocol].close()

    # What aiohttp asks of a connector

    async def connect(
        self,
        req: ClientRequest,
        traces: "list[Trace]",
        timeout: ClientTimeout,  # noqa: ASYNC109 - aiohttp's own signature
    ) -> Connection:
        protocol = await self._take()
        return Connection(self, req.connection_key, protocol, self._loop)

    def _release(
        self, key: "ConnectionKey", protocol: ResponseHandler, *, should_close: bool = False
    ) -> None:
        self._taken.discard(protocol)
        line = self._line_of.get(protocol)
        if line is None or not protocol.is_connected():
            return
        if self._closed or should_close or protocol.should_close:
            line.close()
        else:
            self._give(protocol)

    def _close(self, *, abort_ssl: bool = False) -> list[Awaitable[object]]:
        for line in list(self._line_of.values()):
            line.close()
        return super()._close(abort_ssl=abort_ssl)

    async def _create_connection(self, *_: Any) -> ResponseHandler:
        raise NobodyInside(busy=False)

    # The pool

    async def _take(self) -> ResponseHandler:
        while self._idle:
            protocol, _ = self._idle.pop()
            if protocol.is_connected():
                self._taken.add(protocol)
                self._count()
                return protocol
        if len(self._waiting) >= MOST_WAITING:
            raise NobodyInside(busy=True)
        wanted: asyncio.Future[ResponseHandler] = self._loop.create_future()
        self._waiting.append(wanted)
        try:
            async with asyncio.timeout(self._wait_s):
                return await wanted
        except (TimeoutError, asyncio.CancelledError) as error:
            if wanted.done() and not wanted.cancelled():  # it was given one at this very moment
                self._taken.discard(wanted.result())
                self._give(wanted.result())
            if isinstance(error, TimeoutError):
                raise NobodyInside(busy=self.is_up) from None
            raise
        finally:
            if wanted in self._waiting:
                self._waiting.remove(wanted)

    def _give(self, protocol: ResponseHandler) -> None:
        while self._waiting:
            wanted = self._waiting.popleft()
            if not wanted.done():
                self._taken.add(protocol)
                wanted.set_result(protocol)
                self._count()
                return
        self._idle.append((protocol, monotonic()))
        self._count()

    def _count(self) -> None:
        FROM_INSIDE.labels("ready").set(len(self._idle))
        FROM_INSIDE.labels("busy").set(len(self._taken))
