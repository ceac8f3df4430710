"""A vehicle that stays where it may not stop."""

from benchmarks._sets.casting import Casting, Plays
from benchmarks._sets.play import Actor, Ground, Play, Truth, Way, rule_of, zone_on
from domain.events import EventKind
from domain.rules import Rule

KIND = EventKind.STOPPED_VEHICLE
SECONDS = 8.0
LATE_S = 4.0
STAY_S = SECONDS + LATE_S + 1
ROADS = ("avenue", "ecole")
ZONE: tuple[Ground, ...] = ((-5.0, 9.6), (5.0, 9.6), (5.0, 13.6), (-5.0, 13.6))
LANE = 11.8


def rule() -> Rule:
    return rule_of(KIND, zone_on(*ZONE), seconds=SECONDS)


def stops(cast: Casting) -> Play:
    """Drives in and stops for good."""
    scene, side, x = cast.scene(*ROADS), cast.side(), cast.between(-2.5, 2.5)
    way = Way.at(cast.between(3, 6), 0.5, (-side * 10, LANE), (x, LANE)).stays(STAY_S)
    return _stops(cast, "stops", scene, way)


def stops_behind_people(cast: Casting) -> Play:
    """While it stands, people pass before it."""
    scene, side, x = cast.scene(*ROADS), cast.side(), cast.between(-2.0, 2.0)
    way = Way.at(cast.between(3, 6), 0.5, (-side * 10, LANE), (x, LANE)).stays(STAY_S)
    people = [
        cast.person(
            scene, Way.at(1.4, way.ends_s - STAY_S + 1.5 + 3 * n, (x - 4, 8.3), (x + 4, 8.5))
        )
        for n in range(3)
    ]
    return _stops(cast, "stops behind people who pass", scene, way, *people)


def stops_and_goes(cast: Casting) -> Play:
    scene, side, x = cast.scene(*ROADS), cast.side(), cast.between(-2.5, 2.5)
    way = Way.at(4.0, 0.5, (-side * 10, LANE), (x, LANE)).stays(STAY_S).then(4.0, (side * 10, LANE))
    return _stops(cast, "stops and goes on later", scene, way, stay_ends_s=way.stops[-2][0])


def traffic_passes_it(cast: Casting) -> Play:
    """Others drive by behind it."""
    scene, side, x = cast.scene("avenue"), cast.side(), cast.between(-2.5, 2.5)
    way = Way.at(cast.between(3, 6), 0.5, (-side * 10, LANE), (x, LANE)).stays(STAY_S)
    others = [
        cast.vehicle(Way.at(7.0, 4.0 + 4.5 * n, (side * 14, 16.8), (-side * 14, 16.8)))
        for n in range(2)
    ]
    return _stops(cast, "stops beside traffic", scene, way, *others)


def drives_through(cast: Casting) -> Play:
    scene, side = cast.scene(*ROADS), cast.side()
    ways = [
        Way.at(cast.between(3, 7), 0.5 + 4.5 * n, (-side * 11, LANE), (side * 11, LANE))
        for n in range(3)
    ]
    return _not(cast, "traffic", scene, *ways)


def queue_creeps(cast: Casting) -> Play:
    """Three cars at less than walking pace, one behind the other."""
    scene, side, speed = cast.scene(*ROADS), cast.side(), cast.between(0.7, 1.1)
    ways = [
        Way.at(
            speed, 0.0, (-side * (7.5 - 5.6 * n), LANE), (-side * (7.5 - 5.6 * n) + side * 16, LANE)
        )
        for n in range(3)
    ]
    return _not(cast, "a queue creeps", scene, *ways)


def stops_briefly(cast: Casting) -> Play:
    scene, side, x = cast.scene(*ROADS), cast.side(), cast.between(-2.5, 2.5)
    way = (
        Way.at(4.0, 0.5, (-side * 10, LANE), (x, LANE))
        .stays(SECONDS - 3.0)
        .then(4.0, (side * 10, LANE))
    )
    return _not(cast, "stops briefly", scene, way)


def stops_elsewhere(cast: Casting) -> Play:
    """In the farther lane, outside of the zone."""
    side, x = cast.side(), cast.between(-2.5, 2.5)
    way = Way.at(5.0, 0.5, (-side * 14, 16.6), (x, 16.6)).stays(STAY_S)
    return _not(cast, "stops outside the zone", cast.scene("avenue"), way)


def person_stands(cast: Casting) -> Play:
    scene, x = cast.scene(*ROADS), cast.between(-2, 2)
    way = Way.at(1.4, 0.5, (x, 8.2), (x + 0.5, 11.0)).stays(STAY_S)
    return cast.play(
        "a person stands there", rule(), cast.person(scene, way), scene=scene, seconds=way.ends_s
    )


def nobody(cast: Casting) -> Play:
    return cast.nobody(rule(), cast.scene(*ROADS))


def _stops(
    cast: Casting, what: str, scene: str, way: Way, *others: Actor, stay_ends_s: float | None = None
) -> Play:
    ends_s = stay_ends_s or way.ends_s
    told_s = ends_s - STAY_S + SECONDS
    return cast.play(
        what,
        rule(),
        cast.vehicle(way),
        *others,
        scene=scene,
        seconds=way.ends_s,
        # A car that brakes to a stop here stands at once; within its last step it is still there.
        truths=(Truth(told_s - 1.0, told_s + LATE_S),),
    )


def _not(cast: Casting, what: str, scene: str, *ways: Way) -> Play:
    seconds = max(way.ends_s for way in ways)
    cars = [cast.vehicle(way) for way in ways]
    return cast.play(what, rule(), *cars, scene=scene, seconds=min(seconds, 20.0))


PLAYS = Plays(
    KIND,
    events=(stops, stops_behind_people, stops_and_goes, traffic_passes_it),
    negatives=(
        drives_through,
        queue_creeps,
        stops_briefly,
        stops_elsewhere,
        person_stands,
        nobody,
    ),
)
