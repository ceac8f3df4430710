"""Gathering: people who stay close to each other in a zone.

It begins when the last of the wanted number has come and may be told once they stayed long enough.
"""

from collections.abc import Sequence

from benchmarks._sets.casting import Casting, Plays
from benchmarks._sets.play import Ground, Play, Truth, Way, rule_of, zone_on
from domain.events import EventKind
from domain.rules import Rule

KIND = EventKind.DENSITY
PEOPLE, SECONDS = 4, 5.0
LATE_S = 5.0
STAY_S = 11.0
ZONE: tuple[Ground, ...] = ((-3.6, 5.7), (3.6, 5.7), (3.6, 9.0), (-3.6, 9.0))


def rule() -> Rule:
    return rule_of(KIND, zone_on(*ZONE), people=PEOPLE, seconds=SECONDS)


def places(cast: Casting, count: int) -> list[Ground]:
    """Places of a loose group, each to be seen beside or over the others."""
    x, z = cast.between(-1.2, 0.6), cast.between(6.6, 7.0)
    return [
        (x + 0.8 * number - 0.4 * count + cast.between(-0.1, 0.1), z + (0.8 if number % 2 else 0.0))
        for number in range(count)
    ]


def come_together(cast: Casting) -> Play:
    """One after the other from both sides."""
    return _gather(cast, "come together", cast.chance.choice((5, 6)), late=0.7)


def stand_there_already(cast: Casting) -> Play:
    """They are there when the clip begins."""
    scene = cast.scene()
    ways = [Way.at(1.0, 0.0, place).stays(STAY_S + 2) for place in places(cast, 5)]
    return _play(cast, "stand there already", scene, ways, begins_s=0.0)


def come_as_one(cast: Casting) -> Play:
    return _gather(cast, "come as one group", 5, late=0.15)


def few_stand(cast: Casting) -> Play:
    """Two fewer than are watched for."""
    return _gather(cast, "fewer stand", PEOPLE - 2, late=0.7, is_event=False)


def queue_passes(cast: Casting) -> Play:
    scene, side, speed = cast.scene(), cast.side(), cast.between(1.0, 1.4)
    ways = [
        Way.at(
            speed, 0.5 + 0.9 * number, (-side * 5.2, 6.6 + 0.7 * (number % 2)), (side * 5.2, 6.8)
        )
        for number in range(6)
    ]
    return _play(cast, "a queue passes", scene, ways)


def stand_outside(cast: Casting) -> Play:
    """As many as are watched for, beside the zone."""
    scene, left = cast.scene(), cast.between(0.6, 1.0)
    ways = [Way.at(1.0, 0.0, (x - left - 2.2, z)).stays(STAY_S) for x, z in places(cast, 5)]
    zone = zone_on((left, 5.7), (3.6, 5.7), (3.6, 9.0), (left, 9.0))
    drama = rule_of(KIND, zone, people=PEOPLE, seconds=SECONDS)
    return cast.play(
        "stand beside the zone",
        drama,
        *(cast.person(scene, way) for way in ways),
        scene=scene,
        seconds=STAY_S,
    )


def meet_and_go(cast: Casting) -> Play:
    """They stop for less time than is watched for."""
    scene, speed = cast.scene(), 1.4
    ways = [
        Way.at(speed, 0.5, (side * 5.2, z), (x, z)).stays(1.2).then(speed, (-side * 5.2, z))
        for (x, z), side in zip(places(cast, 5), (1, -1, 1, -1, 1), strict=True)
    ]
    return _play(cast, "meet and go on", scene, ways)


def walk_singly(cast: Casting) -> Play:
    """Many, but never at once."""
    scene = cast.scene()
    ways = [
        Way.at(1.5, 0.5 + 2.4 * number, (-5.2, 7.0), (5.2, 7.4))
        if number % 2
        else Way.at(1.5, 0.5 + 2.4 * number, (5.2, 6.6), (-5.2, 6.4))
        for number in range(5)
    ]
    return _play(cast, "walk by singly", scene, ways)


def nobody(cast: Casting) -> Play:
    return cast.nobody(rule(), cast.scene())


def _gather(cast: Casting, what: str, count: int, *, late: float, is_event: bool = True) -> Play:
    scene, speed = cast.scene(), cast.between(1.2, 1.6)
    comes = [
        Way.at(speed, 0.5 + late * number, ((4.8, -4.8)[number % 2], z), (x, z))
        for number, (x, z) in enumerate(places(cast, count))
    ]
    last_s = sorted(way.ends_s for way in comes)[min(PEOPLE, count) - 1]
    ways = [way.stays(last_s + STAY_S - way.ends_s) for way in comes]
    return _play(cast, what, scene, ways, begins_s=last_s if is_event else None)


def _play(
    cast: Casting, what: str, scene: str, ways: Sequence[Way], *, begins_s: float | None = None
) -> Play:
    told_s = None if begins_s is None else begins_s + SECONDS
    return cast.play(
        what,
        rule(),
        *(cast.person(scene, way) for way in ways),
        scene=scene,
        seconds=max(way.ends_s for way in ways),
        # Those who come last stand close already while they take their last steps.
        truths=() if told_s is None else (Truth(max(0.0, told_s - 3.0), told_s + LATE_S),),
    )


PLAYS = Plays(
    KIND,
    events=(come_together, stand_there_already, come_as_one),
    negatives=(
        few_stand,
        queue_passes,
        stand_outside,
        meet_and_go,
        walk_singly,
        nobody,
    ),
)
