"""Movement against the allowed direction."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, hypot, radians

from domain.events import EventKind
from domain.looks import Look, Shown, Sight
from domain.rules.paths import Path, Paths, Step
from domain.rules.rule import Rule
from domain.rules.rule_type import LegalList, RuleType, Service, Shape, Threshold
from domain.rules.subjects import Subjects

SLOWEST = 0.25
"""Heights a second: a person at 0.4 m/s; below, a box that trembles can't be told from one that
goes."""
LEFT_AFTER = timedelta(seconds=1)


@dataclass(slots=True)
class _Way:
    """A path's way through the zone: where it ``entered``, and when it was last seen inside."""

    entered: Step
    inside_at: datetime


class WrongWay:
    """Something goes the wrong way when it has come some of its own heights against the direction.

    It counts from where it entered the zone, so a turn back to there (a U-turn, somebody who paces)
    is none; it has to go on doing so, and within an angle, so neither is standing or crossing.
    """

    def __init__(self, rule: Rule) -> None:
        self._zone = rule.zone
        across, down = rule.direction
        self._against = -across, -down
        self._distance = TYPE.threshold(rule, "distance")
        self._over = timedelta(seconds=TYPE.threshold(rule, "seconds"))
        self._least_share = cos(radians(TYPE.threshold(rule, "angle")))
        confidence = TYPE.threshold(rule, "confidence")
        self._paths = Paths(TYPE.classes(rule), confidence=confidence)
        self._ways: dict[int, _Way] = {}

    def saw(self, look: Look) -> tuple[Shown, ...]:
        shown = tuple(
            Shown.of(path.seen) for path in self._paths.follow(look) if self._is_wrong(path)
        )
        kept = self._paths.numbers
        self._ways = {number: way for number, way in self._ways.items() if number in kept}
        return shown

    def forget(self) -> None:
        self._paths.forget()
        self._ways.clear()

    def _is_wrong(self, path: Path) -> bool:
        now = path.last
        way = self._ways.get(path.number)
        if not self._zone.contains(now.foot):
            if way and now.at - way.inside_at > LEFT_AFTER:
                del self._ways[path.number]
            return False
        if way is None:
            self._ways[path.number] = _Way(now, now.at)
            return False
        way.inside_at = now.at
        if now.at - way.entered.at < self._over or not self._goes_on(path):
            return False
        height = (way.entered.height + path.height) / 2
        against, whole = self._displacement(way.entered, now)
        return against >= self._distance * height and against >= self._least_share * whole

    def _goes_on(self, path: Path) -> bool:
        before, now = path.before(self._over), path.last
        against, _ = self._displacement(before, now)
        return against >= SLOWEST * path.height * (now.at - before.at).total_seconds()

    def _displacement(self, a: Step, b: Step) -> tuple[float, float]:
        across, down = b.x - a.x, b.y - a.y
        return across * self._against[0] + down * self._against[1], hypot(across, down)


TYPE = RuleType(
    kind=EventKind.WRONG_WAY,
    legal_list=LegalList.DECREE_2023_828,
    service=Service.POLICE,
    shape=Shape.DIRECTED_ZONE,
    sights=frozenset({Sight.TRACKS}),
    thresholds=(
        Threshold("distance", "heights", 1.5, 0.5, 10.0),
        Threshold("seconds", "s", 1.0, 0.4, 10.0),
        Threshold("angle", "°", 45.0, 10.0, 80.0),
        Threshold("confidence", "1", 0.35, 0.15, 0.95),
    ),
    evidence="A vehicle or a person that moves against the direction drawn in the zone.",
    limits="Shown only once it has gone the distance; a way straight towards the camera looks "
    "shorter than it is; a vehicle that reverses into a parking space goes the wrong way too.",
    watch=WrongWay,
    subjects=(Subjects.VEHICLES, Subjects.PEOPLE, Subjects.BOTH),
    closes_after_s=3.0,
)
