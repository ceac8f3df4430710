"""Hours in minutes: publishers and viewers come and go, some without a word; nothing is left over.

    python -m benchmarks.soak [--json] [--quick] [--minutes 20] [--seed 1]

A media process of its own has some streams and a dozen viewers at any time; several times a second
one of them leaves (a third vanish: no RTCP, DTLS or HTTP goodbye) and another comes. One publisher
and one viewer stay throughout, and the viewer's gaps count.

Flat means: a line fitted to the resident memory of the second half rises by less than 8 MiB from
its beginning to its end; its slope and the standard error of that are told. At the end, when
everybody has left, descriptors and tasks are to be back at what they were after the first couple
had come and gone, and the process has logged no warning. The memory left then is what the process
still holds once glibc has given back what is free.

Base: the same process before. Left out: cameras, other networks, browsers. `--quick` sees leaks of
tasks and descriptors; of memory it can say little.
"""

import asyncio
import logging
import os
import random
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from benchmarks._clip import Clip
from benchmarks._command import filmed_clip, options, tell
from benchmarks._machine import descriptors, machine, resident_bytes
from benchmarks._media import Media, media_process
from benchmarks._peers import Publisher, Receiver, close_all, use_address

_PUBLISHERS, _VIEWERS = 3, 12
_VANISHING = 1 / 3
_SETTLE_S = 75.0
"""ICE's consent gives up on a silent peer after some 30 s; a stream then waits for it to return."""
_ALLOWED_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Form:
    churn_s: float
    every_s: float
    sample_s: float


@dataclass(slots=True)
class Seen:
    samples: list[tuple[float, int]] = field(default_factory=list)  # seconds, bytes
    came: int = 0
    vanished: int = 0
    failed: int = 0


class Crowd:
    """Who is there now."""

    def __init__(self, media: Media, clip: Path, chance: random.Random, seen: Seen) -> None:
        self._media, self._clip, self._chance, self._seen = media, clip, chance, seen
        self._publishers: dict[UUID, Publisher] = {}
        self._viewers: list[Receiver] = []

    async def change(self) -> None:
        """One leaves if all places are taken, and one comes."""
        if self._chance.random() < 0.2 or not self._publishers:
            if len(self._publishers) >= _PUBLISHERS:
                stream = self._chance.choice(list(self._publishers))
                await self._leave(self._publishers.pop(stream))
            await self._publish()
            return
        if len(self._viewers) >= _VIEWERS:
            await self._leave(self._viewers.pop(self._chance.randrange(_VIEWERS)))
        await self._watch()

    async def _publish(self) -> None:
        publisher, stream = Publisher(Clip(self._clip)), uuid4()
        self._seen.came += 1
        try:
            await publisher.connect(self._media, stream=stream)
            await self._media.until_live(stream)
        except (TimeoutError, RuntimeError):
            self._seen.failed += 1
            await publisher.close()
            return
        self._publishers[stream] = publisher

    async def _watch(self) -> None:
        receiver = Receiver()
        self._seen.came += 1
        try:
            await receiver.connect(self._media, stream=self._chance.choice(list(self._publishers)))
        except (TimeoutError, RuntimeError):
            self._seen.failed += 1
            await receiver.close()
            return
        self._viewers.append(receiver)

    async def _leave(self, peer: Publisher | Receiver) -> None:
        if self._chance.random() < _VANISHING:
            self._seen.vanished += 1
            peer.fall_silent()
        await peer.close()

    async def go_home(self) -> None:
        await close_all([*self._publishers.values(), *self._viewers])
        self._publishers.clear()
        self._viewers.clear()


async def soak(clip: Path, form: Form, seed: int) -> dict[str, Any]:
    seen, chance = Seen(), random.Random(seed)  # noqa: S311 the same crowd each time
    async with media_process() as media:
        await _couple_comes_and_goes(media, clip)
        start = await _counts(media)
        staying, watching = Publisher(Clip(clip)), Receiver()
        await staying.connect(media)
        await media.until_live()
        await watching.connect(media)
        crowd = Crowd(media, clip, chance, seen)
        begun_s = sampled_s = time.monotonic()
        while time.monotonic() - begun_s < form.churn_s:
            await crowd.change()
            await asyncio.sleep(form.every_s)
            if time.monotonic() - sampled_s >= form.sample_s:
                sampled_s = time.monotonic()
                seen.samples.append((sampled_s - begun_s, resident_bytes(media.pid)))
        await crowd.go_home()
        await close_all([staying, watching])
        left = await _settled(media, start)
        complaints = media.complaints()
    return report(seen, start, left, complaints, seed) | {
        "minutes": round(form.churn_s / 60, 1),
        "gaps": watching.gaps,
    }


