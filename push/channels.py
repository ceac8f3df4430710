"""Channel: one way to a phone, and what became of one message on it."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import ClassVar, Protocol

from domain.errors import Invalid, Unavailable
from push.messages import PushMessage

#: The longest pause that a push service may ask for: beyond it, an alert is of no use.
LONGEST_PAUSE = timedelta(minutes=5)


class ChannelOff(Unavailable):
    code: ClassVar[str] = "push-channel-off"
    title: ClassVar[str] = "This way of sending push messages is not set up"


class PushRefused(Unavailable):
    code: ClassVar[str] = "push-refused"
    title: ClassVar[str] = "The push service did not take the message"


class BadPushAddress(Invalid):
    code: ClassVar[str] = "bad-push-address"
    title: ClassVar[str] = "No push message may be sent to this address"


class Became(StrEnum):
    """What became of a message."""

    ACCEPTED = "accepted"
    """The service took it; whether the phone has it, only the phone can say."""
    GONE = "gone"
    """The address is no longer anybody's."""
    REFUSED = "refused"
    """It will never be taken like this: a mistake of ours, or a malformed address."""
    LATER = "later"
    """Not taken, or nobody knows; the same again may work."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """``loud``: somebody has to repair the set-up. ``pause``: asked for by the service."""

    became: Became
    detail: str = ""
    pause: timedelta | None = None
    loud: bool = False


ACCEPTED = Outcome(became=Became.ACCEPTED)


@dataclass(frozen=True, kw_only=True)
class ChannelStatus:
    """Whether a channel works; ``reason`` says, for people, why it is off."""

    on: bool
    reason: str = ""


class Channel(Protocol):
    @property
    def status(self) -> ChannelStatus: ...

    def check(self, address: Mapping[str, str]) -> None:
        """Raise ``BadPushAddress`` for an address that nothing may be sent to."""

    def open(self) -> AbstractAsyncContextManager[None]:
        """Hold what sending needs (connections, a thread) until the block ends."""

    async def send(self, message: PushMessage, address: Mapping[str, str]) -> Outcome:
        """Try once, within the channel's time limit. Raises nothing that a service can cause."""


class Off:
    """A channel that is not set up: it says so, and why; the others work."""

    def __init__(self, reason: str) -> None:
        self.status = ChannelStatus(on=False, reason=reason)

    def check(self, address: Mapping[str, str]) -> None:
        raise ChannelOff(self.status.reason)

    def open(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    async def send(self, message: PushMessage, address: Mapping[str, str]) -> Outcome:
        return Outcome(became=Became.REFUSED, detail=f"channel off: {self.status.reason}")


def pause_asked(retry_after: str | None, *, now: datetime) -> timedelta | None:
    """Read ``Retry-After`` (RFC 9110 section 10.2.3): seconds or a date; None when it says nothing.

    Never negative, never more than ``LONGEST_PAUSE``.
    """
    text = (retry_after or "").strip()
    try:
        if text.isascii() and text.isdigit():
            asked = timedelta(seconds=int(text[:9]))
        else:
            asked = parsedate_to_datetime(text) - now
    except (ValueError, TypeError):  # no date; or one without its zone
        return None
    return min(max(asked, timedelta()), LONGEST_PAUSE)
