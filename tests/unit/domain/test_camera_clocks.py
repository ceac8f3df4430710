"""A camera's clock: wrong when it certainly is, drifting as a quartz does, or set by somebody."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.camera_clocks import ASKED_EVERY, ASKED_WHEN_WRONG, CameraClock
from domain.onvif import ClockOffset

NOW = datetime(2026, 3, 1, 21, 14, tzinfo=UTC)
MS, HOUR = timedelta(milliseconds=1), timedelta(hours=1)


def off(ms: float, *, sure_to_ms: float = 20) -> ClockOffset:
    return ClockOffset((ms - sure_to_ms) * MS, (ms + sure_to_ms) * MS)


def test_it_is_wrong_from_when_it_certainly_is_until_it_is_not() -> None:
    clock = CameraClock.first(off(110), NOW)  # within what is not known
    assert clock.wrong_since is None
    clock = clock.read(off(300), NOW + HOUR).read(off(400), NOW + 2 * HOUR)

    assert clock.wrong_since == NOW + HOUR
    assert clock.read(off(0), NOW + 3 * HOUR).wrong_since is None
    assert CameraClock.first(off(-2000), NOW).wrong_since == NOW


def test_a_wrong_clock_is_asked_again_soon() -> None:
    wrong = CameraClock.first(off(5000), NOW)

    assert wrong.ask_again_at == NOW + ASKED_WHEN_WRONG
    assert CameraClock.first(off(5), NOW).ask_again_at == NOW + ASKED_EVERY


def test_its_drift_is_told_by_two_readings_far_enough_apart() -> None:
    first = CameraClock.first(off(10), NOW)
    soon = first.read(off(40), NOW + timedelta(minutes=5))
    later = first.read(off(135), NOW + HOUR)

    assert soon.drift_a_day is None
    assert later.drift_a_day == pytest.approx(timedelta(seconds=3), abs=MS)
    assert later.read(off(140), NOW + HOUR + 1000 * MS).drift_a_day == later.drift_a_day


def test_a_clock_that_was_set_in_between_has_no_drift() -> None:
    assert CameraClock.first(off(9000), NOW).read(off(0), NOW + HOUR).drift_a_day is None
