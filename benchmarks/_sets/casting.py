"""Plays: the scripts of one kind of event, cast by seeds.

A seed below ``MEASURED`` is for whoever tunes a rule; what is reported comes from the others.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from benchmarks._sets.cars import BUILDS
from benchmarks._sets.cast import COATS, LIGHT_COATS, NIGHT, PLACES
from benchmarks._sets.play import Actor, Light, Person, Play, Sky, Truth, Vehicle, Way
from domain.events import EventKind
from domain.rules import Rule

MEASURED = 1000
NEGATIVE = 500
"""Seeds of hard negatives are so much higher than those of events."""
LARGE_EVERY = 4

type Script = Callable[["Casting"], Play]


@dataclass(slots=True)
class Casting:
    """The choices of one clip, by its seed."""

    seed: int
    chance: Random
    is_large: bool

    def scene(self, *names: str) -> str:
        """Give one of the places named, or of all; they take turns."""
        names = names or PLACES
        return names[self.seed % len(names)]

    def sky(self) -> Sky:
        return self.chance.choices(tuple(Sky), (6, 2, 1, 1))[0]

    def coat(self, scene: str) -> str:
        return self.chance.choice(LIGHT_COATS if scene == NIGHT else COATS)

    def speed(self) -> float:
        """A walker's, in metres a second."""
        return self.chance.uniform(1.0, 1.7)

    def between(self, low: float, high: float) -> float:
        return self.chance.uniform(low, high)

    def side(self) -> int:
        """Give 1 or -1."""
        return self.chance.choice((1, -1))

    def person(self, scene: str, way: Way, *, falls_s: float | None = None) -> Person:
        return Person(self.coat(scene), way, self.between(1.62, 1.88), falls_s=falls_s)

    def vehicle(self, way: Way) -> Vehicle:
        paint = self.between(0.1, 0.85), self.between(0.1, 0.8), self.between(0.15, 0.8)
        return Vehicle(way, self.chance.choice(BUILDS), paint)

    def play(
        self,
        what: str,
        rule: Rule,
        *actors: Actor,
        scene: str,
        seconds: float,
        truths: Sequence[Truth] = (),
        light: Light = Light(),  # noqa: B008 frozen
    ) -> Play:
        return Play(
            kind=rule.kind,
            what=what,
            seed=self.seed,
            scene=scene,
            seconds=seconds,
            rule=rule,
            actors=actors,
            truths=tuple(truths),
            sky=self.sky(),
            light=light,
            is_large=self.is_large,
        )

    def nobody(self, rule: Rule, scene: str, *, seconds: float = 10.0) -> Play:
        """Only weather, lamps that are switched, or headlights that go over the ground."""
        what, light = self.chance.choice(
            (
                ("nobody", Light()),
                (
                    "light is switched",
                    Light(stops=((0, 1), (4, 1), (4.1, 0.55), (8, 0.55), (8.1, 1))),
                ),
                ("headlights sweep", Light(sweep=(3.0, 7.0))),
            )
        )
        return self.play(what, rule, scene=scene, seconds=seconds, light=light)


@dataclass(frozen=True, slots=True)
class Plays:
    """A kind's scripts: each is cast in turn."""

    kind: EventKind
    events: tuple[Script, ...]
    negatives: tuple[Script, ...]

    def cast(self, count: int, *, first: int = MEASURED) -> list[Play]:
        """Give ``count`` plays with the event and as many without; seeds from ``first`` on."""
        return [
            scripts[number % len(scripts)](casting(seed + number, number))
            for scripts, seed in ((self.events, first), (self.negatives, first + NEGATIVE))
            for number in range(count)
        ]


def casting(seed: int, number: int) -> Casting:
    """Give the choices of the clip of that seed, the ``number``th of its kind."""
    return Casting(seed, Random(seed), is_large=number % LARGE_EVERY == LARGE_EVERY - 1)  # noqa: S311 the same each time
