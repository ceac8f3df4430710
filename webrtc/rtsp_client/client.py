"""One pull of one camera over the network: the dialogue's and the pictures' shell on asyncio."""

import asyncio
import random
import time
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from webrtc.rtsp_client import reports
from webrtc.rtsp_client.dialogue import Dialogue, Ports, State
from webrtc.rtsp_client.pictures import Bounds, Picture, Pictures
from webrtc.rtsp_client.reordering import Reordering
from webrtc.rtsp_client.wire import Wire, connect, open_ports
from webrtc.sources import CameraSource, CameraTimes, DownReason, SourceDown

_LOOK_EVERY_S = 1.0
_REPORT_EVERY_S = 5.0
_FLOOD_WINDOW_S, _A_PACKET_BYTES = 4.0, 256


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
        self._wire = Wire(self._receive, self._lost)
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
                await connect(self._source, self._wire, within_s=self._times.connect_within_s)
                await self._play()
            return await self._watch()
        except SourceDown as down:
            return down.reason
        finally:
            self._close()

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
        own, self._peer = self._wire.addresses()
        ports, self._datagrams = await open_ports(own, self._datagram)
        return ports

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
