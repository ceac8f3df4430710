"""Lines: drawn across a way, to be crossed in one direction or in either."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import hypot, isfinite
from typing import ClassVar, Self

from domain.detections import PicturePoint
from domain.errors import Invalid

FEWEST_POINTS, MOST_POINTS = 2, 16
SHORTEST = 0.02
"""Of the picture's width or height: less is not drawn on purpose."""


class InvalidLine(Invalid):
    """The line that was drawn can't be watched."""

    code: ClassVar[str] = "invalid-line"
    title: ClassVar[str] = "This line can't be used"


class Crossing(StrEnum):
    """To which side a thing crosses, as one looks along the line from its first to its last point.

    The words of ONVIF's line detector (Analytics Service Specification, annex A.1).
    """

    LEFT = "left"
    RIGHT = "right"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Line:
    """A way of straight pieces, points in shares of width and height (0..1); ``counts``: which way.

    Raises ``InvalidLine`` when the points don't make a line in the picture.
    """

    points: tuple[PicturePoint, ...]
    counts: Crossing = Crossing.ANY

    def __post_init__(self) -> None:
        if not FEWEST_POINTS <= len(self.points) <= MOST_POINTS:
            raise InvalidLine(f"A line has {FEWEST_POINTS} to {MOST_POINTS} points.")
        if not all(isfinite(n) and 0 <= n <= 1 for point in self.points for n in point):
            raise InvalidLine("A point of the line lies outside the picture.")
        if any(hypot(b.x - a.x, b.y - a.y) < SHORTEST for a, b in pairwise(self.points)):
            raise InvalidLine("Two points of the line are too close to each other.")

    @classmethod
    def drawn(cls, points: Iterable[Sequence[float]], counts: Crossing = Crossing.ANY) -> Self:
        """Make a line of ``[[x, y], …]`` as the page sends it; raise ``InvalidLine``."""
        pairs = tuple(tuple(point) for point in points)
        if not all(len(pair) == 2 for pair in pairs):
            raise InvalidLine("A point of the line is not a pair of numbers.")
        return cls(tuple(PicturePoint(*pair) for pair in pairs), counts)

    def crossed(self, before: PicturePoint, now: PicturePoint) -> Crossing | None:
        """Say to which side who went from ``before`` to ``now`` has crossed the line, or None.

        A point on the line counts as left of it, so that who steps onto it and off it again on the
        other side has crossed once. Who crosses two pieces and is on the old side has not crossed.
        """
        balance = 0
        for a, b in pairwise(self.points):
            was, is_now = _is_right(a, b, before), _is_right(a, b, now)
            if was != is_now and _is_right(before, now, a) != _is_right(before, now, b):
                balance += 1 if is_now else -1
        if balance == 0:
            return None
        return Crossing.RIGHT if balance > 0 else Crossing.LEFT

    def is_counted(self, crossing: Crossing | None) -> bool:
        """Tell whether that crossing is one that is asked for."""
        return crossing is not None and self.counts in (crossing, Crossing.ANY)


def _is_right(a: PicturePoint, b: PicturePoint, point: PicturePoint) -> bool:
    # The picture's y grows downwards: what a walker from a to b has on his right turns positive.
    return (b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x) > 0
