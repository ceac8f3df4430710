"""What a camera was when: which acts count on it, and for how long they did."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.cameras import PlaceKind
from domain.footings import Footing, footing_at, lasting
from domain.trials import Hours, covered_hours

START, SECOND = datetime(2026, 12, 1, 22, 0, tzinfo=UTC), timedelta(seconds=1)
OPEN, CLOSED = PlaceKind.PUBLIC_ROAD, PlaceKind.CLOSED_TO_PUBLIC

footings = st.lists(
    st.tuples(st.integers(0, 1000), st.sampled_from(PlaceKind), st.booleans()),
    unique_by=lambda one: one[0],
).map(
    lambda drawn: [
        Footing(START + number * SECOND, place_kind, demonstrates)
        for number, place_kind, demonstrates in sorted(drawn)
    ]
)


@given(known=footings, second=st.integers(-10, 1010))
def test_each_moment_has_the_newest_that_had_begun_and_before_the_first_the_strictest(
    known: list[Footing], second: int
) -> None:
    at = START + second * SECOND
    begun = [one for one in known if one.since <= at]

    assert footing_at(known, at) == (begun[-1] if begun else Footing())
    assert [one for one, ends in lasting(known) if one.since <= at < ends] == [
        footing_at(known, at)
    ]


def test_what_is_so_now_and_not_written_down_makes_it_stricter_alone() -> None:
    street, depot, stage = (
        Footing(START, OPEN),
        Footing(START, CLOSED),
        Footing(START, CLOSED, is_demonstration=True),
    )

    assert street.and_now(CLOSED, is_demonstration=True) == street
    assert depot.and_now(CLOSED, is_demonstration=True) == depot
    assert depot.and_now(OPEN, is_demonstration=False) == street
    assert stage.and_now(CLOSED, is_demonstration=True) == stage
    assert stage.and_now(CLOSED, is_demonstration=False) == depot


def test_a_place_that_is_open_for_some_seconds_of_a_minute_is_not_covered_in_it() -> None:
    known = [
        Footing(START, CLOSED),
        Footing(START + 70 * SECOND, OPEN),
        Footing(START + 80 * SECOND, CLOSED),
    ]

    def is_covered(at: datetime) -> bool:
        return footing_at(known, at).place_kind is CLOSED

    ends_at = START + 180 * SECOND
    assert covered_hours(is_covered, [], [], known, starts_at=START, ends_at=ends_at) == [
        Hours(START, START + 70 * SECOND),
        Hours(START + 80 * SECOND, ends_at),
    ]
