"""A fire that starts, by flames alone: drawn flames, and all that shines, flashes or is orange."""

from benchmarks._sets.cast import NIGHT
from benchmarks._sets.casting import Casting, Plays
from benchmarks._sets.play import (
    Actor,
    Burning,
    Cloth,
    Crown,
    Ground,
    Lamp,
    Play,
    Shines,
    Truth,
    Vest,
    Way,
    rule_of,
    zone_on,
)
from domain.events import EventKind
from domain.rules import Rule

KIND = EventKind.FIRE
BEGINS_S, SECONDS, LATE_S = 4.0, 24.0, 16.0
ZONE: tuple[Ground, ...] = ((-4.2, 5.4), (4.2, 5.4), (6.0, 11.0), (-6.0, 11.0))
BY_DAY = ("parking", "gare", "avenue", "ecole")
AMBER, RED, BLUE, WHITE, SODIUM = (
    (20, 150, 255),
    (40, 40, 255),
    (255, 120, 40),
    (215, 240, 255),
    (90, 170, 255),
)


def rule() -> Rule:
    return rule_of(KIND, zone_on(*ZONE))


def litter_burns(cast: Casting) -> Play:
    return _burns(cast, "litter burns", cast.scene(), _place(cast), (0.4, 1.1))


def burns_among_others(cast: Casting) -> Play:
    scene, place = cast.scene(), _place(cast)
    ways = [
        Way.at(cast.speed(), 1.0 + 6 * n, (-6.5, z), (6.5, z)) for n, z in enumerate((6.0, 9.4) * 2)
    ]
    people = [cast.person(scene, way) for way in ways]
    return _burns(cast, "burns among others", scene, place, (0.4, 1.1), *people)


def car_burns(cast: Casting) -> Play:
    scene, (x, z) = cast.scene("parking", "place", "avenue", "ecole"), _place(cast)
    car = cast.vehicle(Way(((0.0, x + 0.8, z + 0.8), (SECONDS, x + 0.8, z + 0.8))))
    return _burns(cast, "a car burns", scene, (x, z), (0.6, 1.7), car)


def headlights_come(cast: Casting) -> Play:
    x = cast.between(-2, 2)
    way = Way.at(3.0, 2.0, (x, 22.0), (x, 4.0)).then(3.0, (x - 9.0, 4.0))
    return _lamps(cast, "headlights come", *_pair(way, 0.65, 0.16, WHITE))


def brake_lights(cast: Casting) -> Play:
    x = cast.between(-2, 2)
    way = Way.at(3.0, 1.0, (x - 5, 7.5), (x, 7.5)).stays(12.0).then(3.0, (x + 8, 7.5))
    car = cast.vehicle(way)
    return _lamps(cast, "brake lights", car, *_pair(way, 0.75, 0.1, RED))


def hazard_lights(cast: Casting) -> Play:
    way = _stands(*_place(cast))
    lamps = _pair(way, 0.7, 0.1, AMBER, Shines.FLASHING)
    return _lamps(cast, "hazard lights", cast.vehicle(way), *lamps)


def beacon(cast: Casting) -> Play:
    """A street sweeper's, and a police car's, that turn."""
    x, z = _place(cast)
    way = Way.at(0.8, 1.0, (x - 3, z), (x + 1, z)).stays(SECONDS)
    amber = Lamp(way, 2.1, 0.22, AMBER, Shines.TURNING, per_s=cast.between(1.0, 2.2))
    blue = Lamp(_stands(-x, z + 1), 1.7, 0.2, BLUE, Shines.FLASHING, per_s=3.0)
    return _lamps(cast, "beacons", cast.vehicle(way), amber, blue)


def street_lamp(cast: Casting) -> Play:
    lamp = Lamp(_stands(*_place(cast)), 3.2, 0.45, SODIUM)
    return _lamps(cast, "a street lamp", lamp)


def low_sun(cast: Casting) -> Play:
    sun = Lamp(_stands(cast.between(-2, 2), 10.5), 0.6, 1.3, (60, 150, 255))
    return _lamps(cast, "a low sun", sun)


