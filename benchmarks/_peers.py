"""The other ends: a publisher that notes when it sends, and viewers cheap enough for hundreds.

Viewers do ICE, DTLS and RTCP by aiortc, as real ones do. Once connected they read the clear RTP
header from their socket and decrypt nothing: numbers are counted, and the kernel's own time of
arrival tells how late a picture is, whatever this process is busy with.
"""

import asyncio
import socket
import statistics
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from struct import Struct
from typing import Any, cast

import aioice.ice
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpCodecCapability, RTCRtpSender
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import RtpPacket

from benchmarks._media import Media

_SO_RCVBUFFORCE = 33
_SO_TIMESTAMPNS = 35  # asm-generic/socket.h; the number of its control message too
_TIMESPEC = Struct("qq")
_RTP_TIME = Struct("!I")
_RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024
_AT_ONCE = 8
"""Peers that connect side by side: more would only wait for each other."""
_MAX_READS = 256
CONNECT_WITHIN_S = 30.0


def use_address(address: str = "127.0.0.1") -> None:
    """Peers offer this address and nothing else: nothing leaves this machine."""
    aioice.ice.get_host_addresses = lambda **kinds: [address]


def h264_only() -> list[RTCRtpCodecCapability]:
    found = RTCRtpSender.getCapabilities("video").codecs
    return [codec for codec in found if codec.mimeType == "video/H264"]


async def _say_nothing(data: bytes) -> None: ...


class Publisher:
    """One WHIP session; notes when the last packet of each picture left."""

    def __init__(self, track: MediaStreamTrack) -> None:
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        transceiver = self.pc.addTransceiver(track, direction="sendonly")
        transceiver.setCodecPreferences(h264_only())
        self._sender = transceiver.sender
        self.sent_ns: dict[int, int] = {}  # by RTP time

    async def connect(self, media: Media, **where: Any) -> str:
        dtls: Any = self._sender.transport
        if dtls is None:
            raise RuntimeError("the publisher's track has no transport")
        stock = dtls._send_rtp

        async def send(data: bytes) -> None:
            if data[1] & 0x80 and not 192 <= data[1] <= 223:  # a marker, and not RTCP
                self.sent_ns[_RTP_TIME.unpack_from(data, 4)[0]] = time.time_ns()
            await stock(data)

        dtls._send_rtp = send
        return await media.connect(self.pc, "whip", **where)

    def fall_silent(self) -> None:
        """Say nothing more, not even goodbye at `close`."""
        transport: Any = self._sender.transport
        transport.transport._send = _say_nothing

    async def close(self) -> None:
        await self.pc.close()


