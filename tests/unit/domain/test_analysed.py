"""What was looked at, by the hour: minutes count once, nothing waits without bound."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain import analysed
from domain.analysed import Analysed, HourOf, Looked
from domain.events import EventKind
from domain.identifiers import AuthorisationId, CameraId

CAMERA, ACT = CameraId(UUID(int=1)), AuthorisationId(UUID(int=2))
NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
ZONE = {EventKind.FORBIDDEN_ZONE: ACT}
THIS_HOUR = HourOf(CAMERA, ACT, EventKind.FORBIDDEN_ZONE, NOON)


def test_a_minute_counts_once_however_many_pictures_it_has() -> None:
    kept = Analysed()
    for seconds in (0, 1, 59, 60, 3599, 3600):
        kept.picture(CAMERA, ZONE, at=NOON + timedelta(seconds=seconds))

    assert kept.take() == {
        THIS_HOUR: Looked(1 | 1 << 1 | 1 << 59, 5),
        THIS_HOUR._replace(hour=NOON + timedelta(hours=1)): Looked(1, 1),
    }


def test_each_kind_is_kept_under_its_own_act_and_none_under_none() -> None:
    kept = Analysed()
    kept.picture(CAMERA, ZONE | {EventKind.DENSITY: ACT}, at=NOON)
    kept.picture(CAMERA, {}, at=NOON)

    assert {(of.kind, of.act) for of in kept.take()} == {
        (EventKind.FORBIDDEN_ZONE, ACT),
        (EventKind.DENSITY, ACT),
        (None, None),
    }


def test_what_could_not_be_stored_waits_with_what_came_since(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(analysed, "MOST_WAITING", 1)
    kept = Analysed()
    kept.picture(CAMERA, ZONE, at=NOON)
    taken = kept.take()
    kept.picture(CAMERA, ZONE, at=NOON + timedelta(minutes=2))
    kept.put_back(taken)
    kept.picture(CAMERA, {}, at=NOON)  # one more than may wait

    assert kept.lost == 1
    assert kept.take() == {THIS_HOUR: Looked(1 | 1 << 2, 2)}
