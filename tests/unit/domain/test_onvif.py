"""Which streams of a camera are taken, and how well its clock can be known."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.onvif import ClockOffset, OfferedStream, choose_streams

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def stream(token: str, width: int, height: int, codec: str = "h264") -> OfferedStream:
    url = f"rtsp://10.0.0.5/{token}"
    return OfferedStream(token=token, name=token, codec=codec, width=width, height=height, url=url)


def tokens(*offered: OfferedStream) -> tuple[str | None, str | None]:
    main, sub = choose_streams(offered)
    return (main.token if main else None, sub.token if sub else None)


def test_the_largest_that_a_wall_needs_and_the_smallest_that_shows_something() -> None:
    many = (
        stream("icon", 160, 90),
        stream("tile", 640, 360),
        stream("hd", 1920, 1080),
        stream("4k", 3840, 2160),
        stream("new", 2560, 1440, "h265"),
    )

    assert tokens(*many) == ("hd", "tile")


def test_what_browsers_do_not_play_is_taken_when_there_is_nothing_else() -> None:
    assert tokens(stream("a", 3840, 2160, "h265"), stream("b", 640, 360, "h265")) == ("b", None)
    assert tokens(stream("only", 3840, 2160)) == ("only", None)
    assert tokens() == (None, None)


@given(
    offset_ms=st.integers(-5_000, 5_000),
    begins_ms=st.integers(0, 999),
    delays=st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), min_size=1, max_size=8),
)
def test_the_offset_lies_within_its_bounds_and_each_reading_tells_more(
    offset_ms: int, begins_ms: int, delays: list[tuple[int, int]]
) -> None:
    offset, now = timedelta(milliseconds=offset_ms), NOON + timedelta(milliseconds=begins_ms)
    found: ClockOffset | None = None
    for there, back in delays:
        asked_at = now + (found.pause_before_next(now) if found else timedelta())
        told = (asked_at + timedelta(milliseconds=there) + offset).replace(microsecond=0)
        answered_at = asked_at + timedelta(milliseconds=there + back)
        reading = ClockOffset.read(told, asked_at=asked_at, answered_at=answered_at)
        before, found = found, reading if found is None else found.narrowed(reading)
        now = answered_at

        assert found.least <= offset <= found.most
        assert before is None or found.uncertainty <= before.uncertainty
    assert found is not None
    if found.is_alarming:
        assert abs(offset) > timedelta(milliseconds=100)


def test_a_clock_that_is_off_by_half_a_second_alarms_after_five_readings() -> None:
    offset, now = timedelta(milliseconds=500), NOON
    found: ClockOffset | None = None
    for _ in range(5):
        asked_at = now + (found.pause_before_next(now) if found else timedelta())
        now = asked_at + timedelta(milliseconds=10)
        told = (asked_at + timedelta(milliseconds=5) + offset).replace(microsecond=0)
        reading = ClockOffset.read(told, asked_at=asked_at, answered_at=now)
        found = reading if found is None else found.narrowed(reading)

    assert found is not None
    assert found.is_alarming
    assert found.uncertainty < timedelta(milliseconds=50)


def test_a_clock_that_was_set_in_between_is_taken_as_it_is_now() -> None:
    second = timedelta(seconds=1)
    before = ClockOffset(timedelta(), second)
    now = ClockOffset(60 * second, 61 * second)

    assert before.narrowed(now) == now