class Receiver:
    """One WHEP session that counts its packets, the pictures they end, and what never came."""

    def __init__(self) -> None:
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._receiver = cast(Any, self.pc.addTransceiver("video", direction="recvonly").receiver)
        self._receiver._handle_rtp_packet = self._first_packets
        self.packets = self.pictures = self.ssrc = 0
        self.arrived_ns: dict[int, int] = {}  # by RTP time, while `times_pictures` is set
        self.times_pictures = False
        self._missing: set[int] = set()
        self._next: int | None = None
        self._expected = 0  # packets, those that are missing counted
        self._reported: StreamStatistics | None = None
        self._socket: socket.socket | None = None
        self._protocol: Any = None
        self._buffer = bytearray(2048)
        self._started = asyncio.Event()

    async def connect(self, media: Media, **where: Any) -> str:
        place = await media.connect(self.pc, "whep", **where)
        async with asyncio.timeout(CONNECT_WITHIN_S):
            await self._started.wait()
        self._read_headers_only()
        return place

    def fall_silent(self) -> None:
        """Say nothing more, not even goodbye at `close`."""
        self._receiver.transport.transport._send = _say_nothing

    async def close(self) -> None:
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None
        await self.pc.close()

    @property
    def gaps(self) -> int:
        return len(self._missing)

    def restart(self) -> int:
        """Count gaps from here; those until here."""
        gaps = self.gaps
        self._missing.clear()
        return gaps

    async def _first_packets(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        # Its receiver reports go on from here for as long as the session lasts.
        self.ssrc = packet.ssrc
        reports = self._receiver._RTCRtpReceiver__remote_streams
        self._reported = reports.setdefault(packet.ssrc, StreamStatistics(90_000))
        self._reported.add(packet)
        self._count(packet.sequence_number, packet.marker)
        self._started.set()

    def _read_headers_only(self) -> None:
        loop: Any = asyncio.get_running_loop()
        pair = self._receiver.transport.transport._connection._nominated[1]
        self._protocol = pair.protocol
        stock = pair.protocol.transport.get_extra_info("socket")
        loop._remove_reader(stock.fileno())  # asyncio would read one datagram a turn, in 256 KiB
        self._socket = own = stock.dup()
        with suppress(PermissionError):  # else what net.core.rmem_max allows
            own.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _RECEIVE_BUFFER_BYTES)
        own.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        loop.add_reader(own.fileno(), self._drain)

    def _drain(self) -> None:
        own, buffer = self._socket, self._buffer
        for _ in range(_MAX_READS):
            if own is None:
                return
            try:
                if self.times_pictures:
                    size, control, _, address = own.recvmsg_into([buffer], 64)
                else:
                    size, address = own.recvfrom_into(buffer)
                    control = []
            except BlockingIOError:
                self._keep_reports()
                return
            second = buffer[1]
            if buffer[0] >> 6 != 2 or 192 <= second <= 223:
                self._protocol.datagram_received(bytes(buffer[:size]), address)
                continue
            self._count(buffer[2] << 8 | buffer[3], second & 0x80)
            if control and second & 0x80:
                seconds, nanoseconds = _TIMESPEC.unpack(control[0][2])
                timestamp = _RTP_TIME.unpack_from(buffer, 4)[0]
                self.arrived_ns.setdefault(timestamp, seconds * 1_000_000_000 + nanoseconds)

    def _count(self, sequence: int, marker: int) -> None:
        self.packets += 1
        if marker:
            self.pictures += 1
        if self._next is None:
            self._next = sequence
        ahead = (sequence - self._next) & 0xFFFF
        if ahead < 0x8000:
            self._expected += ahead + 1
            for number in range(ahead):
                self._missing.add((self._next + number) & 0xFFFF)
            self._next = (sequence + 1) & 0xFFFF
        else:
            self._missing.discard(sequence)

    def _keep_reports(self) -> None:
        """What aiortc's receiver reports say of packets that it is not shown."""
        told = self._reported
        if told is not None and told.base_seq is not None:
            highest = told.base_seq + self._expected - 1
            told.max_seq, told.cycles = highest & 0xFFFF, highest & ~0xFFFF
            told.packets_received = self.packets


async def connect_receivers(media: Media, count: int, **where: Any) -> list[Receiver]:
    """``count`` more viewers, connected; the first of them time their pictures."""
    receivers = [Receiver() for _ in range(count)]
    turn = asyncio.Semaphore(_AT_ONCE)

    async def connect(receiver: Receiver) -> None:
        async with turn:
            await receiver.connect(media, **where)

    async with asyncio.TaskGroup() as group:
        for receiver in receivers:
            group.create_task(connect(receiver))
    return receivers


async def close_all(peers: Iterable[Publisher | Receiver]) -> None:
    async with asyncio.TaskGroup() as group:
        for peer in peers:
            group.create_task(peer.close())


@asynccontextmanager
async def receiving(media: Media, count: int) -> AsyncIterator[list[Receiver]]:
    receivers = await connect_receivers(media, count)
    try:
        yield receivers
    finally:
        await close_all(receivers)


def latencies_ms(publisher: Publisher, receivers: Iterable[Receiver]) -> list[float]:
    """From the last packet of a picture leaving the publisher to its arrival, each time it did.

    The relay moves all RTP times by one distance: the one that most pictures agree on, taking each
    for the newest that had been sent when it came.
    """
    arrivals = [arrival for receiver in receivers for arrival in receiver.arrived_ns.items()]
    sent = sorted(publisher.sent_ns.items(), key=lambda each: each[1])
    moved: list[int] = []
    for timestamp, arrived_ns in arrivals:
        before = [rtp_time for rtp_time, sent_ns in sent[-1000:] if sent_ns <= arrived_ns]
        if before:
            moved.append((timestamp - before[-1]) & 0xFFFFFFFF)
    if not moved:
        return []
    distance = statistics.mode(moved)
    found = []
    for timestamp, arrived_ns in arrivals:
        sent_at = publisher.sent_ns.get((timestamp - distance) & 0xFFFFFFFF)
        if sent_at is not None:
            found.append((arrived_ns - sent_at) / 1e6)
    return found
