"""Nights without an event: still, noisy, windy and raining looks, rendered anew for each look.

Hours are a hundred thousand looks, so nothing is encoded here: what is rendered is given to the
gate as a decoder would give it. The places are empty: the real clip's (CC BY 4.0, its pictures
before somebody comes, one after the other) and the demonstration's. Over a night the light goes
down and up again, the grain with it; now and then headlights pass.
"""

from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import av
import cv2
import numpy as np

from benchmarks._sets.cast import Place, place
from benchmarks._sets.looking import LOOKS_PER_S, START
from benchmarks._sets.play import rule_of
from detectors.executor import Worker
from detectors.frames import DecodedFrame
from domain.events import EventKind
from domain.identifiers import RuleId
from domain.lines import Line
from domain.rules import TYPES, Rule, Shape, Subjects
from domain.zones import Zone
from server.demo.stage import Pixels

WIDTH, HEIGHT = 640, 360
EMPTY_PICTURES = 50
"""Nobody is in the clip's first five seconds."""
LEAVES_PX = 1.6
SWAY_PX = 2.0
GRAINS = 16
RAINS = 12
HEADLIGHTS_EVERY_S, HEADLIGHTS_S = 97.0, 4.0


class Form(StrEnum):
    """What the night is like."""

    STILL = "still"
    NOISY = "noisy"
    WINDY = "windy"
    RAINING = "raining"


@dataclass(frozen=True, slots=True)
class Watch:
    """One camera for a part of a night."""

    form: Form
    scene: str
    """One of the demonstration's, or "clip" for the real clip's."""
    seed: int
    looks: int


def rules() -> list[Rule]:
    """A rule of each kind that there is, over the ground in front of the parked cars, as it comes.

    Cars are drawn where the zone ends, at 0.55: to tell of one that stands in it is no mistake.
    """
    ground = Zone.drawn([(0.02, 0.6), (0.98, 0.6), (0.98, 0.99), (0.02, 0.99)])
    across = Line.drawn([(0.02, 0.75), (0.98, 0.75)])
    rim = Zone.drawn([(0.44, 0.6), (0.56, 0.6), (0.56, 0.72), (0.44, 0.72)])
    return [
        replace(
            _rule(kind, rim if TYPES[kind].needs_reference else ground, across),
            id=RuleId(UUID(int=number + 1)),
        )
        for number, kind in enumerate(TYPES)
        if not TYPES[kind].labels
    ]


def _rule(kind: EventKind, ground: Zone, across: Line) -> Rule:
    declared = TYPES[kind]
    return rule_of(
        kind,
        across if declared.shape is Shape.LINE else ground,
        bearing=90.0 if declared.shape is Shape.DIRECTED_ZONE else None,
        subjects=Subjects.BOTH if Subjects.BOTH in declared.subjects else None,
    )


async def looks(
    watch: Watch, clip: Path | None, worker: Worker, *, only: int | None = None
) -> AsyncGenerator[DecodedFrame]:
    """Give the looks of a watch, all or the first, rendered in the thread that would decode."""
    night = _Night(watch, clip)
    for number in range(only or watch.looks):
        picture = await worker.run(lambda number=number: night.picture(number))  # type: ignore[misc]  # a default binds it
        yield DecodedFrame(picture, START + timedelta(seconds=number / LOOKS_PER_S))


