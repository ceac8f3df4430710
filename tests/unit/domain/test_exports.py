"""A clip is no way round the retention."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.exports import (
    AT_LEAST,
    HANDED_OVER_FOR,
    LATEST_AGAIN,
    PATIENCE,
    SOONEST_AGAIN,
    again_at,
    keep_until,
)

MADE = datetime(2026, 3, 28, 12, tzinfo=UTC)


@given(st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(days=400)))
def test_a_clip_goes_when_the_first_of_its_pictures_does(left: timedelta) -> None:
    goes_at = keep_until(MADE + left, made_at=MADE)

    assert goes_at <= MADE + left
    assert goes_at == MADE + min(left, HANDED_OVER_FOR)


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400)))
def test_of_pictures_that_a_hold_alone_keeps_there_is_a_day_to_fetch_it(since: timedelta) -> None:
    assert keep_until(MADE - since, made_at=MADE) == MADE + AT_LEAST


def test_a_clip_that_cannot_be_made_now_is_tried_again_ever_less_often_for_an_hour() -> None:
    tries, now = [], MADE
    while (again := again_at(MADE, now=now)) is not None:
        tries.append(again - now)
        now = again

    assert tries == sorted(tries)
    assert (tries[0], tries[-1]) == (SOONEST_AGAIN, LATEST_AGAIN)
    assert MADE + PATIENCE <= now < MADE + PATIENCE + LATEST_AGAIN
