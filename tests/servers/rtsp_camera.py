"""A camera over RTSP as cameras are: it plays a clip, and does what it is told to do wrong."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from struct import pack
from typing import Any

import av

from webrtc import h264, h265

BACK_CHANNEL = "www.onvif.org/ver20/backchannel"
NONCE = "5ccc069c403ebaf9"


@dataclass
class RtspCamera:
    """``clips``: one after the other, over and over. ``most``: then it falls silent.

    ``says``: the codec that it announces, if it lies. ``sets_in_sdp``: parameter sets are taken out
    of the pictures. ``sounds``: packets of it beside each picture. ``loudspeaker``: what its back
    channel takes ("PCMU/8000"), for who asks for it (ONVIF). ``asked``, ``reports``, ``heard``:
    what came in, RTCP counted, RTP of the back channel as it came.
    """

    clips: list[Path]
    codec: str = "h264"
    says: str = ""
    username: str = ""
    password: str = ""
    takes_tcp: bool = True
    most: int | None = None
    sets_in_sdp: bool = False
    sounds: int = 1
    timeout_s: int = 60
    loudspeaker: str = ""
    reports: int = 0
    heard: list[bytes] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    url: str = ""
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)
    _peer: tuple[str, int] | None = None
    _datagrams: asyncio.DatagramTransport | None = None

    def __post_init__(self) -> None:
        self._module = h265 if self.codec == "h265" else h264
        self._pictures = [p for clip in self.clips for p in _units(clip, self.codec)]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        async with asyncio.TaskGroup() as group:
            playing = list[asyncio.Task[None]]()
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while True:
                    text = await _request(reader)
                    if isinstance(text, bytes):
                        self._take(text)
                        continue
                    self.asked.append(text)
                    writer.write(self._answer(text, writer).encode())
                    if text.startswith("PLAY") and not self._spoken_to(text):
                        playing.append(group.create_task(self._play(writer)))
            for task in playing:
                task.cancel()
        await _closed(writer)

    def _take(self, frame: bytes) -> None:
        """An interleaved frame, with its channel; on the even one is what it is to say."""
        if frame[0] == 1:
            self.reports += 1
        else:
            self.heard.append(frame[1:])

    async def close(self) -> None:
        if self._datagrams is not None:
            self._datagrams.abort()
        for writer in self._writers:
            await _closed(writer)

    def _answer(self, text: str, writer: asyncio.StreamWriter) -> str:
        verb = text.partition(" ")[0]
        number = re.search(r"CSeq: \d+", text)
        head = f"{number[0] if number else ''}\r\nSession: 9;timeout={self.timeout_s}\r\n"
        if self.username and verb != "OPTIONS" and not self._is_signed(text):
            asks = f'WWW-Authenticate: Digest realm="cam", nonce="{NONCE}"\r\n'
            return f"RTSP/1.0 401 Unauthorized\r\n{head}{asks}\r\n"
        if verb == "DESCRIBE":
            sdp = self._sdp(back_channel=BACK_CHANNEL in text)
            return f"RTSP/1.0 200 OK\r\n{head}Content-Length: {len(sdp)}\r\n\r\n{sdp}"
        if verb == "SETUP":
            ports = re.search(r"client_port=(\d+)-\d+", text)
            if ports is None and not self.takes_tcp:
                return f"RTSP/1.0 461 Unsupported Transport\r\n{head}\r\n"
            if ports is not None:
                self._peer = (writer.get_extra_info("peername")[0], int(ports[1]))
                own = self._datagrams.get_extra_info("sockname")[1] if self._datagrams else 0
                transport = f"RTP/AVP;unicast;{ports[0]};server_port={own}-{own + 1}"
            else:
                transport = "RTP/AVP/TCP;unicast;interleaved=0-1"
            return f"RTSP/1.0 200 OK\r\n{head}Transport: {transport}\r\n\r\n"
        return f"RTSP/1.0 200 OK\r\n{head}\r\n"

    def _spoken_to(self, text: str) -> bool:
        return text.startswith("PLAY") and BACK_CHANNEL in text

    def _is_signed(self, text: str) -> bool:
        def md5(value: str) -> str:
            return hashlib.md5(value.encode(), usedforsecurity=False).hexdigest()

        verb, url, _ = text.split(" ", 2)
        secret = md5(f"{self.username}:cam:{self.password}")
        return f'response="{md5(f"{secret}:{NONCE}:{md5(f'{verb}:{url}')}")}"' in text

    def _sdp(self, *, back_channel: bool = False) -> str:
        sets = _sets(self._module, self._pictures[0])
        parameters, codec = "", (self.says or self.codec).upper()
        if self.sets_in_sdp and self.codec == "h264":
            parameters = f"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={','.join(sets)}\r\n"
        return (
            "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=cam\r\nt=0 0\r\n"
            "m=audio 0 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=control:audio\r\n"
            f"m=video 0 RTP/AVP 96\r\na=rtpmap:96 {codec}/90000\r\n{parameters}"
            "a=control:video\r\n"
        ) + (self._loudspeaker_sdp() if back_channel and self.loudspeaker else "")

    def _loudspeaker_sdp(self) -> str:
        aac = (
            "a=fmtp:97 mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1408\r\n"
        )
        return (
            f"m=audio 0 RTP/AVP 97\r\na=rtpmap:97 {self.loudspeaker}\r\n"
            f"{aac if 'GENERIC' in self.loudspeaker else ''}a=control:speaker\r\na=sendonly\r\n"
        )

    async def _play(self, writer: asyncio.StreamWriter) -> None:
        number, sequence = 0, 100
        with suppress(ConnectionError):
            while self.most is None or number < self.most:
                unit, late = self._pictures[number % len(self._pictures)]
                if self.sets_in_sdp:
                    unit = _without_sets(self._module, unit)
                payloads = self._module.packetise(unit, size=1388)
                for payload in payloads:
                    mark = 0x80 if payload is payloads[-1] else 0
                    at = (number + late) * 3600 & 0xFFFFFFFF
                    packet = pack("!BBHII", 0x80, mark | 96, sequence & 0xFFFF, at, 5) + payload
                    self._send(writer, 0, packet)
                    sequence += 1
                # Sound that nobody asked for, on a channel of its own.
                sound = pack("!BBHII", 0x80, 0, number, number * 160, 6) + bytes(160)
                for _ in range(self.sounds):
                    self._send(writer, 4, sound)
                number += 1
                await asyncio.sleep(0.04)
            await asyncio.sleep(3600)

    def _send(self, writer: asyncio.StreamWriter, channel: int, packet: bytes) -> None:
        if self._peer is not None and self._datagrams is not None:
            if channel == 0:
                self._datagrams.sendto(packet, self._peer)
            return
        if writer.is_closing():
            raise ConnectionResetError
        writer.write(pack("!BBH", 0x24, channel, len(packet)) + packet)


class _Heard(asyncio.DatagramProtocol):
    """What comes to the camera's own port."""

    def __init__(self, camera: RtspCamera) -> None:
        self._camera = camera

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        if len(data) > 12:  # shorter ones open firewalls
            self._camera.heard.append(data)


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def _request(reader: asyncio.StreamReader) -> str | bytes:
    """Bytes: an interleaved frame, its channel first."""
    first = await reader.readexactly(1)
    if first == b"$":
        head = await reader.readexactly(3)
        return head[:1] + await reader.readexactly(int.from_bytes(head[1:], "big"))
    return (first + await reader.readuntil(b"\r\n\r\n")).decode()


