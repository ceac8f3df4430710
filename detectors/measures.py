"""Measures: what of a camera's pictures no detector's class gives, taken for rules that ask for it.

They work at low size in the thread that decodes, at each look, also while the motion gate is shut:
a thing that stands still does not open it.
"""

from dataclasses import dataclass

from detectors.executor import Worker
from detectors.left_things import LeftThings
from detectors.metrics import MEASURE_SECONDS
from detectors.motion import reduced
from detectors.protocol import Frame
from domain.looks import LeftThing, Sight


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
        return await self._worker.run(lambda: self._take(frame), begun=True)

    def _take(self, frame: Frame) -> Measured:
        with MEASURE_SECONDS.labels(Sight.LEFT_THINGS.value).time():
            things = self._left_things.look(reduced(frame.luma()), frame.captured_at)
        return Measured(left_things=things)
