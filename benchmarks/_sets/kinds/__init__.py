"""The plays of each kind of event: what shows it, and what only looks like it."""

from collections.abc import Mapping

from benchmarks._sets.casting import Plays
from benchmarks._sets.kinds import (
    abandoned_object,
    crowd_movement,
    density,
    dumping,
    fire,
    forbidden_zone,
    line_crossing,
    overfull_bin,
    person_down,
    stopped_vehicle,
    wrong_way,
)
from domain.events import EventKind
from domain.rules import TYPES

ALL = (
    forbidden_zone.PLAYS,
    line_crossing.PLAYS,
    wrong_way.PLAYS,
    density.PLAYS,
    stopped_vehicle.PLAYS,
    abandoned_object.PLAYS,
    crowd_movement.PLAYS,
    person_down.PLAYS,
    dumping.PLAYS,
    fire.PLAYS,
    overfull_bin.PLAYS,
)
PLAYS: Mapping[EventKind, Plays] = {one.kind: one for one in ALL if one.kind in TYPES}
