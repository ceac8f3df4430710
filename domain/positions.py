"""Position: a GPS fix, its accuracy and its age; points on WGS 84 and distances between them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import asin, atan2, cos, degrees, isfinite, radians, sin, sqrt
from typing import ClassVar

from domain.errors import Invalid

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG

#: A phone's clock may run this far ahead before its fix is refused, and a fix may be this old when
#: it arrives after a stay in a tunnel.
CLOCK_TOLERANCE = timedelta(minutes=2)
OLDEST_ACCEPTED = timedelta(hours=12)


class BadPosition(Invalid):
    code: ClassVar[str] = "bad-position"
    title: ClassVar[str] = "This is not a position on Earth"


class BadClock(Invalid):
    code: ClassVar[str] = "bad-clock"
    title: ClassVar[str] = "The device's clock is wrong"


@dataclass(frozen=True, slots=True)
class Point:
    """A point on WGS 84, in degrees: longitude -180..180, latitude -90..90.

    Raises ``BadPosition`` when a coordinate is not a finite number in its range.
    """

    lon: float
    lat: float

    def __post_init__(self) -> None:
        if not (isfinite(self.lon) and -180.0 <= self.lon <= 180.0):
            raise BadPosition(f"longitude {self.lon} is not between -180 and 180")
        if not (isfinite(self.lat) and -90.0 <= self.lat <= 90.0):
            raise BadPosition(f"latitude {self.lat} is not between -90 and 90")

    def distance_m(self, other: "Point") -> float:
        """The great-circle distance to ``other`` in metres (haversine)."""
        lat1, lat2 = radians(self.lat), radians(other.lat)
        half_lat, half_lon = (lat2 - lat1) / 2, radians(other.lon - self.lon) / 2
        chord = sin(half_lat) ** 2 + cos(lat1) * cos(lat2) * sin(half_lon) ** 2
        return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(chord)))

    def bearing_deg(self, other: "Point") -> float:
        """The initial bearing to ``other``, in degrees from true north, 0 <= bearing < 360."""
        lat1, lat2 = radians(self.lat), radians(other.lat)
        turn = radians(other.lon - self.lon)
        east = sin(turn) * cos(lat2)
        north = cos(lat1) * sin(lat2) - sin(lat1) * cos(lat2) * cos(turn)
        # A tiny negative angle rounds up to 360.0, which is 0.
        return degrees(atan2(east, north)) % 360.0 % 360.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A GPS fix: where, when, how sure (68 % radius, metres), heading (degrees), speed (m/s)."""

    point: Point
    fixed_at: datetime
    accuracy_m: float | None = None
    heading_deg: float | None = None
    speed_mps: float | None = None

    def __post_init__(self) -> None:
        for name, value, most in (
            ("accuracy_m", self.accuracy_m, 100_000.0),
            ("heading_deg", self.heading_deg, 360.0),
            ("speed_mps", self.speed_mps, 150.0),
        ):
            if value is not None and not (isfinite(value) and 0.0 <= value <= most):
                raise BadPosition(f"{name} {value} is not between 0 and {most:g}")

    def check_clock(self, *, received_at: datetime) -> None:
        """Raise ``BadClock`` when the fix is from the future or older than a shift can explain."""
        ahead = self.fixed_at - received_at
        if ahead > CLOCK_TOLERANCE:
            raise BadClock(f"the fix is dated {ahead.total_seconds():.0f} s in the future")
        if -ahead > OLDEST_ACCEPTED:
            raise BadClock(f"the fix is {-ahead.total_seconds() / 3600:.1f} h old")
