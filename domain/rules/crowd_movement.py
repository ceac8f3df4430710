"""Crowd movement: many people who suddenly run, or run apart."""

from collections import deque
from datetime import datetime, timedelta
from math import hypot
from statistics import median

from domain.events import EventKind
from domain.looks import Look, Shown, Sight
from domain.rules.crowd import Crowd, over_ground
from domain.rules.paths import Path
from domain.rules.rule import Rule
from domain.rules.rule_type import LegalList, RuleType, Service, Shape, Threshold
from domain.rules.subjects import PEOPLE

NOW, BEFORE = timedelta(seconds=0.6), timedelta(seconds=1.5)
"""How fast somebody is: over the last 0.6 s, against all that is known until 1.5 s ago."""
KNOWN_FOR = timedelta(seconds=2.5)
"""Who has been there for less comes, maybe fast, and has not begun to run: a train has arrived."""
RAN_FOR = timedelta(seconds=1.5)
"""They do not begin at one moment, and who was first is out of the picture by then."""
SUDDENLY = 2.5
"""Times as fast as before, each of them and the scene against its own last minute."""
STANDING = 0.15
"""Heights a second: what trembles; no pace is compared with less."""
USUAL_OVER, USUAL_UNTIL = timedelta(minutes=1), timedelta(seconds=3)
MOST_PACES = 600
"""Of a scene's last minute: ten looks a second."""
APART = 0.7
"""The cosine to the way from their middle: 45 degrees."""
APART_FROM = 0.75
"""Of the pace that counts as running: who runs apart needs to be less quick."""
LOOKS = 2
"""In which he was fast: one may have seen another."""


class CrowdMovement:
    """Of enough people, a share is suddenly fast: all against what each did before.

    Fast is in their heights a second; who walked here and walks on, or comes in running, is none.
    """

    def __init__(self, rule: Rule) -> None:
        self._zone = rule.zone
        self._people = TYPE.threshold(rule, "people")
        self._share = TYPE.threshold(rule, "share") / 100
        self._pace = TYPE.threshold(rule, "pace")
        self._crowd = Crowd(PEOPLE, confidence=TYPE.threshold(rule, "confidence"))
        self._usual: deque[tuple[datetime, float]] = deque(maxlen=MOST_PACES)
        self._ran: dict[int, deque[datetime]] = {}
        self._is_open = False

    def saw(self, look: Look) -> tuple[Shown, ...]:
        self._crowd.follow(look)
        people = [
            path
            for path in self._crowd.since(look.at - RAN_FOR)
            if path.last.at - path.steps[0].at >= KNOWN_FOR and self._is_inside(path)
        ]
        there = [path for path in people if path.last.at >= look.at]
        pace = median([_pace(path) for path in there]) if there else 0.0
        running = self._running(people, there, look.at)
        self._usual.append((look.at, pace))
        # Who is not seen any more and has not run is hidden, and says but that he was there.
        counted = {path.number for path in (*there, *running)}
        self._is_open = len(people) >= self._people and len(running) >= self._share * max(
            self._people, len(counted)
        )
        return tuple(Shown.of(path.seen) for path in running) if self._is_open else ()

    def forget(self) -> None:
        self._crowd.forget()
        self._usual.clear()
        self._ran.clear()
        self._is_open = False

    def _is_inside(self, path: Path) -> bool:
        # Also who was until just now: they run out of the zone.
        return any(
            self._zone.contains(path.before(over).foot) for over in (timedelta(0), NOW, RAN_FOR)
        )

    def _running(self, people: list[Path], there: list[Path], at: datetime) -> list[Path]:
        """Give those who have run just now: in two looks of the last moments."""
        usual = self._usual_pace(at)
        fast = [path for path in there if _has_sped_up(path, self._pace, usual)]
        fast = fast or _apart(
            [path for path in there if _has_sped_up(path, APART_FROM * self._pace, usual)]
        )
        for path in fast:
            self._ran.setdefault(path.number, deque(maxlen=LOOKS)).append(at)
        kept = {path.number for path in people}
        self._ran = {number: looks for number, looks in self._ran.items() if number in kept}
        return [path for path in people if self._has_run(path.number, at)]

    def _has_run(self, number: int, at: datetime) -> bool:
        looks = self._ran.get(number)
        return looks is not None and len(looks) == LOOKS and at - looks[0] <= RAN_FOR

    def _usual_pace(self, at: datetime) -> float:
        while self._usual and at - self._usual[0][0] > USUAL_OVER:
            self._usual.popleft()
        paces = [pace for when, pace in self._usual if at - when >= USUAL_UNTIL]
        return max(median(paces), STANDING) if paces else STANDING


def _pace(path: Path) -> float:
    """In its own heights a second, over the last moment."""
    return over_ground(*path.velocity(NOW)) / path.height if path.height else 0.0


def _has_sped_up(path: Path, pace: float, usual: float) -> bool:
    now, first, then = _pace(path), path.steps[0], path.before(BEFORE)
    seconds = (then.at - first.at).total_seconds()
    if now < pace or seconds <= 0:
        return False
    before = over_ground(then.x - first.x, then.y - first.y) / seconds / path.height
    return now >= SUDDENLY * max(before, usual, STANDING)


def _apart(people: list[Path]) -> list[Path]:
    """Give those who move away from the middle of them all."""
    if not people:
        return []
    x, y = median(one.last.x for one in people), median(one.last.y for one in people)

    def goes_away(path: Path) -> bool:
        away, pace = (path.last.x - x, path.last.y - y), path.velocity(NOW)
        along = away[0] * pace[0] + away[1] * pace[1]
        return along >= APART * hypot(*away) * hypot(*pace)

    return [path for path in people if goes_away(path)]


TYPE = RuleType(
    kind=EventKind.CROWD_MOVEMENT,
    legal_list=LegalList.DECREE_2023_828,
    service=Service.POLICE,
    shape=Shape.ZONE,
    sights=frozenset({Sight.TRACKS}),
    thresholds=(
        Threshold("people", "people", 5.0, 3.0, 100.0),
        Threshold("share", "%", 60.0, 30.0, 100.0),
        Threshold("pace", "heights/s", 1.3, 0.6, 5.0),
        Threshold("confidence", "1", 0.35, 0.15, 0.95),
    ),
    evidence="Several people who were slow and now run.",
    limits="Uncertain in the State's own evaluation as well. Dense crowds are not followed one by "
    "one; a shower of rain or a bus to catch makes people run too.",
    watch=CrowdMovement,
    is_experimental=True,
)
