"""Footage for `benchmarks.detect`: a street of the demonstration, still but for its sensor's noise,
through which somebody walks at known times. Rendered once into `.cache/benchmarks/detect/`.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks._sets.cast import place, walkers
from server.demo.cutouts import PHASES
from server.demo.footage import STEP_M
from server.demo.painting import Spot, put_up, written
from server.demo.scenes import VIEW
from server.demo.stage import Pixels

FOLDER = Path(__file__).parents[1] / ".cache/benchmarks/detect"
VERSION = 1
"""Raised with each change of what is drawn, so that no older clip is taken for it."""
FPS = 25
LARGE, SMALL = (1280, 720), (640, 360)
LARGE_BIT_PER_S, SMALL_BIT_PER_S = 2_000_000, 512_000
SCENE, NOISE, NOISES = "parking", 2.0, 16
SPEED_M_S, NEAR_M = 1.4, 7.0


@dataclass(frozen=True, slots=True)
class Footage:
    """The same pictures as a camera's main stream and its sub-stream, and when somebody walks."""

    large: Path
    small: Path
    seconds: int
    walks: tuple[tuple[float, float], ...]


def calm(seconds: int) -> Footage:
    """Somebody walks in a tenth of the time: for two seconds each twenty."""
    starts = range(8, seconds, 20)
    return _footage(f"calm-{seconds}", seconds, tuple((s, s + 2.0) for s in starts))


def busy(seconds: int) -> Footage:
    """Somebody walks to and fro all the time."""
    return _footage(f"busy-{seconds}", seconds, ((0.0, float(seconds)),))


def _footage(name: str, seconds: int, walks: tuple[tuple[float, float], ...]) -> Footage:
    FOLDER.mkdir(parents=True, exist_ok=True)
    large, small = (FOLDER / f"{name}-{VERSION}-{size}.mp4" for size in ("720p", "360p"))
    if not (large.exists() and small.exists()):
        with ExitStack() as stack:
            writes = [
                stack.enter_context(written(large, LARGE, LARGE_BIT_PER_S, FPS)),
                stack.enter_context(written(small, SMALL, SMALL_BIT_PER_S, FPS)),
            ]
            for picture in _pictures(seconds, walks):
                for write in writes:
                    write(picture)
    return Footage(large, small, seconds, walks)


def _pictures(seconds: int, walks: tuple[tuple[float, float], ...]) -> Iterator[Pixels]:
    here, walker = place(SCENE, 1.0), walkers(1.0)["cream"]
    chance = np.random.default_rng(1)
    noises = [
        chance.normal(0, NOISE, here.picture.shape).round().astype(np.int16) for _ in range(NOISES)
    ]
    for number in range(seconds * FPS):
        at_s = number / FPS
        frame = here.picture.copy()
        since_s = next((at_s - start for start, end in walks if start <= at_s < end), None)
        if since_s is not None:
            # Out of the picture's left half, and back when he has come to its right.
            gone = since_s * SPEED_M_S
            x, goes_back = (gone % 4, gone // 4 % 2 == 1)
            x = 2.0 - x if goes_back else x - 2.0
            one = walker.mirrored() if goes_back else walker
            phase = int(gone / STEP_M * PHASES) % PHASES
            picture, middle = one.phases[phase], one.foot_x * one.phases[0].shape[1]
            foot_x, foot_y, metre = VIEW.project((x, 0, NEAR_M))
            head_y = VIEW.project((x, 1.76, NEAR_M))[1]
            put_up(
                frame,
                picture,
                middle,
                Spot(foot_x, foot_y, metre, (foot_y - head_y) / picture.shape[0]),
                light=here.light(x, NEAR_M),
                shadow=here.shadow,
                sun=here.sun,
                wet=here.wet,
            )
        noisy = frame + np.roll(noises[number % NOISES], 37 * number, axis=1)
        yield np.clip(noisy, 0, 255).astype(np.uint8)


if __name__ == "__main__":
    cv2.setNumThreads(1)
    print(calm(20), busy(10))  # noqa: T201 a command
