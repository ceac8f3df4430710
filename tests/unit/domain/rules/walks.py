"""Things that move before no camera: made-up ways, seen with noise, losses and mix-ups."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from random import Random
from uuid import UUID

from hypothesis import settings

from domain.detections import Box, Detection, ObjectClass
from domain.identifiers import AuthorisationId, CameraId, EventId, RuleId
from domain.looks import USUAL_ASPECT, Look
from domain.rules import Rule
from domain.watching import CameraWatch, EventOpened, WatchFact

START = datetime(2026, 12, 1, 22, 0, tzinfo=UTC)
ACT = AuthorisationId(UUID(int=2))
CAMERA, RULE = CameraId(UUID(int=1)), RuleId(UUID(int=3))

FEW = settings(max_examples=20)
"""Of a property whose every example is hundreds of looks."""

type Way = Callable[[float], tuple[float, float] | None]
"""Where the foot point is after so many seconds, in shares of the picture; None: not there."""


@dataclass(frozen=True)
class Eyes:
    """How well one sees: looks a second, trembling of a box's sides in its heights, missed looks.

    ``mixes_up``: at so many seconds the tracker gives what it follows other numbers.
    """

    rate: float = 5.0
    trembles: float = 0.02
    misses: float = 0.0
    mixes_up: tuple[float, ...] = ()
    seed: int = 0


@dataclass(frozen=True)
class Mover:
    """One thing: its way, its size in shares of the picture's height, what it is."""

    way: Way
    height: float = 0.2
    width: float = 0.08
    what: ObjectClass = ObjectClass.PERSON


def stands(x: float, y: float) -> Way:
    return lambda _: (x, y)


def goes(*corners: tuple[float, float], heights_a_second: float, height: float = 0.2) -> Way:
    """From corner to corner at an even pace; then it stays at the last."""
    times, legs = [0.0], []
    for (ax, ay), (bx, by) in pairwise(corners):
        length = (((bx - ax) * USUAL_ASPECT) ** 2 + (by - ay) ** 2) ** 0.5
        legs.append(((ax, ay), (bx, by)))
        times.append(times[-1] + length / (heights_a_second * height))

    def way(at: float) -> tuple[float, float]:
        for ((ax, ay), (bx, by)), (begins, ends) in zip(legs, pairwise(times), strict=True):
            if at < ends:
                share = (at - begins) / (ends - begins)
                return ax + (bx - ax) * share, ay + (by - ay) * share
        return corners[-1]

    return way


def during(begins: float, ends: float, way: Way) -> Way:
    """There only from ``begins`` to ``ends``; the way begins with it."""
    return lambda at: way(at - begins) if begins <= at < ends else None


def looks(movers: Sequence[Mover], *, seconds: float, eyes: Eyes) -> Iterable[Look]:
    chance, at = Random(eyes.seed), 0.0
    while at < seconds:
        mixed = sum(at >= moment for moment in eyes.mixes_up)
        seen = []
        for number, mover in enumerate(movers):
            place = mover.way(at)
            if place is None or chance.random() < eyes.misses:
                continue
            track = 1 + number + mixed * len(movers)
            if box := _box(mover, place, chance, eyes.trembles):
                seen.append(Detection(mover.what, 0.7, box, track))
        yield Look(at=START + timedelta(seconds=at), tracks=tuple(seen))
        at += 1 / eyes.rate


def _box(mover: Mover, foot: tuple[float, float], chance: Random, trembles: float) -> Box | None:
    def off() -> float:
        return chance.gauss(0, trembles * mover.height)

    half = mover.width / USUAL_ASPECT / 2
    sides = (
        foot[0] - half + off() / USUAL_ASPECT,
        foot[1] - mover.height + off(),
        foot[0] + half + off() / USUAL_ASPECT,
        foot[1] + off(),
    )
    left, top, right, bottom = (min(max(side, 0.0), 1.0) for side in sides)
    return Box(left, top, right, bottom) if right - left > 0.005 and bottom - top > 0.01 else None


@dataclass
class Told:
    """A rule that is watched, and all that it said; ``after`` are seconds from the start."""

    rule: Rule
    labels: frozenset[str] = frozenset()
    facts: list[WatchFact] = field(default_factory=list)

    def __post_init__(self) -> None:
        numbers = count(100)
        self.watch = CameraWatch(
            camera=CAMERA,
            rules=[replace(self.rule, id=RULE)],
            new_event_id=lambda: EventId(UUID(int=next(numbers))),
            labels=self.labels,
        )

    def see(self, seen: Iterable[Look]) -> "Told":
        for look in seen:
            self.facts += self.watch.saw(look, {self.rule.kind: ACT})
        return self

    @property
    def opened(self) -> list[EventOpened]:
        return [fact for fact in self.facts if isinstance(fact, EventOpened)]

    @property
    def opened_after(self) -> list[float]:
        return [(one.opened_at - START).total_seconds() for one in self.opened]


def watched(
    rule: Rule, *movers: Mover, seconds: float, eyes: Eyes = Eyes()
) -> Told:  # Eyes are frozen
    return Told(rule).see(looks(movers, seconds=seconds, eyes=eyes))
