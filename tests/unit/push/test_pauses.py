"""How long a push service asks us to wait (RFC 9110 section 10.2.3)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from push.channels import LONGEST_PAUSE, pause_asked

NOW = datetime(2026, 3, 1, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        (" 30 ", 30),
        ("86400", LONGEST_PAUSE.total_seconds()),
        ("Sun, 01 Mar 2026 22:00:20 GMT", 20),
        ("Sun, 01 Mar 2026 21:00:00 GMT", 0),
    ],
)
def test_seconds_and_dates_are_understood(text: str, seconds: float) -> None:
    assert pause_asked(text, now=NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", [None, "", "soon", "-1", "1.5", "Sun, 01 Mar 2026 22:00:20"])
def test_what_says_nothing_asks_for_nothing(text: str | None) -> None:
    assert pause_asked(text, now=NOW) is None


@given(st.text(max_size=40))
def test_no_header_breaks_it(text: str) -> None:
    pause = pause_asked(text, now=NOW)

    assert pause is None or timedelta() <= pause <= LONGEST_PAUSE
