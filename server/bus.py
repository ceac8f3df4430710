"""What processes use to hear of each other: facts on the Bus, and leases that have an end."""

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from domain.facts import Fact


@dataclass(frozen=True, slots=True)
class Numbered:
    """A fact with its place in the order in which facts were stored."""

    seq: int
    fact: Fact


class FellBehind(Exception):
    """A follower did not take its facts in time; it starts again from a snapshot."""


class Delivered(Protocol):
    """A fact that is delivered again until it is acknowledged."""

    @property
    def seq(self) -> int: ...

    @property
    def fact(self) -> Fact: ...

    async def ack(self) -> None:
        """Say that the work this fact asks for is stored, and that of all before it."""


class Bus(Protocol):
    async def publish(self, fact: Fact) -> None:
        """Return once ``fact`` is stored; from then on it survives a crash.

        Raises ``Unavailable`` when it could not be stored in time; publishing it again is safe.
        """

    def subscribe(self, *, durable: str) -> AsyncIterator[Delivered]:
        """Yield facts at least once each, in order, from where ``durable`` left off.

        A name that was never heard of starts with the facts still kept. It never ends by itself:
        while the carrier is away it waits.
        """

    def follow(self, *, most_waiting: int = 256) -> AbstractContextManager[AsyncIterator[Numbered]]:
        """Facts from now on, for who reads a snapshot first; not kept, not acknowledged.

        Following begins when the block is entered: enter it, then read the snapshot, and nothing
        is missed. The iterator raises ``FellBehind`` when over ``most_waiting`` facts wait.
        """


@dataclass(frozen=True, slots=True)
class Lease:
    """``holder`` alone has ``name``, until ``expires_at`` unless it renews."""

    name: str
    holder: str
    expires_at: datetime


class Leases(Protocol):
    async def acquire(self, name: str, *, ttl: timedelta) -> Lease | None:
        """Take ``name``, or None while somebody else holds it; ours already: renewed."""

    async def renew(self, lease: Lease) -> bool:
        """Hold it for as long again; False when it has gone to another: stop the work."""

    async def release(self, lease: Lease) -> None: ...
