"""A Play: who does what where and when in a rendered clip, and what truly happens in it.

Places are metres of the scene's ground (X to the right, Z away from the camera), times are seconds
of the clip. What is watched for is a `Rule`, as a person would have configured it.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from math import atan2, hypot, pi
from uuid import UUID

from benchmarks._sets.cars import BUILDS, Build
from domain.detections import PicturePoint
from domain.events import EventKind
from domain.identifiers import RuleId
from domain.lines import Crossing, Line
from domain.rules import Rule, Subjects
from domain.zones import Zone
from server.demo.scenes import VIEW
from server.demo.stage import HEIGHT, WIDTH, Colour

type Ground = tuple[float, float]

STEP_S = 0.002
"""How exactly a truth is found."""


@dataclass(frozen=True, slots=True)
class Way:
    """Where something is: stops of (seconds, X, Z), straight between them; before and after: away.

    Two stops at one place are a stay.
    """

    stops: tuple[tuple[float, float, float], ...]

    @classmethod
    def at(cls, speed: float, starts_s: float, *points: Ground) -> "Way":
        """Go through ``points`` at ``speed`` metres a second."""
        at_s, stops = starts_s, [(starts_s, *points[0])]
        for (x, z), (next_x, next_z) in pairwise(points):
            at_s += hypot(next_x - x, next_z - z) / speed
            stops.append((at_s, next_x, next_z))
        return cls(tuple(stops))

    @property
    def starts_s(self) -> float:
        return self.stops[0][0]

    @property
    def ends_s(self) -> float:
        return self.stops[-1][0]

    def stays(self, seconds: float) -> "Way":
        """Then stay where it ends."""
        at_s, x, z = self.stops[-1]
        return Way((*self.stops, (at_s + seconds, x, z)))

    def then(self, speed: float, *points: Ground) -> "Way":
        """Then go on through ``points``."""
        at_s, x, z = self.stops[-1]
        return Way(self.stops + Way.at(speed, at_s, (x, z), *points).stops[1:])

    def place(self, at_s: float) -> Ground | None:
        """Where it is at that time, or None."""
        for (start, x, z), (end, next_x, next_z) in pairwise(self.stops):
            if start <= at_s < end:
                share = (at_s - start) / (end - start)
                return x + (next_x - x) * share, z + (next_z - z) * share
        return None

    def gone(self, at_s: float) -> float:
        """How many metres it has gone by then."""
        total = 0.0
        for (start, x, z), (end, next_x, next_z) in pairwise(self.stops):
            if at_s <= start:
                break
            length = hypot(next_x - x, next_z - z)
            total += length * min(1.0, (at_s - start) / max(1e-9, end - start))
        return total

    def heading(self, at_s: float) -> float:
        """Where it goes, radians from +X towards +Z; who stays looks as he came."""
        heading = 0.0
        for (start, x, z), (_, next_x, next_z) in pairwise(self.stops):
            if at_s < start:
                break
            if hypot(next_x - x, next_z - z) > 1e-6:
                heading = atan2(next_z - z, next_x - x)
        return heading

    def moves(self, at_s: float) -> bool:
        return self.gone(at_s + 0.05) - self.gone(at_s - 0.05) > 1e-3


@dataclass(frozen=True, slots=True)
class Person:
    """A walker of the demonstration on his way; from ``falls_s`` on he falls and lies."""

    who: str
    way: Way
    height: float = 1.76
    falls_s: float | None = None


@dataclass(frozen=True, slots=True)
class Vehicle:
    way: Way
    build: Build = BUILDS[0]
    paint: Colour = (0.6, 0.3, 0.15)


@dataclass(frozen=True, slots=True)
class Thing:
    """Something small that stands on the ground: what it is, where, from when to when."""

    what: str
    place: Ground
    from_s: float
    until_s: float
    size: float = 0.5


@dataclass(frozen=True, slots=True)
class Carried:
    """What a person has in his hand until he puts it down."""

    what: str
    size: float
    way: Way
    until_s: float


@dataclass(frozen=True, slots=True)
class Burning:
    """A fire on the ground that grows from one height to another, in metres, in ``grows_s``."""

    place: Ground
    from_s: float
    until_s: float
    heights: tuple[float, float]
    grows_s: float
    seed: int

    def height(self, at_s: float) -> float:
        low, high = self.heights
        return low + (high - low) * min(1.0, max(0.0, (at_s - self.from_s) / self.grows_s))


class Shines(StrEnum):
    """How a lamp shines."""

    STEADILY = "steadily"
    FLASHING = "flashing"
    TURNING = "turning"


@dataclass(frozen=True, slots=True)
class Lamp:
    """A lamp on its way: how high it is, how large its glow, both in metres; blue first."""

    way: Way
    height: float
    glow: float
    colour: tuple[int, int, int]
    shines: Shines = Shines.STEADILY
    per_s: float = 1.5
    is_reflected: bool = False
    """The ground is wet, and it rains."""

    def strength(self, at_s: float) -> float:
        turn = at_s * self.per_s % 1
        match self.shines:
            case Shines.STEADILY:
                return 1.0
            case Shines.FLASHING:
                return 1.0 if turn < 0.5 else 0.0
            case Shines.TURNING:
                return 0.4 + 0.6 * abs(1 - 2 * turn)


@dataclass(frozen=True, slots=True)
class Vest:
    """The orange vest of a person who goes the same way, and works with one arm."""

    way: Way


@dataclass(frozen=True, slots=True)
class Crown:
    """A tree's crown in autumn: where it hangs, how high and how large, in metres."""

    way: Way
    height: float
    radius: float
    seed: int


