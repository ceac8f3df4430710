"""Guessing made slow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import TooMany
from server.http.attempts import FAILURES_BEFORE_LOCK, LONGEST_LOCK, Buckets, Tally, lock_after


def test_a_bucket_lets_a_burst_through_and_then_says_when_to_come_back() -> None:
    buckets = Buckets(size=3, per_s=0.5)
    for _ in range(3):
        buckets.take("an address", now=10.0)

    with pytest.raises(TooMany) as refused:
        buckets.take("an address", now=10.0)
    assert refused.value.retry_after_s == 2
    buckets.take("another address", now=10.0)
    buckets.take("an address", now=12.0)


def test_what_is_remembered_is_bounded() -> None:
    buckets = Buckets(size=1, per_s=0.001, most_keys=2)
    for name in ("first", "second", "third"):
        buckets.take(name, now=0.0)

    buckets.take("first", now=0.0)  # forgotten, so it begins anew
    with pytest.raises(TooMany):
        buckets.take("third", now=0.0)


@given(st.lists(st.floats(min_value=0.0, max_value=100.0), min_size=1, max_size=60))
def test_no_order_of_tries_gets_more_than_the_burst_and_the_rate(steps: list[float]) -> None:
    buckets, now, taken = Buckets(size=5, per_s=0.1), 0.0, 0
    for step in steps:
        now += step
        try:
            buckets.take("a name", now=now)
            taken += 1
        except TooMany:
            continue

    assert taken <= 5 + now * 0.1 + 1e-6


@given(st.integers(min_value=0, max_value=10_000))
def test_a_lock_grows_and_is_never_longer_than_its_longest(failures: int) -> None:
    now, later = lock_after(failures), lock_after(failures + 1)

    assert (now is None) is (failures < FAILURES_BEFORE_LOCK)
    assert now is None or (later is not None and now <= later <= LONGEST_LOCK)


def test_what_is_told_of_a_flood_is_all_of_it_and_no_flood() -> None:
    tally = Tally(every_s=2.0)
    told = [tally.add("bin", now=tenth / 10) for tenth in range(61)]

    assert [one for one in told if one] == [1, 20, 20, 20]
    assert sum(told) == 61
    assert tally.add("panel", now=6.0) == 1
