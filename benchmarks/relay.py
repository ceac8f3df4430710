"""What the relay costs: CPU of a media process as more and more viewers watch one stream.

    python -m benchmarks.relay [--json] [--quick]

A media process of its own, on one core, serves one WHIP stream (H264 constrained baseline,
1280x720, 25 pictures and 1.5 Mbit/s, a keyframe every 2 s); the publisher and the viewers, on
another, run in this process. CPU is the run time of all threads of the media process
(/proc/PID/task/*/schedstat), ingest and RTCP included, as a share of one core. Medians of the
rounds are given.

Base: the process idle, and with a publisher and no viewer. Left out: a real network and its card,
loss. Over loopback the sender pays for part of the receiver's work.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks._clip import STREAM, Clip, film
from benchmarks._load import Window, by_viewers, median_core, median_latency_ms, watch
from benchmarks._machine import machine, pin
from benchmarks._media import PEERS_CORE, media_process
from benchmarks._peers import Publisher, use_loopback_only

COUNTS = (1, 10, 40, 80, 160)


async def measure(rounds: int, seconds: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.h264"
        film(clip)
        track = Clip(clip)
    windows: list[Window] = []
    joining = 0
    async with media_process() as media:
        idle = await media.share_of_core(1.0)
        publisher = Publisher(track)
        await publisher.connect(media)
        await media.until_live()
        await asyncio.sleep(1.0)
        alone = [await media.share_of_core(seconds)]
        for _ in range(rounds):
            found, gaps = await watch(media, publisher, COUNTS, seconds)
            windows += found
            joining += gaps
            alone.append(await media.share_of_core(seconds / 2))
        decodes = await media.metric("ilotier_media_decodes_per_viewer")
        encodes = await media.metric("ilotier_media_encodes_per_viewer")
        dropped = await media.metric("ilotier_media_packets_dropped_total")
        await publisher.close()
    return report(windows) | {
        "core_idle": round(idle, 4),
        "ingest_core_per_stream": round(statistics.median(alone), 4),
        "bit_per_s": round(track.bit_per_s),
        # While handshakes keep this process busy its sockets overflow; nothing asks again.
        "gaps_while_joining": joining,
        "packets_the_relay_dropped": dropped,
        "decodes_per_viewer": decodes,
        "encodes_per_viewer": encodes,
        "rounds": rounds,
        "window_s": seconds,
    }


def report(windows: list[Window]) -> dict[str, Any]:
    found = by_viewers(windows)
    core = {count: median_core(each) for count, each in found.items()}
    per_viewer = {count: 1000 * value / count for count, value in core.items()}
    return {
        "benchmark": "relay",
        "machine": machine(),
        "stream": f"{STREAM}, WHIP in, WHEP out",
        "viewers_per_core": round(1000 / per_viewer[80]),
        "viewers_per_core_160": round(1000 / per_viewer[160]),
        "gaps": sum(window.gaps for window in windows),
        "added_latency_ms_p50": median_latency_ms(found[10]),
        "added_latency_ms_p50_160": median_latency_ms(found[160]),
        "ms_per_viewer_second": {
            str(count): round(per_viewer[count], 2) for count in (40, 80, 160)
        },
        "core_by_viewers": {str(count): round(value, 4) for count, value in core.items()},
        "core_by_viewers_all": {
            str(count): [round(window.core, 4) for window in each] for count, each in found.items()
        },
        "ratio": round(core[10] / core[1], 2),
        "ms_per_added_viewer_second": round(1000 * (core[10] - core[1]) / 9, 2),
        "pictures_per_s_missing_at_most": round(
            max(window.pictures_missing_per_s for window in windows), 1
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="one JSON line, last on stdout")
    parser.add_argument("--quick", action="store_true", help="under 45 seconds")
    given = parser.parse_args()
    rounds, seconds = (1, 3.0) if given.quick else (3, 8.0)
    use_loopback_only()
    pin(os.getpid(), PEERS_CORE)
    result = asyncio.run(measure(rounds, seconds))
    if given.json:
        sys.stdout.write(json.dumps(result) + "\n")
        return
    for name, value in result.items():
        sys.stdout.write(f"{name:32} {value}\n")


if __name__ == "__main__":
    main()
