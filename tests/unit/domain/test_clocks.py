"""A clock is believed unless it jumps; a long stop is no jump."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clocks import TOLERANCE, Belief, Clocks, Doubt

NOW = datetime(2026, 10, 24, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
UP = Clocks(wall=NOW, database=NOW, boot="one", steady=10 * DAY, is_set=False)


def after(
    clocks: Clocks,
    lasts: timedelta = MINUTE,
    *,
    wall: timedelta = timedelta(0),
    database: timedelta | None = None,
) -> Clocks:
    """Later, with the wall clock set by ``wall``; the database's is the same clock if unsaid."""
    set_by = wall if database is None else database
    return replace(
        clocks,
        wall=clocks.wall + lasts + wall,
        database=clocks.database + lasts + set_by,
        steady=clocks.steady + lasts,
    )


def started(clocks: Clocks, off: timedelta, *, wall: timedelta = timedelta(0)) -> Clocks:
    """The machine was off for so long, and starts with its clock set by ``wall``."""
    at = clocks.wall + off + wall
    return Clocks(wall=at, database=at, boot=clocks.boot + "+", steady=DAY, is_set=False)


@pytest.mark.parametrize("jump", [30 * DAY, 1 * HOUR, -1 * HOUR, 2 * MINUTE])
def test_a_clock_that_jumps_is_in_doubt_until_it_is_back(jump: timedelta) -> None:
    jumped = after(UP, wall=jump)
    doubted = Belief.begin(UP).look(jumped)
    still = doubted.look(after(jumped, HOUR))

    assert (doubted.doubt, still.doubt) == (Doubt.JUMPED, Doubt.JUMPED)
    assert doubted.off == jump
    assert still.look(after(still.clocks, wall=-jump)).doubt is None


def test_a_process_that_stood_still_for_a_month_has_no_clock_that_jumped() -> None:
    assert Belief.begin(UP).look(after(UP, 40 * DAY)).doubt is None


def test_after_a_long_stop_the_time_is_believed_at_once() -> None:
    assert Belief.begin(UP).look(started(UP, 40 * DAY)).doubt is None


def test_a_machine_that_starts_earlier_than_it_stopped_is_waited_for() -> None:
    behind = started(UP, 3 * DAY, wall=-400 * DAY)
    doubted = Belief.begin(UP).look(behind)
    right = doubted.look(after(behind, wall=400 * DAY))

    assert doubted.doubt is Doubt.BEHIND
    assert doubted.off == -397 * DAY
    assert right.doubt is None


def test_a_jump_is_not_forgotten_by_starting_again() -> None:
    jumped = after(UP, wall=30 * DAY)
    doubted = Belief.begin(UP).look(jumped)

    assert doubted.look(started(jumped, HOUR)).doubt is Doubt.JUMPED
    assert doubted.look(started(jumped, HOUR, wall=-30 * DAY)).doubt is None


def test_a_database_elsewhere_is_a_witness_and_one_that_jumps_along_is_none() -> None:
    wrong = Belief.begin(UP).look(after(UP, wall=HOUR, database=timedelta(0)))
    alone = Belief.begin(UP).look(after(UP, database=HOUR))

    assert (wrong.doubt, alone.doubt) == (Doubt.JUMPED, Doubt.APART)
    assert alone.look(after(alone.clocks, database=-HOUR)).doubt is None
    # A start with a wrong clock that then is set to what the other host has said all the time.
    began = Belief.begin(replace(UP, wall=NOW - HOUR))
    assert began.doubt is Doubt.APART
    assert began.look(after(began.clocks, wall=HOUR, database=timedelta(0))).doubt is None


def test_a_time_server_sets_the_clock_of_a_machine_that_has_just_started() -> None:
    fresh = replace(started(UP, DAY), steady=MINUTE)
    settling = Belief.begin(UP).look(fresh)
    heard = replace(after(fresh, wall=HOUR), is_set=True)
    late = replace(after(replace(heard, steady=20 * MINUTE), wall=HOUR), is_set=True)

    assert settling.doubt is Doubt.SETTLING
    assert settling.look(heard).doubt is None
    assert settling.look(heard).look(late).doubt is Doubt.JUMPED
    assert settling.look(after(fresh, 5 * MINUTE)).doubt is None  # there is none: no longer


def test_a_person_who_says_that_it_is_right_ends_the_doubt_of_now_and_no_later_one() -> None:
    for doubted in (
        Belief.begin(UP).look(after(UP, wall=DAY)),
        Belief.begin(UP).look(started(UP, HOUR, wall=-DAY)),
        Belief.begin(UP).look(after(UP, database=HOUR)),
    ):
        confirmed = doubted.confirm()

        assert (doubted.doubt is None, confirmed.doubt) == (False, None)
        assert confirmed.look(after(confirmed.clocks)).doubt is None
        assert confirmed.look(after(confirmed.clocks, wall=DAY)).doubt is Doubt.JUMPED


@given(
    st.lists(
        st.tuples(
            st.timedeltas(min_value=timedelta(0), max_value=30 * DAY),
            st.one_of(
                st.just(timedelta(0)),
                st.timedeltas(min_value=-2 * MINUTE, max_value=2 * MINUTE),
                st.timedeltas(min_value=-40 * DAY, max_value=40 * DAY),
            ),
        ),
        max_size=20,
    )
)
def test_small_steps_do_not_add_up_unseen(steps: list[tuple[timedelta, timedelta]]) -> None:
    belief, clocks, off = Belief.begin(UP), UP, timedelta(0)
    for lasts, step in steps:
        clocks, off = after(clocks, lasts, wall=step), off + step
        belief = belief.look(clocks)
        assert (belief.doubt is Doubt.JUMPED) == (abs(off) > TOLERANCE)
