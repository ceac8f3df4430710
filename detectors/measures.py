"""Measures: what of a camera's pictures no detector's class gives, taken for rules that ask for it.

They work at low size in the thread that decodes, at each look, also while the motion gate is shut:
a thing that stands still does not open it.
"""

from collections.abc import Iterable, Mapping, Set
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
        compared = (rule for rule in rules if Sight.CHANGES in type_of(rule.kind).sights)
        zones = {rule.id: rule.zone for rule in compared}
        self._zone_changes = ZoneChanges(zones, references)

    async def take(
        self, frame: Frame, sights: frozenset[Sight], due: Set[RuleId] = frozenset()
    ) -> Measured:
        """Measure what ``sights`` name and nothing else; what was not asked for is forgotten.

        ``due``: of rules that compare a zone, those that are to be shown ``frame``. Another rests:
        it is out of its hours, its act does not hold, or it was drawn at another preset.
        """
        if Sight.LEFT_THINGS not in sights:
            self._left_things.forget()
        if Sight.CHANGES not in sights:
            self._zone_changes.forget()
        if Sight.FLAMES not in sights:
            self._flames.forget()
        if not sights & MEASURED:
            return Measured()
        return await self._worker.run(lambda: self._take(frame, sights, due), begun=True)

    def _take(self, frame: Frame, sights: frozenset[Sight], due: Set[RuleId]) -> Measured:
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
                references = tuple(self._zone_changes.take(luma, at, due))
                changes = self._zone_changes.look(luma, at, due)
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
