"""What a camera says of itself over ONVIF: its streams, its clock, what it can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self


class Trouble(StrEnum):
    """Why a camera can't be taken in, in words an administrator can act on. The set is closed."""

    ADDRESS_REFUSED = "address-refused"  # not an address of cameras: this machine, or a link's own
    UNKNOWN_NAME = "unknown-name"
    NO_ROUTE = "no-route"
    REFUSED = "refused"  # a machine is there, and nothing listens on this port
    TIMED_OUT = "timed-out"
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 a reason, not a password
    NOT_ONVIF = "not-onvif"  # what answers speaks something else
    NO_VIDEO = "no-video"
    NOT_SUPPORTED = "not-supported"  # it speaks ONVIF, and has no such service
    FAILED = "failed"  # it refused, in words of its own


#: What is relayed to browsers as it comes.
RELAYED = "h264"
#: The most pixels of the stream that is taken for the wall's large picture.
MOST_PIXELS = 2560 * 1440
#: A small stream is for tiles; below this width nobody is recognisable as somebody.
LEAST_WIDTH = 320


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedStream:
    """One profile of a camera. ``codec`` is in lower case without a dash: h264, h265, jpeg."""

    token: str
    name: str
    codec: str
    width: int
    height: int
    rate: int | None = None
    url: str = ""
    moves: bool = False
    """Whether the profile has PTZ."""

    @property
    def pixels(self) -> int:
        return self.width * self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfDescription:
    manufacturer: str
    model: str
    firmware: str
    serial: str
    streams: tuple[OfferedStream, ...]
    has_ptz: bool
    has_events: bool
    has_loudspeaker: bool


def choose_streams(
    offered: Sequence[OfferedStream],
) -> tuple[OfferedStream | None, OfferedStream | None]:
    """Give the stream for large pictures, and the one for small tiles if another will do.

    Those that browsers play first; then the largest that is not larger than a wall needs, and the
    smallest on which something can be seen.
    """
    with_video = [one for one in offered if one.url]
    playable = [one for one in with_video if one.codec == RELAYED] or with_video
    if not playable:
        return None, None
    fitting = [one for one in playable if one.pixels <= MOST_PIXELS]
    if fitting:
        main = max(fitting, key=lambda one: one.pixels)
    else:
        main = min(playable, key=lambda one: one.pixels)
    smaller = [one for one in playable if one.width >= LEAST_WIDTH and one.pixels < main.pixels]
    return main, min(smaller, key=lambda one: one.pixels, default=None)


#: CNIL, formal notice of December 2021: a wrong clock makes a recording worth little.
CLOCK_LIMIT = timedelta(milliseconds=100)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """How far a clock that tells whole seconds is ahead of ours: between two bounds.

    Each reading narrows them; asked when the second is about to change, by half.
    """

    least: timedelta
    most: timedelta

    @classmethod
    def read(cls, told: datetime, *, asked_at: datetime, answered_at: datetime) -> Self:
        """``told``: a whole second, that the other clock was in at some time in between."""
        return cls(told - answered_at, told + _SECOND - asked_at)

    def narrowed(self, other: Self) -> Self:
        """With another reading; a clock that was set in between is taken as it is now."""
        least, most = max(self.least, other.least), min(self.most, other.most)
        return type(self)(least, most) if least <= most else other

    @property
    def likely(self) -> timedelta:
        return (self.least + self.most) / 2

    @property
    def uncertainty(self) -> timedelta:
        return (self.most - self.least) / 2

    @property
    def is_alarming(self) -> bool:
        """Whether it is certainly off by more than ``CLOCK_LIMIT``."""
        return self.least > CLOCK_LIMIT or self.most < -CLOCK_LIMIT

    def pause_before_next(self, now: datetime) -> timedelta:
        """How long to wait so that the next reading tells most: until its second may change."""
        there = now + self.likely
        return timedelta(microseconds=-there.microsecond % 1_000_000)
