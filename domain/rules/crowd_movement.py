"""Crowd movement: many people who suddenly run, or run apart."""

from collections import deque
from datetime import datetime, timedelta
from math import hypot
from statistics import median

from domain.events import EventKind
from domain.looks import Look, Shown, Sight
from domain.rules.paths import Path, Paths
from domain.rules.rule import Rule
from domain.rules.rule_type import LegalList, RuleType, Service, Shape, Threshold
from domain.rules.subjects import PEOPLE

NOW, BEFORE = timedelta(seconds=0.8), timedelta(seconds=1.5)
"""How fast somebody is: over the last 0.8 s, against all that is known until 1.5 s ago."""
KNOWN_FOR = timedelta(seconds=2.5)
"""Who has been there for less comes, maybe fast, and has not begun to run: a train has arrived."""
COUNTED_FOR = timedelta(seconds=0.7)
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
LOOKS = 3


class CrowdMovement:
    """Of enough people, a share is suddenly fast: all against what each did before.

    Fast is in their heights a second; who walked here and walks on, or comes in running, is none.
    """

    def __init__(self, rule: Rule) -> None:
        self._zone = rule.zone
        self._people = TYPE.threshold(rule, "people")
        self._share = TYPE.threshold(rule, "share") / 100
        self._pace = TYPE.threshold(rule, "pace")
        self._paths = Paths(PEOPLE, confidence=TYPE.threshold(rule, "confidence"))
        self._usual: deque[tuple[datetime, float]] = deque(maxlen=MOST_PACES)
        self._looks = 0
        self._is_open = False

    def saw(self, look: Look) -> tuple[Shown, ...]:
        self._paths.follow(look)
        people = [
            path
            for path in self._paths.since(look.at - COUNTED_FOR)
            if path.last.at - path.steps[0].at >= KNOWN_FOR and self._is_inside(path)
        ]
        pace = median([_pace(path) for path in people]) if people else 0.0
        running = self._running(people, pace, look.at)
        self._usual.append((look.at, pace))
        if len(people) < self._people or len(running) < self._share * len(people):
            self._looks, self._is_open = 0, False
            return ()
        self._looks += 1
        self._is_open = self._is_open or self._looks >= LOOKS
        return tuple(Shown.of(path.seen) for path in running) if self._is_open else ()

    def forget(self) -> None:
        self._paths.forget()
        self._usual.clear()
        self._looks, self._is_open = 0, False

    def _is_inside(self, path: Path) -> bool:
        # Also who was until just now: they run out of the zone.
        return self._zone.contains(path.last.foot) or self._zone.contains(path.before(NOW).foot)

    def _running(self, people: list[Path], pace: float, at: datetime) -> list[Path]:
        if self._is_open:
            return [path for path in people if _pace(path) >= APART_FROM * self._pace]
        if pace < SUDDENLY * self._usual_pace(at):
            return []
        fast = [path for path in people if _has_sped_up(path, self._pace)]
        return fast or _apart(
            [path for path in people if _has_sped_up(path, APART_FROM * self._pace)]
        )

    def _usual_pace(self, at: datetime) -> float:
        while self._usual and at - self._usual[0][0] > USUAL_OVER:
            self._usual.popleft()
        paces = [pace for when, pace in self._usual if at - when >= USUAL_UNTIL]
        return max(median(paces), STANDING) if paces else STANDING


def _pace(path: Path) -> float:
    """In its own heights a second, over the last moment."""
    return hypot(*path.velocity(NOW)) / path.height if path.height else 0.0


def _has_sped_up(path: Path, pace: float) -> bool:
    now, first, then = _pace(path), path.steps[0], path.before(BEFORE)
    seconds = (then.at - first.at).total_seconds()
    if now < pace or seconds <= 0:
        return False
    before = hypot(then.x - first.x, then.y - first.y) / seconds / path.height
    return now >= SUDDENLY * max(before, STANDING)


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
