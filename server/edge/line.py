"""A line: one TLS connection that an inner host has dialled to an edge.

First both greet, in lines of text; from then on it carries plain HTTP/1.1, and whoever speaks that
is handed it. Flow control is TCP's own, from end to end.
"""

import asyncio
import socket
import ssl
from asyncio.trsock import TransportSocket
from collections.abc import Callable
from typing import cast

from server.edge.greeting import LINE_LIMIT

_QUIET_S, _PROBE_S, _PROBES = 15, 5, 3
"""A line that carries nothing is probed, which also keeps a firewall's memory of it fresh; dead
after 30 s."""
_UNHEARD_MS = 20_000
"""What was sent and is not acknowledged for so long: the other host is gone (RFC 5482)."""


class Line(asyncio.Protocol):
    """``greeting.Talk`` until it is handed over; ``lost`` is called once, when it closes."""

    def __init__(self, *, lost: Callable[["Line"], None] | None = None) -> None:
        self._lost = lost
        self._transport: asyncio.Transport | None = None
        self._to: asyncio.Protocol | None = None
        self._heard = bytearray()
        self._news = asyncio.Event()
        self._is_closed = False

    # While the two greet

    async def hear(self) -> bytes:
        while b"\n" not in self._heard:
            if self._is_closed or len(self._heard) > LINE_LIMIT:
                raise ConnectionResetError("the line ended during the greeting")
            self._news.clear()
            await self._news.wait()
        line, _, rest = bytes(self._heard).partition(b"\n")
        if len(line) > LINE_LIMIT:
            raise ConnectionResetError("a line of the greeting is too long")
        self._heard = bytearray(rest)
        return line

    def say(self, line: bytes) -> None:
        if self._transport is not None:
            self._transport.write(line + b"\n")

    @property
    def certificate(self) -> bytes:
        """The other end's, as it was shown: DER. Raises ``ConnectionError``."""
        session = self._transport.get_extra_info("ssl_object") if self._transport else None
        shown = session.getpeercert(binary_form=True) if session is not None else None
        if not shown:
            raise ConnectionResetError("the other end showed no certificate")
        return cast(bytes, shown)

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._is_closed

    def hand_to(self, protocol: asyncio.Protocol) -> None:
        """From now on ``protocol`` speaks. Raises ``ConnectionError``."""
        if self._transport is None or self._is_closed:
            raise ConnectionResetError("the line was closed")
        self._to = protocol
        protocol.connection_made(self._transport)
        if self._heard:
            protocol.data_received(bytes(self._heard))
            self._heard.clear()
            self._transport.resume_reading()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        found = transport.get_extra_info("socket")
        if isinstance(found, TransportSocket):
            _keep_alive(found)

    def data_received(self, data: bytes) -> None:
        if self._to is not None:
            self._to.data_received(data)
            return
        self._heard += data
        if len(self._heard) > LINE_LIMIT and self._transport is not None:
            self._transport.pause_reading()  # a request may follow the greeting at once
        self._news.set()

    def eof_received(self) -> bool | None:
        return self._to.eof_received() if self._to is not None else None

    def pause_writing(self) -> None:
        if self._to is not None:
            self._to.pause_writing()

    def resume_writing(self) -> None:
        if self._to is not None:
            self._to.resume_writing()

    def connection_lost(self, error: Exception | None) -> None:
        self._is_closed = True
        self._news.set()
        if self._to is not None:
            self._to.connection_lost(error)
        if self._lost is not None:
            self._lost(self)


def _keep_alive(found: TransportSocket) -> None:
    found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", _QUIET_S),
        ("TCP_KEEPINTVL", _PROBE_S),
        ("TCP_KEEPCNT", _PROBES),
        ("TCP_USER_TIMEOUT", _UNHEARD_MS),
    ):
        if (option := getattr(socket, name, None)) is not None:  # not on every system
            found.setsockopt(socket.IPPROTO_TCP, option, value)


def dialling_context() -> ssl.SSLContext:
    """TLS of who dials: no authority vouches for the edge, the greeting does."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context