class _Night:
    def __init__(self, watch: Watch, clip: Path | None) -> None:
        self._watch = watch
        self._chance = np.random.default_rng(watch.seed)
        here = None if watch.scene == "clip" else place(watch.scene, WIDTH / 1280)
        self._empty = _of_clip(clip) if here is None else [here.picture]
        self._leaves = [] if here is None or watch.form is not Form.WINDY else _leaves(here)
        sigma = 5.0 if watch.form is Form.NOISY else 1.8
        self._grains = [
            np.repeat(
                self._chance.normal(0, sigma, (HEIGHT + 8, WIDTH + 8, 1)).round().astype(np.int8),
                3,
                axis=2,
            )
            for _ in range(GRAINS)
        ]
        self._rains = [self._rain() for _ in range(RAINS)] if watch.form is Form.RAINING else []

    def picture(self, number: int) -> av.VideoFrame:
        at_s = number / LOOKS_PER_S
        frame: Any = self._empty[number % len(self._empty)]
        if self._watch.form is Form.WINDY:
            frame = self._windy(frame, at_s)
        # One night is one swing of the light, however long it is watched.
        light = 0.75 + 0.25 * np.cos(2 * np.pi * number / self._watch.looks)
        frame = cv2.convertScaleAbs(frame, alpha=float(light))
        since = at_s % HEADLIGHTS_EVERY_S
        if since < HEADLIGHTS_S and self._watch.scene != "clip":
            frame = cv2.add(frame, _headlights(since / HEADLIGHTS_S))
        if self._rains:
            shift = int(self._chance.integers(0, WIDTH))
            frame = cv2.add(frame, np.roll(self._rains[number % RAINS], shift, axis=1))
        x, y = self._chance.integers(0, 8, 2)
        grain = self._grains[int(self._chance.integers(0, GRAINS))]
        frame = cv2.add(frame, grain[y : y + HEIGHT, x : x + WIDTH], dtype=cv2.CV_8U)
        return av.VideoFrame.from_ndarray(frame, format="bgr24").reformat(format="yuv420p")

    def _windy(self, frame: Pixels, at_s: float) -> Any:
        moved = frame.copy()
        for number, (rows, columns, mask) in enumerate(self._leaves):
            dx = LEAVES_PX * np.sin(1.9 * at_s + number) * np.sin(0.31 * at_s)
            dy = 0.6 * LEAVES_PX * np.sin(2.7 * at_s + 2 * number)
            matrix = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
            part = frame[rows, columns]
            size = (part.shape[1], part.shape[0])
            shifted = cv2.warpAffine(part, matrix, size, borderMode=cv2.BORDER_REPLICATE)
            moved[rows, columns] = (shifted * mask + part * (1 - mask)).astype(np.uint8)
        dx = SWAY_PX * np.sin(2.1 * at_s + self._watch.seed) * np.sin(0.23 * at_s)
        dy = 0.5 * SWAY_PX * np.sin(3.3 * at_s)
        matrix = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
        return cv2.warpAffine(moved, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)

    def _rain(self) -> Any:
        layer = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        for _ in range(220):
            x, y = int(self._chance.integers(0, WIDTH)), int(self._chance.integers(0, HEIGHT))
            length, grey = int(self._chance.integers(8, 28)), int(self._chance.integers(12, 52))
            cv2.line(layer, (x, y), (x + length // 6, y + length), (grey, grey, grey), 1)
        return cv2.GaussianBlur(layer, (3, 3), 0)


def _leaves(here: Place) -> list[tuple[slice, slice, Any]]:
    # Crowns are the fronts that are neither narrow (posts) nor small.
    return [
        (one.rows, one.columns, one.mask)
        for one in here.fronts
        if one.mask.shape[1] > 40 and one.mask.shape[0] > 40
    ]


def _of_clip(clip: Path | None) -> list[Pixels]:
    if clip is None:
        raise FileNotFoundError("the real clip is not here")
    pictures = []
    with av.open(str(clip)) as container:
        for frame in container.decode(video=0):
            picture = frame.to_ndarray(format="bgr24")
            pictures.append(
                cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.uint8)
            )
            if len(pictures) == EMPTY_PICTURES:
                break
    return [*pictures, *pictures[::-1]]


def _headlights(share: float) -> Any:
    x, y = (1.4 * share - 0.2) * WIDTH, 0.75 * HEIGHT
    rows, columns = np.ogrid[:HEIGHT, :WIDTH]
    glow = 80 * np.exp(-(((columns - x) / 100) ** 2) - ((rows - y) / 50) ** 2)
    return np.repeat(glow.astype(np.uint8)[..., None], 3, axis=2)


def watches(hours: float, *, first: int, has_clip: bool) -> Iterator[Watch]:
    """Divide ``hours`` evenly among forms and places."""
    scenes = ("place", "clip" if has_clip else "parking", "gare", "ecole", "avenue", "parking")
    parts = [(form, scene) for form in Form for scene in scenes]
    count = round(hours * 3600 * LOOKS_PER_S / len(parts))
    for number, (form, scene) in enumerate(parts):
        yield Watch(form, scene, first + number, count)
