"""Figures: what is counted of operators' decisions, and how sure a share of few is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alerts import DismissalReason
from domain.evaluation import Figures, summed, wilson
from domain.events import EventKind
from domain.identifiers import CameraId
from domain.watched_time import in_force, merged, total, within, without
from tests.unit.test_authorisations import ENDS, EVENING, QUAY, SQUARE, STARTS

R = DismissalReason
HOUR = timedelta(hours=1)
NOON = datetime(2026, 12, 10, 12, 0, tzinfo=UTC)
FIGURES = Figures(
    raised=20,
    confirmed=6,
    dismissed={R.NOTHING_THERE: 4, R.ANIMAL_OR_OBJECT: 1, R.HARMLESS: 2, R.TEST: 3},
    days=10.0,
)


def test_what_is_counted() -> None:
    assert (FIGURES.decided, FIGURES.waiting) == (16, 4)
    assert FIGURES.share_dismissed == pytest.approx(10 / 16)
    assert (FIGURES.false_alerts, FIGURES.false_per_day) == (5, 0.5)
    assert replace(FIGURES, days=0.01).false_per_day == 5  # a first minute is no day
    assert FIGURES.judged == 13
    assert FIGURES.precision == pytest.approx(6 / 13)


def test_without_a_decision_or_a_day_nothing_is_said() -> None:
    nothing = summed([])

    assert (nothing.share_dismissed, nothing.precision) == (None, None)
    assert (nothing.precision_interval, nothing.false_per_day) == (None, None)


def test_figures_add_up() -> None:
    both = summed([FIGURES, FIGURES])

    assert (both.raised, both.confirmed, both.days) == (40, 12, 20.0)
    assert both.dismissed[R.TEST] == 6


def test_wilson_s_interval_is_the_published_one() -> None:
    """Newcombe 1998 (Statistics in Medicine 17, 857-872), table I, method 3."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)


@given(trials=st.integers(1, 10_000), data=st.data())
def test_the_interval_holds_the_share_and_stays_a_share(trials: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, trials))
    low, high = wilson(successes, trials)

    assert 0.0 <= low <= successes / trials <= high <= 1.0


def at(hours: float) -> datetime:
    return NOON + hours * HOUR


def test_time_under_two_acts_counts_once() -> None:
    assert merged([(at(4), at(6)), (at(0), at(2)), (at(1), at(3)), (at(9), at(9))]) == [
        (at(0), at(3)),
        (at(4), at(6)),
    ]


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10)), max_size=6),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10)), max_size=6),
)
def test_what_is_left_without_gaps_is_every_hour_in_none(
    spans: list[tuple[int, int]], gaps: list[tuple[int, int]]
) -> None:
    periods = merged((at(a), at(a + n)) for a, n in spans)
    left = without(periods, [(at(a), at(a + n)) for a, n in gaps])
    hours = {h for a, n in spans for h in range(a, a + n)}
    hours -= {h for a, n in gaps for h in range(a, a + n)}

    assert total(left, at(0), at(50)) == len(hours) * HOUR


def test_an_act_counts_for_its_cameras_and_kinds_until_it_ends_or_is_revoked() -> None:
    def told(camera: CameraId, kind: EventKind = EventKind.FORBIDDEN_ZONE) -> object:
        return in_force([EVENING], source=camera, kind=kind, footings=())

    revoked = EVENING.revoke(at=STARTS + HOUR)

    assert told(QUAY) == [(STARTS, ENDS)]
    assert told(SQUARE) == told(QUAY, EventKind.FIRE) == []
    assert in_force([revoked], source=QUAY, kind=EventKind.FORBIDDEN_ZONE, footings=()) == [
        (STARTS, STARTS + HOUR)
    ]
    assert within([(at(0), at(9))], at(2), at(3)) == [(at(2), at(3))]
