"""Measures: what of a camera's pictures no detector's class gives, taken for rules that ask for it.

They work at low size in the thread that decodes, at each look, also while the motion gate is shut:
a thing that stands still does not open it.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from detectors.executor import Worker
from detectors.left_things import LeftThings
from detectors.metrics import MEASURE_SECONDS
from detectors.protocol import Frame, Luma
from domain.looks import LeftThing, Sight

SMALL_WIDTH = 320


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured at one look; empty where no rule asked for it."""

    left_things: tuple[LeftThing, ...] = ()


class Measures:
    """Takes the measures of one camera, and remembers of it what they need."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._left_things = LeftThings()

    async def take(self, frame: Frame, sights: frozenset[Sight]) -> Measured:
        """Measure what ``sights`` name and nothing else; what was not asked for is forgotten."""
        if Sight.LEFT_THINGS not in sights:
            self._left_things.forget()
            return Measured()
        return await self._worker.run(lambda: self._take(frame))

    def _take(self, frame: Frame) -> Measured:
        with MEASURE_SECONDS.labels(Sight.LEFT_THINGS.value).time():
            things = self._left_things.look(_small(frame.luma()), frame.captured_at)
        return Measured(left_things=things)


def _small(luma: Luma) -> Luma:
    height, width = luma.shape
    if width <= SMALL_WIDTH:
        return luma
    size = (SMALL_WIDTH, max(1, round(height * SMALL_WIDTH / width)))
    return cv2.resize(luma, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
