"""Gathering: more people than are wanted, staying in a zone, close to each other."""

from datetime import datetime, timedelta
from math import ceil, hypot
from statistics import median

from domain.events import EventKind
from domain.looks import Look, Shown, Sight
from domain.rules.paths import Path, Paths
from domain.rules.rule import Rule
from domain.rules.rule_type import LegalList, RuleType, Service, Shape, Threshold
from domain.rules.subjects import PEOPLE

COUNTED_FOR = timedelta(seconds=1.5)
"""In a crowd one look misses many: who was seen so recently is still there."""
PASSING = 0.35
"""Heights a second, 0.6 m/s: who goes faster passes by. A queue that goes past does; one that
stands does not."""
PASSING_OVER = timedelta(seconds=2)
KNOWN_AFTER = timedelta(seconds=0.6)
STAYS_OPEN_AT = 0.8
"""Of the number that opened it: a gathering that one person leaves and joins is one event."""
THIN_FOR = timedelta(seconds=3)
UNKNOWN_FOR = timedelta(minutes=1)


class Density:
    """People gather when, for some time, so many stay in the zone within so far of each other.

    The distance is the median of those to the nearest other, in their heights: ten people over a
    whole square are ten people.
    """

    def __init__(self, rule: Rule) -> None:
        self._zone = rule.zone
        self._people = TYPE.threshold(rule, "people")
        self._spacing = TYPE.threshold(rule, "spacing")
        self._after = timedelta(seconds=TYPE.threshold(rule, "seconds"))
        self._paths = Paths(PEOPLE, confidence=TYPE.threshold(rule, "confidence"))
        self._since: datetime | None = None
        self._thin_since: datetime | None = None
        self._looked_at: datetime | None = None
        self._is_open = False

    def saw(self, look: Look) -> tuple[Shown, ...]:
        if self._looked_at is not None and look.at - self._looked_at > UNKNOWN_FOR:
            self._start_again()
        self._looked_at = look.at
        self._paths.follow(look)
        staying = [path for path in self._paths.since(look.at - COUNTED_FOR) if self._stays(path)]
        if not self._are_many(staying):
            self._thin_since = self._thin_since or look.at
            if look.at - self._thin_since >= THIN_FOR:
                self._start_again()
            return ()
        self._thin_since = None
        self._since = self._since or look.at
        if look.at - self._since < self._after:
            return ()
        self._is_open = True
        return tuple(Shown.of(path.seen) for path in staying)

    def forget(self) -> None:
        self._paths.forget()
        self._looked_at = None
        self._start_again()

    def _start_again(self) -> None:
        self._since, self._thin_since, self._is_open = None, None, False

    def _stays(self, path: Path) -> bool:
        if not self._zone.contains(path.last.foot):
            return False
        is_known = path.last.at - path.steps[0].at >= KNOWN_AFTER
        return not is_known or hypot(*path.velocity(PASSING_OVER)) < PASSING * path.height

    def _are_many(self, paths: list[Path]) -> bool:
        wanted = ceil(self._people * STAYS_OPEN_AT) if self._is_open else self._people
        if len(paths) < max(wanted, 2):
            return False
        return median(_to_nearest(path, paths) for path in paths) <= self._spacing


def _to_nearest(path: Path, paths: list[Path]) -> float:
    """Give the distance to the nearest other, in the heights of the two."""
    x, y, height = path.last.x, path.last.y, path.height
    return min(
        2 * hypot(other.last.x - x, other.last.y - y) / (height + other.height)
        for other in paths
        if other is not path
    )


TYPE = RuleType(
    kind=EventKind.DENSITY,
    legal_list=LegalList.DECREE_2023_828,
    service=Service.POLICE,
    shape=Shape.ZONE,
    sights=frozenset({Sight.TRACKS}),
    thresholds=(
        Threshold("people", "people", 10.0, 2.0, 100.0),
        Threshold("spacing", "heights", 1.5, 0.2, 20.0),
        Threshold("seconds", "s", 20.0, 2.0, 900.0),
        Threshold("confidence", "1", 0.35, 0.15, 0.95),
    ),
    evidence="The people who stay in the zone, close to each other.",
    limits="Who hides behind others is not counted: a dense crowd is more than is seen. A crowd "
    "that moves on is not a gathering, however dense.",
    watch=Density,
    closes_after_s=10.0,
)
