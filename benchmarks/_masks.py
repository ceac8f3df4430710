"""A media process with cameras of which some are masked; once a second it prints what came.

    python -m benchmarks._masks CLIP CAMERAS FPS [--masked]

One camera more has no masks in either form: how evenly its pictures come says what the others cost
whoever watches it. Each line: pictures of all the others, then, of that one since the line before,
how much later than a picture's time after the one before each came, at worst and at the 99th of a
hundred, in ms. With `delay` in place of CAMERAS: the delay of one rendition.
"""

import asyncio
import json
import statistics
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import av

from domain.identifiers import CameraId, StreamId
from domain.masks import Mask
from domain.streams import Packet
from server.media import CameraSource, MediaLimits, MediaService
from webrtc import h264
from webrtc.metrics import Metrics
from webrtc.renditions import Recipe, Rendered, Renditions, Source

# A façade on each side, a third of the picture.
MASKS = (
    Mask.drawn([[0.0, 0.0], [0.2, 0.0], [0.15, 0.7], [0.0, 0.8]]),
    Mask.drawn([[0.75, 0.0], [1.0, 0.0], [1.0, 0.8], [0.85, 0.6]]),
)
BARE = StreamId(UUID(int=1))


class Nobody:
    def __getattr__(self, name: str) -> Any:
        async def hear(*values: object) -> None: ...

        return hear


class Evenness:
    """How much later than its time each picture comes after the one before."""

    def __init__(self, period_s: float) -> None:
        self._period_s, self._last_s = period_s, 0.0
        self._late_ms: list[float] = []

    def hear(self, packet: Packet) -> None:
        now_s = time.monotonic()
        if self._last_s:
            self._late_ms.append(max(0.0, (now_s - self._last_s - self._period_s) * 1000))
        self._last_s = now_s

    def take(self) -> list[float]:
        taken, self._late_ms = self._late_ms, []
        return taken


async def run(clip: Path, cameras: int, fps: int, *, masked: bool) -> None:
    service = MediaService(listener=Nobody(), limits=MediaLimits(most_renditions=cameras))
    streams = [StreamId(uuid4()) for _ in range(cameras)]
    masks = MASKS if masked else ()
    sources = [
        CameraSource(one, CameraId(uuid4()), clip.as_uri(), masks=masks, masks_version=1)
        for one in streams
    ]
    count = 0

    def hear(packet: Packet) -> None:
        nonlocal count
        count += 1

    evenness = Evenness(1 / fps)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(service.run())
        service.set_sources([*sources, CameraSource(BARE, CameraId(uuid4()), clip.as_uri())])
        while any(service.relay.find(one) is None for one in [*streams, BARE]):  # noqa: ASYNC110 they tell nobody
            await asyncio.sleep(0.05)
        for one in streams:
            service.relay.get(one).listen(hear)
        service.relay.get(BARE).listen(evenness.hear)
        reading = group.create_task(asyncio.to_thread(sys.stdin.readline))
        while not reading.done():
            await asyncio.wait({reading}, timeout=1.0)
            say({"pictures": count, "late_ms": evenness.take()})
        running.cancel()


async def delay(clip: Path, fps: int, seconds: float) -> dict[str, float]:
    """From a unit given to its picture taken, ms."""
    given: dict[int, float] = {}
    took_ms: list[float] = []

    def take(picture: Rendered) -> None:
        took_ms.append((time.monotonic() - given.pop(picture.timestamp)) * 1000)

    rendition = Renditions(metrics=Metrics(), most=1).make(Recipe(masks=MASKS), deliver=take)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(rendition.run())
        for number, data in enumerate(units(clip)[: round(seconds * fps)]):
            timestamp = number * 90_000 // fps
            given[timestamp] = time.monotonic()
            rendition.put(Source(data, timestamp, h264.is_keyframe(data)))
            await asyncio.sleep(1 / fps)
        running.cancel()
    took_ms = took_ms[fps:]  # the first second is its start
    return {
        "delay_ms_p50": round(statistics.median(took_ms), 1),
        "delay_ms_p95": round(statistics.quantiles(took_ms, n=20)[-1], 1),
    }


def units(clip: Path) -> list[bytes]:
    with av.open(str(clip), "r") as container:
        stream = container.streams.video[0]
        convert = av.BitStreamFilterContext("h264_mp4toannexb", stream)
        return [bytes(one) for p in container.demux(stream) if p.size for one in convert.filter(p)]


def film(path: Path, fps: int, *, size: tuple[int, int] = (1280, 720), seconds: int = 6) -> None:
    """A street of a sort: a still textured ground, and blocks that cross it."""
    import numpy as np

    width, height = size
    chance = np.random.default_rng(1)
    ground = np.add.outer(np.arange(height), np.arange(width)) % 160 + 40
    ground = (ground + chance.integers(-20, 20, (height, width))).clip(16, 235).astype(np.uint8)
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.bit_rate = 1_500_000
        stream.options = {"g": str(2 * fps), "bf": "0", "preset": "veryfast", "tune": "zerolatency"}
        for number in range(seconds * fps):
            planes = np.full((height * 3 // 2, width), 128, np.uint8)
            planes[:height] = (ground + chance.integers(0, 4, ground.shape)).astype(np.uint8)
            for lane in range(4):
                left = (number * (4 + 3 * lane) * 25 // fps + lane * 300) % (width - 200)
                top = 150 + lane * height // 6
                planes[top : top + 90, left : left + 160] = ground[:90, :160][:, ::-1]
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    clip, fps = Path(sys.argv[1]), int(sys.argv[3])
    if sys.argv[2] == "delay":
        say(asyncio.run(delay(clip, fps, 5.0)))
    else:
        asyncio.run(run(clip, int(sys.argv[2]), fps, masked="--masked" in sys.argv))
