"""Abandoned objects: a bag that somebody brought and left alone."""

from benchmarks._sets.casting import Plays
from benchmarks._sets.kinds.left import ALONE_S, Left, whole
from benchmarks._sets.play import rule_of
from domain.events import EventKind

KIND = EventKind.ABANDONED_OBJECT
LEFT = Left(
    rule=lambda: rule_of(KIND, whole(), alone_s=ALONE_S),
    things=(("suitcase", 0.65), ("backpack", 0.5), ("carton", 0.5)),
)
PLAYS = Plays(KIND, events=LEFT.events, negatives=LEFT.negatives)
