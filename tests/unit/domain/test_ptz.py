"""Who moves a camera, how fast, and where it looks."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identifiers import CameraId, PersonId
from domain.people import PERMISSIONS, Permission, Role
from domain.ptz import (
    DEAD_ZONE,
    IDLE_RELEASE,
    SEEN_FOR,
    Aim,
    BadMovement,
    HeldByAnother,
    Lock,
    Looking,
    Preset,
    Seen,
    Velocity,
    Whereabouts,
    rank_of,
    use,
    whereabouts,
)

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
CAMERA = CameraId(UUID(int=1))
ONE, TWO, CHIEF = (PersonId(UUID(int=n)) for n in (2, 3, 4))


def moves(
    lock: Lock | None, who: PersonId, at: datetime, *, rank: int = 1, over: bool = False
) -> Lock:
    return use(lock, camera_id=CAMERA, person_id=who, rank=rank, at=at, over=over)


def test_who_moves_it_keeps_it_until_he_has_not_for_a_while() -> None:
    lock = moves(None, ONE, NOON)
    later = NOON + timedelta(seconds=10)
    lock = moves(lock, ONE, later)

    assert lock.taken_at == NOON
    with pytest.raises(HeldByAnother) as held:
        moves(lock, TWO, later + IDLE_RELEASE - timedelta(seconds=1))
    assert held.value.holder == ONE
    assert moves(lock, TWO, later + IDLE_RELEASE).person_id == TWO


def test_a_higher_rank_takes_over_when_it_means_to() -> None:
    lock = moves(None, ONE, NOON)

    with pytest.raises(HeldByAnother):
        moves(lock, CHIEF, NOON, rank=2)
    taken = moves(lock, CHIEF, NOON + timedelta(seconds=1), rank=2, over=True)
    assert (taken.person_id, taken.taken_at) == (CHIEF, NOON + timedelta(seconds=1))
    with pytest.raises(HeldByAnother):
        moves(taken, ONE, NOON + timedelta(seconds=2), over=True)
    with pytest.raises(HeldByAnother):
        moves(lock, TWO, NOON, rank=1, over=True)


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from([(ONE, 1), (TWO, 1), (CHIEF, 2)]), st.booleans(), st.integers(0, 20)
        )
    )
)
def test_nobody_loses_it_within_its_time_but_to_a_higher_rank(
    steps: list[tuple[tuple[PersonId, int], bool, int]],
) -> None:
    lock, at = None, NOON
    for (who, rank), over, seconds in steps:
        at += timedelta(seconds=seconds)
        before = lock
        try:
            lock = moves(lock, who, at, rank=rank, over=over)
        except HeldByAnother:
            continue
        if before is not None and before.is_held(at) and before.person_id != lock.person_id:
            assert lock.rank > before.rank


def test_who_may_move_cameras_has_a_rank() -> None:
    for role in Role:
        assert (Permission.MOVE_CAMERAS in PERMISSIONS[role]) == (rank_of([role]) > 0)
    assert rank_of([]) == 0
    assert rank_of([Role.OPERATOR, Role.SUPERVISOR]) == 2


@given(raw=st.floats(-1, 1))
def test_speed_grows_with_the_hand_and_keeps_its_side(raw: float) -> None:
    shaped = Velocity(pan=raw).shaped().pan

    assert -1 <= shaped <= 1
    assert shaped * raw >= 0
    assert abs(shaped) <= abs(raw) + 0.001  # it is rounded
    if abs(raw) <= DEAD_ZONE:
        assert shaped == 0
    assert abs(Velocity(pan=raw / 2).shaped().pan) <= abs(shaped)


def test_the_end_of_the_way_is_full_speed() -> None:
    assert Velocity(1, -1, 0).shaped() == Velocity(1, -1, 0)
    assert Velocity(0.05, -0.05, 0).shaped().is_still


@pytest.mark.parametrize("speed", [1.01, -2.0, float("nan"), float("inf")])
def test_a_speed_that_no_camera_has_is_refused(speed: float) -> None:
    with pytest.raises(BadMovement):
        Velocity(tilt=speed)


def test_where_it_looks() -> None:
    presets = [Preset("1", "Nord", Aim(0.5, 0.1, 0.0)), Preset("2", "Mairie")]

    assert whereabouts(Aim(0.51, 0.1, 0.0), False, presets).preset == "1"
    assert whereabouts(Aim(0.51, 0.1, 0.0), True, presets).looking is Looking.MOVING
    assert whereabouts(Aim(0.6, 0.1, 0.0), False, presets).looking is Looking.ELSEWHERE
    assert whereabouts(None, False, presets).looking is Looking.UNKNOWN


def test_a_picture_is_of_a_preset_once_the_camera_was_seen_at_it_and_while_that_is_fresh() -> None:
    at_2, second = Whereabouts(Looking.AT_PRESET, "2"), timedelta(seconds=1)
    seen = Seen(at_2, NOON, NOON)

    assert seen.preset_in(NOON, now=NOON + second) == "2"
    assert seen.preset_in(NOON - second, now=NOON + second) is None  # it was on its way
    assert seen.preset_in(NOON + SEEN_FOR, now=NOON + SEEN_FOR) is None  # nobody has asked since
    for looking in (Looking.MOVING, Looking.ELSEWHERE, Looking.UNKNOWN):
        assert Seen(Whereabouts(looking), NOON, NOON).preset_in(NOON, now=NOON) is None
