"""An open way to a camera's loudspeaker: RTP out, and what comes is thrown away unread."""

import asyncio
import secrets
from struct import pack
from typing import Any

from domain.cameras import Transport
from domain.talks import LoudspeakerAway, NoLoudspeaker
from webrtc.rtsp_client.dialogue import Ports, State
from webrtc.rtsp_client.loudspeaker import Loudspeaker, LoudspeakerDialogue
from webrtc.rtsp_client.wire import Wire, connect, open_ports
from webrtc.sources import CameraSource, DownReason, SourceDown

CONNECTS_WITHIN_S, OPENS_WITHIN_S = 3.0, 8.0
"""Somebody stands before a picture and waits to speak."""
_MOST_BYTES = 4 * 1024 * 1024
"""What a camera may send while it is spoken to: its answers and reports, and some stray sound."""


class BackChannel:
    """Made by `open_back_channel`; `keep` while it is used, and `close` in any case.

    ``over``: done when the camera has ended it, with why.
    """

    def __init__(self, source: CameraSource, *, by_udp: bool) -> None:
        self._source, self._by_udp = source, by_udp
        loop = asyncio.get_running_loop()
        self.over: asyncio.Future[NoLoudspeaker | LoudspeakerAway] = loop.create_future()
        self._ready: asyncio.Future[Loudspeaker] = loop.create_future()
        self._wire = Wire(self._receive, self._lost)
        self._dialogue: LoudspeakerDialogue | None = None
        self._datagrams: list[asyncio.DatagramTransport] = []
        self._peer = ("", 0)
        self._came = 0
        self._ssrc, self._sequence = secrets.randbits(32), secrets.randbits(16)

    @property
    def loudspeaker(self) -> Loudspeaker:
        return self._ready.result()

    async def open(self) -> None:
        """Raises `SourceDown`, `NoLoudspeaker`, `LoudspeakerAway`."""
        await connect(self._source, self._wire, within_s=CONNECTS_WITHIN_S)
        own, self._peer = self._wire.addresses()
        ports: Ports | None = None
        if self._by_udp:
            ports, self._datagrams = await open_ports(own, _nobody_hears)
        self._dialogue = LoudspeakerDialogue(
            self._source.url_without_secrets(),
            username=self._source.username,
            password=self._source.password,
            ports=ports,
        )
        self._dialogue.begin()
        self._flush()
        either: set[asyncio.Future[Any]] = {self._ready, self.over}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not self._ready.done():
            raise self.over.result()
        if self._by_udp and self._dialogue.server_ports is None:
            raise SourceDown(DownReason.NO_TRANSPORT)

    def send(self, payload: bytes, timestamp: int, *, marker: bool) -> None:
        """One packet; ``timestamp`` in the loudspeaker's clock."""
        dialogue = self._dialogue
        if dialogue is None or not self._ready.done() or self.over.done():
            return
        self._sequence = (self._sequence + 1) & 0xFFFF
        kind = self.loudspeaker.payload_type | (0x80 if marker else 0)
        at = timestamp & 0xFFFFFFFF
        packet = pack("!BBHII", 0x80, kind, self._sequence, at, self._ssrc) + payload
        if self._datagrams and dialogue.server_ports is not None:
            self._datagrams[0].sendto(packet, (self._peer[0], dialogue.server_ports.rtp))
        else:
            dialogue.send_packet(packet)
            self._flush()

    async def keep(self) -> NoLoudspeaker | LoudspeakerAway:
        """Say now and then that it is used; why it ended, once the camera has ended it."""
        while not self.over.done():
            every_s = self._dialogue.timeout_s / 2 if self._dialogue is not None else None
            await asyncio.wait({self.over}, timeout=every_s)
            if self._dialogue is not None and not self.over.done():
                self._dialogue.keep_alive()
                self._flush()
        return self.over.result()

    def close(self) -> None:
        """Once is enough, and more does no harm."""
        if self._dialogue is not None:
            self._dialogue.tear_down()
            self._flush()
            self._dialogue = None
        self._wire.close()
        for transport in self._datagrams:
            transport.abort()

    def _receive(self, data: memoryview) -> None:
        dialogue = self._dialogue
        if dialogue is None or self.over.done():
            return
        self._came += len(data)
        try:
            if self._came > _MOST_BYTES:
                raise SourceDown(DownReason.TOO_MUCH)
            dialogue.receive(data)
        except SourceDown as down:
            self._end(_away(down.reason))
            return
        except NoLoudspeaker as error:
            self._end(error)
            return
        finally:
            dialogue.packets.clear()  # whatever it is, nobody hears it
            dialogue.reports.clear()
        if dialogue.state is State.PLAYING and not self._ready.done():
            assert dialogue.loudspeaker is not None  # noqa: S101 SETUP follows it
            self._ready.set_result(dialogue.loudspeaker)
        self._flush()

    def _flush(self) -> None:
        if self._dialogue is not None:
            self._wire.write(self._dialogue.to_send())

    def _lost(self) -> None:
        self._end(_away(DownReason.ENDED))

    def _end(self, why: NoLoudspeaker | LoudspeakerAway) -> None:
        if not self.over.done():
            self.over.set_result(why)


async def open_back_channel(source: CameraSource) -> BackChannel:
    """By TCP, and by UDP where that is refused. Raises `NoLoudspeaker`, `LoudspeakerAway`."""
    if source.is_file:
        raise NoLoudspeaker("its pictures come from a file")
    ways = {Transport.TCP: [False], Transport.UDP: [True], Transport.AUTO: [False, True]}
    tried: LoudspeakerAway | None = None
    try:
        async with asyncio.timeout(OPENS_WITHIN_S):
            for by_udp in ways[source.transport]:
                channel = BackChannel(source, by_udp=by_udp)
                try:
                    await channel.open()
                    return channel
                except BaseException as error:
                    channel.close()
                    tried = _as_away(error)
                    if tried is None:
                        raise
                    if str(tried) != DownReason.NO_TRANSPORT:
                        break
    except TimeoutError:
        tried = _away(DownReason.TIMED_OUT)
    assert tried is not None  # noqa: S101 each way returned or failed
    raise tried


def _as_away(error: BaseException) -> LoudspeakerAway | None:
    if isinstance(error, SourceDown):
        return _away(error.reason)
    return error if isinstance(error, LoudspeakerAway) else None


def _away(reason: DownReason) -> LoudspeakerAway:
    return LoudspeakerAway(reason.value)


def _nobody_hears(data: bytes, host: str, *, is_rtp: bool) -> None:
    """What comes by UDP."""