def _units(clip: Path, codec: str) -> Iterable[tuple[bytes, int]]:
    """Access units, and how many pictures later than its place each is to be shown."""
    name = "hevc" if codec == "h265" else "h264"
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        convert = av.BitStreamFilterContext(f"{name}_mp4toannexb", stream)
        packets = [packet for packet in container.demux(stream) if packet.size]
        step = 1 / 25
        for place, packet in enumerate(packets):
            shown = float((packet.pts or 0) * stream.time_base) / step
            for converted in convert.filter(packet):
                yield bytes(converted), round(shown) - place


def _is_set(module: Any, unit: bytes) -> bool:
    return bool(module.parameter_sets(b"\x00\x00\x00\x01" + unit))


def _sets(module: Any, picture: tuple[bytes, int]) -> list[str]:
    from base64 import b64encode

    return [
        b64encode(unit).decode() for unit in h264.nal_units(picture[0]) if _is_set(module, unit)
    ]


def _without_sets(module: Any, unit: bytes) -> bytes:
    kept = [each for each in h264.nal_units(unit) if not _is_set(module, each)]
    return b"".join(b"\x00\x00\x00\x01" + each for each in kept)


@asynccontextmanager
async def camera_served(clip: Path, *more: Path, **ways: Any) -> AsyncIterator[RtspCamera]:
    """A camera of ``ways`` at its ``url``."""
    camera = RtspCamera([clip, *more], **ways)
    loop = asyncio.get_running_loop()
    camera._datagrams, _ = await loop.create_datagram_endpoint(
        lambda: _Heard(camera), local_addr=("127.0.0.1", 0)
    )
    server = await asyncio.start_server(camera.serve, "127.0.0.1", 0)
    camera.url = f"rtsp://127.0.0.1:{server.sockets[0].getsockname()[1]}/ch1"
    try:
        yield camera
    finally:
        server.close()
        await camera.close()
