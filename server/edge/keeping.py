"""The inner end of lines to an edge: kept ready for phones' requests, which come in on them.

As many lines wait as phones may want at once (``spare``), never more in all than ``most``: a line
carries one request at a time, and a live socket for as long as it is open.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Any, Protocol

from prometheus_client import Counter, Gauge

from domain.errors import Unavailable
from server.edge.dialling import Dialler
from server.edge.greeting import Purpose
from server.edge.line import Line

logger = logging.getLogger(__name__)

FIRST_BACK_OFF_S, LONGEST_BACK_OFF_S = 0.5, 15.0
AT_ONCE = 4
SHORT_S = 5.0
"""A line that ended so soon was not worth dialling, unless it carried something."""
TO_EDGE = Gauge("ilotier_edge_lines", "lines to an edge, by what they do", ["edge", "state"])
DIALLED = Counter("ilotier_edge_dialled_total", "lines dialled to an edge", ["edge", "outcome"])


class Serving(Protocol):
    """What makes the protocol that answers HTTP on a line, as ``aiohttp.web.Server`` does."""

    def __call__(self) -> Any: ...


class EdgeConnections:
    """Which of a server's connections came through an edge. One per process that serves phones."""

    def __init__(self) -> None:
        self._by_handler: dict[object, EdgeLines] = {}

    def through(self, handler: object) -> "EdgeLines | None":
        """Those that a request's connection (``request.protocol``) is one of."""
        return self._by_handler.get(handler)

    def add(self, handler: object, lines: "EdgeLines") -> None:
        self._by_handler[handler] = lines

    def forget(self, handler: object) -> None:
        self._by_handler.pop(handler, None)


class EdgeLines:
    """The lines to one edge. ``run`` keeps them until it is cancelled."""

    def __init__(
        self,
        dialler: Dialler,
        *,
        serve: Serving,
        connections: EdgeConnections,
        spare: int = 8,
        most: int = 400,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.address = dialler.address
        self._dialler, self._serve, self._connections = dialler, serve, connections
        self._spare, self._most, self._jitter = spare, most, jitter
        self._handlers: dict[Line, object] = {}
        self._busy: set[object] = set()
        self._unused_since_s: dict[object, float] = {}
        self._changed = asyncio.Event()
        self._failed = 0
        self._cut_off, self._was_cut_off = 0, False

    def __len__(self) -> int:
        """How many lines are open."""
        return len(self._handlers)

    @property
    def is_up(self) -> bool:
        return bool(self._handlers)

    async def run(self) -> None:
        try:
            while True:
                self._changed.clear()
                if (wanted := self._wanted()) > 0:
                    await self._dial(min(wanted, AT_ONCE))
                self._note_cut_off()
                if failed := max(self._failed, self._cut_off):
                    await asyncio.sleep(self._back_off_s(failed))
                elif self._wanted() <= 0:
                    await self._changed.wait()
        finally:
            for line, handler in list(self._handlers.items()):
                if handler not in self._busy:  # the others end with the server that answers there
                    line.close()

    def begun(self, handler: object) -> None:
        """A request has come in on this connection."""
        self._cut_off = 0
        self._unused_since_s.pop(handler, None)
        self._busy.add(handler)
        self._note()

    def ended(self, handler: object) -> None:
        self._busy.discard(handler)
        self._note()

    def _wanted(self) -> int:
        idle = len(self._handlers) - len(self._busy)
        return min(self._spare - idle, self._most - len(self._handlers))

    async def _dial(self, count: int) -> None:
        results: list[Unavailable | None] = []
        async with asyncio.TaskGroup() as group:
            for _ in range(count):
                group.create_task(self._dial_once(results), name=f"dial {self.address.holder}")
        failures = [failure for failure in results if failure is not None]
        if len(failures) < len(results):
            if self._failed:
                logger.info("the edge %s is reached again", self.address.url)
            self._failed = 0
        else:
            self._failed += 1
            if self._failed == 1:
                logger.warning("no lines to an edge: %s", failures[0])

    async def _dial_once(self, results: list[Unavailable | None]) -> None:
        outcome: Unavailable | None = None
        try:
            line, _ = await self._dialler.dial(Purpose.REQUESTS, lost=self._lost)
            handler = self._serve()
            self._handlers[line] = handler
            self._unused_since_s[handler] = asyncio.get_running_loop().time()
            self._connections.add(handler, self)
            try:
                line.hand_to(handler)
            except ConnectionError as error:
                self._lost(line)
                outcome = Unavailable(str(error))
        except Unavailable as error:
            outcome = error
        DIALLED.labels(self.address.holder, "failed" if outcome else "up").inc()
        results.append(outcome)
        self._note()

    def _note_cut_off(self) -> None:
        """An edge that greets and then hangs up at once is not dialled without a pause."""
        if self._was_cut_off:
            self._was_cut_off = False
            self._cut_off += 1
            if self._cut_off == 1:
                logger.warning("the edge %s hangs up on what it has greeted", self.address.url)
        elif any(self._is_old(since_s) for since_s in self._unused_since_s.values()):
            self._cut_off = 0

    @staticmethod
    def _is_old(since_s: float) -> bool:
        return asyncio.get_running_loop().time() - since_s >= SHORT_S

    def _lost(self, line: Line) -> None:
        handler = self._handlers.pop(line, None)
        since_s = self._unused_since_s.pop(handler, None)
        if since_s is not None and not self._is_old(since_s):
            self._was_cut_off = True
        self._busy.discard(handler)
        self._connections.forget(handler)
        self._note()

    def _note(self) -> None:
        busy = len(self._busy)
        TO_EDGE.labels(self.address.holder, "busy").set(busy)
        TO_EDGE.labels(self.address.holder, "ready").set(len(self._handlers) - busy)
        self._changed.set()

    def _back_off_s(self, failed: int) -> float:
        longest = min(FIRST_BACK_OFF_S * 2.0 ** min(failed - 1, 10), LONGEST_BACK_OFF_S)
        return longest * (0.5 + 0.5 * self._jitter())
