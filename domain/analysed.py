"""Analysed: which minutes of which camera were looked at, for which kind, under which act.

What an authorisation's end is told of is not what was allowed but what was done. It is counted
where the looking begins, and kept by the hour: a bit for each minute, and how many pictures.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from domain.events import EventKind
from domain.identifiers import AuthorisationId, CameraId

#: Hours of cameras, acts and kinds that wait to be stored: four days of 50 cameras and 4 kinds.
MOST_WAITING = 20_000


class HourOf(NamedTuple):
    """``act`` and ``kind`` None: pictures that no act covered. There are none, or a gate leaks."""

    camera_id: CameraId
    act: AuthorisationId | None
    kind: EventKind | None
    hour: datetime


@dataclass(frozen=True, slots=True)
class Looked:
    """``minutes``: bit n is the hour's minute n."""

    minutes: int
    pictures: int

    def with_(self, other: "Looked") -> "Looked":
        return Looked(self.minutes | other.minutes, self.pictures + other.pictures)


@dataclass(slots=True)
class Analysed:
    """What was looked at since it was last taken; ``lost``: hours that nobody came to take."""

    lost: int = 0
    _hours: dict[HourOf, Looked] = field(default_factory=dict)

    def picture(
        self, camera: CameraId, acts: Mapping[EventKind, AuthorisationId], *, at: datetime
    ) -> None:
        """Note one picture that was analysed: for which kinds, each under its act."""
        looked = Looked(1 << at.minute, 1)
        hour = at.replace(minute=0, second=0, microsecond=0)
        of: Iterable[tuple[EventKind | None, AuthorisationId | None]] = acts.items()
        for kind, act in of if acts else ((None, None),):
            self._add(HourOf(camera, act, kind, hour), looked)

    def take(self) -> Mapping[HourOf, Looked]:
        taken, self._hours = self._hours, {}
        return taken

    def put_back(self, taken: Mapping[HourOf, Looked]) -> None:
        """It could not be stored: it waits with what has come since."""
        for which, looked in taken.items():
            self._add(which, looked)

    def _add(self, which: HourOf, looked: Looked) -> None:
        before = self._hours.get(which)
        if before is None and len(self._hours) >= MOST_WAITING:
            self.lost += 1
            return
        self._hours[which] = looked if before is None else before.with_(looked)
