"""What a masked camera costs, what it adds to the delay, and what it does to who watches another.

    python -m benchmarks.masks [--json] [--quick]

Cameras of 720p (a file each, 1.5 Mbit/s, a street of a sort) in one media process with its
renditions: 15 and 25 pictures a second. Base, in the same run: the same cameras without masks. Cost
is the difference in run time of all threads of all processes. One camera more has no masks; how
unevenly its pictures come is measured in both forms.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks._machine import cpu_s, machine, resident_bytes
from benchmarks._masks import film

CAMERAS = 2
START_S = 4.0


async def started(clip: Path, what: str, fps: int, *options: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "benchmarks._masks", str(clip), what, str(fps)),
        *options,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )


async def line_of(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None  # noqa: S101 asked for above
    found: dict[str, Any] = json.loads(await process.stdout.readline())
    return found


def workers(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(word) for task in tasks for word in (task / "children").read_text().split()]


async def cost(clip: Path, fps: int, seconds: float, *options: str) -> dict[str, float]:
    process = await started(clip, str(CAMERAS), fps, *options)
    began_s = time.monotonic()
    line = {}
    while time.monotonic() - began_s < START_S:
        line = await line_of(process)
    pids, pictures, began_s = (
        [process.pid, *workers(process.pid)],
        line["pictures"],
        time.monotonic(),
    )
    before_s, late_ms = sum(map(cpu_s, pids)), []
    while time.monotonic() - began_s < seconds:
        line = await line_of(process)
        late_ms += line["late_ms"]
    took_s = time.monotonic() - began_s
    found = {
        "cores": (sum(map(cpu_s, pids)) - before_s) / took_s,
        "pictures_per_s": (line["pictures"] - pictures) / took_s / CAMERAS,
        "late_ms_p99": statistics.quantiles(late_ms, n=100)[-1],
        "late_ms_max": max(late_ms),
        "worker_mb": max((resident_bytes(pid) for pid in pids[1:]), default=0) / 2**20,
    }
    await process.communicate(b"\n")
    return found


async def measure(folder: Path, fps: int, seconds: float) -> dict[str, float]:
    clip = folder / f"{fps}.mp4"
    await asyncio.to_thread(film, clip, fps)
    base = await cost(clip, fps, seconds)
    masked = await cost(clip, fps, seconds, "--masked")
    process = await started(clip, "delay", fps)
    delay = await line_of(process)
    await process.wait()
    core = (masked["cores"] - base["cores"]) / CAMERAS
    found = {
        "core_per_masked_camera": core,
        "core_per_camera_base": base["cores"] / CAMERAS,
        "pictures_per_s": masked["pictures_per_s"],
        "worker_mb": masked["worker_mb"],
        "others_late_ms_p99": masked["late_ms_p99"],
        "others_late_ms_p99_base": base["late_ms_p99"],
        "others_late_ms_max": masked["late_ms_max"],
        "others_late_ms_max_base": base["late_ms_max"],
        **delay,
    }
    return {name: round(value, 3) for name, value in found.items()}


async def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true")
    said = parser.parse_args()
    seconds = 10.0 if said.quick else 60.0
    with tempfile.TemporaryDirectory() as name:
        result = {
            "machine": machine(),
            "load": round(os.getloadavg()[0], 1),
            "cameras": CAMERAS,
            "720p15": await measure(Path(name), 15, seconds),
            "720p25": await measure(Path(name), 25, seconds),
        }
    sys.stdout.write((json.dumps(result) if said.json else json.dumps(result, indent=1)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
