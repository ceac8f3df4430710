"""A person on the ground after a fall."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import hypot

from domain.detections import Box, Detection, ObjectClass
from domain.events import EventKind
from domain.looks import Look, Shown, Sight
from domain.rules.rule import Rule
from domain.rules.rule_type import LegalList, RuleType, Service, Shape, Threshold

FALLEN, NOT_FALLEN = "fall", "normal"
UPRIGHT = 1.3
"""Height over width: from here on a person stands or walks."""
LYING = 1.0
LOW, SUNK = 0.55, 0.65
"""Of the height when upright. Who sits is at 0.7, who crouches at 0.6; the detector seldom knows
one who lies, so to have sunk so far and then to be lost has to be enough."""
TILTED = 0.8
"""And as wide as high: at five looks a second a fall is over after three, and then he is lost."""
LOOKS_UPRIGHT = 3
STILL = 0.5
FOOT_RISES = 0.3
"""Of the height when upright: who walks behind a wall loses his feet, not his head."""
HEIR_WITHIN, HEIR_NEAR = timedelta(seconds=3), 1.0
"""A box that falls over is another track to the tracker: as soon, and in heights as near."""
LOOKS_FALLEN = 3
EDGE = 0.01


@dataclass(slots=True)
class _Person:
    """What is known of a track: how high it is ``upright``, ``foot`` then; since when it lies."""

    seen_at: datetime
    looks: int = 0
    height: float = 0.0
    foot: tuple[float, float] = (0.0, 0.0)
    place: tuple[float, float] = (0.0, 0.0)
    lies_since: datetime | None = None
    has_sunk: bool = False
    fallen: int = 0

    def saw(self, box: Box, look: Look) -> None:
        """Take in where it is now."""
        self.seen_at = look.at
        width, height = (box.right - box.left) * look.aspect, box.bottom - box.top
        is_tall = height >= UPRIGHT * width and (not self.looks or height > SUNK * self.height)
        self.has_sunk = False
        if is_tall and not _is_cut(box):
            self.height = height if not self.looks else 0.8 * self.height + 0.2 * height
            self.looks += 1
            self.foot = (box.foot.x * look.aspect, box.foot.y)
            self.lies_since, self.fallen = None, 0
            return
        if self.looks < LOOKS_UPRIGHT or _is_cut(box) or self._has_risen(box):
            self.lies_since = None
            return
        has_tilted = height <= UPRIGHT * width and height <= TILTED * self.height
        self.has_sunk = height <= SUNK * self.height or has_tilted
        if height > LOW * self.height or height > LYING * width:
            self.lies_since = None
            return
        place = ((box.left + box.right) / 2 * look.aspect, (box.top + box.bottom) / 2)
        has_moved = hypot(place[0] - self.place[0], place[1] - self.place[1]) > (
            STILL * self.height
        )
        if self.lies_since is None or has_moved:
            self.lies_since, self.place = look.at, place

    def was_lost(self) -> None:
        """It is not seen and has not left: whoever was sinking, or is said to lie, lies."""
        if self.lies_since is None and (self.has_sunk or self.fallen >= LOOKS_FALLEN):
            self.lies_since = self.seen_at

    def was_judged(self, *, has_fallen: bool) -> None:
        """Hear the operator's model."""
        if has_fallen:
            self.fallen += 1
        else:
            self.fallen, self.lies_since, self.has_sunk = 0, None, False

    def _has_risen(self, box: Box) -> bool:
        return box.bottom < self.foot[1] - FOOT_RISES * self.height


class PersonDown:
    """Somebody who was upright is low, wide and still, or was lost while sinking, for some time.

    The operator's fall model is asked about those, where there is one: its "fall", several times,
    stands for the sinking that was not seen, and its "normal" says that nobody lies there. Without
    a person who was upright before, it is no evidence: it says "fall" of cars.
    """

    def __init__(self, rule: Rule) -> None:
        self._zone = rule.zone
        self._after = timedelta(seconds=TYPE.threshold(rule, "seconds"))
        self._confidence = TYPE.threshold(rule, "confidence")
        self._model_confidence = TYPE.threshold(rule, "model-confidence")
        self._people: dict[int, _Person] = {}

    def saw(self, look: Look) -> tuple[Shown, ...]:
        for track, one in self._tracks(look.tracks):
            if track not in self._people:
                self._people[track] = self._heir(one, look) or _Person(look.at)
            self._people[track].saw(one.box, look)
        self._hear(look)
        unseen = list(self._tracks(look.unseen))
        for track, _ in unseen:
            if track in self._people:
                self._people[track].was_lost()
        shown = tuple(
            Shown.of(one)
            for track, one in (*self._tracks(look.tracks), *unseen)
            if self._is_down(track, look.at) and self._zone.holds(one.box)
        )
        there = {one.track for one in (*look.tracks, *look.unseen)}
        self._people = {
            track: person
            for track, person in self._people.items()
            if track in there or look.at - person.seen_at <= HEIR_WITHIN
        }
        return shown

    def forget(self) -> None:
        self._people.clear()

    def _tracks(self, detections: tuple[Detection, ...]) -> list[tuple[int, Detection]]:
        return [
            (one.track, one)
            for one in detections
            if one.object_class is ObjectClass.PERSON
            and one.track is not None
            and one.confidence >= self._confidence
        ]

    def _hear(self, look: Look) -> None:
        for finding in look.findings:
            label = finding.label.lower()
            person = self._people.get(finding.track) if finding.track is not None else None
            if person is None or finding.confidence < self._model_confidence:
                continue
            if label in (FALLEN, NOT_FALLEN):
                person.was_judged(has_fallen=label == FALLEN)

    def _is_down(self, track: int, at: datetime) -> bool:
        person = self._people.get(track)
        since = person.lies_since if person else None
        return since is not None and at - since >= self._after

    def _heir(self, one: Detection, look: Look) -> _Person | None:
        """Give what is known of somebody upright who was lost just now, where ``one`` appears."""
        x, y = one.box.foot.x * look.aspect, one.box.foot.y
        there = {other.track for other in look.tracks}
        lost = [
            (hypot(x - person.foot[0], y - person.foot[1]), track)
            for track, person in self._people.items()
            if track not in there
            and person.looks >= LOOKS_UPRIGHT
            and look.at - person.seen_at <= HEIR_WITHIN
            and hypot(x - person.foot[0], y - person.foot[1]) <= HEIR_NEAR * person.height
        ]
        return self._people.pop(min(lost)[1]) if lost else None


def _is_cut(box: Box) -> bool:
    """Tell whether the picture's edge cuts it: low and wide says nothing then."""
    return box.left < EDGE or box.right > 1 - EDGE or box.bottom > 1 - EDGE


TYPE = RuleType(
    kind=EventKind.PERSON_DOWN,
    legal_list=LegalList.DECREE_2023_828,
    service=Service.FIRE,
    shape=Shape.ZONE,
    sights=frozenset({Sight.TRACKS, Sight.FINDINGS}),
    thresholds=(
        Threshold("seconds", "s", 5.0, 1.0, 120.0),
        Threshold("confidence", "1", 0.25, 0.15, 0.95),
        Threshold("model-confidence", "1", 0.5, 0.1, 0.99),
    ),
    evidence="The place where a person who was upright lies, or was last seen sinking.",
    limits="Who was not seen upright before is not noticed. Who sits down behind something, or gets"
    " into a car, may be taken for one who fell. Without a fall model it goes by boxes alone.",
    watch=PersonDown,
    is_experimental=True,
    helping_labels=frozenset({FALLEN, NOT_FALLEN}),
    closes_after_s=10.0,
)
