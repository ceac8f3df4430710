"""A person on the ground: who was upright before; and what only looks low, wide or lost."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.detections import Box, Detection, ObjectClass
from domain.events import EventKind
from domain.identifiers import RuleId
from domain.looks import Finding, LeftThing, Look
from domain.rules import Rule
from domain.zones import Zone
from tests.unit.domain.rules.walks import FEW, START, Told

WHOLE = Zone.drawn([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])
RULE = Rule(id=RuleId(UUID(int=3)), kind=EventKind.PERSON_DOWN, name="quai", shape=WHOLE)

type Shape = tuple[float, float, float, float]
"""Foot point x, y; height and width in picture heights."""
STANDING: Shape = (0.5, 0.7, 0.3, 0.1)
LYING: Shape = (0.53, 0.71, 0.1, 0.28)
SINKING: Shape = (0.51, 0.7, 0.18, 0.16)


def box_of(shape: Shape, chance: Random, trembles: float = 0.01) -> Box:
    x, y, height, width = shape
    half = width * 9 / 16 / 2
    sides = (x - half, y - height, x + half, y)
    return Box(*(min(max(side + chance.gauss(0, trembles * height), 0.0), 1.0) for side in sides))


def seen(
    *phases: tuple[float, Shape | None],
    rate: float = 5.0,
    seed: int = 0,
    new_track_at: tuple[float, ...] = (),
    findings: str | None = None,
) -> Iterable[Look]:
    """Show each phase's shape for its seconds; None: lost from sight. ``findings``: of the lost."""
    chance, at, last = Random(seed), 0.0, None
    ends = [0.0]
    for seconds, _ in phases:
        ends.append(ends[-1] + seconds)
    while at < ends[-1]:
        shape = next(
            shape
            for (_, shape), (begins, end) in zip(phases, pairwise(ends), strict=True)
            if begins <= at < end
        )
        track = 1 + sum(at >= moment for moment in new_track_at)
        time = START + timedelta(seconds=at)
        if shape is not None:
            last = Detection(ObjectClass.PERSON, 0.6, box_of(shape, chance), track)
            yield Look(at=time, tracks=(last,))
        elif last is not None:
            said = Finding(findings, 0.8, last.box, last.track) if findings else None
            yield Look(at=time, unseen=(last,), findings=(said,) if said else ())
        at += 1 / rate


def opened(looks: Iterable[Look], rule: Rule = RULE) -> list[float]:
    return Told(rule, labels=frozenset({"fall"})).see(looks).opened_after


@FEW
@given(seed=st.integers(0, 10_000), rate=st.sampled_from([2.0, 5.0]), renumbered=st.booleans())
def test_somebody_who_falls_and_lies_still_is_one_event(
    seed: int, rate: float, renumbered: bool
) -> None:
    looks = seen(
        (4, STANDING),
        (0.5, SINKING),
        (15, LYING),
        rate=rate,
        seed=seed,
        new_track_at=(4.5,) if renumbered else (),
    )

    (after,) = opened(looks)
    assert 9.4 <= after <= 10.5


def test_somebody_lost_while_tilting_is_one_event_without_a_model() -> None:
    tilting: Shape = (0.52, 0.7, 0.22, 0.2)

    assert len(opened(seen((4, STANDING), (0.4, tilting), (15, None)))) == 1


def test_somebody_who_bends_and_is_lost_is_none() -> None:
    bent: Shape = (0.5, 0.7, 0.25, 0.14)

    assert opened(seen((4, STANDING), (0.6, bent), (15, None))) == []


def test_somebody_lost_while_sinking_is_one_event_without_a_model() -> None:
    assert len(opened(seen((4, STANDING), (0.6, SINKING), (15, None)))) == 1


LOW = Box(0.46, 0.62, 0.6, 0.71)


def lost_beside(
    thing: Box, *, came_at: float = 4.4, since: float = 4.4, goes_on: bool = False, said: str = ""
) -> list[float]:
    """Somebody stands for four seconds, and is lost; ``thing`` is seen from ``came_at`` on."""
    chance, told = Random(0), Told(RULE, labels=frozenset({"fall"}))
    last = Detection(ObjectClass.PERSON, 0.7, box_of(STANDING, chance), 1)
    for n in range(90):
        at = n / 5
        x, y, height, width = STANDING
        new = Detection(
            ObjectClass.PERSON, 0.7, box_of((x + 0.03 * (at - 4), y, height, width), chance), 2
        )
        there = LeftThing(7, thing, timedelta(seconds=at - since))
        is_lost, is_new = at >= 4, goes_on and 4.4 <= at < 18
        findings = (Finding(said, 0.8, last.box, 1),) if said and is_lost else ()
        look = Look(
            at=START + timedelta(seconds=at),
            tracks=(last,) if not is_lost else (new,) if is_new else (),
            unseen=(last,) if is_lost else (),
            left_things=(there,) if at >= came_at else (),
            findings=findings,
        )
        told.see([look])
    return told.opened_after


def test_what_lies_where_somebody_upright_was_lost_is_he() -> None:
    (after,) = lost_beside(LOW)

    assert 9.0 <= after <= 9.6


