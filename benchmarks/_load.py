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

WARM_UP_S = 0.7
_TIMED = 10
"""So many viewers time their pictures, spread over all: the kernel's time costs each read more."""


@dataclass(slots=True)
class Window:
    """What was seen while ``viewers`` watched for some seconds."""

    viewers: int
    core: float
    ms_per_viewer_second: float
    """CPU for 25 pictures shown to one viewer: right on a machine too busy to show them all."""
    gaps: int
    pictures_missing_per_s: float
    latencies_ms: list[float] = field(default_factory=list)


async def watch(
    media: Media, publisher: Publisher | None, counts: Iterable[int], seconds: float
) -> tuple[list[Window], int]:
    """A window for each number of viewers, the least first, and the gaps while they joined.

    Without a ``publisher`` that notes its times there are no latencies.
    """
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
    media: Media, publisher: Publisher | None, receivers: list[Receiver], seconds: float
) -> Window:
    timed = receivers[:: max(1, len(receivers) // _TIMED)] if publisher is not None else []
    if publisher is not None:
        publisher.sent_ns.clear()
    for receiver in timed:
        receiver.times_pictures = True
    before = [receiver.pictures for receiver in receivers]
    core = await media.share_of_core(seconds)
    shown = [receiver.pictures - then for receiver, then in zip(receivers, before, strict=True)]
    late = latencies_ms(publisher, timed) if publisher is not None else []
    for receiver in timed:
        receiver.times_pictures = False
        receiver.arrived_ns.clear()
    return Window(
        viewers=len(receivers),
        core=core,
        ms_per_viewer_second=1000 * core * seconds * FPS / max(1, sum(shown)),
        gaps=sum(receiver.gaps for receiver in receivers),
        pictures_missing_per_s=max(0.0, FPS - min(shown) / seconds),
        latencies_ms=late,
    )


def by_viewers(windows: Iterable[Window]) -> dict[int, list[Window]]:
    found: dict[int, list[Window]] = {}
    for window in windows:
        found.setdefault(window.viewers, []).append(window)
    return found


def median_latency_ms(windows: Iterable[Window]) -> float | None:
    """None: no picture was timed."""
    every = [late for window in windows for late in window.latencies_ms]
    return round(statistics.median(every), 2) if every else None
