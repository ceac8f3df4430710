"""Why a rule is not watched: the first thing that stands in its way is told."""

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

import pytest

from domain.authorisations import DailyHours
from domain.events import EventKind
from domain.identifiers import AuthorisationId, RuleId
from domain.resting import Rests, why_rests
from domain.rules import Rule
from domain.zones import Zone

NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
ACT = AuthorisationId(UUID(int=1))
SHAPE = Zone.drawn([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)])
BIN = Rule(id=RuleId(UUID(int=2)), kind=EventKind.OVERFULL_BIN, name="place", shape=SHAPE)
WEAPON = replace(BIN, kind=EventKind.WEAPON)
NIGHT = DailyHours(time(22), time(6))


@pytest.mark.parametrize(
    ("rule", "changes", "why"),
    [
        (BIN, {}, None),
        (replace(BIN, in_use=False), {"acts": {}}, Rests.OFF),
        (replace(BIN, hours=NIGHT), {"acts": {}}, Rests.OFF_HOURS),
        (BIN, {"acts": {}, "suspended": {BIN.kind}}, Rests.NO_ACT),
        (BIN, {"suspended": {BIN.kind}, "is_referenced": False}, Rests.SUSPENDED),
        (BIN, {"suspended": {WEAPON.kind}}, None),
        (WEAPON, {"preset": "2"}, Rests.NO_MODEL),
        (replace(BIN, preset="1"), {"preset": None, "is_referenced": False}, Rests.OFF_PRESET),
        (replace(BIN, preset="1"), {"preset": "1"}, None),
        (BIN, {"is_referenced": False}, Rests.NO_REFERENCE),
    ],
)
def test_the_first_thing_in_its_way_is_told(
    rule: Rule, changes: dict[str, Any], why: Rests | None
) -> None:
    said: dict[str, Any] = {
        "acts": {rule.kind: ACT},
        "at": NOON,
        "preset": None,
        "labels": frozenset(),
        "is_referenced": True,
    } | changes
    acts = said.pop("acts")

    assert why_rests(rule, acts, **said) is why


def test_what_ends_by_the_hour_is_nothing_to_mend() -> None:
    to_mend = {why for why in Rests if why.is_to_be_mended}

    assert to_mend == {Rests.NO_MODEL, Rests.NO_REFERENCE, Rests.SUSPENDED}
