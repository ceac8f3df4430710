"""Crossing a line: on foot and by car, in the counted direction or in either."""

from benchmarks._sets.casting import Casting, Plays
from benchmarks._sets.play import (
    Play,
    Truth,
    Way,
    first_over,
    line_on,
    rule_of,
)
from domain.events import EventKind
from domain.lines import Crossing, Line
from domain.rules import Subjects

KIND = EventKind.LINE_CROSSING
NEAR, FAR = 5.6, 9.0
LATE_S = 3.0


def across_of(cast: Casting, counts: Crossing = Crossing.ANY) -> tuple[Line, float]:
    """A line away from the camera, at X as given; its first point is the nearer one."""
    x = cast.between(-1.2, 1.2)
    return line_on((x, NEAR), (x, FAR), counts=counts), x


def crosses(cast: Casting) -> Play:
    scene, (line, x), side = cast.scene(), across_of(cast), cast.side()
    z = cast.between(6.2, 8.2)
    way = Way.at(
        cast.speed(), 1.2, (x - side * 3.4, z), (x + side * 3.4, z + cast.between(-0.4, 0.4))
    )
    return _play(cast, "walks across", scene, line, way)


def crosses_as_counted(cast: Casting) -> Play:
    scene, side = cast.scene(), cast.side()
    line, x = across_of(cast, Crossing.RIGHT if side > 0 else Crossing.LEFT)
    z = cast.between(6.2, 8.2)
    way = Way.at(cast.speed(), 1.2, (x - side * 3.4, z), (x + side * 3.4, z))
    return _play(cast, "walks across as counted", scene, line, way)


def comes_nearer(cast: Casting) -> Play:
    """Over a line that lies across the picture, towards the camera."""
    scene, z = cast.scene(), cast.between(7.0, 7.6)
    line = line_on((-3.0, z), (3.0, z))
    x = cast.between(-1.5, 1.5)
    way = Way.at(cast.speed(), 1.2, (x, z + 1.9), (x + cast.between(-0.5, 0.5), z - 1.5)).stays(1.0)
    return _play(cast, "comes nearer across", scene, line, way)


def two_cross(cast: Casting) -> Play:
    """Side by side: one event."""
    scene, (line, x), speed = cast.scene(), across_of(cast), cast.speed()
    ways = (
        Way.at(speed, 1.2, (x - 3.4, 6.4), (x + 3.4, 6.4)),
        Way.at(speed, 1.5, (x - 3.4, 7.6), (x + 3.4, 7.6)),
    )
    return _play(cast, "two walk across", scene, line, *ways)


def drives_across(cast: Casting) -> Play:
    x, side = cast.between(-2.0, 2.0), cast.side()
    line = line_on((x, 10.2), (x, 14.0))
    way = Way.at(cast.between(2.5, 5.0), 1.2, (x - side * 8, 12.0), (x + side * 8, 12.0))
    scene = cast.scene("avenue", "ecole")
    begins = first_over(_wheels(way), line)
    return cast.play(
        "a car drives across",
        rule_of(KIND, line, subjects=Subjects.VEHICLES),
        cast.vehicle(way),
        scene=scene,
        seconds=way.ends_s + 1,
        truths=(Truth(begins, begins + LATE_S),),
    )


def walks_along(cast: Casting) -> Play:
    scene, z = cast.scene(), cast.between(7.0, 7.8)
    line = line_on((-3.2, z), (3.2, z))
    beside = z - cast.between(0.5, 0.9)
    way = Way.at(cast.speed(), 1.0, (-3.6, beside), (3.6, beside))
    return _play(cast, "walks along it", scene, line, way)


def stands_on_it(cast: Casting) -> Play:
    """Comes up to the line, stands on it for a while, and goes back."""
    scene, (line, x), side = cast.scene(), across_of(cast), cast.side()
    z = cast.between(6.2, 8.0)
    back = (x - side * 3.2, z)
    way = Way.at(cast.speed(), 1.0, back, (x, z)).stays(4.0).then(1.3, back)
    return _play(cast, "stands on it and goes back", scene, line, way)


def turns_back(cast: Casting) -> Play:
    scene, (line, x), side = cast.scene(), across_of(cast), cast.side()
    z, before = cast.between(6.2, 8.0), cast.between(0.5, 0.8)
    back = (x - side * 3.2, z)
    way = Way.at(cast.speed(), 1.0, back, (x - side * before, z)).then(1.3, back)
    return _play(cast, "turns back before it", scene, line, way)


def goes_around(cast: Casting) -> Play:
    scene, x = cast.scene(), cast.between(-1.0, 1.0)
    line = line_on((x, 6.9), (x, 9.0))
    z = 6.9 - cast.between(0.6, 0.9)
    way = Way.at(cast.speed(), 1.0, (x - 3.2, z), (x + 3.2, z))
    return _play(cast, "goes around its end", scene, line, way)


def crosses_uncounted(cast: Casting) -> Play:
    scene, side = cast.scene(), cast.side()
    line, x = across_of(cast, Crossing.LEFT if side > 0 else Crossing.RIGHT)
    z = cast.between(6.2, 8.2)
    way = Way.at(cast.speed(), 1.2, (x - side * 3.4, z), (x + side * 3.4, z))
    return _play(cast, "crosses the other way", scene, line, way)


def drives_by(cast: Casting) -> Play:
    """A car passes behind a line that people are watched at."""
    scene = cast.scene("avenue", "ecole")
    line, _ = across_of(cast)
    way = Way.at(cast.between(3, 6), 1.0, (-11.0, 12.0), (11.0, 12.0))
    return cast.play(
        "a car passes behind",
        rule_of(KIND, line, subjects=Subjects.BOTH),
        cast.vehicle(way),
        scene=scene,
        seconds=way.ends_s + 1,
    )


def nobody(cast: Casting) -> Play:
    return cast.nobody(rule_of(KIND, across_of(cast)[0], subjects=Subjects.BOTH), cast.scene())


def _wheels(way: Way) -> Way:
    # The foot point of a car's box is below its nearer side.
    return Way(tuple((at_s, x, z - 0.9) for at_s, x, z in way.stops))


def _play(cast: Casting, what: str, scene: str, line: Line, *ways: Way) -> Play:
    begins = [one for one in (_crossing(way, line) for way in ways) if one is not None]
    return cast.play(
        what,
        rule_of(KIND, line, subjects=Subjects.PEOPLE),
        *(cast.person(scene, way) for way in ways),
        scene=scene,
        seconds=max(way.ends_s for way in ways) + 1.0,
        truths=(Truth(min(begins), min(begins) + LATE_S),) if begins else (),
    )


def _crossing(way: Way, line: Line) -> float | None:
    if way.stops[0][1:] == way.stops[-1][1:]:
        return None  # who goes back to where he came from has not crossed
    try:
        return first_over(way, line)
    except ValueError:
        return None


PLAYS = Plays(
    KIND,
    events=(crosses, crosses_as_counted, comes_nearer, two_cross, drives_across),
    negatives=(
        walks_along,
        stands_on_it,
        turns_back,
        goes_around,
        crosses_uncounted,
        drives_by,
        nobody,
    ),
)
