"""Which of some recorded hours may be looked back on: those that are covered, to the second."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.authorisations import Authorisation, DailyHours
from domain.trials import Hours, add_damaged, covered_hours
from tests.component.watching import ACT, QUAY, RULE, watched

SUMMER_ENDS = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)  # in Paris, 3:00 is 2:00 once more
SUMMER_BEGINS = datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
EVENING = datetime(2026, 12, 1, 22, 0, tzinfo=UTC)
AROUND = timedelta(minutes=8)
SECOND = timedelta(seconds=1)


def covered(
    *acts: Authorisation, of_rule: DailyHours | None = None, around: datetime = EVENING
) -> list[Hours]:
    camera = replace(watched(QUAY, *acts), rules=(replace(RULE, hours=of_rule),))
    return covered_hours(
        lambda at: bool(camera.acts_at(at)),
        acts,
        camera.rules,
        camera.footings,
        starts_at=around - AROUND,
        ends_at=around + AROUND,
    )


def act(starts_s: int, ends_s: int, hours: DailyHours | None = None) -> Authorisation:
    """An act from so many seconds after the evening begins to so many."""
    return replace(
        ACT,
        starts_at=EVENING + starts_s * SECOND,
        ends_at=EVENING + ends_s * SECOND,
        hours=hours,
    )


def test_an_act_of_some_seconds_covers_those() -> None:
    assert covered(act(10, 25)) == [Hours(EVENING + 10 * SECOND, EVENING + 25 * SECOND)]


def test_some_seconds_that_daily_hours_leave_out_are_left_out() -> None:
    but_ten_seconds = DailyHours(time(23, 1, 20), time(23, 1, 10))

    assert covered(act(0, 240, but_ten_seconds)) == [
        Hours(EVENING, EVENING + 70 * SECOND),
        Hours(EVENING + 80 * SECOND, EVENING + 240 * SECOND),
    ]


def test_some_seconds_of_a_rule_s_own_hours_are_looked_back_on() -> None:
    hours = DailyHours(time(23, 2, 5), time(23, 2, 25))

    assert covered(act(0, 240), of_rule=hours) == [
        Hours(EVENING + 125 * SECOND, EVENING + 145 * SECOND)
    ]


@pytest.mark.parametrize("around", [SUMMER_BEGINS, SUMMER_ENDS], ids=["begins", "ends"])
@settings(max_examples=15)
@given(data=st.data())
def test_what_is_given_is_what_is_covered(data: st.DataObject, around: datetime) -> None:
    seconds = st.integers(-600, 600)

    def hours() -> DailyHours | None:
        turns = st.builds(time, st.sampled_from([1, 2, 3]), st.integers(0, 59), st.integers(0, 59))
        pair = data.draw(st.none() | st.lists(turns, min_size=2, max_size=2, unique=True))
        return DailyHours(pair[0], pair[1]) if pair else None

    first, last = sorted(data.draw(st.lists(seconds, min_size=2, max_size=2, unique=True)))
    revoked = data.draw(st.none() | seconds)
    one = replace(
        ACT,
        act_date=around.date(),
        starts_at=around + first * SECOND,
        ends_at=around + last * SECOND,
        hours=hours(),
        revoked_at=None if revoked is None else around + revoked * SECOND,
    )
    of_rule = hours()
    given_hours = covered(one, of_rule=of_rule, around=around)
    camera = replace(watched(QUAY, one), rules=(replace(RULE, hours=of_rule),))

    turns = {at for one in given_hours for at in one}
    around_turns = {at + off for at in turns for off in (-timedelta.resolution, timedelta(0))}
    anywhere = {around + data.draw(seconds) * SECOND for _ in range(10)}
    for at in (one for one in around_turns | anywhere if abs(one - around) < AROUND):
        is_given = any(since <= at < until for since, until in given_hours)
        assert is_given == bool(camera.acts_at(at)), at


@pytest.mark.parametrize(("apart_s", "told"), [(0.5, 1), (2.0, 100)])
def test_damage_that_comes_again_and_again_is_told_in_few_words(apart_s: float, told: int) -> None:
    hours = [
        Hours(EVENING + n * apart_s * SECOND, EVENING + (n * apart_s + 0.1) * SECOND)
        for n in range(1000)
    ]
    found: list[Hours] = []
    for one in hours:
        add_damaged(found, one)

    assert len(found) == told
    assert (found[0].starts_at, found[-1].ends_at) == (hours[0].starts_at, hours[-1].ends_at)
