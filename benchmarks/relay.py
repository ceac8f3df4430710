"""What the relay costs: CPU of a media process as more and more viewers watch one stream.

    python -m benchmarks.relay [--json] [--quick]

A media process of its own, on one core, serves one WHIP stream (H264 constrained baseline,
1280x720, 25 pictures and 1.5 Mbit/s, a keyframe every 2 s); the publisher and the viewers, on
another, run in this process. CPU is the run time of all threads of the media process
(/proc/PID/task/*/schedstat), ingest and RTCP included, as a share of one core. Per viewer and
second it is divided by the pictures that came, 25 of them being a second, so that a busy machine
that shows fewer does not look cheap. Medians of the rounds are given.

Bases, in the same run: the process idle, and with a publisher and no viewer; aiortc's `MediaRelay`
with two viewers (more than three fill the core), its decoding shared among them; Debian's Janus
with 40, where it is installed. Left out: a real network and its card, loss. Over loopback the
sender pays for part of the receiver's work, in all three alike.
"""

import asyncio
import os
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks import _janus
from benchmarks._clip import STREAM, Clip
from benchmarks._command import filmed_clip, options, tell
from benchmarks._joining import first_frames_ms
from benchmarks._load import Window, by_viewers, median_latency_ms, watch
from benchmarks._machine import machine, pin, unpin
from benchmarks._media import PEERS_CORE, media_process
from benchmarks._peers import Publisher, use_address

_COUNTS = (1, 10, 40, 80, 160)
_SETTLE_S = 1.5
"""What a process does once, after its first session began, is no cost of the stream."""
_STOCK_VIEWERS = 2
_JANUS_VIEWERS = 40


@dataclass(frozen=True, slots=True)
class Form:
    """How long and how often."""

    rounds: int
    window_s: float
    joins: int


_QUICK = Form(rounds=1, window_s=2.0, joins=10)
_FULL = Form(rounds=3, window_s=8.0, joins=40)


@dataclass(slots=True)
class Seen:
    """What all rounds found."""

    windows: list[Window] = field(default_factory=list)
    ingest: list[float] = field(default_factory=list)
    stock_ms: list[float] = field(default_factory=list)
    janus_ms: list[float] = field(default_factory=list)
    first_frames_ms: list[float] = field(default_factory=list)
    rest: dict[str, Any] = field(default_factory=dict)


async def measure(clip: Path, form: Form) -> Seen:
    seen = Seen()
    pin(os.getpid(), PEERS_CORE)
    for _ in range(form.rounds):
        seen.stock_ms.append(await _stock_ms(clip, form.window_s))
        if _janus.why_not() is None:
            found = await _janus.measure(clip, counts=[_JANUS_VIEWERS], seconds=form.window_s)
            seen.janus_ms.append(found[_JANUS_VIEWERS])
        await _ours(clip, form, seen)
    await _joining(clip, form, seen)
    return seen


async def _stock_ms(clip: Path, seconds: float) -> float:
    async with media_process("benchmarks._stock") as stock:
        publisher = Publisher(Clip(clip))
        await publisher.connect(stock)
        await stock.until_live()
        windows, _ = await watch(stock, publisher, [_STOCK_VIEWERS], seconds)
        await publisher.close()
    return windows[0].ms_per_viewer_second


async def _ours(clip: Path, form: Form, seen: Seen) -> None:
    async with media_process() as media:
        idle = await media.share_of_core(0.5)
        track = Clip(clip)
        publisher = Publisher(track)
        await publisher.connect(media)
        await media.until_live()
        await asyncio.sleep(_SETTLE_S)
        seen.ingest.append(await media.share_of_core(form.window_s))
        windows, joining = await watch(media, publisher, _COUNTS, form.window_s)
        seen.windows += windows
        await publisher.close()
        seen.rest |= {
            "core_idle": round(idle, 4),
            "bit_per_s": round(track.bit_per_s),
            # While handshakes keep this process busy its sockets overflow; nothing asks again.
            "gaps_while_joining": joining,
            "packets_the_relay_dropped": await media.metric("ilotier_media_packets_dropped_total"),
            "decodes_per_viewer": await media.metric("ilotier_media_decodes_per_viewer"),
            "encodes_per_viewer": await media.metric("ilotier_media_encodes_per_viewer"),
        }


async def _joining(clip: Path, form: Form, seen: Seen) -> None:
    unpin(os.getpid())  # a browser needs more than what publisher and viewers leave it
    async with media_process() as media:
        publisher = Publisher(Clip(clip))
        await publisher.connect(media)
        await media.until_live()
        seen.rest["first_frame_by"], seen.first_frames_ms = await first_frames_ms(media, form.joins)
        await publisher.close()


def report(seen: Seen, form: Form) -> dict[str, Any]:
    found = by_viewers(seen.windows)
    core = {count: median(window.core for window in each) for count, each in found.items()}
    per_viewer = {
        count: median(window.ms_per_viewer_second for window in each)
        for count, each in found.items()
    }
    stock_ms = median(seen.stock_ms)
    janus_ms = median(seen.janus_ms) if seen.janus_ms else None
    return {
        "benchmark": "relay",
        "machine": machine(),
        "stream": f"{STREAM}, WHIP in, WHEP out",
        "viewers_per_core": round(1000 / per_viewer[80]),
        "viewers_per_core_160": round(1000 / per_viewer[160]),
        "cpu_ratio_stock": round(per_viewer[80] / stock_ms, 4),
        "cpu_ratio_janus": round(per_viewer[_JANUS_VIEWERS] / janus_ms, 2) if janus_ms else None,
        "gaps": sum(window.gaps for window in seen.windows),
        "added_latency_ms_p50": median_latency_ms(found[10]),
        "added_latency_ms_p50_160": median_latency_ms(found[160]),
        "first_frame_ms_p95": round(quantiles(seen.first_frames_ms, n=20)[-1]),
        "first_frame_ms_p50": round(median(seen.first_frames_ms)),
        "ingest_core_per_stream": round(median(seen.ingest), 4),
        "ms_per_viewer_second": {
            str(count): round(per_viewer[count], 2) for count in (40, 80, 160)
        },
        "stock_ms_per_viewer_second": round(stock_ms, 1),
        "janus_ms_per_viewer_second": round(janus_ms, 2) if janus_ms else None,
        "janus": _janus.why_not() or f"Debian's, {_JANUS_VIEWERS} viewers, plain RTP in",
        "core_by_viewers": {str(count): round(value, 4) for count, value in core.items()},
        "core_by_viewers_all": {
            str(count): [round(window.core, 4) for window in each] for count, each in found.items()
        },
        "ratio": round(core[10] / core[1], 2),
        "ms_per_added_viewer_second": round(1000 * (core[10] - core[1]) / 9, 2),
        "pictures_per_s_missing_at_most": round(
            max(window.pictures_missing_per_s for window in seen.windows), 1
        ),
        "rounds": form.rounds,
        "window_s": form.window_s,
    } | seen.rest


async def run(form: Form) -> dict[str, Any]:
    use_address()
    with filmed_clip() as clip:
        return report(await measure(clip, form), form)


def main() -> None:
    given = options(__doc__).parse_args()
    result = asyncio.run(run(_QUICK if given.quick else _FULL))
    tell(result, as_json=given.json)


if __name__ == "__main__":
    main()
