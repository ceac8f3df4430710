"""Movement against the allowed direction, on foot and by car.

It begins when the thing has gone as far against it as the rule asks for: a step back is none.
"""

from math import hypot

from benchmarks._sets.casting import Casting, Plays
from benchmarks._sets.play import (
    STEP_S,
    Play,
    Truth,
    Vehicle,
    Way,
    bearing_of,
    first_in,
    in_picture,
    rule_of,
    zone_on,
)
from domain.events import EventKind
from domain.rules import Rule, Subjects
from domain.zones import Zone
from server.demo.stage import HEIGHT, WIDTH

KIND = EventKind.WRONG_WAY
DISTANCE, SECONDS = 1.5, 1.0
"""Of its own height, and for so long."""
LATE_S = 3.0
PAVEMENT = ((-4.2, 5.7), (4.2, 5.7), (4.2, 8.6), (-4.2, 8.6))
ROAD = ((-6.5, 10.2), (6.5, 10.2), (6.5, 14.0), (-6.5, 14.0))
ASPECT = WIDTH / HEIGHT


def on_foot(allowed: int) -> Rule:
    """``allowed``: 1 to the right, -1 to the left."""
    bearing = bearing_of((-allowed * 3.0, 7.0), (allowed * 3.0, 7.0))
    return rule_of(
        KIND,
        zone_on(*PAVEMENT),
        bearing=bearing,
        subjects=Subjects.PEOPLE,
        distance=DISTANCE,
        seconds=SECONDS,
    )


def by_car(allowed: int) -> Rule:
    bearing = bearing_of((-allowed * 5.0, 12.0), (allowed * 5.0, 12.0))
    return rule_of(
        KIND,
        zone_on(*ROAD),
        bearing=bearing,
        subjects=Subjects.VEHICLES,
        distance=DISTANCE,
        seconds=SECONDS,
    )


def walks_against(cast: Casting) -> Play:
    scene, side, z = cast.scene(), cast.side(), cast.between(6.2, 8.0)
    way = Way.at(cast.speed(), 1.0, (-side * 5.0, z), (side * 5.0, z))
    return _walks(cast, "walks against it", scene, on_foot(-side), way, is_wrong=True)


def walks_against_others(cast: Casting) -> Play:
    """One against the stream of two others."""
    scene, side = cast.scene(), cast.side()
    wrong = Way.at(cast.speed(), 1.0, (-side * 5.0, 6.4), (side * 5.0, 6.4))
    others = [
        Way.at(cast.speed(), 1.0 + 2.5 * number, (side * 5.0, 7.6), (-side * 5.0, 7.6))
        for number in range(2)
    ]
    return _walks(
        cast, "walks against others", scene, on_foot(-side), wrong, *others, is_wrong=True
    )


def runs_against(cast: Casting) -> Play:
    scene, side, z = cast.scene(), cast.side(), cast.between(6.2, 8.0)
    way = Way.at(cast.between(2.2, 2.9), 1.0, (-side * 5.0, z), (side * 5.0, z))
    return _walks(cast, "runs against it", scene, on_foot(-side), way, is_wrong=True)


def drives_against(cast: Casting) -> Play:
    scene, side = cast.scene("avenue", "ecole"), cast.side()
    way = Way.at(cast.between(2.5, 5.0), 1.0, (-side * 9.5, 12.0), (side * 9.5, 12.0))
    return _drives(cast, "a car drives against it", scene, by_car(-side), way, is_wrong=True)


def walks_as_allowed(cast: Casting) -> Play:
    scene, side, z = cast.scene(), cast.side(), cast.between(6.2, 8.0)
    way = Way.at(cast.speed(), 1.0, (-side * 5.0, z), (side * 5.0, z))
    return _walks(cast, "walks as allowed", scene, on_foot(side), way)


def crosses_at_right_angles(cast: Casting) -> Play:
    scene, side, x = cast.scene(), cast.side(), cast.between(-1.5, 1.5)
    way = Way.at(cast.speed(), 1.0, (x, 8.9), (x, 5.4)).then(1.3, (x, 8.9))
    return _walks(cast, "crosses at right angles", scene, on_foot(side), way)


