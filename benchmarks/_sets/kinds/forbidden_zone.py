"""Presence in a forbidden zone."""

from benchmarks._sets.casting import Casting, Plays
from benchmarks._sets.play import (
    Ground,
    Play,
    Truth,
    Way,
    first_in,
    rule_of,
    zone_on,
)
from domain.events import EventKind
from domain.zones import Zone

KIND = EventKind.FORBIDDEN_ZONE
# Where people can walk in each scene, nearest and farthest, without going through a bench.
NEAR, FAR = 5.6, 8.4
LATE_S = 3.0
"""An event that is told later than this after the foot is in was not told in time."""


def zone_of(cast: Casting) -> tuple[Zone, Ground, Ground]:
    """A zone of some metres, with its left near corner and its right far one."""
    left, near = cast.between(-1.6, 0.2), cast.between(NEAR, NEAR + 0.5)
    right, far = left + cast.between(1.6, 2.4), near + cast.between(1.6, 2.2)
    zone = zone_on((left, near), (right, near), (right, far), (left, far))
    return zone, (left, near), (right, far)


def enters(cast: Casting) -> Play:
    """Somebody walks in from a side and out again."""
    scene = cast.scene()
    zone, (left, near), (right, far) = zone_of(cast)
    side, z = cast.side(), cast.between(near + 0.4, far - 0.4)
    start, end = ((left - 2.2, right + 2.2), (right + 2.2, left - 2.2))[side > 0]
    way = Way.at(cast.speed(), 1.2, (start, z), (end, z + cast.between(-0.2, 0.2)))
    return _play(cast, scene, zone, "walks through", way)


def comes_from_behind(cast: Casting) -> Play:
    """Somebody comes towards the camera and stays in the zone."""
    scene = cast.scene()
    zone, (left, near), (right, far) = zone_of(cast)
    x = cast.between(left + 0.4, right - 0.4)
    start = (x + cast.between(-1.0, 1.0), far + cast.between(1.2, 1.8))
    way = Way.at(cast.speed(), 1.2, start, (x, (near + far) / 2)).stays(3.0)
    return _play(cast, scene, zone, "comes from behind and stays", way)


def two_enter(cast: Casting) -> Play:
    """Two people go in together: one event."""
    scene = cast.scene()
    zone, (left, near), (right, far) = zone_of(cast)
    speed, z = cast.speed(), (near + far) / 2
    first = Way.at(speed, 1.2, (left - 2.2, z), (right + 2.2, z))
    second = Way.at(speed, 1.6, (left - 2.6, z + 0.5), (right + 2.2, z + 0.5))
    return _play(cast, scene, zone, "two walk through", first, second)


def runs(cast: Casting) -> Play:
    scene = cast.scene()
    zone, (left, near), (right, far) = zone_of(cast)
    z = cast.between(near + 0.4, far - 0.4)
    speed = cast.between(2.2, 2.8)
    way = Way.at(speed, 1.2, (left - 3.0, z), (left + 1.1, z)).then(1.2, (right + 2.0, z))
    return _play(cast, scene, zone, "runs in", way)


def walks_beside(cast: Casting) -> Play:
    """Nearer to the camera than the zone, so that heads and shoulders cover it."""
    scene = cast.scene()
    left, far = cast.between(-1.4, 0.0), 9.0
    zone = zone_on((left, 7.0), (left + 2.2, 7.0), (left + 2.2, far), (left, far))
    z = 7.0 - cast.between(0.5, 0.9)
    way = Way.at(cast.speed(), 1.0, (-5.0, z), (5.0, z))
    return _play(cast, scene, zone, "walks by in front", way)


def walks_behind(cast: Casting) -> Play:
    scene = cast.scene()
    zone, _, (_, far) = zone_of(cast)
    z = far + cast.between(0.7, 1.1)
    way = Way.at(cast.speed(), 1.0, (5.5, z), (-5.5, z))
    return _play(cast, scene, zone, "walks by behind", way)


def stands_at_the_edge(cast: Casting) -> Play:
    """Comes up to half a metre before the zone, waits, and goes back."""
    scene = cast.scene()
    zone, (left, near), (_, far) = zone_of(cast)
    z = (near + far) / 2
    edge = left - cast.between(0.5, 0.7)
    way = Way.at(cast.speed(), 1.0, (edge - 3, z), (edge, z)).stays(4.0).then(1.3, (edge - 3, z))
    return _play(cast, scene, zone, "stands at the edge", way)


def drives_through(cast: Casting) -> Play:
    """A car crosses it: the rule is about people."""
    zone = zone_on((-2.5, 10.4), (2.5, 10.4), (2.5, 13.0), (-2.5, 13.0))
    way = Way.at(cast.between(4, 7), 1.0, (-12.0, 11.6), (12.0, 11.6))
    return cast.play(
        "a car drives through",
        rule_of(KIND, zone),
        cast.vehicle(way),
        scene=cast.scene("avenue", "ecole"),
        seconds=way.ends_s + 1,
    )


def nobody(cast: Casting) -> Play:
    return cast.nobody(rule_of(KIND, zone_of(cast)[0]), cast.scene())


def _play(cast: Casting, scene: str, zone: Zone, what: str, *ways: Way) -> Play:
    begins = []
    for way in ways:
        try:
            begins.append(first_in(way, zone))
        except ValueError:  # that one never enters
            continue
    return cast.play(
        what,
        rule_of(KIND, zone),
        *(cast.person(scene, way) for way in ways),
        scene=scene,
        seconds=max(way.ends_s for way in ways) + 1.0,
        truths=(Truth(min(begins), min(begins) + LATE_S),) if begins else (),
    )


PLAYS = Plays(
    KIND,
    events=(enters, comes_from_behind, two_enter, runs),
    negatives=(
        walks_beside,
        walks_behind,
        stands_at_the_edge,
        drives_through,
        nobody,
    ),
)
