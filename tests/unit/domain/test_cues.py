"""Parts that begin with keyframes, of the hours that were asked for."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.cues import TICKS_PER_S, Cue, Cues, keyframe_times, ticks_at, time_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ALWAYS = {"since": NOON - timedelta(days=1), "until": NOON + timedelta(days=1)}


def second(number: float) -> datetime:
    return NOON + timedelta(seconds=number)


def cues(*seconds: float, ends: float) -> Cues:
    """Keyframes at these seconds, 1000 bytes a second behind a head of 500."""
    places = [Cue(500 + int(1000 * at), int(TICKS_PER_S * at)) for at in (*seconds, ends)]
    return Cues(tuple(places[:-1]), places[-1])


@pytest.mark.parametrize(
    ("keyframes", "begin"),
    [
        (range(0, 10), [0, 3, 6, 9]),
        (range(0, 10, 2), [0, 4, 8]),
        (range(0, 10, 4), [0, 4, 8]),
        ([0], [0]),
    ],
)
def test_parts_begin_with_keyframes_and_leave_nothing_out(
    keyframes: list[int], begin: list[int]
) -> None:
    parts = cues(*keyframes, ends=10).parts(NOON, **ALWAYS)

    assert [part.starts_at for part in parts] == [second(at) for at in begin]
    assert [part.ends_at for part in parts] == [second(at) for at in (*begin[1:], 10)]
    assert parts[0].offset == 500
    assert sum(part.size for part in parts) == 10_000


def test_only_parts_of_the_hours_asked_for_are_given() -> None:
    parts = cues(*range(20), ends=20).parts(NOON, since=second(5), until=second(12))

    assert [part.starts_at for part in parts] == [second(3), second(6), second(9)]


@pytest.mark.parametrize(("at", "before", "after"), [(-1, 0, 0), (0, 0, 4), (5, 4, 8), (9, 8, 10)])
def test_a_picture_is_decoded_from_the_keyframe_before_it(at: int, before: int, after: int) -> None:
    one = cues(0, 4, 8, ends=10)
    ticks = ticks_at(second(at), NOON)

    assert time_of(one.before(ticks), NOON) == second(before)
    assert time_of(one.after(ticks), NOON) == second(after)


def test_keyframes_of_some_hours_are_named_in_order() -> None:
    segments = [(NOON, cues(0, 2, ends=4)), (second(60), cues(0, 2, ends=4))]

    times = keyframe_times(segments, since=second(1), until=second(62))
    assert times == [second(2), second(60)]
