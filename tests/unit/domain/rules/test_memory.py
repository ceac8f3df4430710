"""What a watch remembers does not grow with those who pass: a camera is watched for months."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import fields, is_dataclass
from datetime import timedelta
from itertools import count

import pytest

from domain.detections import Box, Detection, ObjectClass
from domain.events import EventKind
from domain.lines import Line
from domain.looks import Finding, Flame, LeftThing, Look
from domain.rules import TYPES, Rule, Shape, Watch
from domain.zones import Zone
from tests.unit.domain.rules.walks import RULE, START

WHOLE = Zone.drawn([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])
LINE = Line.drawn([(0.5, 0.0), (0.5, 1.0)])
RATE = 2
LONG_S = 90
"""Longer than any rule looks back."""
LABELS = ("weapon", "fire", "fall")


def drawn(kind: EventKind) -> Rule:
    shape = LINE if TYPES[kind].shape is Shape.LINE else WHOLE
    bearing = 90.0 if TYPES[kind].shape is Shape.DIRECTED_ZONE else None
    return Rule(id=RULE, kind=kind, name="quai", shape=shape, bearing=bearing)


def a_busy_street() -> Iterator[Look]:
    """Nobody is there for more than two looks, and others are there at each."""
    for number in count():
        boxes = [Box(left, 0.3, left + 0.06, 0.5) for left in (0.1, 0.45, 0.8)]
        passing = [
            Detection(what, 0.8, box, track)
            for track in (number, number + 1)
            for box, what, track in zip(
                boxes,
                (ObjectClass.PERSON, ObjectClass.PERSON, ObjectClass.CAR),
                (3 * track, 3 * track + 1, 3 * track + 2),
                strict=True,
            )
        ]
        yield Look(
            at=START + timedelta(seconds=number / RATE),
            tracks=tuple(passing),
            left_things=(LeftThing(number, Box(0.4, 0.45, 0.44, 0.5), timedelta(seconds=2)),),
            changes={RULE: 0.5},
            flames=(Flame(Box(number % 7 / 7, 0.1, number % 7 / 7 + 0.05, 0.2), 0.9),),
            findings=tuple(Finding(label, 0.9, boxes[0], 3 * number) for label in LABELS),
            labels=frozenset(LABELS) if number % 2 else frozenset(),
        )


def remembered(thing: object) -> int:
    """How many things it holds, however deep."""
    inside: Iterable[object]
    if isinstance(thing, Rule):
        inside = ()
    elif isinstance(thing, Mapping):
        inside = (*thing.keys(), *thing.values())
    elif isinstance(thing, (list, tuple, Set, deque)):
        inside = thing
    elif is_dataclass(thing):
        inside = (getattr(thing, one.name) for one in fields(thing))
    elif type(thing).__module__.startswith("domain.rules") and hasattr(thing, "__dict__"):
        inside = vars(thing).values()
    else:
        return 1
    return 1 + sum(remembered(one) for one in inside)


def after(watch: Watch, looks: Iterator[Look], seconds: int) -> int:
    for _ in range(RATE * seconds):
        watch.saw(next(looks))
    return remembered(watch)


@pytest.mark.parametrize("kind", TYPES)
def test_what_is_remembered_of_those_who_pass_does_not_grow(kind: EventKind) -> None:
    watch, looks = TYPES[kind].watch(drawn(kind)), a_busy_street()
    before = after(watch, looks, LONG_S)

    assert after(watch, looks, 2 * LONG_S) <= 1.1 * before
