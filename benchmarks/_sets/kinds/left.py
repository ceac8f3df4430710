"""Things that people bring and leave: what abandoned objects and dumping have in common."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks._sets.casting import Casting, Script
from benchmarks._sets.play import (
    Carried,
    Ground,
    Person,
    Play,
    Thing,
    Truth,
    Vehicle,
    Way,
    zone_on,
)
from domain.rules import Rule
from domain.zones import Zone

ALONE_S = 10.0
LATE_S = 10.0
"""After the time for which it has to be alone; who leaves is still seen at the edge for a while."""
ZONE: tuple[Ground, ...] = ((-3.8, 5.6), (3.8, 5.6), (3.8, 9.2), (-3.8, 9.2))
FAR_X = 7.2
"""Out of the picture."""


def whole() -> Zone:
    return zone_on(*ZONE)


@dataclass(frozen=True, slots=True)
class Left:
    """Scripts over one kind's rule and the things that are left."""

    rule: Callable[[], Rule]
    things: tuple[tuple[str, float], ...]

    @property
    def events(self) -> tuple[Script, ...]:
        return self.leaves, self.leaves_while_others_pass, self.stays_a_while

    @property
    def negatives(self) -> tuple[Script, ...]:
        return (
            self.stays_with_it,
            self.takes_it_again,
            self.only_passes,
            self.stands_still,
            self.leaves_outside,
            self.car_parks,
            self.nobody,
        )

    def leaves(self, cast: Casting) -> Play:
        return self._leaves(cast, "brings and leaves", stay_s=0.8)

    def stays_a_while(self, cast: Casting) -> Play:
        return self._leaves(cast, "waits beside it and leaves", stay_s=4.0)

    def leaves_while_others_pass(self, cast: Casting) -> Play:
        side = cast.side()
        others = [
            Way.at(1.5, 7.0 + 3 * n, (-side * FAR_X, 8.6), (side * FAR_X, 8.6)) for n in range(2)
        ]
        return self._leaves(cast, "leaves it among others", stay_s=0.8, others=others)

    def stays_with_it(self, cast: Casting) -> Play:
        scene, (x, z), side = cast.scene(), self._place(cast), cast.side()
        way = Way.at(1.4, 0.5, (-side * FAR_X, z), (x, z)).stays(ALONE_S + LATE_S)
        thing = self._thing(cast, (x + 0.55, z), way.stops[1][0], way.ends_s)
        return self._play(cast, "stays with it", scene, cast.person(scene, way), thing)

    def takes_it_again(self, cast: Casting) -> Play:
        """Goes a few steps, and comes back for it in time."""
        scene, (x, z), side = cast.scene(), self._place(cast), cast.side()
        way = Way.at(1.4, 0.5, (-side * FAR_X, z), (x, z)).stays(1.0)
        down_s = way.ends_s
        way = way.then(1.4, (x + side * 2.6, z)).then(1.4, (x, z)).stays(0.6)
        thing = self._thing(cast, (x + 0.5, z), down_s, way.ends_s)
        way = way.then(1.4, (side * FAR_X, z)).stays(4.0)
        return self._play(cast, "takes it again", scene, cast.person(scene, way), thing)

    def only_passes(self, cast: Casting) -> Play:
        scene, side = cast.scene(), cast.side()
        ways = [
            Way.at(cast.speed(), 0.5 + 3 * n, (-side * FAR_X, 6.4 + n), (side * FAR_X, 6.4 + n))
            for n in range(3)
        ]
        people = [cast.person(scene, way) for way in ways]
        return self._play(cast, "people pass", scene, *people)

    def stands_still(self, cast: Casting) -> Play:
        scene, (x, z), side = cast.scene(), self._place(cast), cast.side()
        way = Way.at(1.4, 0.5, (-side * FAR_X, z), (x, z)).stays(ALONE_S + LATE_S)
        return self._play(cast, "a person stands still", scene, cast.person(scene, way))

    def leaves_outside(self, cast: Casting) -> Play:
        """The thing stands beside the zone."""
        return self._leaves(cast, "leaves it outside the zone", stay_s=0.8, is_event=False)

    def car_parks(self, cast: Casting) -> Play:
        side, x = cast.side(), cast.between(-2, 2)
        way = Way.at(4.0, 0.5, (-side * 10, 11.8), (x, 11.8)).stays(ALONE_S + LATE_S)
        scene = cast.scene("avenue", "ecole")
        return self._play(cast, "a car parks behind", scene, cast.vehicle(way))

    def nobody(self, cast: Casting) -> Play:
        return cast.nobody(self.rule(), cast.scene(), seconds=ALONE_S + LATE_S)

    def _leaves(
        self,
        cast: Casting,
        what: str,
        *,
        stay_s: float,
        others: list[Way] | None = None,
        is_event: bool = True,
    ) -> Play:
        scene, (x, z), side = cast.scene(), self._place(cast), cast.side()
        if not is_event:
            z = 9.9
        way = Way.at(cast.speed(), 0.5, (-side * FAR_X, z), (x, z)).stays(stay_s)
        down_s = way.stops[1][0] + 0.4
        way = way.then(cast.speed(), (side * FAR_X, z))
        ends_s = max(one.ends_s for one in (way, *(others or ())))
        seconds = ends_s + ALONE_S + LATE_S
        thing = self._thing(cast, (x + 0.15, z - 0.1), down_s, seconds)
        people = [cast.person(scene, one) for one in (way, *(others or ()))]
        # Alone from when nobody is near it: at the latest when all are out of the picture.
        truths = (Truth(down_s + 2.0, seconds),) if is_event else ()
        carried = Carried(thing.what, thing.size, way, down_s)
        return cast.play(
            what, self.rule(), *people, carried, thing, scene=scene, seconds=seconds, truths=truths
        )

    def _place(self, cast: Casting) -> Ground:
        return cast.between(-2.4, 2.4), cast.between(6.2, 8.2)

    def _thing(self, cast: Casting, place: Ground, from_s: float, until_s: float) -> Thing:
        what, size = cast.chance.choice(self.things)
        return Thing(what, place, from_s, until_s, size)

    def _play(
        self, cast: Casting, what: str, scene: str, *actors: Person | Vehicle | Thing
    ) -> Play:
        ends = [one.until_s if isinstance(one, Thing) else one.way.ends_s for one in actors]
        return cast.play(what, self.rule(), *actors, scene=scene, seconds=max(ends) + 1.0)
