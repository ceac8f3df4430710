"""How processes of an installation call each other's inner API: directly, or an edge's over a line.

An edge is never shown the internal token: the line's greeting has said who calls.
"""

import asyncio
import socket
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from aiohttp import (
    BaseConnector,
    ClientConnectionError,
    ClientRequest,
    ClientResponse,
    ClientSession,
    ClientTimeout,
)
from aiohttp.client_proto import ResponseHandler

from domain.errors import Unavailable
from server.edge.dialling import Dialler, EdgeAddress
from server.edge.greeting import Purpose

if TYPE_CHECKING:
    from aiohttp.client import _RequestContextManager
    from aiohttp.tracing import Trace

MOST_LINES = 100  # to all edges, for calls that take tens of milliseconds


async def read_all(response: ClientResponse, *, most: int) -> bytes:
    """An answer's body, its first ``most`` bytes: one read gives what has arrived, no more."""
    taken = await response.content.read(most)
    while len(taken) < most and not response.content.at_eof():
        taken += await response.content.read(most - len(taken))
    return taken


class EdgeConnector(BaseConnector):
    """Where a ``ClientSession`` for edges gets its connections: it dials and greets."""

    def __init__(self, diallers: Collection[Dialler]) -> None:
        super().__init__(limit=MOST_LINES)
        self._diallers = {(one.address.host, one.address.port): one for one in diallers}

    async def _create_connection(
        self,
        req: ClientRequest,
        traces: "list[Trace]",
        timeout: ClientTimeout,  # noqa: ASYNC109 - aiohttp's own signature
    ) -> ResponseHandler:
        dialler = self._diallers.get((req.url.host or "", req.url.port or 0))
        if dialler is None:
            raise ClientConnectionError(f"{req.url.origin()} is no edge of this installation")
        try:
            line, _ = await dialler.dial(Purpose.CALLS)
        except Unavailable as error:
            raise ClientConnectionError(str(error)) from error
        protocol = self._factory()
        line.hand_to(protocol)
        return protocol


class Callees:
    """Whoever in this installation has an inner API, by its address."""

    def __init__(
        self,
        session: ClientSession,
        *,
        internal_token: str,
        edge_session: ClientSession | None = None,
        edges: Collection[EdgeAddress] = (),
    ) -> None:
        """``edge_session`` has an ``EdgeConnector``; both sessions are the caller's to close."""
        self._session, self._edge_session = session, edge_session
        self._token = internal_token
        self._edges = {one.url: one for one in edges}

    def request(
        self, method: str, base: str, path: str, *, headers: Mapping[str, str], **said: Any
    ) -> "_RequestContextManager":
        """As ``ClientSession.request``, of the process whose inner address is ``base``."""
        if base in self._edges and self._edge_session is not None:
            return self._edge_session.request(method, base + path, headers=headers, **said)
        headers = {"Authorization": f"Bearer {self._token}", **headers}
        return self._session.request(method, base + path, headers=headers, **said)

    async def hosts(self, base: str) -> frozenset[str] | None:
        """The addresses that an edge may be met at; None for a process of the inside.

        Raises ``OSError``.
        """
        edge = self._edges.get(base)
        if edge is None:
            return None
        found = await asyncio.get_running_loop().getaddrinfo(
            edge.host, edge.port, type=socket.SOCK_STREAM
        )
        return frozenset(str(address[0]) for *_, address in found)
