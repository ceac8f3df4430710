"""An overfull bin: what lies on it, against the picture of its empty state.

The reference is taken from a clip of the same place with the bin empty, before the play begins.
"""

from benchmarks._sets.casting import Casting, Plays
from benchmarks._sets.play import Actor, Ground, Light, Play, Thing, Truth, Way, in_picture, rule_of
from domain.events import EventKind
from domain.rules import Rule
from domain.zones import Zone

KIND = EventKind.OVERFULL_BIN
MINUTES = 1.0
SECONDS = 66.0
"""A minute is compared once it is over, and a clip begins somewhere in none."""
EARLY_S = 20.0
FILLED_S = 8.0
SIZE = 1.5
"""Of a bin with what lies on it, in metres."""


def rule(place: Ground) -> Rule:
    x, z = place
    low, high, half = 0.62 * SIZE, SIZE, 0.36 * SIZE
    corners = ((x - half, low), (x + half, low), (x + half, high), (x - half, high))
    zone = Zone(tuple(in_picture(across, z, up) for across, up in corners))
    return rule_of(KIND, zone, minutes=MINUTES)


def sacks_on_it(cast: Casting) -> Play:
    return _fills(cast, "sacks on it", "bin with sacks")


def cartons_on_it(cast: Casting) -> Play:
    return _fills(cast, "cartons on it", "bin with cartons")


def filled_among_others(cast: Casting) -> Play:
    """People walk by before it and behind it all the time."""
    scene, place = cast.scene(), _place(cast)
    ways = [
        Way.at(cast.speed(), 4.0 + 9 * n, (-6.5, z), (6.5, z)) for n, z in enumerate((6.0, 8.9) * 3)
    ]
    people = [cast.person(scene, way) for way in ways]
    return _fills(cast, "filled among others", "bin with sacks", scene, place, *people)


def stays_empty(cast: Casting) -> Play:
    return _stays(cast, "stays empty", cast.scene(), _place(cast))


def people_pass(cast: Casting) -> Play:
    scene, place = cast.scene(), _place(cast)
    ways = [
        Way.at(cast.speed(), 2.0 + 8 * n, (-6.5, z), (6.5, z)) for n, z in enumerate((5.9, 8.9) * 3)
    ]
    people = [cast.person(scene, way) for way in ways]
    return _stays(cast, "people pass", scene, place, *people)


def somebody_waits_before_it(cast: Casting) -> Play:
    """He hides the bin for a third of a minute."""
    scene, place = cast.scene(), _place(cast)
    x, z = place[0], place[1] - 0.7
    way = Way.at(1.3, 4.0, (-6.0, z), (x, z)).stays(20.0).then(1.3, (6.5, z))
    return _stays(cast, "somebody waits before it", scene, place, cast.person(scene, way))


def left_beside_it(cast: Casting) -> Play:
    scene, (x, z) = cast.scene(), _place(cast)
    sack = Thing("sack", (x + cast.side() * 1.1, z - 0.2), FILLED_S, SECONDS, 0.7)
    return _stays(cast, "a sack is left beside it", scene, (x, z), sack)


def light_changes(cast: Casting) -> Play:
    """A cloud, then a lamp that is switched."""
    dims = Light(stops=((0, 1), (10, 0.7), (30, 0.7), (30.1, 0.55), (70, 0.55)))
    return _stays(cast, "light changes", cast.scene(), _place(cast), light=dims)


def headlights(cast: Casting) -> Play:
    sweeps = Light(sweep=(10.0, 16.0))
    return _stays(cast, "headlights sweep", cast.scene(), _place(cast), light=sweeps)


def car_parks_behind(cast: Casting) -> Play:
    scene, place, side = cast.scene("avenue", "ecole"), _place(cast), cast.side()
    way = Way.at(4.0, 5.0, (-side * 10, 12.0), (place[0] + 0.5, 12.0)).stays(SECONDS)
    return _stays(cast, "a car parks behind", scene, place, cast.vehicle(way))


def _place(cast: Casting) -> Ground:
    return cast.between(-2.5, 2.5), cast.between(6.8, 8.0)


def _fills(
    cast: Casting,
    what: str,
    filled: str,
    scene: str | None = None,
    place: Ground | None = None,
    *others: Actor,
) -> Play:
    scene, place = scene or cast.scene(), place or _place(cast)
    return cast.play(
        what,
        rule(place),
        Thing("bin", place, 0.0, FILLED_S, SIZE),
        Thing(filled, place, FILLED_S, SECONDS, SIZE),
        *others,
        scene=scene,
        seconds=SECONDS,
        # The middle of a minute's ten samples is overfull once six of them are.
        truths=(Truth(FILLED_S + EARLY_S, SECONDS),),
    )


def _stays(
    cast: Casting,
    what: str,
    scene: str,
    place: Ground,
    *others: Actor,
    light: Light = Light(),  # noqa: B008 frozen
) -> Play:
    bin_ = Thing("bin", place, 0.0, SECONDS, SIZE)
    return cast.play(what, rule(place), bin_, *others, scene=scene, seconds=SECONDS, light=light)


PLAYS = Plays(
    KIND,
    events=(sacks_on_it, cartons_on_it, filled_among_others),
    negatives=(
        stays_empty,
        people_pass,
        somebody_waits_before_it,
        left_beside_it,
        light_changes,
        headlights,
        car_parks_behind,
    ),
)
