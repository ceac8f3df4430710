"""How often a code or a PIN may be guessed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import TooMany
from mobile_api.attempts import (
    FORGOTTEN_AFTER,
    FREE_TRIES,
    LONGEST_WAIT,
    REMEMBERED,
    Attempts,
)

NOW = datetime(2026, 3, 1, 22, tzinfo=UTC)


def failing(times: int, *, who: str = "device:1", now: datetime = NOW) -> Attempts:
    attempts = Attempts()
    for _ in range(times):
        attempts.failed(who, now=now)
    return attempts


def test_a_few_mistakes_cost_nothing() -> None:
    failing(FREE_TRIES - 1).check("device:1", now=NOW)


def test_after_them_each_further_one_costs_twice_the_wait() -> None:
    with pytest.raises(TooMany) as first:
        failing(FREE_TRIES).check("device:1", now=NOW)
    with pytest.raises(TooMany) as second:
        failing(FREE_TRIES + 1).check("device:1", now=NOW)

    assert first.value.retry_after_s == 31
    assert second.value.retry_after_s == 61


def test_the_right_answer_a_quiet_spell_and_another_device_start_afresh() -> None:
    attempts = failing(FREE_TRIES)
    attempts.check("device:2", now=NOW)
    later = NOW + FORGOTTEN_AFTER + timedelta(seconds=1)
    attempts.failed("device:1", now=later)
    attempts.check("device:1", now=later)

    attempts = failing(FREE_TRIES)
    attempts.succeeded("device:1")
    attempts.check("device:1", now=NOW)


def test_it_forgets_the_oldest_before_it_grows_without_end() -> None:
    attempts = failing(FREE_TRIES)
    for n in range(REMEMBERED):
        attempts.failed(f"address:{n}", now=NOW)

    attempts.check("device:1", now=NOW)


@given(st.integers(min_value=FREE_TRIES, max_value=500))
def test_nobody_waits_longer_than_the_longest_wait(failures: int) -> None:
    attempts = failing(failures)

    attempts.check("device:1", now=NOW + LONGEST_WAIT)
    with pytest.raises(TooMany):
        attempts.check("device:1", now=NOW)
