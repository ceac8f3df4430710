"""Paths: where each thing has stood, look after look, mended where a tracker mixed up its numbers.

Distances are shares of the picture's height, so that across and upwards count alike; rules compare
them with the height of the thing itself, which does away with how far from the camera it is.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count, islice
from math import hypot
from statistics import median
from typing import NamedTuple, Self

from domain.detections import Detection, ObjectClass, PicturePoint
from domain.looks import Look

KEPT = timedelta(seconds=10)
MOST_STEPS = 100
"""Of one path: ten seconds at ten looks a second."""
BRIDGED = timedelta(seconds=1.5)
"""A thing seen anew where another was lost so recently is that other one: the tracker lost it."""
BRIDGED_HEIGHTS = 0.5
"""As close to where the lost one would be by now, in its heights: less than people keep apart."""
SPEED_OVER = timedelta(seconds=1)
# A person who runs does 10 m/s, a vehicle where people walk 30 m/s: about 1.7 m and 1.5 m high.
FASTEST_PERSON, FASTEST_VEHICLE = 6.0, 20.0
# What a box's lower side does when legs are hidden or two people are taken for one.
LEAP = 0.5


class Step(NamedTuple):
    """Where a thing stood at a look: its foot point, also as ``x``, ``y`` in picture heights."""

    at: datetime
    foot: PicturePoint
    x: float
    y: float
    height: float

    @classmethod
    def of(cls, one: Detection, look: Look) -> Self:
        foot = one.box.foot
        return cls(look.at, foot, foot.x * look.aspect, foot.y, one.box.bottom - one.box.top)


@dataclass(slots=True)
class Path:
    """One thing's way; ``seen`` is how it looked last, ``began`` where it was first seen."""

    number: int
    seen: Detection
    began: Step
    steps: deque[Step] = field(default_factory=lambda: deque(maxlen=MOST_STEPS))

    @property
    def last(self) -> Step:
        return self.steps[-1]

    @property
    def height(self) -> float:
        """The thing's usual height of late: one look may see half of it."""
        return median(step.height for step in islice(reversed(self.steps), 5))

    def go_on(self, one: Detection, step: Step) -> None:
        """Take in where it is seen now; forget what is older than ``KEPT``."""
        self.seen = one
        self.steps.append(step)
        while step.at - self.steps[0].at > KEPT:
            self.steps.popleft()

    def before(self, over: timedelta) -> Step:
        """Give the newest step that is ``over`` old or older, or the oldest there is."""
        limit = self.last.at - over
        return next((step for step in reversed(self.steps) if step.at <= limit), self.steps[0])

    def velocity(self, over: timedelta = SPEED_OVER) -> tuple[float, float]:
        """In picture heights a second, over the time given or as long as it is known."""
        first, last = self.before(over), self.last
        seconds = (last.at - first.at).total_seconds()
        if seconds <= 0:
            return 0.0, 0.0
        return (last.x - first.x) / seconds, (last.y - first.y) / seconds

    def leaps_to(self, step: Step) -> bool:
        """Tell whether nothing moves so: the tracker has given its number to another thing."""
        is_person = self.seen.object_class is ObjectClass.PERSON
        fastest = FASTEST_PERSON if is_person else FASTEST_VEHICLE
        seconds = (step.at - self.last.at).total_seconds()
        if len(self.steps) > 1:
            # Nobody is at full speed from one look to the next: it is a fourth of it that changes.
            fastest /= 4
        return self.distance_to(step) > (LEAP + fastest * seconds) * max(self.height, step.height)

    def distance_to(self, step: Step) -> float:
        """From where it would stand by now, had it gone on as it went."""
        seconds = (step.at - self.last.at).total_seconds()
        across, down = self.velocity()
        return hypot(step.x - self.last.x - across * seconds, step.y - self.last.y - down * seconds)


class Paths:
    """Follows the things of some classes from look to look."""

    def __init__(self, classes: Iterable[ObjectClass], *, confidence: float) -> None:
        self._classes = frozenset(classes)
        self._confidence = confidence
        self._by_track: dict[int, Path] = {}
        self._numbers = count(1)

    @property
    def numbers(self) -> set[int]:
        """Of the paths that are still kept."""
        return {path.number for path in self._by_track.values()}

    def since(self, at: datetime) -> list[Path]:
        """Give the paths of what has been seen since ``at``."""
        return [path for path in self._by_track.values() if path.last.at >= at]

    def follow(self, look: Look) -> list[Path]:
        """Take in a look; give the paths of what is seen at it."""
        seen = {
            one.track: (one, Step.of(one, look))
            for one in look.tracks
            if one.object_class in self._classes
            and one.track is not None
            # Who was seen surely once is there also while he is seen less well, as long as the
            # tracker follows him: half behind another, or a van that may be a bus.
            and (one.confidence >= self._confidence or one.track in self._by_track)
        }
        going_on = {
            track
            for track, (_, step) in seen.items()
            if track in self._by_track and self._goes_on(self._by_track[track], step)
        }
        lost = [path for track, path in self._by_track.items() if track not in going_on]
        now = {}
        for track, (one, step) in seen.items():
            if track in going_on:
                path = self._by_track[track]
            else:
                path = _taken_over(lost, step) or Path(next(self._numbers), one, step)
            path.go_on(one, step)
            now[track] = path
        kept = {path.number for path in now.values()}
        for track, path in self._by_track.items():
            if path.number not in kept and track not in now and look.at - path.last.at <= KEPT:
                now[track] = path
        self._by_track = now
        return [now[track] for track in seen]

    def forget(self) -> None:
        self._by_track.clear()

    def _goes_on(self, path: Path, step: Step) -> bool:
        # Where another was expected, twice as close, it is that other one: numbers were exchanged.
        off = path.distance_to(step)
        if off <= BRIDGED_HEIGHTS * path.height:
            return True
        exchanged = any(
            other.number != path.number and 2 * other.distance_to(step) < off
            for other in self._by_track.values()
            if step.at - other.last.at <= BRIDGED
        )
        return not exchanged and not path.leaps_to(step)


def _taken_over(lost: list[Path], step: Step) -> Path | None:
    near = [
        path
        for path in lost
        if step.at - path.last.at <= BRIDGED
        and path.distance_to(step) <= BRIDGED_HEIGHTS * max(path.height, step.height)
    ]
    if not near:
        return None
    nearest = min(near, key=lambda path: path.distance_to(step))
    lost.remove(nearest)
    return nearest
