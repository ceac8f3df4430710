"""One live socket: a bounded queue and one writer, so that nobody waits for a slow peer."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from aiohttp import WSCloseCode, WSMsgType, web

from domain.errors import DomainError
from domain.identifiers import CommuneId
from domain.people import Permission
from domain.principals import Principal

logger = logging.getLogger(__name__)

QUEUE_SIZE = 256  # messages; a burst of 200 alerts fits
SEND_LIMIT_S = 5.0  # a peer that takes nothing for so long gets its picture anew, later
GOODBYE_LIMIT_S = 2.0
MESSAGE_LIMIT = 64 * 1024  # bytes, what a client may send


class Ending(StrEnum):
    """Why the server closes a socket; travels in the last message."""

    REVOKED = "revoked"
    EXPIRED = "expired"
    GOING_AWAY = "going-away"
    TOO_SLOW = "too-slow"


CLOSE_CODES = {
    Ending.REVOKED: WSCloseCode.POLICY_VIOLATION,
    Ending.EXPIRED: WSCloseCode.POLICY_VIOLATION,
    Ending.GOING_AWAY: WSCloseCode.GOING_AWAY,
    Ending.TOO_SLOW: WSCloseCode.TRY_AGAIN_LATER,
}


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """In the queue: 'read the whole picture and send it', in its turn among the facts."""


@dataclass(slots=True, eq=False)
class LiveSocket:
    """A page or a phone that follows. ``token`` is what it signed in with, to be checked again."""

    token: str
    principal: Principal
    may_see: Mapping[Permission, frozenset[CommuneId]]
    read_snapshot: Callable[["LiveSocket"], Awaitable[str]]
    _queue: asyncio.Queue[str | _Snapshot] = field(
        default_factory=lambda: asyncio.Queue(maxsize=QUEUE_SIZE)
    )
    _ended: asyncio.Event = field(default_factory=asyncio.Event)
    _ending: Ending | None = None
    _snapshot_waits: bool = False

    def offer(self, message: str) -> None:
        """Queue ``message``; a socket that is 256 behind is closed and comes back by itself."""
        self._put(message)

    def offer_snapshot(self) -> None:
        """Queue the whole picture; while one waits, it is that one: it will be as new."""
        if not self._snapshot_waits:
            self._snapshot_waits = True
            self._put(_Snapshot())

    def end(self, ending: Ending | None) -> None:
        """Close it for this reason, now; None: the peer has gone."""
        if not self._ended.is_set():
            self._ending = ending
            self._ended.set()

    async def run(self, ws: web.WebSocketResponse) -> None:
        """Serve the socket until one side ends it."""
        self.offer_snapshot()
        async with asyncio.TaskGroup() as group:
            tasks = (
                group.create_task(self._write(ws), name="live socket writer"),
                group.create_task(self._read(ws), name="live socket reader"),
            )
            await self._ended.wait()
            for task in tasks:
                task.cancel()
        await self._say_goodbye(ws)

    def _put(self, item: str | _Snapshot) -> None:
        try:
            self._queue.put_nowait(item)
        except asyncio.QueueFull:
            self.end(Ending.TOO_SLOW)

    async def _write(self, ws: web.WebSocketResponse) -> None:
        try:
            while True:
                item = await self._queue.get()
                if isinstance(item, _Snapshot):
                    self._snapshot_waits = False  # what is asked for from here on is asked anew
                    text = await self.read_snapshot(self)
                else:
                    text = item
                async with asyncio.timeout(SEND_LIMIT_S):
                    await ws.send_str(text)
        except TimeoutError:
            self.end(Ending.TOO_SLOW)
        except (ConnectionError, RuntimeError):  # the peer has gone while we wrote
            self.end(None)
        except DomainError as error:  # the database is away: the page comes back and asks again
            logger.warning("no snapshot for a live socket: %s", error)
            self.end(Ending.GOING_AWAY)

    async def _read(self, ws: web.WebSocketResponse) -> None:
        async for message in ws:
            if message.type is not WSMsgType.TEXT:
                continue
            try:
                asked = json.loads(message.data)
            except ValueError:
                continue  # nothing it says could be done; what it is told stays right
            except RecursionError:
                continue
            if isinstance(asked, dict) and asked.get("type") == "snapshot":
                self.offer_snapshot()
        self.end(None)

    async def _say_goodbye(self, ws: web.WebSocketResponse) -> None:
        code = WSCloseCode.OK
        try:
            async with asyncio.timeout(GOODBYE_LIMIT_S):
                if self._ending is not None:
                    code = CLOSE_CODES[self._ending]
                    text = json.dumps({"type": "closing", "reason": self._ending.value})
                    await ws.send_str(text)
                await ws.close(code=code)
        except (TimeoutError, ConnectionError, RuntimeError):
            return  # it did not listen to the end; aiohttp drops the connection with the handler
