"""A person on the ground after a fall."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import hypot

from domain.detections import Box, Detection, ObjectClass
from domain.events import EventKind
from domain.looks import LeftThing, Look, Shown, Sight
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
GOES_ON_WITHIN, GOES_ON_NEAR = timedelta(seconds=0.8), 0.7
LOOKS_FALLEN = 3
LAY_WITHIN = timedelta(seconds=3)
"""What lies where he was lost has come there so soon after that at the latest: it is mostly seen to
be still 1.4 to 2 s later, and who passes before it makes that later."""
LOST_FOR = timedelta(seconds=10)
"""So long a lost person may turn out to lie there: a thing has to be still to be seen as one."""
LIES_NEAR, LIES_WIDE, LIES_LONG = 0.4, 0.45, 1.5
"""Of the height when upright: from the foot to what lies, and how wide that is."""
EDGE = 0.01


@dataclass(slots=True)
class _Person:
    """What is known of a track: its ``height`` and ``foot`` when upright; since when it lies.

    ``rose_at``: when it was seen upright first. ``beside``: what lay at his feet already while he
    stood. ``lies_as``: what lies there now that he is lost, unless a model says that he is not it.
    """

    seen_at: datetime
    rose_at: datetime | None = None
    looks: int = 0
    height: float = 0.0
    foot: tuple[float, float] = (0.0, 0.0)
    place: tuple[float, float] = (0.0, 0.0)
    lies_since: datetime | None = None
    has_sunk: bool = False
    fallen: int = 0
    is_tall: bool = False
    beside: set[int] = field(default_factory=set)
    lies_as: LeftThing | None = None

    def saw(self, box: Box, look: Look) -> None:
        """Take in where it is now."""
        self.seen_at = look.at
        width, height = (box.right - box.left) * look.aspect, box.bottom - box.top
        is_tall = height >= UPRIGHT * width and (not self.looks or height > SUNK * self.height)
        self.is_tall, self.has_sunk = is_tall and not _is_cut(box), False
        if self.is_tall:
            self.height = height if not self.looks else 0.8 * self.height + 0.2 * height
            self.looks += 1
            self.rose_at = self.rose_at or look.at
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
            self.beside |= {self.lies_as.id} if self.lies_as else set()

    def down_for(self, at: datetime) -> timedelta:
        """Give how long he has lain, or has not been seen: who lies is seen now and then."""
        return at - (self.lies_since or self.seen_at)

    def goes_on_for(self, lost: "_Person") -> bool:
        """Tell whether this is ``lost`` under a new number."""
        off = hypot(self.foot[0] - lost.foot[0], self.foot[1] - lost.foot[1])
        return (
            self.rose_at is not None
            and self.seen_at - lost.seen_at <= GOES_ON_WITHIN
            and abs(self.rose_at - lost.seen_at) <= GOES_ON_WITHIN
            and off <= GOES_ON_NEAR * lost.height
        )

    def may_be(self, thing: LeftThing, look: Look) -> bool:
        """Tell whether ``thing`` is as he would lie: low and wide, at his feet."""
        box = thing.box
        width, height = (box.right - box.left) * look.aspect, box.bottom - box.top
        if self.looks < LOOKS_UPRIGHT or height > LOW * self.height or height > LYING * width:
            return False
        x, y = self.foot
        aside = max(box.left * look.aspect - x, 0.0, x - box.right * look.aspect)
        off = max(box.top - y, 0.0, y - box.bottom)
        is_near = hypot(aside, off) <= LIES_NEAR * self.height
        return is_near and LIES_WIDE <= width / self.height <= LIES_LONG

    def _has_risen(self, box: Box) -> bool:
        return box.bottom < self.foot[1] - FOOT_RISES * self.height


class PersonDown:
    """Somebody who was upright is low, wide and still, or was lost while sinking, for some time.

    The detector seldom knows who lies, so what lies low and wide and still where somebody upright
    was lost is he, unless it was there before or he goes on under another number.

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
        self._let_go(look)
        self._look_for_the_lost(look)
        unseen = list(self._tracks(look.unseen))
        for track, _ in unseen:
            if track in self._people:
                self._people[track].was_lost()
        shown = tuple(
            Shown.of(one)
            for track, one in (*self._tracks(look.tracks), *unseen)
            if self._is_down(track, look.at) and self._zone.holds(one.box)
        )
        shown += tuple(
            Shown(person.lies_as.box, track=track)
            for track, person in self._people.items()
            if person.lies_as is not None
            and min(person.lies_as.still_for, person.down_for(look.at)) >= self._after
            and self._zone.holds(person.lies_as.box)
        )
        there = {one.track for one in (*look.tracks, *look.unseen)}
        self._people = {
            track: person
            for track, person in self._people.items()
            if track in there or person.lies_as or look.at - person.seen_at <= LOST_FOR
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

    def _let_go(self, look: Look) -> None:
        """Forget who was lost where somebody who is new goes on upright."""
        seen = {track for track, _ in self._tracks(look.tracks)}
        upright = [self._people[track] for track in seen if self._people[track].is_tall]
        self._people = {
            track: person
            for track, person in self._people.items()
            if track in seen or not any(one.goes_on_for(person) for one in upright)
        }

    def _look_for_the_lost(self, look: Look) -> None:
        """Find out whether something lies where somebody upright was lost."""
        seen = {track for track, _ in self._tracks(look.tracks)}
        for track in self._people.keys() & seen:
            person = self._people[track]
            if person.is_tall:
                person.beside = {one.id for one in look.left_things if person.may_be(one, look)}
        for track, person in self._people.items():
            before, person.lies_as = person.lies_as, None
            if track in seen:
                continue
            for thing in look.left_things:
                is_there = before is not None and before.id == thing.id
                has_come = look.at - thing.still_for <= person.seen_at + LAY_WITHIN
                if thing.id not in person.beside and (
                    is_there or (has_come and person.may_be(thing, look))
                ):
                    person.lies_as = thing
                    break

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
    sights=frozenset({Sight.TRACKS, Sight.FINDINGS, Sight.LEFT_THINGS}),
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
