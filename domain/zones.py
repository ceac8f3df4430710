"""Zones: parts of a camera's picture that mean something, drawn by a person on its still."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import ClassVar, Self

from domain.detections import Box, PicturePoint
from domain.errors import Invalid

FEWEST_POINTS = 3
MOST_POINTS = 64
# A thousandth of the picture is about 30 x 30 pixels in 720p: smaller than a hand can draw on
# purpose, and smaller than the error of a foot point.
SMALLEST_AREA = 0.001
# A foot cut off by the picture's lower edge lies exactly on it: zones hold their own border.
ON_THE_BORDER = 1e-9


class Fault(StrEnum):
    """Why a drawn zone can't be used."""

    TOO_FEW_POINTS = "too-few-points"
    TOO_MANY_POINTS = "too-many-points"
    NOT_A_NUMBER = "not-a-number"
    OUTSIDE_THE_PICTURE = "outside-the-picture"
    SAME_POINT_TWICE = "same-point-twice"
    CROSSES_ITSELF = "crosses-itself"
    TOO_SMALL = "too-small"


SENTENCES = {
    Fault.TOO_FEW_POINTS: f"A zone needs at least {FEWEST_POINTS} points.",
    Fault.TOO_MANY_POINTS: f"A zone has at most {MOST_POINTS} points.",
    Fault.NOT_A_NUMBER: "A point of the zone is not a pair of numbers.",
    Fault.OUTSIDE_THE_PICTURE: "A point of the zone lies outside the picture.",
    Fault.SAME_POINT_TWICE: "Two points of the zone are the same.",
    Fault.CROSSES_ITSELF: "The zone's outline crosses itself.",
    Fault.TOO_SMALL: "The zone is too small to stand in.",
}


class InvalidZone(Invalid):
    """The zone that was drawn can't be watched."""

    code: ClassVar[str] = "invalid-zone"
    title: ClassVar[str] = "This zone can't be used"

    def __init__(self, fault: Fault) -> None:
        super().__init__(SENTENCES[fault])
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Zone:
    """A polygon of the picture, its points in shares of width and height (0..1), closed by itself.

    Raises ``InvalidZone`` when the points don't make one simple, visible polygon in the picture.
    """

    points: tuple[PicturePoint, ...]

    def __post_init__(self) -> None:
        if fault := fault_of(self.points):
            raise InvalidZone(fault)

    @classmethod
    def drawn(cls, points: Iterable[Sequence[float]]) -> Self:
        """Make a zone of ``[[x, y], …]`` as the page sends it; raise ``InvalidZone``."""
        pairs = tuple(tuple(point) for point in points)
        if not all(len(pair) == 2 for pair in pairs):
            raise InvalidZone(Fault.NOT_A_NUMBER)
        return cls(tuple(PicturePoint(*pair) for pair in pairs))

    def contains(self, point: PicturePoint) -> bool:
        """Tell whether ``point`` lies in the zone or on its border."""
        inside = False
        for a, b in sides(self.points):
            if _on_segment(point, a, b):
                return True
            crosses_the_height = (a.y > point.y) != (b.y > point.y)
            if crosses_the_height and point.x < a.x + (point.y - a.y) * (b.x - a.x) / (b.y - a.y):
                inside = not inside
        return inside

    def holds(self, box: Box) -> bool:
        """Tell whether the thing in ``box`` stands in the zone: its foot point decides."""
        return self.contains(box.foot)


def fault_of(
    points: Sequence[PicturePoint], *, smallest_area: float = SMALLEST_AREA
) -> Fault | None:
    """Say what is wrong with a polygon's ``points``, or None when nothing is."""
    # In this order: what comes later takes for granted that what came before was right.
    checks: tuple[tuple[Fault, Callable[[], bool]], ...] = (
        (Fault.TOO_FEW_POINTS, lambda: len(points) < FEWEST_POINTS),
        (Fault.TOO_MANY_POINTS, lambda: len(points) > MOST_POINTS),
        (Fault.NOT_A_NUMBER, lambda: not all(isfinite(n) for point in points for n in point)),
        (
            Fault.OUTSIDE_THE_PICTURE,
            lambda: not all(0 <= n <= 1 for point in points for n in point),
        ),
        (Fault.SAME_POINT_TWICE, lambda: len(set(points)) < len(points)),
        (Fault.CROSSES_ITSELF, lambda: _crosses_itself(points)),
        (Fault.TOO_SMALL, lambda: area(points) < smallest_area),
    )
    return next((fault for fault, is_so in checks if is_so()), None)


def area(points: Sequence[PicturePoint]) -> float:
    """Give a simple polygon's share of the picture, 0..1 (the shoelace formula)."""
    return abs(sum(a.x * b.y - b.x * a.y for a, b in sides(points))) / 2


def sides(points: Sequence[PicturePoint]) -> list[tuple[PicturePoint, PicturePoint]]:
    """Give the sides of the polygon, the last one closing it."""
    return list(zip(points, [*points[1:], points[0]], strict=True))


def _crosses_itself(points: Sequence[PicturePoint]) -> bool:
    outline = sides(points)
    last = len(outline) - 1
    for i, (a, b) in enumerate(outline):
        for j in range(i + 1, len(outline)):
            c, d = outline[j]
            if j == i + 1:  # neighbours share b = c; they may not fold back on each other
                met = _on_segment(d, a, b) or _on_segment(a, c, d)
            elif i == 0 and j == last:  # neighbours too: they share a = d
                met = _on_segment(c, a, b) or _on_segment(b, c, d)
            else:
                met = segments_meet(a, b, c, d)
            if met:
                return True
    return False


def segments_meet(a: PicturePoint, b: PicturePoint, c: PicturePoint, d: PicturePoint) -> bool:
    if any(
        (_on_segment(c, a, b), _on_segment(d, a, b), _on_segment(a, c, d), _on_segment(b, c, d))
    ):
        return True
    return (_turn(a, b, c) > 0) != (_turn(a, b, d) > 0) and (_turn(c, d, a) > 0) != (
        _turn(c, d, b) > 0
    )


def _turn(a: PicturePoint, b: PicturePoint, c: PicturePoint) -> float:
    """Give twice the signed area of the triangle: positive when a, b, c turn one way."""
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)


def _on_segment(point: PicturePoint, a: PicturePoint, b: PicturePoint) -> bool:
    if abs(_turn(a, b, point)) > ON_THE_BORDER:
        return False
    return (
        min(a.x, b.x) - ON_THE_BORDER <= point.x <= max(a.x, b.x) + ON_THE_BORDER
        and min(a.y, b.y) - ON_THE_BORDER <= point.y <= max(a.y, b.y) + ON_THE_BORDER
    )
