"""Measures: what of a camera's pictures no detector's class gives, taken for rules that ask for it.

They work at low size in the thread that decodes, at each look, also while the motion gate is shut:
a thing that stands still does not open it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from detectors.crops import Area
from detectors.executor import Worker
from detectors.flames import Flames
from detectors.left_things import LeftThings
from detectors.metrics import MEASURE_SECONDS
from detectors.motion import SMALL_WIDTH, reduced
from detectors.protocol import Frame, Picture
from detectors.zone_changes import ZoneChanges
from domain.identifiers import RuleId
from domain.looks import Flame, LeftThing, Sight
from domain.references import Reference
from domain.rules import Rule, type_of

MEASURED = frozenset({Sight.LEFT_THINGS, Sight.CHANGES, Sight.FLAMES})


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured at one look; empty where no rule asked for it.

    ``references``: those that were wanted and have been taken with this look.
    """

    left_things: tuple[LeftThing, ...] = ()
    changes: Mapping[RuleId, float] = field(default_factory=dict)
    references: tuple[Reference, ...] = ()
    flames: tuple[Flame, ...] = ()


class Measures:
    """Takes the measures of one camera, and remembers of it what they need."""

    def __init__(
        self, worker: Worker, *, rules: Iterable[Rule] = (), references: Iterable[Reference] = ()
    ) -> None:
        self._worker = worker
        self._left_things, self._flames = LeftThings(), Flames()
        self._compared = [rule for rule in rules if Sight.CHANGES in type_of(rule.kind).sights]
        zones = {rule.id: rule.zone for rule in self._compared}
        self._zone_changes = ZoneChanges(zones, references)

    async def take(
        self, frame: Frame, sights: frozenset[Sight], preset: str | None = None
    ) -> Measured:
        """Measure what ``sights`` name and nothing else; what was not asked for is forgotten.

        ``preset``: where the camera is turned to. What was drawn at another is not in ``frame``.
        """
        if Sight.LEFT_THINGS not in sights:
            self._left_things.forget()
        if Sight.CHANGES not in sights:
            self._zone_changes.forget()
        if Sight.FLAMES not in sights:
            self._flames.forget()
        if not sights & MEASURED:
            return Measured()
        return await self._worker.run(lambda: self._take(frame, sights, preset), begun=True)

    def _take(self, frame: Frame, sights: frozenset[Sight], preset: str | None) -> Measured:
        luma, at = frame.luma(), frame.captured_at
        things: tuple[LeftThing, ...] = ()
        changes: Mapping[RuleId, float] = {}
        references: tuple[Reference, ...] = ()
        flames: tuple[Flame, ...] = ()
        if Sight.LEFT_THINGS in sights:
            with MEASURE_SECONDS.labels(Sight.LEFT_THINGS.value).time():
                things = self._left_things.look(reduced(luma), at)
        if Sight.CHANGES in sights:
            with MEASURE_SECONDS.labels(Sight.CHANGES.value).time():
                here = {one.id for one in self._compared if one.preset in (None, preset)}
                references = tuple(self._zone_changes.take(luma, at, here))
                changes = self._zone_changes.look(luma, at)
        if Sight.FLAMES in sights:
            with MEASURE_SECONDS.labels(Sight.FLAMES.value).time():
                flames = self._flames.look(_in_colour(frame), at)
        return Measured(things, changes, references, flames)


def _in_colour(frame: Frame) -> Picture:
    """Give the picture at low size, in colour."""
    width, height = frame.size
    small = min(width, SMALL_WIDTH)
    size = max(1, round(height * small / width)), small
    return frame.cut(Area(0, 0, width & ~1, height & ~1), size)