def works_in_orange(cast: Casting) -> Play:
    scene, (x, z) = cast.scene(), _place(cast)
    way = Way.at(1.2, 0.5, (-6.5, z), (x, z)).stays(10.0).then(1.2, (6.5, z))
    return cast.play(
        "works in orange",
        rule(),
        cast.person(scene, way),
        Vest(way),
        scene=scene,
        seconds=SECONDS,
    )


def coats_in_orange(cast: Casting) -> Play:
    """Three who meet, wait a while and move on the spot."""
    scene, (x, z) = cast.scene(), _place(cast)
    ways = [
        Way.at(1.3, 0.5 + n, (-6.5, z + 0.5 * n), (x + 0.7 * n, z + 0.5 * n))
        .stays(3.0)
        .then(0.3, (x + 0.7 * n + 0.4, z + 0.5 * n))
        .stays(7.0 - n)
        .then(1.3, (6.5, z + 0.5 * n))
        for n in range(3)
    ]
    people = [one for way in ways for one in (cast.person(scene, way), Vest(way))]
    return cast.play("coats in orange", rule(), *people, scene=scene, seconds=SECONDS)


def wet_ground(cast: Casting) -> Play:
    """A car comes and stands with its lights on, and rain breaks up their reflections."""
    x, z = _place(cast)
    way = Way.at(3.0, 2.0, (x - 8, z), (x, z)).stays(SECONDS)
    colour = cast.chance.choice((WHITE, AMBER, SODIUM))
    lamps = _pair(way, 0.65, 0.16, colour, is_reflected=True)
    return _lamps(cast, "lights on wet ground", cast.vehicle(way), *lamps, scene=NIGHT)


def leaves_in_the_wind(cast: Casting) -> Play:
    x, z = _place(cast)
    crown = Crown(_stands(x, z), cast.between(1.2, 2.2), cast.between(0.9, 1.4), cast.seed)
    return _lamps(cast, "leaves in the wind", crown, scene=cast.scene(*BY_DAY))


def orange_cloth(cast: Casting) -> Play:
    """It is hung up, and the wind goes into it."""
    x, z = _place(cast)
    cloth = Cloth(Way(((5.0, x, z), (SECONDS, x, z))), 1.6, (1.4, cast.between(0.7, 1.1)))
    return _lamps(cast, "orange cloth in the wind", cloth, scene=cast.scene(*BY_DAY))


def nobody(cast: Casting) -> Play:
    return cast.nobody(rule(), cast.scene(), seconds=SECONDS)


def _place(cast: Casting) -> Ground:
    return cast.between(-2.4, 2.4), cast.between(6.4, 9.0)


def _stands(x: float, z: float) -> Way:
    return Way(((0.0, x, z), (SECONDS, x, z)))


def _pair(
    way: Way,
    height: float,
    glow: float,
    colour: tuple[int, int, int],
    shines: Shines = Shines.STEADILY,
    *,
    is_reflected: bool = False,
) -> list[Lamp]:
    apart = (-0.65, 0.65)
    ways = [Way(tuple((at_s, x + side, z) for at_s, x, z in way.stops)) for side in apart]
    return [Lamp(one, height, glow, colour, shines, is_reflected=is_reflected) for one in ways]


def _burns(
    cast: Casting,
    what: str,
    scene: str,
    place: Ground,
    heights: tuple[float, float],
    *others: Actor,
) -> Play:
    fire = Burning(place, BEGINS_S, SECONDS, heights, cast.between(6.0, 14.0), cast.seed)
    return cast.play(
        what,
        rule(),
        *others,
        fire,
        scene=scene,
        seconds=SECONDS,
        truths=(Truth(BEGINS_S, BEGINS_S + LATE_S),),
    )


def _lamps(cast: Casting, what: str, *actors: Actor, scene: str | None = None) -> Play:
    return cast.play(what, rule(), *actors, scene=scene or cast.scene(), seconds=SECONDS)


PLAYS = Plays(
    KIND,
    events=(litter_burns, car_burns, burns_among_others),
    negatives=(
        headlights_come,
        brake_lights,
        hazard_lights,
        beacon,
        street_lamp,
        low_sun,
        works_in_orange,
        coats_in_orange,
        wet_ground,
        leaves_in_the_wind,
        orange_cloth,
        nobody,
    ),
)