@dataclass(frozen=True, slots=True)
class Cloth:
    """An orange cloth that hangs from a height and waves in the wind, in metres."""

    way: Way
    height: float
    size: tuple[float, float]


type Actor = Person | Vehicle | Thing | Carried | Burning | Lamp | Vest | Crown | Cloth


class Sky(StrEnum):
    """What comes between the place and the lens."""

    CLEAR = "clear"
    NOISY = "noisy"
    RAIN = "rain"
    WIND = "wind"


@dataclass(frozen=True, slots=True)
class Light:
    """Brightness over time, as (seconds, factor); ``sweep``: headlights go over the ground."""

    stops: tuple[tuple[float, float], ...] = ((0.0, 1.0),)
    sweep: tuple[float, float] | None = None
    """From which to which second."""


@dataclass(frozen=True, slots=True)
class Truth:
    """An event that truly happens: when it begins in the picture, and until when it may be told."""

    begins_s: float
    until_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """One clip. ``what`` names the situation; ``truths`` is empty for a hard negative."""

    kind: EventKind
    what: str
    seed: int
    scene: str
    seconds: float
    rule: Rule
    actors: tuple[Actor, ...] = ()
    truths: tuple[Truth, ...] = ()
    sky: Sky = Sky.CLEAR
    light: Light = field(default_factory=Light)
    is_large: bool = False
    """Rendered as a camera's 720p main stream rather than as its 360p sub-stream."""

    @property
    def name(self) -> str:
        return f"{self.kind.value}-{self.seed}-{self.what.replace(' ', '-')}"


def in_picture(x: float, z: float, y: float = 0.0) -> PicturePoint:
    """Where a place is in the picture, in shares of it."""
    column, row, _ = VIEW.project((x, y, z))
    return PicturePoint(column / WIDTH, row / HEIGHT)


def zone_on(*ground: Ground) -> Zone:
    """The zone whose corners lie there on the ground; they must be in the picture."""
    return Zone(tuple(in_picture(*one) for one in ground))


def line_on(*ground: Ground, counts: Crossing = Crossing.ANY) -> Line:
    return Line(tuple(in_picture(*one) for one in ground), counts)


def rule_of(
    kind: EventKind,
    shape: Zone | Line,
    *,
    bearing: float | None = None,
    subjects: Subjects | None = None,
    **thresholds: float,
) -> Rule:
    return Rule(
        id=RuleId(UUID(int=1)),
        kind=kind,
        name=kind.value,
        shape=shape,
        bearing=bearing,
        subjects=subjects,
        thresholds=thresholds,
    )


def bearing_of(start: Ground, end: Ground) -> float:
    """The direction from one place to another as it is seen: degrees clockwise from upwards."""
    a, b = in_picture(*start), in_picture(*end)
    return atan2((b.x - a.x) * WIDTH, -(b.y - a.y) * HEIGHT) * 180 / pi % 360


def first_in(way: Way, zone: Zone) -> float:
    """When who goes that way has his foot in the zone for the first time."""
    at_s = way.starts_s
    while at_s < way.ends_s:
        place = way.place(at_s)
        if place is not None and zone.contains(in_picture(*place)):
            return at_s
        at_s += STEP_S
    raise ValueError("this way does not lead there")


def first_over(way: Way, line: Line) -> float:
    """When who goes that way has crossed the line in a counted direction."""
    at_s, before = way.starts_s, None
    while at_s < way.ends_s:
        place = way.place(at_s)
        now = None if place is None else in_picture(*place)
        if before and now and line.is_counted(line.crossed(before, now)):
            return at_s
        at_s, before = at_s + STEP_S, now
    raise ValueError("this way does not cross the line")
