"""Crowd: who is where among people who may all start to run between two looks.

At a run of 3.5 m/s somebody is 0.7 m further at the next look, about where his neighbour stood. A
tracker that has seen them stand gives them their neighbours' numbers, so those count for nothing
here: all are matched anew at each look, the best pairs first, by their ways over the ground.
"""

from collections.abc import Iterable, Sequence, Set
from datetime import datetime, timedelta
from itertools import count
from math import hypot
from statistics import mean
from typing import NamedTuple

from domain.detections import Detection, ObjectClass
from domain.looks import Look
from domain.rules.paths import Path, Step

DEEPER = 2.0
"""How much further a way into the depth is than it looks, before a camera that looks down on it."""
LOST_FOR = timedelta(seconds=1.5)
PACE_OVER = timedelta(seconds=0.5)
REACH, REACH_PER_S = 0.35, 3.5
"""Heights from where he would be by now that are nobody else's: a start, a turn, at a run."""
ALIKE_TALL = 1.8
"""Times as tall as he was: nobody is from one look to the next. A bollard that is now and then
taken for somebody is half as tall."""
AWAITED_FOR = timedelta(seconds=0.3)
MISSED, FROM_NOWHERE = 0.3, 1.2
"""Heights off that count as much as somebody who is missed once, and who comes from nowhere."""
CERTAIN, UNLIKELY, ALONE = 0.05, 0.8, 0.1
ALIKE, LEAST_ALIKE, MOST_SHIFTS = 0.2, 3, 3


class _Pair(NamedTuple):
    """Somebody and where he may be now: how far from where he would be."""

    path: int
    step: int
    across: float
    down: float

    def off(self, shift: tuple[float, float] | None) -> float:
        own = hypot(self.across, self.down)
        if shift is None:
            return own
        return min(own + ALONE, hypot(self.across - shift[0], self.down - shift[1]))


class Crowd:
    """Follows people from look to look by their places alone."""

    def __init__(self, classes: Iterable[ObjectClass], *, confidence: float) -> None:
        self._classes = frozenset(classes)
        self._confidence = confidence
        self._paths: list[Path] = []
        self._sure: set[int] = set()
        self._numbers = count(1)

    def follow(self, look: Look) -> None:
        """Take in a look."""
        seen = [(one, Step.of(one, look)) for one in look.tracks if self._counts(one)]
        self._sure = {one.track for one, _ in seen if one.track is not None}
        paths = [path for path in self._paths if look.at - path.last.at <= LOST_FOR]
        matched = _matched(paths, [step for _, step in seen])
        for n, m in matched.items():
            paths[n].go_on(*seen[m])
        for m in sorted(set(range(len(seen))) - set(matched.values())):
            one, step = seen[m]
            paths.append(path := Path(next(self._numbers), one, step))
            path.go_on(one, step)
        self._paths = paths

    def since(self, at: datetime) -> list[Path]:
        """Give the paths of those who have been seen since ``at``."""
        return [path for path in self._paths if path.last.at >= at]

    def forget(self) -> None:
        self._paths.clear()
        self._sure.clear()

    def _counts(self, one: Detection) -> bool:
        return one.object_class in self._classes and (
            one.confidence >= self._confidence or one.track in self._sure
        )


def over_ground(across: float, down: float) -> float:
    """Give how long a way in the picture is on the ground, about."""
    return hypot(across, DEEPER * down)


def _matched(paths: Sequence[Path], steps: Sequence[Step]) -> dict[int, int]:
    """Give which of ``paths`` goes on at which of ``steps``."""
    pairs = [
        _Pair(n, m, *off)
        for n, path in enumerate(paths)
        for m, step in enumerate(steps)
        if hypot(*(off := _off(path, step))) <= _reach(path, step)
        and 1 / ALIKE_TALL <= step.height / path.height <= ALIKE_TALL
    ]
    now = max((step.at for step in steps), default=None)
    awaited = {n for n, path in enumerate(paths) if now and now - path.last.at <= AWAITED_FOR}
    cost, best = _assigned(pairs, awaited, len(steps))
    if cost > CERTAIN * len(steps):
        # Have they all begun to move alike? Then who is last of them is missed where he was, and
        # who is first is nobody's.
        for shift in _shifts(pairs):
            moved, other = _assigned(pairs, awaited, len(steps), shift)
            if moved + UNLIKELY < cost:
                cost, best = moved + UNLIKELY, other
    return best


def _assigned(
    pairs: Sequence[_Pair], awaited: Set[int], steps: int, shift: tuple[float, float] | None = None
) -> tuple[float, dict[int, int]]:
    """Match the nearest first, from where each would be by now or shifted from there as all are.

    Also give how unlikely that is: how far off they are, and who is left over.
    """
    cost, found, taken = 0.0, dict[int, int](), set[int]()
    for off, n, m in sorted((one.off(shift), one.path, one.step) for one in pairs):
        if n not in found and m not in taken:
            found[n] = m
            taken.add(m)
            cost += off
    cost += MISSED * len(awaited - found.keys()) + FROM_NOWHERE * (steps - len(taken))
    return cost, found


def _shifts(pairs: Sequence[_Pair]) -> list[tuple[float, float]]:
    """Give by what many may have been shifted alike."""
    alike: dict[tuple[int, int], list[_Pair]] = {}
    for one in pairs:
        alike.setdefault((round(one.across / ALIKE), round(one.down / ALIKE)), []).append(one)
    largest = sorted(alike.values(), key=len, reverse=True)[:MOST_SHIFTS]
    return [
        (mean(one.across for one in some), mean(one.down for one in some))
        for some in largest
        if len(some) >= LEAST_ALIKE
    ]


def _off(path: Path, step: Step) -> tuple[float, float]:
    """From where he would be by now, in heights over the ground."""
    last, height = path.last, path.height
    across, down = path.velocity(PACE_OVER)
    seconds = (step.at - last.at).total_seconds()
    return (
        (step.x - last.x - across * seconds) / height,
        DEEPER * (step.y - last.y - down * seconds) / height,
    )


def _reach(path: Path, step: Step) -> float:
    return REACH + REACH_PER_S * (step.at - path.last.at).total_seconds()
