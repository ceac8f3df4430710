"""Footings: what kind of place a camera was of, and whether for demonstration, and since when.

An act counts on some footings and not on others. So an hour that is looked back on is judged by
the footing of that hour: a depot that was a street last week is not looked at as a depot's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.cameras import PlaceKind

_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
_AFTER_ALL = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Footing:
    """What holds from ``since`` on, until there is another. By itself: what the fewest acts allow.

    A sensor's place is taken to be public; it is for demonstration as its commune is.
    """

    since: datetime = _BEFORE_ALL
    place_kind: PlaceKind = PlaceKind.PUBLIC_ROAD
    is_demonstration: bool = False

    def and_now(self, place_kind: PlaceKind, *, is_demonstration: bool) -> "Footing":
        """Give the stricter of this one, the newest that is written down, and what is so today.

        They differ only where it was changed by a release that writes no footings.
        """
        is_closed = {self.place_kind, place_kind} == {PlaceKind.CLOSED_TO_PUBLIC}
        return Footing(
            self.since,
            PlaceKind.CLOSED_TO_PUBLIC if is_closed else PlaceKind.PUBLIC_ROAD,
            is_demonstration=self.is_demonstration and is_demonstration,
        )


def footing_at(footings: Sequence[Footing], at: datetime) -> Footing:
    """Give the one of that moment, of footings in their order; before the first, the strictest."""
    return next((one for one in reversed(footings) if one.since <= at), Footing())


def lasting(footings: Sequence[Footing]) -> Iterator[tuple[Footing, datetime]]:
    """Give each with its end; the strictest comes before the first."""
    known = (Footing(), *footings)
    ends = (*(one.since for one in footings), _AFTER_ALL)
    yield from zip(known, ends, strict=True)
