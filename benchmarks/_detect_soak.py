"""Sixteen cameras in real time, for minutes: is the memory flat, and is nobody left out?"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks._detect_footage import FPS, busy, calm
from benchmarks._machine import cpu_s, machine, resident_bytes
from benchmarks._sets.looking import packets
from domain.identifiers import StreamId

CAMERAS, MOVING = 16, 2
SAMPLE_S = 5.0
ALLOWED_MIB = 16.0
"""What the line through the second half may rise by: allocators' pools go up and down by more."""


async def soak(minutes: float) -> dict[str, Any]:
    """Two of the cameras show somebody who walks all the time, the others in a tenth of it."""
    clips = [packets(busy(10).small)] * MOVING + [packets(calm(20).small)] * (CAMERAS - MOVING)
    streams = [StreamId(UUID(int=1000 + number)) for number in range(CAMERAS)]
    samples: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tap"
        connected: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue(1)
        server = await asyncio.start_unix_server(lambda _, w: connected.put_nowait(w), path)
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks._detect_soaked", str(path), str(CAMERAS)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        writer = await connected.get()
        begun_s, began_cpu_s, sampled_s = time.monotonic(), cpu_s(child.pid), 0.0
        for number in range(round(minutes * 60 * FPS)):
            await asyncio.sleep(max(0.0, begun_s + number / FPS - time.monotonic()))
            for stream, clip in zip(streams, clips, strict=True):
                packet = replace(
                    clip[number % len(clip)],
                    stream_id=stream,
                    captured_at=datetime.now(UTC),
                    sequence_number=number,
                )
                writer.write(packet.to_bytes())
            await writer.drain()
            if time.monotonic() - sampled_s >= SAMPLE_S:
                sampled_s = time.monotonic()
                samples.append((sampled_s - begun_s, resident_bytes(child.pid) / 2**20))
        took_s, used_s = time.monotonic() - begun_s, cpu_s(child.pid) - began_cpu_s
        told, _ = await child.communicate(b"\n")
        server.close()
    return _report(json.loads(told), samples, minutes) | {
        "cores": round(used_s / took_s, 2),
    }


def _report(
    told: dict[str, Any], samples: list[tuple[float, float]], minutes: float
) -> dict[str, Any]:
    half = samples[len(samples) // 2 :]
    slope = statistics.linear_regression(*zip(*half, strict=True)).slope if len(half) > 2 else 0.0
    rise = slope * (half[-1][0] - half[0][0])
    looks = told["looks"]
    return {
        "benchmark": "detect --soak",
        "machine": machine(),
        "cameras": CAMERAS,
        "minutes": minutes,
        "memory_flat": rise < ALLOWED_MIB,
        "memory_mib_second_half": round(rise, 1),
        "memory_mib_by_sixth": [
            round(samples[(len(samples) - 1) * sixth // 6][1]) for sixth in range(7)
        ],
        "looks_per_s_least_most": [round(share(looks) / (minutes * 60), 2) for share in (min, max)],
        "looks_missed": told["missed"],
        "events": told["events"],
    }
