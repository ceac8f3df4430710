"""Dumping: sacks and cartons that somebody put down, on foot or from a van, and left."""

from benchmarks._sets.cars import VAN
from benchmarks._sets.casting import Casting, Plays
from benchmarks._sets.kinds.left import ALONE_S, LATE_S, Left, whole
from benchmarks._sets.play import Play, Thing, Truth, Vehicle, Way, rule_of, zone_on
from domain.events import EventKind

KIND = EventKind.DUMPING
LEFT = Left(
    rule=lambda: rule_of(KIND, whole(), alone_s=ALONE_S),
    things=(("sack", 0.8), ("carton", 0.9), ("sack", 1.0)),
)


def van_leaves_it(cast: Casting) -> Play:
    """A van stops, somebody goes round it and back, it drives off; a heap is left."""
    scene, side, x = cast.scene("avenue", "ecole"), cast.side(), cast.between(-1.5, 1.5)
    van = Way.at(4.0, 0.5, (-side * 10, 12.2), (x, 12.2)).stays(6.0).then(4.0, (side * 11, 12.2))
    stops_s = van.stops[1][0]
    walks = (
        Way.at(1.3, stops_s + 0.8, (x - 1.5, 11.0), (x - 0.4, 10.4))
        .stays(0.8)
        .then(1.3, (x - 1.5, 11.0))
    )
    down_s = walks.stops[1][0] + 0.4
    seconds = van.ends_s + ALONE_S + LATE_S
    heap = Thing("sack", (x - 0.3, 10.3), down_s, seconds, 1.0)
    zone = zone_on((-4.5, 9.6), (4.5, 9.6), (4.5, 11.2), (-4.5, 11.2))
    return cast.play(
        "a van leaves it",
        rule_of(KIND, zone, alone_s=ALONE_S),
        Vehicle(van, VAN, (0.8, 0.8, 0.82)),
        cast.person(scene, walks),
        heap,
        scene=scene,
        seconds=seconds,
        truths=(Truth(down_s + 2.0, seconds),),
    )


PLAYS = Plays(KIND, events=(*LEFT.events, van_leaves_it), negatives=LEFT.negatives)
