"""Metres on the ground from degrees on the map: a flat plane, true within a town.

The error of the equirectangular plane is below 0.1 % within 50 km of its origin's latitude, far
below what a phone's position is worth. Longitudes and latitudes are WGS 84 degrees.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import atan2, cos, degrees, hypot, radians

METRES_PER_DEGREE = 111_195.0  # of a great circle of the mean Earth radius, 6,371,009 m

type LonLat = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Plane:
    """A plane whose x points east and y north, in metres from longitude 0 and the equator."""

    latitude: float

    @property
    def metres_per_longitude(self) -> float:
        """The length of a degree of longitude at this plane's latitude, in metres."""
        return METRES_PER_DEGREE * cos(radians(self.latitude))

    def to_metres(self, lon: float, lat: float) -> tuple[float, float]:
        """Return (x, y) in metres."""
        return lon * self.metres_per_longitude, lat * METRES_PER_DEGREE

    def to_degrees(self, x: float, y: float) -> LonLat:
        """Return (longitude, latitude) in degrees."""
        return x / self.metres_per_longitude, y / METRES_PER_DEGREE


def distance_m(a: LonLat, b: LonLat) -> float:
    """Return the distance between two near points, in metres."""
    east = (b[0] - a[0]) * METRES_PER_DEGREE * cos(radians((a[1] + b[1]) / 2))
    return hypot(east, (b[1] - a[1]) * METRES_PER_DEGREE)


def bearing_deg(a: LonLat, b: LonLat) -> float:
    """Return the direction from ``a`` to ``b``, in degrees clockwise from north, 0 <= d < 360."""
    east = (b[0] - a[0]) * cos(radians((a[1] + b[1]) / 2))
    # Twice: the remainder of a tiny negative angle rounds up to 360 itself.
    return degrees(atan2(east, b[1] - a[1])) % 360.0 % 360.0


def length_m(line: Sequence[LonLat]) -> float:
    """Return the length of a line, in metres."""
    return sum(distance_m(a, b) for a, b in pairwise(line))


def along(line: Sequence[LonLat], metres: float) -> LonLat:
    """Return the point ``metres`` from the start of ``line``; its end if that is beyond it."""
    return cut(line, metres)[-1]


def cut(line: Sequence[LonLat], metres: float) -> list[LonLat]:
    """Return the first ``metres`` of ``line``; all of it if it is not longer."""
    kept = [line[0]]
    for a, b in pairwise(line):
        step = distance_m(a, b)
        if metres <= step and step > 0:
            share = metres / step
            return [*kept, (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)]
        metres -= step
        kept.append(b)
    return kept