def test_who_is_seen_lying_now_and_then_has_lain_since_the_first_time() -> None:
    chance, told = Random(0), Told(RULE)
    standing, lying = (
        Detection(ObjectClass.PERSON, 0.6, box_of(shape, chance), 1) for shape in (STANDING, LYING)
    )
    for n in range(60):
        at = n / 5
        is_seen = at < 4 or (5 <= at < 9 and n % 4 == 0)
        there = LeftThing(7, LOW, timedelta(seconds=at - 4.6))
        told.see(
            [
                Look(
                    at=START + timedelta(seconds=at),
                    tracks=(standing if at < 4 else lying,) if is_seen else (),
                    left_things=(there,) if at >= 6.6 else (),
                )
            ]
        )

    (after,) = told.opened_after
    assert 9.8 <= after <= 10.6


def test_who_is_lost_is_found_once_another_has_passed_before_him() -> None:
    assert len(lost_beside(LOW, came_at=8.4, since=6.4)) == 1


@pytest.mark.parametrize(
    ("thing", "came_at", "since", "goes_on", "said"),
    [
        pytest.param(Box(0.46, 0.45, 0.6, 0.71), 4.4, 4.4, False, "", id="as high as a car"),
        pytest.param(Box(0.49, 0.64, 0.53, 0.71), 4.4, 4.4, False, "", id="as narrow as a bag"),
        pytest.param(Box(0.75, 0.62, 0.9, 0.71), 4.4, 4.4, False, "", id="elsewhere"),
        pytest.param(LOW, 1.0, 0.5, False, "", id="lay there before"),
        pytest.param(LOW, 9.0, 8.0, False, "", id="came later"),
        pytest.param(LOW, 4.4, 4.4, True, "", id="he goes on under another number"),
        pytest.param(LOW, 4.4, 4.4, False, "Normal", id="the model says that nobody lies there"),
    ],
)
def test_what_else_lies_where_somebody_was_lost_is_none(
    thing: Box, came_at: float, since: float, goes_on: bool, said: str
) -> None:
    assert lost_beside(thing, came_at=came_at, since=since, goes_on=goes_on, said=said) == []


@pytest.mark.parametrize(("said", "events"), [("Fall", 1), ("Normal", 0), (None, 0)])
def test_who_is_lost_upright_lies_only_if_the_model_says_so(said: str | None, events: int) -> None:
    assert len(opened(seen((4, STANDING), (15, None), findings=said))) == events


def test_the_model_s_normal_overrules_the_sinking() -> None:
    assert opened(seen((4, STANDING), (0.6, SINKING), (15, None), findings="Normal")) == []


def test_a_fall_that_the_model_sees_on_a_car_is_none() -> None:
    box = Box(0.4, 0.5, 0.6, 0.6)
    car = Detection(ObjectClass.CAR, 0.8, box, 7)
    looks = [
        Look(
            at=START + timedelta(seconds=n / 5),
            tracks=(car,),
            findings=(Finding("Fall", 0.9, box, 7), Finding("Fall", 0.9, box)),
        )
        for n in range(100)
    ]

    assert opened(looks) == []


@pytest.mark.parametrize(
    "phases",
    [
        pytest.param([(20, STANDING)], id="stands"),
        pytest.param([(20, LYING)], id="was never upright"),
        pytest.param([(4, STANDING), (20, (0.5, 0.7, 0.21, 0.15))], id="sits down"),
        pytest.param([(4, STANDING), (20, (0.5, 0.7, 0.185, 0.17))], id="crouches"),
        pytest.param([(4, STANDING), (3, LYING), (15, STANDING)], id="gets up again"),
        pytest.param([(4, STANDING), (20, (0.5, 0.52, 0.12, 0.13))], id="behind a wall"),
        pytest.param(
            [(4, STANDING), (0.6, (0.5, 0.52, 0.12, 0.13)), (15, None)], id="enters a door"
        ),
        pytest.param(
            [(4, (0.5, 0.95, 0.3, 0.1)), (20, (0.5, 1.0, 0.1, 0.12))], id="leaves at the lower edge"
        ),
        pytest.param(
            [(4, STANDING), *((1, (0.3 + 0.08 * n, 0.7, 0.1, 0.28)) for n in range(8))], id="crawls"
        ),
    ],
)
@pytest.mark.parametrize("rate", [2.0, 5.0])
def test_what_only_looks_like_it_is_none(phases: list[tuple[float, Shape]], rate: float) -> None:
    assert opened(seen(*phases, rate=rate)) == []


def test_only_in_the_zone() -> None:
    left = replace(RULE, shape=Zone.drawn([(0.0, 0.0), (0.3, 0.0), (0.3, 1.0), (0.0, 1.0)]))

    assert opened(seen((4, STANDING), (15, LYING)), left) == []


def test_a_clock_set_back_starts_again() -> None:
    told = Told(RULE).see(seen((4, STANDING), (4, LYING)))

    told.see(seen((15, LYING)))

    assert told.opened == []
