"""A guard tour goes round by itself, and yields to whoever moves the camera."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identifiers import CameraId, PersonId
from domain.ptz import IDLE_RELEASE, SEEN_FOR, Lock, Looking, Seen, Whereabouts
from domain.tours import AGAIN_AFTER, BadTour, Going, Stop, Tour

NOW = datetime(2026, 3, 1, 21, 14, tzinfo=UTC)
S = timedelta(seconds=1)
CAMERA = CameraId(uuid4())


def stop(name: str, dwell_s: float = 10) -> Stop:
    return Stop(preset=name, name=name, dwell=timedelta(seconds=dwell_s))


STOPS = (stop("1"), stop("2", 20), stop("3"))


def held(at: datetime) -> Lock:
    return Lock(camera_id=CAMERA, person_id=PersonId(uuid4()), rank=1, taken_at=at, used_at=at)


def test_it_goes_from_preset_to_preset_and_stays_at_each() -> None:
    going, sent = Going(), []
    for second in range(60):
        going, preset = going.step(STOPS, lock=None, now=NOW + second * S)
        if preset is not None:
            sent.append((second, preset))

    assert sent == [(0, "1"), (10, "2"), (30, "3"), (40, "1"), (50, "2")]


def test_whoever_moves_the_camera_has_it_and_the_tour_goes_on_after_he_let_go() -> None:
    going, _ = Going(1).step(STOPS, lock=None, now=NOW)
    lock = held(NOW + 5 * S)
    during = NOW + 5 * S
    while lock.is_held(during):
        going, preset = going.step(STOPS, lock=lock, now=during)
        assert preset is None
        during += S
    again = going.step(STOPS, lock=lock, now=during)

    assert during == NOW + 5 * S + IDLE_RELEASE
    assert again == (Going(1, during), "2")  # where it was, with its whole time anew


def test_a_camera_that_does_not_go_is_sent_to_the_next_after_a_while() -> None:
    going, _ = Going(1).step(STOPS, lock=None, now=NOW)
    going = going.refused(STOPS, now=NOW)

    assert going.step(STOPS, lock=None, now=NOW + AGAIN_AFTER - S)[1] is None
    assert going.step(STOPS, lock=None, now=NOW + AGAIN_AFTER)[1] == "3"


def test_a_tour_that_became_shorter_goes_on() -> None:
    assert Going(2).step(STOPS[:2], lock=None, now=NOW) == (Going(0, NOW), "1")


@given(
    st.lists(st.tuples(st.integers(1, 40), st.booleans()), max_size=60),
    st.integers(2, 5),
)
def test_nobody_is_ever_moved_away_from(steps: list[tuple[int, bool]], many: int) -> None:
    stops = tuple(stop(str(number)) for number in range(many))
    going, now, lock = Going(), NOW, None
    for wait_s, moves in steps:
        now += wait_s * S
        lock = held(now) if moves else lock
        going, preset = going.step(stops, lock=lock, now=now)

        assert preset is None or lock is None or not lock.is_held(now)
        assert 0 <= going.stop < many


@pytest.mark.parametrize("stops", [(), (stop("1"),), (stop("1"),) * 33])
def test_a_tour_of_too_few_or_too_many_is_none(stops: tuple[Stop, ...]) -> None:
    with pytest.raises(BadTour):
        Tour(camera_id=CAMERA, stops=stops)


@pytest.mark.parametrize("dwell_s", [0, 4, 1801, -1])
def test_a_stay_is_of_seconds_to_half_an_hour(dwell_s: float) -> None:
    with pytest.raises(BadTour):
        stop("1", dwell_s)


AT_1, MOVING = Whereabouts(Looking.AT_PRESET, "1"), Whereabouts(Looking.MOVING)


def test_since_when_a_camera_looks_at_a_preset_is_kept_while_it_is_seen_there() -> None:
    seen = Seen(AT_1, NOW, NOW).looked(AT_1, NOW + 6 * S).looked(AT_1, NOW + 12 * S)

    assert (seen.since, seen.seen_at) == (NOW, NOW + 12 * S)
    assert seen.looked(MOVING, NOW + 13 * S).since == NOW + 13 * S


def test_what_is_old_says_nothing_of_now() -> None:
    seen = Seen(AT_1, NOW - 60 * S, NOW)

    assert seen.at(NOW + SEEN_FOR - S) == seen
    late = seen.at(NOW + SEEN_FOR)
    assert (late.where.looking, late.where.preset) == (Looking.UNKNOWN, None)
    # Seen there again after a gap: nobody knows where it was in between.
    assert seen.looked(AT_1, NOW + SEEN_FOR).since == NOW + SEEN_FOR


def test_an_answer_of_before_it_was_moved_changes_nothing() -> None:
    moved = Seen(MOVING, NOW, NOW)

    assert moved.looked(AT_1, NOW - S) is moved
