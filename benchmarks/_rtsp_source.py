"""Many cameras in one process: one film over RTSP (TCP, interleaved), replayed to whoever plays it.

    python -m benchmarks._rtsp_source CLIP FPS

Prints its port, serves until standard input closes. Any path is a camera. The film is cut into RTP
packets once; the packets of a picture are laid out once for all cameras of a group and written to
each. There are `_GROUPS` groups, their pictures spread over the time between two pictures. A sender
report goes out with every 64th picture.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path
from struct import Struct

import av

from webrtc import h264

_GROUPS = 20
_HEADER = Struct("!BBHBBHII")  # RFC 2326 section 10.12 and RFC 3550 section 5.1
_REPORT = Struct("!BBHBBHIIIIII")
_SSRC, _PAYLOAD_BYTES, _REPORT_EVERY = 0x11071E12, 1388, 64
_NTP_EPOCH_S = 2_208_988_800
_SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=replay\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\n"
    "a=control:track1\r\n"
)


class Film:
    """The film's pictures as RTP payloads, and each camera group's place in it."""

    def __init__(self, clip: Path, fps: int, *, sent: Callable[[int], None] | None = None) -> None:
        """``sent`` is told the number of each picture, from 0 on, as it goes to the first group."""
        with av.open(str(clip)) as container:
            self._pictures = [
                h264.packetise(bytes(packet), size=_PAYLOAD_BYTES)
                for packet in container.demux(video=0)
                if packet.size
            ]
        self.fps = fps
        self.length = len(self._pictures)
        self._sent = sent
        self._players: list[list[Player]] = [[] for _ in range(_GROUPS)]
        self._sequences = [1] * _GROUPS
        self._joined = 0

    def join(self, player: "Player") -> None:
        self._players[self._joined % _GROUPS].append(player)
        self._joined += 1

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        start_s, turn = loop.time(), 0
        while True:
            number, group = divmod(turn, _GROUPS)
            await asyncio.sleep(max(0.0, start_s + turn / _GROUPS / self.fps - loop.time()))
            data = self._laid_out(number, group)
            self._players[group] = [one for one in self._players[group] if one.write(data)]
            if self._sent is not None and group == 0:
                self._sent(number)
            turn += 1

    def _laid_out(self, number: int, group: int) -> bytes:
        parts: list[bytes] = []
        timestamp = number * 90_000 // self.fps & 0xFFFFFFFF
        payloads = self._pictures[number % len(self._pictures)]
        for payload in payloads:
            marker = 0x80 if payload is payloads[-1] else 0
            sequence = self._sequences[group]
            self._sequences[group] = (sequence + 1) & 0xFFFF
            size = 12 + len(payload)
            head = _HEADER.pack(0x24, 0, size, 0x80, marker | 96, sequence, timestamp, _SSRC)
            parts += (head, payload)
        if number % _REPORT_EVERY == 0:
            ntp = int((time.time() + _NTP_EPOCH_S) * 2**32)
            words = (_SSRC, ntp >> 32, ntp & 0xFFFFFFFF, timestamp, 0, 0)
            parts.append(_REPORT.pack(0x24, 1, 28, 0x80, 200, 6, *words))
        return b"".join(parts)


class Player(asyncio.Protocol):
    """One camera's connection."""

    def __init__(self, film: Film) -> None:
        self._film = film
        self._held = b""
        self._writes: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 of a TCP server
        self._writes = transport

    def connection_lost(self, error: Exception | None) -> None:
        self._writes = None

    def data_received(self, data: bytes) -> None:
        self._held += data
        while self._held:
            if self._held[:1] == b"$":  # a receiver report
                size = 4 + int.from_bytes(self._held[2:4], "big")
                if len(self._held) < max(4, size):
                    return
                self._held = self._held[size:]
                continue
            head, end, rest = self._held.partition(b"\r\n\r\n")
            if not end:
                return
            self._held = rest
            self._answer(head.decode().split("\r\n"))

    def _answer(self, lines: list[str]) -> None:
        verb = lines[0].split(" ")[0]
        number = next(line for line in lines if line.lower().startswith("cseq"))
        more, body = "", ""
        if verb == "DESCRIBE":
            more, body = "Content-Type: application/sdp\r\n", _SDP
        elif verb == "SETUP":
            more = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1;timeout=60\r\n"
        elif verb == "PLAY":
            self._film.join(self)
        elif verb == "OPTIONS":
            more = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER\r\n"
        if self._writes is not None:
            text = f"RTSP/1.0 200 OK\r\n{number}\r\n{more}Content-Length: {len(body)}\r\n\r\n{body}"
            self._writes.write(text.encode())

    def write(self, data: bytes) -> bool:
        """Send a picture; False when nobody plays any more."""
        if self._writes is None:
            return False
        self._writes.write(data)
        return True


async def serve(clip: Path, fps: int) -> None:
    film = Film(clip, fps)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Player(film), "127.0.0.1", 0, backlog=256)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(film.run())
        sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)
        running.cancel()
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