async def _couple_comes_and_goes(media: Media, clip: Path) -> None:
    """What is made once, at the first session, is no leak."""
    stream = uuid4()
    publisher, receiver = Publisher(Clip(clip)), Receiver()
    await publisher.connect(media, stream=stream)
    await media.until_live(stream)
    await receiver.connect(media, stream=stream)
    await close_all([publisher, receiver])
    async with asyncio.timeout(20):
        while await media.streams():  # noqa: ASYNC110 another process
            await asyncio.sleep(0.2)


async def _counts(media: Media) -> dict[str, int]:
    return await media.counts(trim=True) | {
        "descriptors": descriptors(media.pid),
        "bytes": resident_bytes(media.pid),
    }


async def _settled(media: Media, start: dict[str, int]) -> dict[str, int]:
    """What is left once all sessions are over, or after `_SETTLE_S`."""
    until_s = time.monotonic() + _SETTLE_S
    while True:
        left = await _counts(media)
        back = all(left[name] <= start[name] for name in ("tasks", "descriptors"))
        if (back and not await media.streams()) or time.monotonic() > until_s:
            return left
        await asyncio.sleep(0.5)


def _slope(samples: list[tuple[float, int]]) -> tuple[float, float]:
    """Bytes per second and the standard error of that, of the line through the second
    half: in the first, caches fill and the allocator finds its size."""
    settled = samples[len(samples) // 2 :]
    if len(settled) < 3:
        return 0.0, 0.0
    times, sizes = zip(*settled, strict=True)
    line = statistics.linear_regression(times, sizes)
    middle = statistics.fmean(times)
    rest = sum((size - line.slope * at - line.intercept) ** 2 for at, size in settled)
    spread = sum((at - middle) ** 2 for at in times)
    return line.slope, (rest / (len(settled) - 2) / spread) ** 0.5


def report(
    seen: Seen, start: dict[str, int], left: dict[str, int], complaints: list[str], seed: int
) -> dict[str, Any]:
    slope, error = _slope(seen.samples)
    halfway = seen.samples[len(seen.samples) // 2 :]
    span_s = halfway[-1][0] - halfway[0][0] if halfway else 0.0
    flat = slope * span_s < _ALLOWED_BYTES
    return {
        "benchmark": "soak",
        "machine": machine(),
        "seed": seed,
        "sessions": seen.came,
        "vanished": seen.vanished,
        "failed": seen.failed,
        "memory_flat": flat,
        "memory_mib_second_half": round(slope * span_s / 2**20, 1),
        "memory_kib_per_minute": round(slope * 60 / 1024, 1),
        "memory_kib_per_minute_standard_error": round(error * 60 / 1024, 1),
        "memory_mib_by_sixth": [
            round(seen.samples[(len(seen.samples) - 1) * sixth // 6][1] / 2**20, 1)
            for sixth in range(7)
        ],
        "memory_mib_start_highest_left": [
            round(size / 2**20, 1)
            for size in (
                start["bytes"],
                max((s for _, s in seen.samples), default=0),
                left["bytes"],
            )
        ],
        "tasks_start_left": [start["tasks"], left["tasks"]],
        "descriptors_start_left": [start["descriptors"], left["descriptors"]],
        "objects_start_left": [start["objects"], left["objects"]],
        "complaints": len(complaints),
        "complaint": complaints[0] if complaints else None,
        "ok": flat
        and left["tasks"] <= start["tasks"]
        and left["descriptors"] <= start["descriptors"]
        and not complaints,
    }


async def run(form: Form, seed: int) -> dict[str, Any]:
    use_address()
    with filmed_clip() as clip:
        return await soak(clip, form, seed)


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    logging.disable(logging.ERROR)  # of the peers: some of them are made to die
    form = Form(given.minutes * 60, 0.1, 5.0)
    if given.quick:
        form = Form(churn_s=6.0, every_s=0.02, sample_s=0.5)
    result = asyncio.run(run(form, given.seed))
    tell(result, as_json=given.json)
    return 0 if result["ok"] else os.EX_SOFTWARE


if __name__ == "__main__":
    sys.exit(main())
