"""Facts travel as JSON and come back equal."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from domain.errors import Invalid
from domain.facts import KINDS, AccessRevoked, AlertAcknowledged, CameraWentDown, Fact, from_json

NOW = datetime(2026, 3, 1, 21, 14, 5, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    "fact",
    [
        AlertAcknowledged(at=NOW, commune_id=uuid4(), alert_id=uuid4(), unit_id=uuid4()),
        CameraWentDown(at=NOW, commune_id=uuid4(), camera_id=uuid4(), reason="no route"),
        AccessRevoked(at=NOW, commune_id=None, device_id=uuid4()),
    ],
)
def test_a_fact_comes_back_equal(fact: Fact) -> None:
    assert from_json(fact.as_json()) == fact


@pytest.mark.parametrize(
    "document",
    [{}, {"kind": "unheard-of"}, {"kind": "alert-raised"}, {"kind": "alert-raised", "at": "noon"}],
)
def test_what_is_no_fact_is_refused(document: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        from_json(document)


def test_every_kind_has_a_name_of_its_own() -> None:
    assert len(KINDS) == len(set(KINDS.values()))
    assert all("-" in kind for kind in KINDS)
