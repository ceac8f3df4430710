"""One stream and more and more viewers of it: what the process that relays it takes of a core."""

import asyncio
import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field

from benchmarks._clip import FPS
from benchmarks._media import Media
from benchmarks._peers import (
    Publisher,
    Receiver,
    close_all,
    connect_receivers,
    latencies_ms,
)

WARM_UP_S = 1.5
_TIMED = 10
"""So many viewers time their pictures, spread over all: the kernel's time costs each read more."""


@dataclass(slots=True)
class Window:
    """What was seen while ``viewers`` watched for some seconds."""

    viewers: int
    core: float
    gaps: int
    pictures_missing_per_s: float
    latencies_ms: list[float] = field(default_factory=list)

    @property
    def ms_per_viewer_second(self) -> float:
        return 1000 * self.core / self.viewers


async def watch(
    media: Media, publisher: Publisher, counts: Iterable[int], seconds: float
) -> tuple[list[Window], int]:
    """A window for each number of viewers, the least first, and the gaps while they joined."""
    receivers: list[Receiver] = []
    windows: list[Window] = []
    joining = 0
    try:
        for count in sorted(counts):
            receivers += await connect_receivers(media, count - len(receivers))
            await asyncio.sleep(WARM_UP_S)
            joining += sum(receiver.restart() for receiver in receivers)
            windows.append(await _window(media, publisher, receivers, seconds))
    finally:
        await close_all(receivers)
    return windows, joining


async def _window(
    media: Media, publisher: Publisher, receivers: list[Receiver], seconds: float
) -> Window:
    timed = receivers[:: max(1, len(receivers) // _TIMED)]
    publisher.sent_ns.clear()
    for receiver in timed:
        receiver.times_pictures = True
    before = [receiver.pictures for receiver in receivers]
    core = await media.share_of_core(seconds)
    after = [receiver.pictures for receiver in receivers]
    rates = [(b - a) / seconds for a, b in zip(before, after, strict=True)]
    late = latencies_ms(publisher, timed)
    for receiver in timed:
        receiver.times_pictures = False
        receiver.arrived_ns.clear()
    return Window(
        viewers=len(receivers),
        core=core,
        gaps=sum(receiver.gaps for receiver in receivers),
        pictures_missing_per_s=max(0.0, FPS - min(rates)),
        latencies_ms=late,
    )


def by_viewers(windows: Iterable[Window]) -> dict[int, list[Window]]:
    found: dict[int, list[Window]] = {}
    for window in windows:
        found.setdefault(window.viewers, []).append(window)
    return found


def median_core(windows: Iterable[Window]) -> float:
    return statistics.median(window.core for window in windows)


def median_latency_ms(windows: Iterable[Window]) -> float | None:
    """None: no picture was timed."""
    every = [late for window in windows for late in window.latencies_ms]
    return round(statistics.median(every), 2) if every else None
