"""What a detector claims of one frame: frequent, maybe wrong, and never about who a person is."""

from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import NamedTuple, Self


class ObjectClass(StrEnum):
    """All that a detector may name, whatever its model knows.

    There is nothing here about faces, plates, clothes or gait, and there will not be: no profile
    and no setting can allow it (docs/design/detection.md). A class that is not listed is dropped
    where the model's answer is read.
    """

    PERSON = "person"
    BICYCLE = "bicycle"
    CAR = "car"
    MOTORCYCLE = "motorcycle"
    BUS = "bus"
    TRUCK = "truck"


class PicturePoint(NamedTuple):
    """A place in a picture: 0,0 is the top left corner and 1,1 the bottom right one."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in a picture, its sides as shares of the picture's width and height (0..1)."""

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        sides = (self.left, self.top, self.right, self.bottom)
        if not all(isfinite(side) and 0.0 <= side <= 1.0 for side in sides):
            raise ValueError(f"a box's sides lie between 0 and 1, got {sides}")
        if self.left > self.right or self.top > self.bottom:
            raise ValueError(
                f"a box's left comes before its right, its top before its bottom: {sides}"
            )

    @classmethod
    def clipped(cls, left: float, top: float, right: float, bottom: float) -> Self:
        """Give the part of a rectangle that lies in the picture."""
        left, top, right, bottom = (min(1.0, max(0.0, one)) for one in (left, top, right, bottom))
        return cls(left, top, max(left, right), max(top, bottom))

    @property
    def foot(self) -> PicturePoint:
        """Where the thing stands: the middle of the lower side.

        Of all points of the box it alone lies on the ground, so it alone says in which zone of the
        ground the thing is; a head seen over a fence is not behind that fence.
        """
        return PicturePoint((self.left + self.right) / 2, self.bottom)

    def grown(self, by: float) -> "Box":
        """Give it with ``by`` of its size added on each side, as far as the picture goes."""
        beside, above = by * (self.right - self.left), by * (self.bottom - self.top)
        return Box.clipped(
            self.left - beside, self.top - above, self.right + beside, self.bottom + above
        )

    def touches(self, other: "Box") -> bool:
        """Tell whether the two have a point in common."""
        return (
            self.left <= other.right
            and other.left <= self.right
            and self.top <= other.bottom
            and other.top <= self.bottom
        )

    def share_in(self, other: "Box") -> float:
        """Give how much of its area lies in ``other``, 0..1."""
        return self._common(other) / self.area if self.area > 0 else 0.0

    def overlap(self, other: "Box") -> float:
        """Give the share that the two have in common of what they cover together (IoU), 0..1."""
        common = self._common(other)
        return common / (self.area + other.area - common) if common > 0 else 0.0

    @property
    def area(self) -> float:
        """Its share of the picture."""
        return (self.right - self.left) * (self.bottom - self.top)

    def _common(self, other: "Box") -> float:
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across * down if across > 0 and down > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Detection:
    """One thing seen in one frame.

    ``track`` numbers things seen again from frame to frame. It counts from 1 for each camera and
    each run of its pipeline, says nothing outside of them, and can't be compared between cameras.
    """

    object_class: ObjectClass
    confidence: float
    box: Box
    track: int | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"a confidence lies between 0 and 1, got {self.confidence}")
