"""A person who falls and stays down; cut-outs that turn about their feet and lie."""

from benchmarks._sets.casting import Casting, Plays
from benchmarks._sets.play import Carried, Ground, Play, Thing, Truth, Way, rule_of, zone_on
from domain.events import EventKind
from domain.rules import Rule

KIND = EventKind.PERSON_DOWN
LIES_S = 12.0
LATE_S = 11.0
ZONE: tuple[Ground, ...] = ((-4.0, 5.6), (4.0, 5.6), (4.0, 9.2), (-4.0, 9.2))


def rule() -> Rule:
    return rule_of(KIND, zone_on(*ZONE))


def falls_walking(cast: Casting) -> Play:
    scene, side, (x, z) = cast.scene(), cast.side(), _place(cast)
    way = Way.at(cast.speed(), 0.5, (-side * 5.2, z), (x, z))
    return _falls(cast, "falls while walking", scene, way)


def falls_standing(cast: Casting) -> Play:
    scene, side, (x, z) = cast.scene(), cast.side(), _place(cast)
    way = Way.at(cast.speed(), 0.5, (-side * 5.2, z), (x, z)).stays(3.0)
    return _falls(cast, "falls after standing", scene, way)


def falls_beside_another(cast: Casting) -> Play:
    scene, side, (x, z) = cast.scene(), cast.side(), _place(cast)
    way = Way.at(cast.speed(), 0.5, (-side * 5.2, z), (x, z))
    other = Way.at(1.3, 2.0, (side * 5.2, z + 0.9), (-side * 5.2, z + 0.9))
    return _falls(cast, "falls, another passes", scene, way, other)


def walks_through(cast: Casting) -> Play:
    scene, side, z = cast.scene(), cast.side(), cast.between(6.2, 8.2)
    return _stays_up(
        cast, "walks through", scene, Way.at(cast.speed(), 0.5, (-side * 5.2, z), (side * 6.5, z))
    )


def stands_long(cast: Casting) -> Play:
    scene, side, (x, z) = cast.scene(), cast.side(), _place(cast)
    way = Way.at(cast.speed(), 0.5, (-side * 5.2, z), (x, z)).stays(LIES_S)
    way = way.then(1.3, (side * 6.5, z))
    return _stays_up(cast, "stands for long", scene, way)


def goes_behind(cast: Casting) -> Play:
    """Passes behind lamps, trees and benches, far away."""
    scene, side = cast.scene("gare", "avenue", "ecole"), cast.side()
    way = Way.at(cast.speed(), 0.5, (-side * 6, 8.9), (side * 8, 9.1))
    return _stays_up(cast, "passes behind things", scene, way)


def leaves_at_the_edge(cast: Casting) -> Play:
    """Walks out of the picture at its lower edge: his box grows low and wide."""
    scene, side, (x, z) = cast.scene(), cast.side(), _place(cast)
    way = Way.at(cast.speed(), 0.5, (-side * 5.2, z), (x, 6.0)).then(1.3, (x, 1.2))
    return _stays_up(cast, "leaves at the lower edge", scene, way)


def two_meet(cast: Casting) -> Play:
    """One hides the other for a while."""
    scene, (x, z) = cast.scene(), _place(cast)
    ways = (
        Way.at(1.4, 0.5, (-5.2, z), (x, z)).stays(LIES_S - 3).then(1.4, (-6.5, z)),
        Way.at(1.4, 1.0, (5.2, z - 0.5), (x + 0.1, z - 0.5))
        .stays(LIES_S - 6)
        .then(1.4, (6.5, z - 0.5)),
    )
    return _stays_up(cast, "one hides another", scene, *ways)


def puts_something_down(cast: Casting) -> Play:
    """Leaves something as low and wide as who lies, and goes on."""
    scene, side, (x, z) = cast.scene(), cast.side(), _place(cast)
    way = Way.at(cast.speed(), 0.5, (-side * 5.2, z), (x, z)).stays(0.8)
    down_s, what = way.stops[1][0] + 0.4, cast.chance.choice(("sack", "carton"))
    way = way.then(cast.speed(), (side * 6.5, z))
    seconds = way.ends_s + 8.0
    size = cast.between(0.8, 1.1)
    return cast.play(
        "puts something down",
        rule(),
        cast.person(scene, way),
        Carried(what, size, way, down_s),
        Thing(what, (x + 0.15, z - 0.1), down_s, seconds, size),
        scene=scene,
        seconds=seconds,
    )


def nobody(cast: Casting) -> Play:
    return cast.nobody(rule(), cast.scene())


def _place(cast: Casting) -> Ground:
    return cast.between(-2.0, 2.0), cast.between(6.2, 8.2)


def _falls(cast: Casting, what: str, scene: str, way: Way, *others: Way) -> Play:
    falls_s = way.ends_s
    lying = cast.person(scene, way.stays(LIES_S + 2), falls_s=falls_s)
    return cast.play(
        what,
        rule(),
        lying,
        *(cast.person(scene, other) for other in others),
        scene=scene,
        seconds=falls_s + LIES_S + 1,
        truths=(Truth(falls_s, falls_s + LATE_S),),
    )


def _stays_up(cast: Casting, what: str, scene: str, *ways: Way) -> Play:
    seconds = max(way.ends_s for way in ways) + 6.0
    people = [cast.person(scene, way) for way in ways]
    return cast.play(what, rule(), *people, scene=scene, seconds=seconds)


PLAYS = Plays(
    KIND,
    events=(falls_walking, falls_standing, falls_beside_another),
    negatives=(
        walks_through,
        stands_long,
        goes_behind,
        leaves_at_the_edge,
        two_meet,
        puts_something_down,
        nobody,
    ),
)
