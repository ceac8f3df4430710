"""A vehicle that stays where it may not stop."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import hypot

from domain.events import EventKind
from domain.looks import Look, Shown, Sight
from domain.rules.paths import Path, Paths, Step
from domain.rules.rule import Rule
from domain.rules.rule_type import LegalList, RuleType, Service, Shape, Threshold
from domain.rules.subjects import MOTOR_VEHICLES

HIDDEN_FOR = timedelta(seconds=30)
"""A bus that stops in front of it, or a tracker that loses it, does not set a vehicle going."""
OFF_FOR = timedelta(seconds=3)
"""So long elsewhere, and it has moved: people who pass before it cut its box short for less."""


@dataclass(slots=True)
class _Stand:
    """Where a vehicle, ``path``, stands ``since`` when; ``elsewhere``: where it is seen instead."""

    path: int
    place: Step
    since: datetime
    seen_at: datetime
    elsewhere: Step | None = None
    """The first step there, as long as it stays there."""


class StoppedVehicle:
    """A vehicle has stopped when its foot point has stayed within a part of its height so long.

    Whoever takes a place in a slow queue drove there, and begins anew; a vehicle that was hidden
    and appears where one stood is that one.
    """

    def __init__(self, rule: Rule) -> None:
        self._zone = rule.zone
        self._moved = TYPE.threshold(rule, "moved")
        self._after = timedelta(seconds=TYPE.threshold(rule, "seconds"))
        self._paths = Paths(MOTOR_VEHICLES, confidence=TYPE.threshold(rule, "confidence"))
        self._stands: list[_Stand] = []

    def saw(self, look: Look) -> tuple[Shown, ...]:
        shown = []
        inside = [one for one in self._paths.follow(look) if self._zone.contains(one.last.foot)]
        standing = {stand.path for stand in self._stands}
        # Those that are known first: a stand is for another vehicle only if its own is not there.
        for path in sorted(inside, key=lambda path: path.number not in standing):
            stand = self._stand_of(path)
            is_there = self._is_at(stand.place, path.last, path.height)
            if is_there and path.last.at - stand.since >= self._after:
                shown.append(Shown.of(path.seen))
        self._stands = [one for one in self._stands if look.at - one.seen_at <= HIDDEN_FOR]
        return tuple(shown)

    def forget(self) -> None:
        self._paths.forget()
        self._stands.clear()

    def _stand_of(self, path: Path) -> _Stand:
        now = path.last
        stand = next((one for one in self._stands if one.path == path.number), None)
        if stand is None:
            stand = self._orphan(path) or _Stand(path.number, now, now.at, now.at)
            if stand not in self._stands:
                self._stands.append(stand)
            stand.path = path.number
        stand.seen_at = now.at
        if self._is_at(stand.place, now, path.height):
            stand.elsewhere = None
        elif stand.elsewhere is None or not self._is_at(stand.elsewhere, now, path.height):
            stand.elsewhere = now
        elif now.at - stand.elsewhere.at >= OFF_FOR:
            stand.place, stand.since, stand.elsewhere = stand.elsewhere, stand.elsewhere.at, None
        return stand

    def _orphan(self, path: Path) -> _Stand | None:
        """Give the stand of a vehicle not seen now, if this one appeared in its place."""
        return next(
            (
                one
                for one in self._stands
                if one.seen_at < path.last.at
                and one.elsewhere is None
                and self._is_at(one.place, path.began, path.height)
                and self._is_at(one.place, path.last, path.height)
            ),
            None,
        )

    def _is_at(self, place: Step, step: Step, height: float) -> bool:
        return hypot(step.x - place.x, step.y - place.y) <= self._moved * height


TYPE = RuleType(
    kind=EventKind.STOPPED_VEHICLE,
    legal_list=LegalList.TRAFFIC,
    service=Service.POLICE,
    shape=Shape.ZONE,
    sights=frozenset({Sight.TRACKS}),
    thresholds=(
        Threshold("seconds", "s", 60.0, 5.0, 3600.0),
        Threshold("moved", "heights", 0.5, 0.1, 3.0),
        Threshold("confidence", "1", 0.35, 0.15, 0.95),
    ),
    evidence="A vehicle whose wheels have stood in the zone for the whole time.",
    limits="A vehicle hidden for over half a minute begins anew; a traffic light or a queue that "
    "stands longer than the time is a stop. No plate is read and no fine can follow.",
    watch=StoppedVehicle,
    closes_after_s=30.0,
)
