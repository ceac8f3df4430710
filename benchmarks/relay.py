"""What the relay costs: CPU of a media process with one and with ten viewers of one stream.

    python -m benchmarks.relay [--json] [--quick] [--viewers 1,10]

A media process of its own serves one WHIP stream (H264 constrained baseline, 1280x720, 25 pictures
and 1.5 Mbit/s, a keyframe every 2 s); the publisher and the viewers (aiortc peers that count
packets and decode nothing) run in this process. CPU is the run time of all threads of the media
process (/proc/PID/task/*/schedstat), ingest and RTCP included, as a share of one core. In each
round the numbers of viewers take turns; medians are given.

Base: the process idle, and with a publisher and no viewer. Left out: a real network and its card,
browsers, loss. Over loopback the sender pays for part of the receiver's work.
"""

import argparse
import asyncio
import fractions
import json
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import av
from aiohttp import web
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtp import RtpPacket
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

TOKEN = "benchmark"  # noqa: S105 both ends are this file, on the loopback
WIDTH, HEIGHT, FPS, BIT_PER_S, GOP = 1280, 720, 25, 1_500_000, 50
WARM_UP_S = 2.0


# The media process


async def serve() -> None:
    """Run the real service behind its real app; print the port; end when stdin closes."""
    from server.media import MediaLimits, MediaService, build_app
    from webrtc.ice import IceAddresses
    from webrtc.signalling import SessionLimits

    class Nobody:
        def __getattr__(self, name: str) -> Any:
            async def hear(*values: object) -> None: ...

            return hear

    addresses = IceAddresses(bind=("127.0.0.1",))
    service = MediaService(
        listener=Nobody(),
        limits=MediaLimits(sessions=SessionLimits(addresses=addresses)),
    )
    runner = web.AppRunner(build_app(service, internal_token=TOKEN), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(service.run())
        sys.stdout.write(f"{runner.addresses[0][1]}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)
        running.cancel()
    await runner.cleanup()


# The peers


def film(path: Path, seconds: int = 10) -> None:
    """A clip of moving noise at the wanted bit rate."""
    chance = random.Random(1)  # noqa: S311 the same noise each time
    noise = chance.randbytes(WIDTH * HEIGHT)
    with av.open(str(path), "w", format="h264") as container:
        stream = container.add_stream("libx264", rate=FPS)
        assert isinstance(stream, VideoStream)  # noqa: S101 what libx264 makes
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.bit_rate = BIT_PER_S
        stream.options = {
            "preset": "ultrafast", "tune": "zerolatency", "profile": "baseline", "g": str(GOP),
            "x264-params": f"nal-hrd=cbr:vbv-maxrate={BIT_PER_S // 1000}:vbv-bufsize=600:"
            "scenecut=0:slices=1",
        }  # fmt: skip
        for number in range(seconds * FPS):
            frame = VideoFrame(WIDTH, HEIGHT, "yuv420p")
            shift = number * 7919 % len(noise)
            grey = b"\x80" * (WIDTH * HEIGHT)
            planes = (noise[shift:] + noise[:shift], grey, grey)
            for plane, value in zip(frame.planes, planes, strict=True):
                plane.update(value[: plane.buffer_size])
            frame.pts, frame.time_base = number, fractions.Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


class Clip(MediaStreamTrack):
    """The clip's encoded pictures, looped, in real time: aiortc only cuts them into packets."""

    kind = "video"

    def __init__(self, path: Path) -> None:
        super().__init__()
        with av.open(str(path)) as container:
            self._pictures = [bytes(p) for p in container.demux(video=0) if p.size]
        self.bit_per_s = sum(map(len, self._pictures)) * 8 * FPS / len(self._pictures)
        self._number = 0
        self._start = time.monotonic()

    async def recv(self) -> Any:
        due = self._start + self._number / FPS
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        packet = av.Packet(self._pictures[self._number % len(self._pictures)])
        packet.pts, packet.time_base = self._number * 90_000 // FPS, fractions.Fraction(1, 90_000)
        self._number += 1
        return packet


class Counter:
    """Counts a viewer's packets, the pictures they end, and the numbers that never came."""

    def __init__(self) -> None:
        self.packets = self.pictures = 0
        self.seen: set[int] = set()
        self._newest: int | None = None

    async def take(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        self.packets += 1
        self.pictures += packet.marker
        if self._newest is None:
            self._newest = packet.sequence_number
        delta = ((packet.sequence_number - self._newest + 0x8000) & 0xFFFF) - 0x8000
        extended = self._newest + delta
        self.seen.add(extended)
        self._newest = max(self._newest, extended)

    @property
    def gaps(self) -> int:
        return max(self.seen) - min(self.seen) + 1 - len(self.seen) if self.seen else 0

    def restart(self) -> int:
        """Count gaps from here; those until here."""
        gaps = self.gaps
        self.seen.clear()
        return gaps


class Media:
    """Signalling with the media process, as control does it."""

    def __init__(self, http: aiohttp.ClientSession, url: str, pid: int) -> None:
        self.http, self.url, self.pid = http, url, pid
        self.stream = uuid4()

    async def connect(self, pc: RTCPeerConnection, what: str) -> None:
        await pc.setLocalDescription(await pc.createOffer())
        async with self.http.post(
            f"{self.url}/streams/{self.stream}/{what}",
            params={"session": str(uuid4())},
            data=pc.localDescription.sdp.encode(),
            headers={"Content-Type": "application/sdp"},
        ) as response:
            text = await response.text()
            if response.status != 201:
                raise RuntimeError(text)
        await pc.setRemoteDescription(RTCSessionDescription(text, "answer"))

    async def is_live(self) -> bool:
        async with self.http.get(f"{self.url}/streams") as response:
            return any(stream["state"] == "live" for stream in await response.json())

    async def metric(self, name: str) -> float:
        async with self.http.get(f"{self.url}/metrics") as response:
            lines = (await response.text()).splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith(name))

    def cpu_s(self) -> float:
        """Seconds on a core, of all threads so far."""
        tasks = Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


@asynccontextmanager
async def media_process() -> AsyncIterator[Media]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.relay",
        "--serve",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None  # noqa: S101 asked for above
    assert process.stdout is not None  # noqa: S101 asked for above
    try:
        port = int(await process.stdout.readline())
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with aiohttp.ClientSession(headers=headers) as http:
            yield Media(http, f"http://127.0.0.1:{port}", process.pid)
    finally:
        process.stdin.close()
        await process.wait()


@asynccontextmanager
async def viewers(media: Media, count: int) -> AsyncIterator[list[Counter]]:
    counters, peers = [], []
    for _ in range(count):
        pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        transceiver = pc.addTransceiver("video", direction="recvonly")
        counter = Counter()
        transceiver.receiver._handle_rtp_packet = counter.take  # type: ignore[method-assign]  # no decoding here
        counters.append(counter)
        peers.append(pc)
        await media.connect(pc, "whep")
    async with asyncio.timeout(20):
        while not all(counter.pictures > FPS for counter in counters):  # noqa: ASYNC110 another process
            await asyncio.sleep(0.05)
    try:
        yield counters
    finally:
        for pc in peers:
            await pc.close()


async def share_of_core(media: Media, seconds: float) -> float:
    start, cpu = time.monotonic(), media.cpu_s()
    await asyncio.sleep(seconds)
    return (media.cpu_s() - cpu) / (time.monotonic() - start)


async def measure(counts: list[int], rounds: int, seconds: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.h264"
        film(clip)
        track = Clip(clip)
    cpu: dict[int, list[float]] = {count: [] for count in counts}
    gaps = joining = pictures = 0
    async with media_process() as media:
        idle = await share_of_core(media, 2.0)
        publisher = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        publisher.addTransceiver(track, direction="sendonly")
        track._start = time.monotonic()
        await media.connect(publisher, "whip")
        async with asyncio.timeout(20):
            while not await media.is_live():  # noqa: ASYNC110 another process
                await asyncio.sleep(0.1)
        await asyncio.sleep(WARM_UP_S)
        alone = [await share_of_core(media, seconds)]
        for _ in range(rounds):
            for count in counts:
                async with viewers(media, count) as counters:
                    await asyncio.sleep(WARM_UP_S)
                    joining += sum(counter.restart() for counter in counters)
                    before = [counter.pictures for counter in counters]
                    cpu[count].append(await share_of_core(media, seconds))
                    after = [counter.pictures for counter in counters]
                    gaps += sum(counter.gaps for counter in counters)
                    rates = [(b - a) / seconds for a, b in zip(before, after, strict=True)]
                    pictures = max(pictures, round(FPS - min(rates)))
        decodes = await media.metric("ilotier_media_decodes_per_viewer")
        encodes = await media.metric("ilotier_media_encodes_per_viewer")
        dropped = await media.metric("ilotier_media_packets_dropped_total")
        await publisher.close()
    return report(cpu, idle=idle, alone=alone, counts=counts) | {
        "bit_per_s": round(track.bit_per_s),
        "gaps": gaps,
        # While ten handshakes keep this process busy its sockets overflow; nothing asks again.
        "gaps_while_joining": joining,
        "packets_the_relay_dropped": dropped,
        "pictures_per_s_missing_at_most": pictures,
        "decodes_per_viewer": decodes,
        "encodes_per_viewer": encodes,
        "rounds": rounds,
        "window_s": seconds,
    }


def report(
    cpu: dict[int, list[float]], *, idle: float, alone: list[float], counts: list[int]
) -> dict[str, Any]:
    medians = {count: statistics.median(values) for count, values in cpu.items()}
    least, most = counts[0], counts[-1]
    return {
        "benchmark": "relay",
        "machine": f"{os.cpu_count()} x {cpu_model()}, Linux {platform.release()}, "
        f"Python {platform.python_version()}",
        "stream": f"H264 {WIDTH}x{HEIGHT}, {FPS}/s, GOP {GOP / FPS:.0f} s, WHIP in, WHEP out",
        "core_idle": round(idle, 4),
        "core_publisher_only": round(statistics.median(alone), 4),
        "core_by_viewers": {str(count): round(value, 4) for count, value in medians.items()},
        "core_by_viewers_all": {
            str(count): [round(value, 4) for value in values] for count, values in cpu.items()
        },
        "ratio": round(medians[most] / medians[least], 2),
        "ms_per_viewer_second": round(1000 * medians[most] / most, 2),
        "ms_per_added_viewer_second": round(
            1000 * (medians[most] - medians[least]) / max(1, most - least), 2
        ),
    }


def cpu_model() -> str:
    lines: Iterator[str] = (
        line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    )
    return next(lines, "unknown").partition(":")[2].strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="one JSON line, last on stdout")
    parser.add_argument("--quick", action="store_true", help="under 45 seconds")
    parser.add_argument("--viewers", default="1,10", help="numbers to compare, the least first")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve())
        return
    counts = [int(number) for number in given.viewers.split(",")]
    rounds, seconds = (1, 5.0) if given.quick else (3, 10.0)
    result = asyncio.run(measure(counts, rounds, seconds))
    if given.json:
        sys.stdout.write(json.dumps(result) + "\n")
        return
    for name, value in result.items():
        sys.stdout.write(f"{name:32} {value}\n")


if __name__ == "__main__":
    main()
