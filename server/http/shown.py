"""What live sockets are told: what a fact has changed, a fix, health; and who reads it for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import BaseModel

from domain.facts import Fact
from domain.identifiers import CommuneId, UnitId, ViewingId
from domain.people import Permission
from domain.positions import Position
from domain.principals import DevicePrincipal, Principal


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a fact changed, whole, as screens show it: JSON ``document`` under ``name``."""

    name: str
    permission: Permission
    document: str
    units: frozenset[UnitId] = frozenset()
    """Whose phones are told too."""


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A unit's newest fix."""

    commune_id: CommuneId
    unit_id: UnitId
    position: Position


class HealthReadings(Protocol):
    """Read once; each is shown what is of the communes that he may see."""

    def shown_to(self, may: Mapping[Permission, frozenset[CommuneId]], /) -> BaseModel: ...


class Screens(Protocol):
    """What the hub reads to tell what is on screens now."""

    async def authenticate(self, token: str) -> Principal:
        """Raises ``Unauthenticated`` once the session or the device is no longer good."""

    async def may_see(self, principal: Principal) -> Mapping[Permission, frozenset[CommuneId]]: ...

    async def snapshot(self, principal: Principal, *, token: str, seq: int) -> str: ...

    async def changed(self, fact: Fact) -> Shown | None:
        """None: the fact changes nothing that a screen shows."""

    async def changed_for(self, fact: Fact, device: DevicePrincipal) -> Shown | None: ...

    async def health(self) -> HealthReadings: ...

    async def watched(self) -> Mapping[Fact, set[ViewingId]]:
        """Who watches each camera and each patrol's stream, under the fact that shows it.

        The facts are equal from one asking to the next.
        """

    async def moved_since(self, received_after: datetime) -> list[Moved]:
        """The newest fix of each unit that has one received after that time."""
