"""The connections to a camera on asyncio: RTSP's own, and two UDP ports beside it."""

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable
from urllib.parse import urlsplit

from webrtc.rtsp_client.dialogue import Ports
from webrtc.sources import CameraSource, DownReason, SourceDown

_PORTS = {"rtsp": 554, "rtsps": 322}
_UDP_BUFFER_BYTES = 1024 * 1024
_PAIRS_TRIED = 20
_UNREAD_BYTES = 64 * 1024
"""What a camera has left unread of our few words: it reads nothing."""
# What is read is used up before the event loop does anything else: one buffer is enough for all.
_buffer = memoryview(bytearray(128 * 1024))


async def connect(source: CameraSource, wire: "Wire", *, within_s: float) -> None:
    """Dial the camera; raises `SourceDown`."""
    parts = urlsplit(source.url)
    context = _tls() if parts.scheme == "rtsps" else None
    try:
        async with asyncio.timeout(within_s):
            await asyncio.get_running_loop().create_connection(
                lambda: wire,
                parts.hostname or "",
                parts.port or _PORTS[parts.scheme],
                ssl=context,
                server_hostname=parts.hostname if context else None,
            )
    except (OSError, ValueError) as error:  # ValueError: a name that is none
        raise SourceDown(_reason_of(error)) from None


async def open_ports(
    own: str, receive: Callable[..., None]
) -> tuple[Ports, list[asyncio.DatagramTransport]]:
    """Two neighbouring UDP ports, the first of them even (RFC 3550 section 11).

    ``receive`` is given the data, its sender's host, and ``is_rtp``. Raises `SourceDown`.
    """
    loop = asyncio.get_running_loop()
    for _ in range(_PAIRS_TRIED):
        pair = _pair_of_sockets(own)
        if pair is None:
            continue
        transports = []
        for sock, is_rtp in zip(pair, (True, False), strict=True):
            transport, _ = await loop.create_datagram_endpoint(
                lambda is_rtp=is_rtp: _Datagrams(receive, is_rtp=is_rtp),  # type: ignore[misc]
                sock=sock,
            )
            transports.append(transport)
        return Ports(pair[0].getsockname()[1], pair[1].getsockname()[1]), transports
    raise SourceDown(DownReason.NO_TRANSPORT)


class Wire(asyncio.BufferedProtocol):
    """The connection; ``receive`` is given a view that is gone when it returns."""

    def __init__(self, receive: Callable[[memoryview], None], lost: Callable[[], None]) -> None:
        self._receive, self._lost = receive, lost
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 of a stream
        self._transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        return _buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._receive(_buffer[:nbytes])

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self._lost()

    def addresses(self) -> tuple[str, tuple[str, int]]:
        """Our own host, and the other end."""
        if self._transport is None:
            raise SourceDown(DownReason.ENDED)
        own = self._transport.get_extra_info("sockname")
        peer = self._transport.get_extra_info("peername")
        return str(own[0]), (str(peer[0]), int(peer[1]))

    def write(self, data: bytes) -> None:
        if self._transport is not None and data and not self._transport.is_closing():
            self._transport.write(data)
            if self._transport.get_write_buffer_size() > _UNREAD_BYTES:
                self._transport.abort()

    def close(self) -> None:
        if self._transport is None:
            return
        if self._transport.get_write_buffer_size():
            self._transport.abort()  # to wait until it is read may be to wait for ever
        else:
            self._transport.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, receive: Callable[..., None], *, is_rtp: bool) -> None:
        self._receive, self._is_rtp = receive, is_rtp

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self._receive(data, address[0], is_rtp=self._is_rtp)


def _pair_of_sockets(host: str) -> tuple[socket.socket, socket.socket] | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    first = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    second = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        first.bind((host, 0))
        port = first.getsockname()[1]
        if port % 2 == 0:
            second.bind((host, port + 1))
            first.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _UDP_BUFFER_BYTES)
            return first, second
    except OSError:
        pass  # the next port is somebody else's: another pair is tried
    first.close()
    second.close()
    return None


def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # cameras sign their own; the network they are on is ours
    return context


def _reason_of(error: Exception) -> DownReason:
    if isinstance(error, socket.gaierror | ValueError):
        return DownReason.UNKNOWN_HOST
    if isinstance(error, ssl.SSLError):
        return DownReason.NOT_RTSP
    if isinstance(error, ConnectionRefusedError):
        return DownReason.REFUSED
    if isinstance(error, OSError) and error.errno in (errno.ECONNRESET, errno.EPIPE):
        return DownReason.ENDED
    return DownReason.NO_ROUTE  # TimeoutError is an OSError too: nothing answered
