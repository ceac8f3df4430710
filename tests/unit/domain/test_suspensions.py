"""A kind that cries wolf on a camera is suspended there: above the rate always, below it never."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.alerts import DismissalReason
from domain.events import EventKind
from domain.identifiers import CameraId, CommuneId, PersonId, SuspensionId
from domain.suspensions import (
    MotiveMissing,
    NotSuspended,
    Suspension,
    TooMany,
    cries_wolf,
    not_suspended,
)
from domain.watched_time import Period
from tests.unit.test_authorisations import EVENING, QUAY

NOW = datetime(2026, 12, 10, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SUPERVISOR = PersonId(UUID(int=7))


def asked(
    *ages: timedelta,
    watched_for: timedelta = 30 * DAY,
    per_day: float = 1.0,
    lifted: timedelta | None = None,
) -> TooMany | None:
    """Ask with alerts of these ages, all false."""
    return cries_wolf(
        [NOW - age for age in ages],
        watched=[(NOW - watched_for, NOW + DAY)],
        now=NOW,
        lifted_at=None if lifted is None else NOW - lifted,
        per_day=per_day,
    )


def test_one_false_alert_on_the_first_morning_suspends_nothing() -> None:
    assert asked(HOUR, watched_for=4 * HOUR) is None


def test_the_second_one_of_the_first_day_does() -> None:
    assert asked(HOUR, 2 * HOUR, watched_for=4 * HOUR) == TooMany(
        false_alerts=2, days=1.0, per_day=1.0
    )


def test_the_first_one_does_where_the_commune_s_rate_says_so() -> None:
    assert asked(HOUR, watched_for=4 * HOUR, per_day=0.5) is not None


def test_a_week_evens_out_a_night_of_rain() -> None:
    assert asked(*[HOUR] * 7) is None
    assert asked(*[HOUR] * 8) == TooMany(false_alerts=8, days=7.0, per_day=1.0)


def test_what_is_older_than_a_week_is_forgotten() -> None:
    assert asked(*[8 * DAY] * 50, HOUR) is None


def test_after_a_lift_counting_begins_anew() -> None:
    false_alerts = [DAY + n * HOUR for n in range(20)]

    assert asked(*false_alerts) is not None
    assert asked(*false_alerts, HOUR, lifted=2 * HOUR) is None
    assert asked(*false_alerts, HOUR, HOUR, lifted=2 * HOUR) is not None


@settings(max_examples=60)  # each counts the minutes of two weeks
@given(
    ages=st.lists(st.timedeltas(timedelta(0), 14 * DAY), max_size=40),
    watched=st.lists(
        st.tuples(st.integers(0, 13 * 24), st.integers(1, 24)), max_size=4, unique_by=lambda p: p[0]
    ),
    lifted=st.none() | st.timedeltas(timedelta(0), 14 * DAY),
    per_day=st.floats(0, 10),
)
def test_above_the_rate_always_and_below_it_never(
    ages: list[timedelta],
    watched: list[tuple[int, int]],
    lifted: timedelta | None,
    per_day: float,
) -> None:
    """Counted again here minute by minute, as slowly as it can be done."""
    minute = timedelta(minutes=1)
    horizon = min(7 * DAY, lifted if lifted is not None else 7 * DAY)
    periods: list[Period] = []
    for start_h, hours in sorted(watched):
        start = NOW - 14 * DAY + start_h * HOUR
        if not periods or start > periods[-1][1]:
            periods.append((start, start + hours * HOUR))
    minutes = sum(
        any(starts <= NOW - n * minute < ends for starts, ends in periods)
        for n in range(1, horizon // minute + 1)
    )
    days = max(1.0, minutes / (24 * 60))
    counted = sum(age < horizon for age in ages)

    found = cries_wolf(
        [NOW - age for age in ages],
        watched=periods,
        now=NOW,
        lifted_at=None if lifted is None else NOW - lifted,
        per_day=per_day,
    )

    if counted > per_day * (days + 1 / 1440):  # a minute, for what ends within one
        assert found is not None
        assert found.false_alerts == counted
    elif counted <= per_day * days:
        assert found is None


def test_reasons_that_say_that_it_was_real_are_no_false_alerts() -> None:
    false = {reason for reason in DismissalReason if reason.was_not_real}

    assert false == {DismissalReason.NOTHING_THERE, DismissalReason.ANIMAL_OR_OBJECT}


def test_a_suspended_kind_is_in_no_act_and_an_act_of_it_alone_is_gone() -> None:
    both = replace(EVENING, kinds=frozenset({EventKind.FORBIDDEN_ZONE, EventKind.DENSITY}))
    zone = frozenset({EventKind.FORBIDDEN_ZONE})

    assert not_suspended([EVENING, both], zone) == (
        replace(both, kinds=frozenset({EventKind.DENSITY})),
    )
    assert not_suspended([EVENING, both], ()) == (EVENING, both)


def suspension() -> Suspension:
    return Suspension(
        id=SuspensionId(uuid4()),
        commune_id=CommuneId(UUID(int=1)),
        camera_id=CameraId(QUAY),
        kind=EventKind.DENSITY,
        suspended_at=NOW,
        because=TooMany(false_alerts=8, days=7.0, per_day=1.0),
    )


def test_it_is_lifted_once_and_for_a_reason() -> None:
    lifted = suspension().lift(by=SUPERVISOR, motive=" recadrée ", at=NOW)

    assert (lifted.lifted_at, lifted.lifted_by, lifted.motive) == (NOW, SUPERVISOR, "recadrée")
    with pytest.raises(NotSuspended):
        lifted.lift(by=SUPERVISOR, motive="encore", at=NOW)
    with pytest.raises(MotiveMissing):
        suspension().lift(by=SUPERVISOR, motive="  ", at=NOW)
