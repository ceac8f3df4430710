"""The film every benchmark shows: 720p25 H264 of 1.5 Mbit/s, and a track that loops it."""

import asyncio
import fractions
import random
import time
from pathlib import Path
from typing import Any

import av
from aiortc.mediastreams import MediaStreamTrack
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

WIDTH, HEIGHT, FPS, BIT_PER_S, GOP = 1280, 720, 25, 1_500_000, 50
STREAM = f"H264 {WIDTH}x{HEIGHT}, {FPS}/s, GOP {GOP / FPS:.0f} s, {BIT_PER_S / 1e6} Mbit/s"
_CLOCK_HZ = 90_000


NUMBER_BITS, NUMBER_SQUARE = 8, 32
"""A numbered picture has its number, the lowest bit first, in squares along its upper edge."""


def film(
    path: Path,
    *,
    seconds: int = 10,
    slices: int = 1,
    buffer_kbit: int = 600,
    bit_per_s: int = BIT_PER_S,
    gop: int = GOP,
    numbered: bool = False,
) -> None:
    """A clip of moving noise at the wanted bit rate; no picture is larger than the buffer.

    H264 as it is, or MP4 if ``path`` ends so.
    """
    chance = random.Random(1)  # noqa: S311 the same noise each time
    noise = chance.randbytes(WIDTH * HEIGHT)
    grey = b"\x80" * (WIDTH * HEIGHT)
    kind = "mp4" if path.suffix == ".mp4" else "h264"
    with av.open(str(path), "w", format=kind) as container:
        stream = container.add_stream("libx264", rate=FPS)
        assert isinstance(stream, VideoStream)  # noqa: S101 what libx264 makes
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.bit_rate = bit_per_s
        stream.options = {
            "preset": "ultrafast", "tune": "zerolatency", "profile": "baseline", "g": str(gop),
            "x264-params": f"nal-hrd=cbr:vbv-maxrate={bit_per_s // 1000}:"
            f"vbv-bufsize={buffer_kbit}:scenecut=0:slices={slices}",
        }  # fmt: skip
        for number in range(seconds * FPS):
            frame = VideoFrame(WIDTH, HEIGHT, "yuv420p")
            shift = number * 7919 % len(noise)
            luma = noise[shift:] + noise[:shift]
            planes = (_with_number(luma, number) if numbered else luma, grey, grey)
            for plane, value in zip(frame.planes, planes, strict=True):
                plane.update(value[: plane.buffer_size])
            frame.pts, frame.time_base = number, fractions.Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _with_number(luma: bytes, number: int) -> bytes:
    line = b"".join(
        (b"\xeb" if number >> bit & 1 else b"\x10") * NUMBER_SQUARE for bit in range(NUMBER_BITS)
    )
    rows = [
        line + luma[row * WIDTH + len(line) : (row + 1) * WIDTH] for row in range(NUMBER_SQUARE)
    ]
    return b"".join(rows) + luma[NUMBER_SQUARE * WIDTH :]


class Clip(MediaStreamTrack):
    """The clip's encoded pictures, looped, in real time: aiortc only cuts them into packets.

    It is encoded already, so a request for a keyframe has no effect on it.
    """

    kind = "video"

    def __init__(self, path: Path) -> None:
        super().__init__()
        with av.open(str(path)) as container:
            self._pictures = [bytes(p) for p in container.demux(video=0) if p.size]
        self.largest_bytes = max(map(len, self._pictures))
        self.bit_per_s = sum(map(len, self._pictures)) * 8 * FPS / len(self._pictures)
        self._number = 0
        self._start_s: float | None = None

    async def recv(self) -> Any:
        if self._start_s is None:
            self._start_s = time.monotonic()
        due = self._start_s + self._number / FPS
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        packet = av.Packet(self._pictures[self._number % len(self._pictures)])
        packet.pts = self._number * _CLOCK_HZ // FPS
        packet.time_base = fractions.Fraction(1, _CLOCK_HZ)
        self._number += 1
        return packet
