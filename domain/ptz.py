"""PTZ: who may move a camera now, how fast, and where it looks."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import copysign, isfinite
from typing import ClassVar, Self

from domain.errors import Conflict, Invalid
from domain.identifiers import CameraId, PersonId
from domain.people import Role

#: Who has not moved it for so long lets go of it.
IDLE_RELEASE = timedelta(seconds=15)
#: A movement is said again while it is held (by the page four times a second); a lost client's ends
#: after this.
DEADLINE = timedelta(milliseconds=600)

#: Who of two goes first. Administrators set cameras up and do not move them.
RANKS: Mapping[Role, int] = {Role.OPERATOR: 1, Role.DISPATCHER: 1, Role.SUPERVISOR: 2}


class HeldByAnother(Conflict):
    """``holder`` moves the camera, and goes first."""

    code: ClassVar[str] = "ptz-held"
    title: ClassVar[str] = "Somebody else moves this camera"

    def __init__(self, holder: PersonId) -> None:
        super().__init__("it is free once it has not been moved for 15 s")
        self.holder = holder


class BadMovement(Invalid):
    code: ClassVar[str] = "bad-movement"
    title: ClassVar[str] = "The camera can't be moved like this"


def rank_of(roles: Iterable[Role]) -> int:
    return max((RANKS.get(role, 0) for role in roles), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """Who moves a camera, since when, and when he last did."""

    camera_id: CameraId
    person_id: PersonId
    rank: int
    taken_at: datetime
    used_at: datetime

    @property
    def free_at(self) -> datetime:
        return self.used_at + IDLE_RELEASE

    def is_held(self, at: datetime) -> bool:
        return at < self.free_at

    def used(self, at: datetime) -> Self:
        return replace(self, used_at=max(at, self.used_at))


def use(
    lock: Lock | None,
    *,
    camera_id: CameraId,
    person_id: PersonId,
    rank: int,
    at: datetime,
    over: bool = False,
) -> Lock:
    """Give the lock with which ``person_id`` moves the camera; raises ``HeldByAnother``.

    ``over``: taking it from another is meant; a higher rank may, and nobody does it by mistake.
    """
    mine = Lock(camera_id=camera_id, person_id=person_id, rank=rank, taken_at=at, used_at=at)
    if lock is None or not lock.is_held(at):
        return mine
    if lock.person_id == person_id:
        return replace(lock.used(at), rank=rank)
    if over and rank > lock.rank:
        return mine
    raise HeldByAnother(lock.person_id)


#: A stick at rest is not quite at rest.
DEAD_ZONE = 0.08


@dataclass(frozen=True, slots=True)
class Velocity:
    """Of pan (right), tilt (up) and zoom (in): each -1..1 of what the camera can."""

    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 0.0

    def __post_init__(self) -> None:
        if not all(isfinite(one) and -1 <= one <= 1 for one in (self.pan, self.tilt, self.zoom)):
            raise BadMovement("a speed is between -1 and 1")

    @property
    def is_still(self) -> bool:
        return self.pan == self.tilt == self.zoom == 0

    def shaped(self) -> Self:
        """As a hand means it: nothing near the middle, fine below half, all of it at the end."""
        return type(self)(_shaped(self.pan), _shaped(self.tilt), _shaped(self.zoom))


def _shaped(raw: float) -> float:
    beyond = (abs(raw) - DEAD_ZONE) / (1 - DEAD_ZONE)
    return copysign(round(beyond * beyond, 3), raw) if beyond > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Aim:
    """Where a camera looks, in its own generic spaces: pan and tilt -1..1, zoom 0..1."""

    pan: float
    tilt: float
    zoom: float

    def is_near(self, other: "Aim") -> bool:
        """Within what a motor's last step and its report may differ by."""
        turned = abs(self.pan - other.pan) <= 0.02 and abs(self.tilt - other.tilt) <= 0.02
        return turned and abs(self.zoom - other.zoom) <= 0.03


@dataclass(frozen=True, slots=True)
class Preset:
    token: str
    name: str
    aim: Aim | None = None


class Looking(StrEnum):
    """What zones drawn for a preset may count on."""

    AT_PRESET = "at-preset"
    MOVING = "moving"
    ELSEWHERE = "elsewhere"
    UNKNOWN = "unknown"  # the camera does not tell


@dataclass(frozen=True, slots=True)
class Whereabouts:
    looking: Looking
    preset: str | None = None


def whereabouts(aim: Aim | None, is_moving: bool, presets: Iterable[Preset]) -> Whereabouts:
    """Tell at which preset a camera looks, from what it reports of itself."""
    if is_moving:
        return Whereabouts(Looking.MOVING)
    if aim is None:
        return Whereabouts(Looking.UNKNOWN)
    for preset in presets:
        if preset.aim is not None and aim.is_near(preset.aim):
            return Whereabouts(Looking.AT_PRESET, preset.token)
    return Whereabouts(Looking.ELSEWHERE)


#: Whatever was last seen of a camera says nothing of it any more after this.
SEEN_FOR = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a camera looked when it was last asked, and since when it has.

    What is watched for in one preset's picture asks `at`: an answer that is old is none.
    """

    where: Whereabouts
    since: datetime
    seen_at: datetime

    def looked(self, where: Whereabouts, at: datetime) -> Self:
        """Asked once more. An answer of before it was sent elsewhere is passed over."""
        if at < self.seen_at:
            return self
        since = self.since if where == self.where and self._is_fresh(at) else at
        return type(self)(where, since, at)

    def at(self, now: datetime) -> "Seen":
        """As it may be relied on ``now``."""
        if self._is_fresh(now):
            return self
        return Seen(Whereabouts(Looking.UNKNOWN), self.seen_at + SEEN_FOR, self.seen_at)

    def preset_in(self, taken_at: datetime, *, now: datetime) -> str | None:
        """At which preset a picture was taken; None: it is not known, or the camera turned."""
        return self.at(now).where.preset if taken_at >= self.since else None

    def _is_fresh(self, now: datetime) -> bool:
        return now - self.seen_at < SEEN_FOR


type PresetIn = Callable[[CameraId, datetime], str | None]
"""At which preset a camera took a picture; None: it is not known, it turned, or it has none."""


def at_no_preset(camera_id: CameraId, taken_at: datetime) -> str | None:
    """Of cameras that do not turn (``PresetIn``)."""
    return None
