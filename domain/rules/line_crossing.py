"""Crossing a line."""

from dataclasses import dataclass
from itertools import islice, pairwise
from math import hypot

from domain.detections import PicturePoint
from domain.events import EventKind
from domain.lines import Crossing
from domain.looks import Look, Shown, Sight
from domain.rules.paths import Path, Paths, Step
from domain.rules.rule import Rule
from domain.rules.rule_type import LegalList, RuleType, Service, Shape, Threshold
from domain.rules.subjects import Subjects

# So many margins away one look is enough to be clear of the line; nearer it takes two, since the
# lower side of a box that stands still trembles by some hundredths of its height.
FAR = 2.5
LOOKS_TO_BE_CLEAR = 2
# But one is enough of who goes over it steadily: so many looks in a row at no less than this share
# of their mean, and in heights a second. Who stops on the line has not, and the box of who goes
# along it trembles to and fro.
STEADY_STEPS, STEADY_SHARE, STEADY_PACE = 3, 0.4, 0.15


@dataclass(slots=True)
class _Place:
    """How one path lies to the line: ``balance`` counts the crossings since it was clear of it."""

    was_clear: bool = False
    looks_clear: int = 0
    balance: int = 0


class LineCrossing:
    """Something has crossed once it is clear of the line on the other side than it was before.

    The way of its foot point counts, step by step, so who goes around the line's end has not
    crossed. Who stands on the line is clear of it on neither side, however the box trembles.
    """

    def __init__(self, rule: Rule) -> None:
        self._line = rule.line
        self._margin = TYPE.threshold(rule, "margin")
        confidence = TYPE.threshold(rule, "confidence")
        self._paths = Paths(TYPE.classes(rule), confidence=confidence)
        self._places: dict[int, _Place] = {}

    def saw(self, look: Look) -> tuple[Shown, ...]:
        paths = self._paths.follow(look)
        shown = tuple(
            Shown.of(path.seen)
            for path in paths
            if self._line.is_counted(self._crossing(path, look.aspect))
        )
        kept = self._paths.numbers
        self._places = {number: at for number, at in self._places.items() if number in kept}
        return shown

    def forget(self) -> None:
        self._paths.forget()
        self._places.clear()

    def _crossing(self, path: Path, aspect: float) -> Crossing | None:
        place = self._places.setdefault(path.number, _Place())
        if len(path.steps) > 1:
            step = self._line.crossed(path.steps[-2].foot, path.last.foot)
            if step is not None:
                place.balance += 1 if step is Crossing.RIGHT else -1
                place.looks_clear = 0
        away = self._distance(path.last, aspect) / path.height if path.height else 0.0
        if away < self._margin:
            place.looks_clear = 0
            return None
        place.looks_clear += 1
        if (
            place.looks_clear < LOOKS_TO_BE_CLEAR
            and away < FAR * self._margin
            and not self._goes_away(path, aspect)
        ):
            return None
        balance, place.balance = place.balance, 0
        was_clear, place.was_clear = place.was_clear, True
        if balance == 0 or not was_clear:
            return None
        return Crossing.RIGHT if balance > 0 else Crossing.LEFT

    def _goes_away(self, path: Path, aspect: float) -> bool:
        """Tell whether the last looks all lead over the line, none of them much slower."""
        if len(path.steps) <= STEADY_STEPS:
            return False
        steps = list(islice(reversed(path.steps), STEADY_STEPS + 1))[::-1]
        now = steps[-1]
        segment = min(pairwise(self._line.points), key=lambda one: _away(now, one, aspect))
        ways = [
            _across(b, segment, aspect) - _across(a, segment, aspect) for a, b in pairwise(steps)
        ]
        side = 1 if _across(now, segment, aspect) > 0 else -1
        least = STEADY_SHARE * sum(ways) * side / len(ways)
        return least > 0 and all(
            way * side >= max(least, 0.0)
            and way * side >= STEADY_PACE * path.height * (b.at - a.at).total_seconds()
            for way, (a, b) in zip(ways, pairwise(steps), strict=True)
        )

    def _distance(self, step: Step, aspect: float) -> float:
        return min(_away(step, one, aspect) for one in pairwise(self._line.points))


type _Segment = tuple[PicturePoint, PicturePoint]


def _away(step: Step, segment: _Segment, aspect: float) -> float:
    a, b = segment
    return _to_segment(step.x, step.y, a.x * aspect, a.y, b.x * aspect, b.y)


def _across(step: Step, segment: _Segment, aspect: float) -> float:
    """How far from the line through ``segment``, in picture heights; negative on its left side."""
    a, b = segment
    across, down = (b.x - a.x) * aspect, b.y - a.y
    off = across * (step.y - a.y) - down * (step.x - a.x * aspect)
    return off / hypot(across, down)


def _to_segment(x: float, y: float, ax: float, ay: float, bx: float, by: float) -> float:
    across, down = bx - ax, by - ay
    along = ((x - ax) * across + (y - ay) * down) / (across**2 + down**2)
    along = min(max(along, 0.0), 1.0)
    return hypot(x - ax - along * across, y - ay - along * down)


TYPE = RuleType(
    kind=EventKind.LINE_CROSSING,
    legal_list=LegalList.TRAFFIC,
    service=Service.POLICE,
    shape=Shape.LINE,
    sights=frozenset({Sight.TRACKS}),
    thresholds=(
        Threshold("margin", "heights", 0.1, 0.02, 1.0),
        Threshold("confidence", "1", 0.35, 0.15, 0.95),
    ),
    evidence="A person or a vehicle, its feet or wheels just over the line.",
    limits="What is first seen on the line is not counted; those who follow one another within "
    "three seconds are one event; feet hidden behind something cross where they are seen.",
    watch=LineCrossing,
    subjects=(Subjects.PEOPLE, Subjects.VEHICLES, Subjects.BOTH),
    closes_after_s=3.0,
)
