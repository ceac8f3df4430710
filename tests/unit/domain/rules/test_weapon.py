"""A weapon: what the operator's model says again and again, at a person; without one, nothing."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import pytest

from domain.detections import Box, Detection, ObjectClass
from domain.events import EventKind
from domain.identifiers import RuleId
from domain.looks import Finding, Look, Sight
from domain.resting import Rests
from domain.rules import Rule, configured, why_unavailable
from domain.zones import Zone
from tests.unit.domain.rules.walks import ACT, START, Told
from tests.unit.domain.rules.walks import RULE as ID

ZONE = Zone.drawn([(0.0, 0.0), (0.7, 0.0), (0.7, 1.0), (0.0, 1.0)])
RULE = Rule(id=RuleId(UUID(int=3)), kind=EventKind.WEAPON, name="place", shape=ZONE)
PERSON = Detection(ObjectClass.PERSON, 0.8, Box(0.4, 0.4, 0.5, 0.8), 1)
IN_HAND = Box(0.49, 0.55, 0.53, 0.6)


def looks(
    *findings: Finding | None, person: Detection | None = PERSON, apart_s: float = 0.2
) -> Iterable[Look]:
    for n, finding in enumerate(findings):
        yield Look(
            at=START + timedelta(seconds=n * apart_s),
            tracks=(person,) if person else (),
            findings=(finding,) if finding else (),
        )


def gun(box: Box = IN_HAND, confidence: float = 0.8, label: str = "Gun") -> Finding:
    return Finding(label, confidence, box, 1)


def told(seen: Iterable[Look]) -> Told:
    return Told(RULE, labels=frozenset({"gun"})).see(seen)


def test_the_third_time_in_one_place_is_an_event_that_shows_the_thing() -> None:
    (opened,) = told(looks(gun(), None, gun(), None, gun(), gun())).opened

    assert opened.opened_at == START + timedelta(seconds=0.8)
    assert opened.shown[0].box == IN_HAND


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(looks(gun(), None, gun(), None), id="twice"),
        pytest.param(looks(*[gun(), *[None] * 6] * 4), id="too seldom"),
        pytest.param(looks(*[gun(confidence=0.4)] * 9), id="unsure"),
        pytest.param(looks(*[gun(label="phone")] * 9), id="no weapon"),
        pytest.param(looks(*[gun()] * 9, person=None), id="nobody there"),
        pytest.param(looks(*[gun(Box(0.1, 0.1, 0.13, 0.15))] * 9), id="far from anybody"),
        pytest.param(
            looks(gun(), gun(Box(0.35, 0.75, 0.4, 0.79)), gun()), id="elsewhere each time"
        ),
        pytest.param(
            looks(
                *[gun(Box(0.85, 0.5, 0.9, 0.55))] * 9,
                person=Detection(ObjectClass.PERSON, 0.8, Box(0.8, 0.4, 0.9, 0.8), 1),
            ),
            id="outside the zone",
        ),
    ],
)
def test_less_is_none(seen: Iterable[Look]) -> None:
    assert told(seen).opened == []


def test_without_a_model_the_rule_is_kept_and_rests_and_says_why() -> None:
    assert configured(RULE) == RULE
    resting = Told(RULE).see(looks(*[gun()] * 9))

    assert resting.opened == []
    assert resting.watch.resting == {ID: Rests.NO_MODEL}
    assert resting.watch.sights({EventKind.WEAPON: ACT}, at=START) == frozenset()
    assert told([]).watch.sights({EventKind.WEAPON: ACT}, at=START) >= {Sight.FINDINGS}
    assert "gun" in (why_unavailable(EventKind.WEAPON, {"fire", "smoke"}) or "")
    assert why_unavailable(EventKind.WEAPON, {"Knife"}) is None
    assert why_unavailable(EventKind.PERSON_DOWN, set()) is None
