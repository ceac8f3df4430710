"""One pull of one camera over the network: the dialogue's and the pictures' shell on asyncio."""

import asyncio
import errno
import random
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol
from urllib.parse import urlsplit

from webrtc.rtsp_client import reports
from webrtc.rtsp_client.dialogue import Dialogue, Ports, State
from webrtc.rtsp_client.pictures import Bounds, Picture, Pictures
from webrtc.rtsp_client.reordering import Reordering
from webrtc.sources import CameraSource, CameraTimes, DownReason, SourceDown

_PORTS = {"rtsp": 554, "rtsps": 322}
_LOOK_EVERY_S = 1.0
_REPORT_EVERY_S = 5.0
_UDP_BUFFER_BYTES = 1024 * 1024
_PAIRS_TRIED = 20
_FLOOD_WINDOW_S, _A_PACKET_BYTES = 4.0, 256
_UNREAD_BYTES = 64 * 1024
"""What a camera has left unread of our few words: it reads nothing."""
# What is read is used up before the event loop does anything else: one buffer is enough for all.
_buffer = memoryview(bytearray(128 * 1024))


class Taking(Protocol):
    """Who is given what comes."""

    def took(self, picture: Picture) -> None: ...

    def heard_clock(self, camera_s: float) -> None:
        """The camera's clock at this moment, seconds since 1970."""


class Pull:
    """`run` once; it dials when it has its ``turn``.

    ``opened`` is done once it plays; ``pictures`` is there from then on.
    """

    def __init__(
        self,
        source: CameraSource,
        taking: Taking,
        *,
        times: CameraTimes,
        bounds: Bounds,
        turn: AbstractAsyncContextManager[None],
        by_udp: bool = False,
    ) -> None:
        self.pictures: Pictures | None = None
        self._source, self._taking, self._times, self._bounds = source, taking, times, bounds
        self._turn, self._by_udp = turn, by_udp
        loop = asyncio.get_running_loop()
        self._over: asyncio.Future[DownReason] = loop.create_future()
        self.opened: asyncio.Future[DownReason] = loop.create_future()  # its result is not used
        self._wire = _Wire(self._receive, self._lost)
        self._dialogue: Dialogue | None = None
        self._datagrams: list[asyncio.DatagramTransport] = []
        self._peer: tuple[str, int] | None = None
        self._reordering = Reordering()
        self._ssrc = random.randint(1, 2**32 - 1)  # noqa: S311 an identifier, not a secret
        self._silence = _Silence(times.read_within_s)
        self._flood = _Flood(bounds.bit_per_s)
        self._report_middle, self._report_at_s = 0, 0.0

    async def run(self) -> DownReason:
        """Until it ends, and why. May be cancelled."""
        try:
            async with self._turn:
                await self._connect()
                await self._play()
            return await self._watch()
        except SourceDown as down:
            return down.reason
        finally:
            self._close()

    async def _connect(self) -> None:
        parts = urlsplit(self._source.url)
        context = _tls() if parts.scheme == "rtsps" else None
        try:
            async with asyncio.timeout(self._times.connect_within_s):
                await asyncio.get_running_loop().create_connection(
                    lambda: self._wire,
                    parts.hostname or "",
                    parts.port or _PORTS[parts.scheme],
                    ssl=context,
                    server_hostname=parts.hostname if context else None,
                )
        except (OSError, ValueError) as error:  # ValueError: a name that is none
            raise SourceDown(_reason_of(error)) from None

    async def _play(self) -> None:
        ports = await self._open_ports() if self._by_udp else None
        self._dialogue = Dialogue(
            self._source.url_without_secrets(),
            username=self._source.username,
            password=self._source.password,
            ports=ports,
        )
        self._dialogue.begin()
        self._flush()
        try:
            async with asyncio.timeout(self._times.open_within_s):
                while not self.opened.done():
                    if await self._silence.listen({self.opened, self._over}):
                        raise SourceDown(DownReason.TIMED_OUT)
                    if self._over.done():
                        raise SourceDown(self._over.result())
        except TimeoutError:
            raise SourceDown(DownReason.TIMED_OUT) from None

    async def _watch(self) -> DownReason:
        """While it plays: keep alive, report, and notice silence."""
        dialogue = self._dialogue
        assert dialogue is not None  # noqa: S101 it plays
        alive_s = reported_s = time.monotonic()
        self._silence.broken()
        while not self._over.done():
            if await self._silence.listen({self._over}):
                raise SourceDown(DownReason.SILENT)
            now_s = time.monotonic()
            if now_s - alive_s >= dialogue.timeout_s / 2:
                alive_s = now_s
                dialogue.keep_alive()
            if now_s - reported_s >= _REPORT_EVERY_S:
                reported_s = now_s
                self._report(now_s)
            self._flush()
        return self._over.result()

    # What comes

    def _receive(self, data: memoryview) -> None:
        dialogue = self._dialogue
        if dialogue is None or self._over.done():
            return
        now_s = time.monotonic()
        if not self.opened.done():
            self._silence.broken()
        try:
            self._flood.rises(len(data), dialogue.receive(data), now_s)
            if dialogue.state is State.PLAYING and not self.opened.done():
                self._playing(dialogue, now_s)
            if self.pictures is not None:
                packets, dialogue.packets = dialogue.packets, []
                self._take(packets, now_s)
                heard, dialogue.reports = dialogue.reports, []
                for each in heard:
                    self._hear(each, now_s)
        except SourceDown as down:
            self._end(down.reason)
            return
        if not self.opened.done():
            self._flush()

    def _playing(self, dialogue: Dialogue, now_s: float) -> None:
        assert dialogue.described is not None  # noqa: S101 SETUP follows it
        self.pictures = Pictures(dialogue.described, bounds=self._bounds, now_s=now_s)
        self.opened.set_result(DownReason.ENDED)
        if self._peer is not None and dialogue.server_ports is not None:
            # A firewall on the way lets in what answers to something.
            for transport, port in zip(self._datagrams, dialogue.server_ports, strict=True):
                transport.sendto(bytes(4), (self._peer[0], port))

    def _take(self, packets: list[bytes], now_s: float) -> None:
        """Raises `SourceDown`."""
        pictures = self.pictures
        if pictures is None or not packets:
            return
        self._silence.broken()
        for packet in packets:
            for picture in pictures.take(packet, now_s):
                self._taking.took(picture)

    def _hear(self, data: bytes, now_s: float) -> None:
        heard = reports.read(data)
        if heard.camera_s is not None:
            self._report_middle, self._report_at_s = heard.middle, now_s
            self._taking.heard_clock(heard.camera_s)
        if heard.is_bye:
            raise SourceDown(DownReason.ENDED)

    def _datagram(self, data: bytes, host: str, *, is_rtp: bool) -> None:
        if self._peer is None or host != self._peer[0] or self._over.done():
            return
        now_s = time.monotonic()
        try:
            self._flood.rises(len(data), 1, now_s)
            if is_rtp:
                self._take(self._reordering.put(data, now_s), now_s)
            else:
                self._hear(data, now_s)
        except SourceDown as down:
            self._end(down.reason)

    def _lost(self) -> None:
        self._end(DownReason.ENDED)

    def _end(self, reason: DownReason) -> None:
        if not self._over.done():
            self._over.set_result(reason)

    # What goes out

    def _flush(self) -> None:
        if self._dialogue is not None:
            self._wire.write(self._dialogue.to_send())

    def _report(self, now_s: float) -> None:
        pictures, dialogue = self.pictures, self._dialogue
        if pictures is None or dialogue is None or pictures.ssrc is None:
            return
        data = reports.report(
            self._ssrc,
            pictures.ssrc,
            highest=pictures.highest,
            lost=pictures.vitals.lost,
            heard_middle=self._report_middle,
            heard_ago_s=now_s - self._report_at_s,
        )
        if not self._datagrams:
            dialogue.send_report(data)
        elif self._peer is not None and dialogue.server_ports is not None:
            self._datagrams[1].sendto(data, (self._peer[0], dialogue.server_ports.rtcp))

    async def _open_ports(self) -> Ports:
        """Two neighbouring UDP ports, the first of them even (RFC 3550 section 11)."""
        own, self._peer = self._wire.addresses()
        loop = asyncio.get_running_loop()
        for _ in range(_PAIRS_TRIED):
            pair = _pair_of_sockets(own)
            if pair is None:
                continue
            for sock, is_rtp in zip(pair, (True, False), strict=True):
                transport, _ = await loop.create_datagram_endpoint(
                    lambda is_rtp=is_rtp: _Datagrams(self._datagram, is_rtp=is_rtp),  # type: ignore[misc]
                    sock=sock,
                )
                self._datagrams.append(transport)
            return Ports(pair[0].getsockname()[1], pair[1].getsockname()[1])
        raise SourceDown(DownReason.NO_TRANSPORT)

    def _close(self) -> None:
        if self._dialogue is not None:
            self._dialogue.tear_down()
            self._flush()
        self._wire.close()
        for transport in self._datagrams:
            transport.abort()


