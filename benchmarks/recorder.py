"""What recording costs, and what a kill costs.

    python -m benchmarks.recorder [--json] [--quick] [--soak SECONDS]

Cost: 100 camera streams of 720p15, 1 Mbit/s (one film replayed: `benchmarks._recorder` says how),
recorded and not recorded; the difference of the process's CPU is the recorder's. Base: the same
process that records nothing.

Kills: the process is killed (SIGKILL) at a random moment, 20 times; what a file's newest picture is
older than the kill is lost. A process that is killed leaves the page cache, so this says nothing of
a power cut: `strace -f -e syncfs` shows the sync every 0.4 s. Every file is decoded to its last
picture, and its hash compared with what recovery says.

Soak (alone): the memory of the recording process, from when the streams' histories are full (a
minute) to the end, as a line through what was read every five seconds; and the files it has open.
"""

import argparse
import asyncio
import io
import json
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import av
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from benchmarks._machine import cpu_s, machine, resident_bytes
from benchmarks._recorder import MASTER
from server.recordings.segments import SegmentFile, recover

FPS, BIT_PER_S, GOP = 15, 1_000_000, 30


def film(path: Path, seconds: int = 8) -> None:
    chance = random.Random(1)  # noqa: S311 the same noise each time
    noise, grey = chance.randbytes(1280 * 720), b"\x80" * (1280 * 720)
    with av.open(str(path), "w", format="h264") as container:
        stream = container.add_stream("libx264", rate=FPS)
        assert isinstance(stream, VideoStream)  # noqa: S101 what libx264 makes
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        stream.bit_rate = BIT_PER_S
        rate = BIT_PER_S // 1000
        stream.options = {
            "preset": "ultrafast", "tune": "zerolatency", "profile": "baseline", "g": str(GOP),
            "x264-params": f"nal-hrd=cbr:vbv-maxrate={rate}:vbv-bufsize={rate // 2}:scenecut=0",
        }  # fmt: skip
        for number in range(seconds * FPS):
            frame = VideoFrame(1280, 720, "yuv420p")
            shift = number * 7919 % len(noise)
            planes = (noise[shift:] + noise[:shift], grey, grey)
            for plane, values in zip(frame.planes, planes, strict=True):
                plane.update(values[: plane.buffer_size])
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


class Recording:
    """The recording process, until it is killed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.counts = [0, 0, 0]

    @classmethod
    async def start(cls, folder: Path, clip: Path, streams: int, *options: str) -> "Recording":
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "benchmarks._recorder", str(folder), str(clip), str(streams), str(FPS)),
            *options,
            stdout=asyncio.subprocess.PIPE,
        )
        return cls(process)

    async def follow(self, seconds: float) -> None:
        """Read what it counts: pictures, bytes, lost."""
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            assert self.process.stdout is not None  # noqa: S101 asked for above
            line = await self.process.stdout.readline()
            self.counts = [int(word) for word in line.split()]

    async def kill(self) -> float:
        """Give the moment."""
        os.kill(self.process.pid, signal.SIGKILL)
        killed_s = time.time()
        await self.process.communicate()
        return killed_s


async def measure_cost(folder: Path, clip: Path, streams: int, seconds: float) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, options in (("base", ["--off"]), ("recorded", [])):
        recording = await Recording.start(folder / name, clip, streams, *options)
        await recording.follow(5.0)
        pid = recording.process.pid
        before, counts, began_s = cpu_s(pid), list(recording.counts), time.monotonic()
        memory = resident_bytes(pid)
        await recording.follow(seconds)
        took_s = time.monotonic() - began_s
        found[f"{name}_cores"] = round((cpu_s(pid) - before) / took_s, 3)
        if name == "recorded":
            pictures, size, lost = (a - b for a, b in zip(recording.counts, counts, strict=True))
            found |= {
                "pictures_per_s": round(pictures / took_s, 1),
                "wanted_pictures_per_s": streams * FPS,
                "mbit_per_s": round(size * 8 / took_s / 1e6, 1),
                "lost": lost,
                "memory_mb": round(resident_bytes(pid) / 2**20),
                "memory_growth_mb": round((resident_bytes(pid) - memory) / 2**20, 1),
            }
        await recording.kill()
    found["core_per_camera"] = round((found["recorded_cores"] - found["base_cores"]) / streams, 5)
    return found


async def measure_soak(folder: Path, clip: Path, streams: int, seconds: float) -> dict[str, Any]:
    recording = await Recording.start(folder / "soak", clip, streams)
    pid = recording.process.pid
    await recording.follow(60.0)
    began_s, lost = time.monotonic(), recording.counts[2]
    read: list[tuple[float, float]] = []
    while (at_s := time.monotonic() - began_s) < seconds:
        read.append((at_s, resident_bytes(pid) / 2**20))
        await recording.follow(5.0)
    files = len(os.listdir(f"/proc/{pid}/fd"))
    slope = statistics.linear_regression(*zip(*read, strict=True)).slope
    found = {
        "streams": streams,
        "soak_s": round(seconds),
        "memory_mb": [round(read[0][1]), round(max(mb for _, mb in read)), round(read[-1][1])],
        "memory_mb_per_minute": round(slope * 60, 2),
        "open_files": files,
        "lost": recording.counts[2] - lost,
        "pictures": recording.counts[0],
    }
    await recording.kill()
    return found


async def measure_kills(folder: Path, clip: Path, rounds: int, streams: int) -> dict[str, Any]:
    chance = random.Random()  # noqa: S311 the moment of a kill is any
    lost_s: list[float] = []
    wrong = files = 0
    for number in range(rounds):
        root = folder / f"round-{number}"
        recording = await Recording.start(root, clip, streams)
        while len(list(root.glob("*/*/*/*.ilr"))) < streams:  # noqa: ASYNC110 - files tell nobody
            await asyncio.sleep(0.1)
        await asyncio.sleep(2.0 + chance.uniform(0.0, 3.0))
        killed_s = await recording.kill()
        for path in root.glob("*/*/*/*.ilr"):
            files += 1
            found = recover(path, master=MASTER)
            if found is None:
                wrong += 1
                continue
            lost_s.append(killed_s - found[1].ended_at.timestamp())
            with SegmentFile(path, master=MASTER) as file:
                played = _pictures_in(b"".join(file.mp4()))
            whole = sha256(path.read_bytes()).digest() == found[1].sha256
            wrong += played != found[1].pictures or not whole
    return {
        "kills": rounds,
        "files": files,
        "lost_s_max": round(max(lost_s), 3),
        "lost_s_p50": round(statistics.median(lost_s), 3),
        "files_wrong": wrong,
    }


def _pictures_in(mp4: bytes) -> int:
    with av.open(io.BytesIO(mp4), "r") as container:
        return sum(len(packet.decode()) for packet in container.demux(video=0))


async def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--soak", type=float, metavar="SECONDS")
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = folder / "clip.h264"
        film(clip)
        result: dict[str, Any] = {"machine": machine(), "load": round(os.getloadavg()[0], 1)}
        if said.soak:
            result |= await measure_soak(folder, clip, 100, said.soak)
            sys.stdout.write(json.dumps(result, indent=None if said.json else 1) + "\n")
            return 0
        result |= {
            **await measure_cost(folder, clip, 100, 10.0 if said.quick else 60.0),
            **await measure_kills(folder, clip, 5 if said.quick else 20, 4),
        }
    sys.stdout.write((json.dumps(result) if said.json else json.dumps(result, indent=1)) + "\n")
    return 1 if result["files_wrong"] or result["lost_s_max"] > 1.0 else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
