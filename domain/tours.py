"""Guard tours of our own: presets that a camera goes to in turn, while nobody moves it.

A tour ranks below everybody: whoever moves the camera has it at once, and the tour goes on from
the stop it was at once he has let go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from domain.errors import Invalid
from domain.identifiers import CameraId
from domain.ptz import Lock

#: A camera turns for some seconds; what it is to see needs some more.
SHORTEST_DWELL, LONGEST_DWELL = timedelta(seconds=5), timedelta(minutes=30)
MOST_STOPS = 32
#: A camera that did not take a preset is asked for the next after this.
AGAIN_AFTER = timedelta(seconds=10)


class BadTour(Invalid):
    code: ClassVar[str] = "bad-tour"
    title: ClassVar[str] = "The guard tour can't be kept like this"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """``preset``: its token in the camera; ``name``: as it was called when it was chosen."""

    preset: str
    name: str
    dwell: timedelta

    def __post_init__(self) -> None:
        if not SHORTEST_DWELL <= self.dwell <= LONGEST_DWELL:
            raise BadTour("a camera stays at a preset for 5 seconds to 30 minutes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tour:
    """``running_since`` None: it is kept, and stopped."""

    camera_id: CameraId
    stops: tuple[Stop, ...]
    running_since: datetime | None = None

    def __post_init__(self) -> None:
        if not 2 <= len(self.stops) <= MOST_STOPS:
            raise BadTour(f"a guard tour has 2 to {MOST_STOPS} presets")


@dataclass(frozen=True, slots=True)
class Going:
    """Where a running tour is: at which stop, and when it was last sent there.

    ``sent_at`` None: it has to be sent there (again), since somebody has moved it meanwhile.
    """

    stop: int = 0
    sent_at: datetime | None = None

    def step(
        self, stops: Sequence[Stop], *, lock: Lock | None, now: datetime
    ) -> tuple["Going", str | None]:
        """Give where it is now, and the preset to send the camera to; None: leave it alone."""
        stop = self.stop % len(stops)  # its list may have become shorter
        if lock is not None and lock.is_held(now):
            return Going(stop), None
        if self.sent_at is None:
            return Going(stop, now), stops[stop].preset
        if now - self.sent_at < stops[stop].dwell:
            return self, None
        following = (stop + 1) % len(stops)
        return Going(following, now), stops[following].preset

    def refused(self, stops: Sequence[Stop], *, now: datetime) -> "Going":
        """The camera did not go: the next stop is tried after a while."""
        stop = self.stop % len(stops)
        return Going(stop, now - stops[stop].dwell + AGAIN_AFTER)
