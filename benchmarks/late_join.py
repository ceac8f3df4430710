"""What somebody sees who joins a camera late in its GOP: when a picture, when live, how fast.

    python -m benchmarks.late_join [--json] [--quick]

A media process shows three files as cameras, which make no keyframe when asked (H264 1280x720, 25
pictures a second): a GOP of 2 s at 1.5 Mbit/s, one of 10 s at 1.5 and one of 10 s at 6 Mbit/s.
Chromium joins each when its keyframe is old, with the product's own `Viewer`. Every picture of the
film carries its number, which the page reads from each picture that is presented: so it is known
what was on the screen when, whatever the timestamps say.

The base, in the same run: a client that does not agree to the header extension and whose page holds
nothing back, as all clients were served and all pages showed before. A picture is shown fast if the
film went on by more than twice the time in the 250 ms that ended with it; it counts if it was
visible, and the page's own covers it while it catches up. Live is from when the film is no later
than at the end of the watch, by 200 ms at most; if the machine is too busy to get there, the end of
the watch. Left out: a network, a hardware decoder.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

from benchmarks import _late_page
from benchmarks._clip import FPS, HEIGHT, WIDTH, film
from benchmarks._machine import machine
from benchmarks._media import media_process
from benchmarks._peers import use_address

_LOOP_S = 10
_LOOP = FPS * _LOOP_S
_FAST, _WITHIN_MS = 2.0, 250
_LATE_MS = 200
_PICTURE_MS = 1000 / FPS


@dataclass(frozen=True, slots=True)
class Scene:
    """A camera, and how old its keyframe is when somebody joins."""

    name: str
    gop_s: int
    bit_per_s: int
    age_s: float
    watch_s: float


_SCENES = (
    Scene("gop_2s_1500", 2, 1_500_000, 1.7, 2.0),
    Scene("gop_10s_1500", 10, 1_500_000, 8.8, 4.4),
    Scene("gop_10s_6000", 10, 6_000_000, 8.8, 4.4),
)
_TURN_S = 4.7
"""The two long GOPs begin so far apart, so that each can be joined once in 10 s."""


async def measure(folder: Path, joins: int) -> dict[str, Any]:
    async with media_process() as media:
        began: dict[str, tuple[str, float]] = {}
        await asyncio.gather(*(asyncio.to_thread(_film, folder, scene) for scene in _SCENES))
        for scene in _SCENES:
            if scene is _SCENES[-1]:
                await asyncio.sleep(_TURN_S)
            stream = await media.add_camera(folder / f"{scene.name}.mp4")
            began[scene.name] = (str(stream), time.monotonic())

        async def signal(stream: str, offer: str) -> str:
            _, answer, _ = await media.offer(offer.encode(), "whep", stream=UUID(stream))
            return answer

        async with _late_page.page(signal) as page:
            await page.join(began["gop_2s_1500"][0], extension=True, for_s=1)  # loads the decoder
            found = await _watch(page, began, joins)
    return {"browser": page.browser} | found


def _film(folder: Path, scene: Scene) -> None:
    film(
        folder / f"{scene.name}.mp4",
        seconds=_LOOP_S,
        bit_per_s=scene.bit_per_s,
        gop=scene.gop_s * FPS,
        buffer_kbit=scene.bit_per_s * 2 // 5000,
        numbered=True,
    )


async def _watch(
    page: _late_page.Page, began: dict[str, tuple[str, float]], joins: int
) -> dict[str, Any]:
    seen: dict[tuple[str, bool], list[dict[str, Any]]] = {}
    short, *long = _SCENES
    turns = [(short, False), (short, True)]
    turns += [(scene, extension) for extension in (False, True) for scene in long]
    for scene, extension in joins * turns:
        stream, began_s = began[scene.name]
        age_s = (time.monotonic() - began_s) % scene.gop_s
        await asyncio.sleep((scene.age_s - age_s) % scene.gop_s)
        taken = await page.join(stream, extension=extension, for_s=scene.watch_s)
        seen.setdefault((scene.name, extension), []).append(_look(taken, ours=extension))
    return {
        scene.name: {
            "base": _summary(seen[scene.name, False]),
            "ours": _summary(seen[scene.name, True]),
        }
        for scene in _SCENES
    }


def _look(taken: dict[str, Any], *, ours: bool) -> dict[str, float]:
    """One join. ``ours``: with the page's own covering."""
    shown = [(at, number) for at, number, _ in _unwrapped(taken["shown"])]
    first_ms, end_ms = shown[0][0], shown[-1][0]
    uncovered_ms = next((at for at, phase in taken["states"] if phase == "live"), end_ms)
    late = [at - number * _PICTURE_MS for at, number in shown]
    settled = median(late[-FPS:])
    live_ms = next(
        at for (at, _), behind in zip(shown, late, strict=True) if behind <= settled + _LATE_MS
    )
    visible = [each for each in shown if not ours or each[0] >= uncovered_ms]
    return {
        "first_picture_ms": first_ms,
        "live_ms": max(live_ms, uncovered_ms) if ours else live_ms,
        "pictures_caught_up_with": shown[-1][1]
        - shown[0][1]
        - (shown[-1][0] - live_ms) / _PICTURE_MS,
        "shown_fast": _fast(visible),
        "delay_ms": median(at - came for at, _, came in taken["shown"][-FPS:]),
        "lost": taken["report"]["packetsLost"],
    }


def _unwrapped(shown: Iterable[list[float]]) -> list[tuple[float, float, float]]:
    """The numbers going on where the film begins anew; they never go back."""
    found: list[tuple[float, float, float]] = []
    for at, number, came in shown:
        before = found[-1][1] if found else number
        found.append((at, before + (number - before) % _LOOP, came))
    return found


def _fast(shown: list[tuple[float, float]]) -> int:
    """How many pictures belong to a fast-forward."""
    found = start = 0
    for at, number in shown:
        while at - shown[start][0] > _WITHIN_MS:
            start += 1
        if (number - shown[start][1]) * _PICTURE_MS > _FAST * _WITHIN_MS:
            found += 1
    return found


def _summary(joins: list[dict[str, float]]) -> dict[str, Any]:
    found: dict[str, Any] = {name: round(median(j[name] for j in joins)) for name in joins[0]}
    return found | {"shown_fast_all": [round(join["shown_fast"]) for join in joins]}


async def run(*, joins: int) -> dict[str, Any]:
    reason = _late_page.why_not()
    if reason is not None:
        raise SystemExit(reason)
    use_address()
    with tempfile.TemporaryDirectory() as folder:
        found = await measure(Path(folder), joins)
    ours = [found[scene.name]["ours"] for scene in _SCENES]
    return {
        "benchmark": "late_join",
        "machine": machine(),
        "stream": f"H264 {WIDTH}x{HEIGHT}, {FPS}/s, a file as a camera, WHEP out",
        "pictures_shown_fast": sum(each["shown_fast"] for each in ours),
        "first_picture_ms": max(each["first_picture_ms"] for each in ours),
        "joins": joins,
    } | found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="one JSON line, last on stdout")
    parser.add_argument("--quick", action="store_true", help="under 45 seconds")
    given = parser.parse_args()
    result = asyncio.run(run(joins=1 if given.quick else 4))
    if given.json:
        sys.stdout.write(json.dumps(result) + "\n")
        return
    for name, value in result.items():
        sys.stdout.write(f"{name:32} {value}\n")


if __name__ == "__main__":
    main()
