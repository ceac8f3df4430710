"""Shifts bound what may be located, and units are proposed by distance."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.events import EventKind
from domain.identifiers import CommuneId, DeviceId, PersonId, ShiftId, UnitId
from domain.positions import Point, Position
from domain.units import (
    NotOnShift,
    OnBreak,
    Shift,
    ShiftConflict,
    Unit,
    UnitKind,
    UnitState,
    propose,
)

NOW = datetime(2026, 3, 1, 22, tzinfo=UTC)
HERE = CommuneId(uuid4())
TARGET = Point(24.940, 60.170)


def shift() -> Shift:
    return Shift(
        id=ShiftId(uuid4()),
        commune_id=HERE,
        unit_id=UnitId(uuid4()),
        device_id=DeviceId(uuid4()),
        person_id=PersonId(uuid4()),
        started_at=NOW,
    )


def unit(call_sign: str, *, armed: bool = True, kind: UnitKind | None = None) -> Unit:
    kind = kind or (UnitKind.POLICE if armed else UnitKind.ASVP)
    return Unit(id=UnitId(uuid4()), commune_id=HERE, call_sign=call_sign, kind=kind, armed=armed)


def at(lon: float, *, age: timedelta = timedelta(seconds=5)) -> Position:
    return Position(point=Point(lon, 60.170), fixed_at=NOW - age)


def test_positions_are_taken_on_shift_and_not_on_a_break() -> None:
    running = shift()
    running.check_locatable()

    with pytest.raises(OnBreak):
        running.take_break(at=NOW).check_locatable()
    running.take_break(at=NOW).resume(at=NOW).check_locatable()
    with pytest.raises(NotOnShift):
        running.end(at=NOW).check_locatable()


def test_a_break_taken_twice_began_once_and_an_ended_shift_stays_ended() -> None:
    resting = shift().take_break(at=NOW)
    assert resting.take_break(at=NOW + timedelta(minutes=5)).break_since == NOW

    ended = resting.end(at=NOW)
    assert ended.end(at=NOW + timedelta(hours=1)) is ended
    with pytest.raises(ShiftConflict):
        ended.resume(at=NOW)


def test_what_was_noted_before_the_shift_or_in_a_break_is_not_taken_later_either() -> None:
    rested = shift().take_break(at=NOW).resume(at=NOW + timedelta(minutes=20))
    rested.check_covers(NOW + timedelta(minutes=21))

    with pytest.raises(OnBreak):
        rested.check_covers(NOW + timedelta(minutes=19))
    with pytest.raises(NotOnShift):
        shift().check_covers(NOW - timedelta(seconds=1))


def test_who_was_not_on_a_break_does_not_resume() -> None:
    running = shift()

    assert running.resume(at=NOW) is running


def names(
    *rows: tuple[Unit, UnitState, Position | None], kind: EventKind = EventKind.FIGHT
) -> list[str]:
    return [c.unit.call_sign for c in propose(rows, target=TARGET, kind=kind, now=NOW)]


def test_the_nearest_free_unit_comes_first() -> None:
    far = (unit("ALPHA"), UnitState.FREE, at(24.960))
    near = (unit("BRAVO"), UnitState.FREE, at(24.941))
    busy = (unit("CHARLIE"), UnitState.ON_SCENE, at(24.940))

    assert names(far, near, busy) == ["BRAVO", "ALPHA", "CHARLIE"]


def test_an_old_fix_or_none_comes_after_a_fresh_one() -> None:
    old = (unit("ALPHA"), UnitState.FREE, at(24.940, age=timedelta(minutes=10)))
    none = (unit("BRAVO"), UnitState.FREE, None)
    fresh = (unit("CHARLIE"), UnitState.FREE, at(24.990))

    assert names(none, old, fresh) == ["CHARLIE", "ALPHA", "BRAVO"]


def test_crews_of_the_events_service_come_first_and_the_others_after_them() -> None:
    police = (unit("ALPHA"), UnitState.FREE, at(24.941))
    fire = (unit("FEU", kind=UnitKind.FIRE), UnitState.ON_SCENE, None)
    cleaning = (unit("PROPRE", kind=UnitKind.CLEANING), UnitState.FREE, at(24.960))

    assert names(police, fire, cleaning) == ["ALPHA", "PROPRE", "FEU"]
    assert names(police, fire, cleaning, kind=EventKind.PERSON_DOWN)[0] == "FEU"
    assert names(police, fire, cleaning, kind=EventKind.DUMPING) == ["PROPRE", "ALPHA", "FEU"]


def test_who_is_off_duty_or_on_a_break_is_not_proposed() -> None:
    assert (
        names((unit("A"), UnitState.OFF_DUTY, at(24.94)), (unit("B"), UnitState.ON_BREAK, None))
        == []
    )


def test_an_unarmed_unit_is_never_proposed_for_a_weapon() -> None:
    asvp = (unit("ASVP 1", armed=False), UnitState.FREE, at(24.94))

    assert names(asvp) == ["ASVP 1"]
    assert names(asvp, kind=EventKind.WEAPON) == []


def test_without_a_place_the_order_is_by_call_sign() -> None:
    rows = [(unit("B"), UnitState.FREE, at(24.9)), (unit("A"), UnitState.FREE, at(24.9))]

    found = propose(rows, target=None, kind=EventKind.FIGHT, now=NOW)

    assert [(c.unit.call_sign, c.distance_m) for c in found] == [("A", None), ("B", None)]