class _Silence:
    """How long nothing has come, as far as we listened: a stall of this process is not counted."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s, self._lasts_s = limit_s, 0.0

    def broken(self) -> None:
        self._lasts_s = 0.0

    async def listen(self, over: set[asyncio.Future[DownReason]]) -> bool:
        """Wait for a moment, or until one is ``over``; whether the limit is reached."""
        step_s = min(_LOOK_EVERY_S, self._limit_s / 4)
        began_s = time.monotonic()
        await asyncio.wait(over, timeout=step_s, return_when=asyncio.FIRST_COMPLETED)
        self._lasts_s += min(time.monotonic() - began_s, 1.5 * step_s)
        return self._lasts_s >= self._limit_s


class _Flood:
    """All that comes, also what is no part of a picture: reading it costs the other cameras."""

    def __init__(self, bit_per_s: float) -> None:
        self._most_bytes = 2 * bit_per_s / 8 * _FLOOD_WINDOW_S
        self._bytes, self._began_s = 0, 0.0

    def rises(self, octets: int, packets: int, now_s: float) -> None:
        """Raises `SourceDown`."""
        if now_s - self._began_s >= _FLOOD_WINDOW_S:
            self._bytes, self._began_s = 0, now_s
        self._bytes += octets + packets * _A_PACKET_BYTES
        if self._bytes > self._most_bytes:
            raise SourceDown(DownReason.TOO_MUCH)


class _Wire(asyncio.BufferedProtocol):
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
