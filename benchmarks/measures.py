"""What the measures of pixels cost per look, beside what the motion gate costs.

    python -m benchmarks.measures [--json]

CPU time of one thread per look at 720p, in turns, base and measures in the same run: the gate, then
each measure on the same pictures: a paved square with noise, walkers in it a fifth of the time, a
bag that stays from the tenth second on, something that flickers from the twentieth. No decoding.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta

import av
import cv2
import numpy as np

from benchmarks._machine import machine
from detectors.executor import Worker
from detectors.frames import DecodedFrame
from detectors.measures import Measures
from detectors.motion import MotionMeter
from detectors.protocol import Frame
from domain.looks import Sight

LOOKS, PER_S = 300, 5
START = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


def square() -> Iterator[DecodedFrame]:
    chance = np.random.default_rng(3)
    coarse = chance.normal(0, 20, (90, 160)).astype(np.float32)
    ground = 120 + cv2.resize(coarse, (1280, 720), interpolation=cv2.INTER_CUBIC)
    noise = [chance.normal(0, 4, (720, 1280)).astype(np.float32) for _ in range(5)]
    for number in range(LOOKS):
        picture = ground.copy()
        if number % 50 < 10:
            left = 100 + 40 * (number % 50)
            picture[300:540, left : left + 80] = 40
        if number > 50:
            picture[480:520, 800:850] = 30
        grey = np.clip(picture + noise[number % 5], 0, 255).astype(np.uint8)
        coloured = np.dstack([grey] * 3).astype(np.uint8)
        if number > 100:
            coloured[500:560, 300:340] = (40, 150, 255 - 60 * (number % 2))
        frame = av.VideoFrame.from_ndarray(coloured, "bgr24").reformat(format="yuv420p")
        yield DecodedFrame(frame, START + number * timedelta(seconds=1 / PER_S))


async def spent_ms(looks: list[DecodedFrame], look: Callable[[Frame], Awaitable[object]]) -> float:
    began_s = time.process_time()
    for one in looks:
        await look(one)
    return 1000 * (time.process_time() - began_s) / len(looks)


async def measured() -> dict[str, float]:
    cv2.setNumThreads(1)
    looks = list(square())
    found: dict[str, list[float]] = {}
    with Worker.of("decode") as worker:
        for _ in range(3):
            meter = MotionMeter()

            async def gate(frame: Frame, meter: MotionMeter = meter) -> object:
                return await worker.run(lambda: meter.look(frame.luma(), frame.captured_at))

            found.setdefault("motion_gate_ms", []).append(await spent_ms(looks, gate))
            for sight in (Sight.LEFT_THINGS, Sight.FLAMES):
                measures = Measures(worker)

                async def take(
                    frame: Frame, measures: Measures = measures, sight: Sight = sight
                ) -> object:
                    return await measures.take(frame, frozenset({sight}))

                name = f"{sight.value.replace('-', '_')}_ms"
                found.setdefault(name, []).append(await spent_ms(looks, take))
    return {name: round(min(times), 3) for name, times in found.items()}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", action="store_true", help="print the figures as JSON")
    asked = arguments.parse_args()
    figures = asyncio.run(measured())
    if asked.json:
        sys.stdout.write(json.dumps({"machine": machine(), **figures}) + "\n")
        return
    for name, value in figures.items():
        sys.stdout.write(f"{name}: {value}\n")


if __name__ == "__main__":
    main()