def paces(cast: Casting) -> Play:
    scene, side, z = cast.scene(), cast.side(), cast.between(6.2, 8.0)
    x, step = cast.between(-1.5, 1.5), cast.between(0.7, 1.1)
    ends = [(x + step, z), (x - step, z)] * 3
    way = Way.at(cast.speed(), 1.0, (x, z), *ends)
    return _walks(cast, "paces", scene, on_foot(side), way)


def stands(cast: Casting) -> Play:
    scene, side = cast.scene(), cast.side()
    place = (cast.between(-2, 2), cast.between(6.2, 8.0))
    return _walks(cast, "stands", scene, on_foot(side), Way.at(1.0, 0.0, place).stays(9.0))


def turns_round(cast: Casting) -> Play:
    """Goes as allowed, turns, and goes back to where he came in."""
    scene, side, z = cast.scene(), cast.side(), cast.between(6.2, 8.0)
    start = (-side * 3.6, z)
    way = Way.at(cast.speed(), 1.0, start, (side * 1.5, z)).then(1.3, start).stays(1.0)
    return _walks(cast, "turns round", scene, on_foot(side), way)


def drives_as_allowed(cast: Casting) -> Play:
    scene, side = cast.scene("avenue", "ecole"), cast.side()
    way = Way.at(cast.between(2.5, 6.0), 1.0, (-side * 9.5, 12.0), (side * 9.5, 12.0))
    return _drives(cast, "a car drives as allowed", scene, by_car(side), way)


def walks_beside(cast: Casting) -> Play:
    """Against the road's direction, on the pavement beside it."""
    scene, side = cast.scene("avenue", "ecole"), cast.side()
    way = Way.at(cast.speed(), 1.0, (-side * 4.5, 8.4), (side * 4.5, 8.4))
    rule = by_car(-side)
    return _walks(cast, "walks beside the road", scene, rule, way)


def nobody(cast: Casting) -> Play:
    return cast.nobody(on_foot(cast.side()), cast.scene())


def _walks(
    cast: Casting, what: str, scene: str, rule: Rule, *ways: Way, is_wrong: bool = False
) -> Play:
    begins = _wrong_from(ways[0], rule.zone, 1.75, SECONDS) if is_wrong else None
    return cast.play(
        what,
        rule,
        *(cast.person(scene, way) for way in ways),
        scene=scene,
        seconds=max(way.ends_s for way in ways) + 1.0,
        truths=() if begins is None else (Truth(begins, begins + LATE_S),),
    )


def _drives(
    cast: Casting, what: str, scene: str, rule: Rule, way: Way, *, is_wrong: bool = False
) -> Play:
    car: Vehicle = cast.vehicle(way)
    wheels = Way(tuple((at_s, x, z - 0.9) for at_s, x, z in way.stops))
    height = max(up for _, up in car.build.cabin)
    begins = _wrong_from(wheels, rule.zone, height, SECONDS) if is_wrong else None
    return cast.play(
        what,
        rule,
        car,
        scene=scene,
        seconds=way.ends_s + 1.0,
        truths=() if begins is None else (Truth(begins, begins + LATE_S),),
    )


def _wrong_from(way: Way, zone: Zone, height: float, seconds: float) -> float:
    """When it has gone `DISTANCE` of its own height as seen, from where it came in."""
    entered_s = at_s = first_in(way, zone)
    entered = way.place(entered_s)
    assert entered is not None  # noqa: S101 it is in the zone then
    start, (x, z) = in_picture(*entered), entered
    tall = abs(in_picture(x, z, height).y - start.y)
    while (place := way.place(at_s)) is not None:
        now = in_picture(*place)
        gone = hypot((now.x - start.x) * ASPECT, now.y - start.y)
        if gone >= DISTANCE * tall and at_s - entered_s >= seconds:
            return at_s
        at_s += STEP_S
    raise ValueError("this way is too short to be wrong")


PLAYS = Plays(
    KIND,
    events=(walks_against, walks_against_others, runs_against, drives_against),
    negatives=(
        walks_as_allowed,
        crosses_at_right_angles,
        paces,
        stands,
        turns_round,
        drives_as_allowed,
        walks_beside,
        nobody,
    ),
)
