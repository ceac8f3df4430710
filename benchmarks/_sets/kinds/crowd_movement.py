"""Crowd movement: several people who suddenly run, together or apart."""

from math import atan2, cos, sin
from statistics import mean

from benchmarks._sets.casting import Casting, Plays
from benchmarks._sets.play import Ground, Play, Truth, Way, rule_of, zone_on
from domain.events import EventKind
from domain.rules import Rule

KIND = EventKind.CROWD_MOVEMENT
CALM_S = 14.0
LATE_S = 4.0
ZONE: tuple[Ground, ...] = ((-4.0, 5.6), (4.0, 5.6), (5.0, 9.6), (-5.0, 9.6))
COUNT = 6
AWAY_M, NEAREST_M = 8.0, 2.0


def rule() -> Rule:
    return rule_of(KIND, zone_on(*ZONE))


def scatter(cast: Casting) -> Play:
    """A standing group bursts apart, each away from its middle, until he is out of the picture."""
    scene, speed = cast.scene(), cast.between(3.0, 4.0)
    group = _group(cast)
    middle_x, middle_z = (mean(one[side] for one in group) for side in (0, 1))
    ways = []
    for x, z in group:
        # Two rows are less deep than they are long: turned as if they were a ring.
        angle = atan2(2.5 * (z - middle_z), x - middle_x)
        end = (x + AWAY_M * cos(angle), max(NEAREST_M, z + AWAY_M * sin(angle)))
        ways.append(Way.at(1.0, 0.0, (x, z)).stays(CALM_S + cast.between(0, 0.3)).then(speed, end))
    return _play(cast, "a group scatters", scene, ways, begins_s=CALM_S)


def flee_one_way(cast: Casting) -> Play:
    scene, side, speed = cast.scene(), cast.side(), cast.between(3.0, 4.0)
    ways = [
        Way.at(1.0, 0.0, (x, z)).stays(CALM_S + cast.between(0, 0.4)).then(speed, (side * 7, z))
        for x, z in _group(cast)
    ]
    return _play(cast, "a group flees one way", scene, ways, begins_s=CALM_S)


def walkers_run(cast: Casting) -> Play:
    """They stroll, and all of them start to run."""
    scene, side, speed = cast.scene(), cast.side(), cast.between(3.0, 4.0)
    stroll = 0.25
    ways = [
        Way.at(stroll, 0.0, (x - side * 1.6, z), (x - side * 1.6 + side * stroll * CALM_S, z)).then(
            speed, (side * 7, z)
        )
        for x, z in _group(cast)
    ]
    return _play(cast, "walkers run", scene, ways, begins_s=CALM_S)


def train_arrives(cast: Casting) -> Play:
    """Many come at once, walking fast, one way."""
    scene, side = cast.scene(), cast.side()
    ways = [
        Way.at(
            cast.between(1.3, 1.8),
            CALM_S / 2 + 0.7 * number,
            (-side * 5.5, 6.2 + 0.4 * number),
            (side * 5.5, 6.4 + 0.4 * number),
        )
        for number in range(COUNT)
    ]
    return _play(cast, "a train arrives", scene, ways)


def group_walks_off(cast: Casting) -> Play:
    scene, side = cast.scene(), cast.side()
    ways = [
        Way.at(1.0, 0.0, (x, z)).stays(CALM_S + cast.between(0, 2)).then(1.3, (side * 7, z))
        for x, z in _group(cast)
    ]
    return _play(cast, "a group walks off", scene, ways)


def one_runs(cast: Casting) -> Play:
    """One of them runs for the bus."""
    scene, side = cast.scene(), cast.side()
    ways = [Way.at(1.0, 0.0, place).stays(CALM_S + 5) for place in _group(cast)]
    x, z = ways[0].stops[0][1:]
    ways[0] = Way.at(1.0, 0.0, (x, z)).stays(CALM_S).then(3.5, (side * 7, z))
    return _play(cast, "one runs", scene, ways)


def calm(cast: Casting) -> Play:
    scene = cast.scene()
    ways = [
        Way.at(
            cast.speed(),
            0.5 + 2.2 * n,
            ((-1) ** n * 5.4, 6.2 + 0.4 * n),
            (-((-1) ** n) * 5.4, 6.4 + 0.4 * n),
        )
        for n in range(COUNT)
    ]
    return _play(cast, "walk in both directions", scene, ways)


def _group(cast: Casting) -> list[Ground]:
    x = cast.between(-1.0, 0.0)
    return [
        (x + 0.8 * number - 1.6 + cast.between(-0.1, 0.1), 6.6 + (0.9 if number % 2 else 0.0))
        for number in range(COUNT)
    ]


def _play(
    cast: Casting, what: str, scene: str, ways: list[Way], *, begins_s: float | None = None
) -> Play:
    return cast.play(
        what,
        rule(),
        *(cast.person(scene, way) for way in ways),
        scene=scene,
        seconds=max(way.ends_s for way in ways) + 1.5,
        truths=() if begins_s is None else (Truth(begins_s, begins_s + LATE_S),),
    )


PLAYS = Plays(
    KIND,
    events=(scatter, flee_one_way, walkers_run),
    negatives=(train_arrives, group_walks_off, one_runs, calm),
)
