"""Commune: the tenant. Everything belongs to one, and a convention says who else may see what."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.errors import Invalid
from domain.identifiers import CommuneId, ConventionId
from domain.people import Permission
from domain.positions import Point

#: What a convention can open to another commune's control room. Administration and the register
#: stay with the commune whose mayor answers for them (instruction of 4 March 2022).
SHAREABLE = frozenset(
    {
        Permission.VIEW_CAMERAS,
        Permission.VIEW_PATROL_STREAMS,
        Permission.SEE_ALERTS,
        Permission.DECIDE_ALERTS,
        Permission.SEND_ALERTS,
        Permission.SEE_UNITS,
        Permission.GUIDE_UNITS,
        Permission.MANAGE_INTERVENTIONS,
    }
)


class BadConvention(Invalid):
    code: ClassVar[str] = "bad-convention"
    title: ClassVar[str] = "The convention can't be recorded like this"


@dataclass(frozen=True, kw_only=True)
class Commune:
    """A town: its name, where its map opens, and the legal profile it runs under.

    ``false_alerts_per_day``: more than these of one kind on one camera suspend the kind there.
    """

    id: CommuneId
    name: str
    centre: Point
    profile: str = "france"
    timezone: str = "Europe/Paris"
    false_alerts_per_day: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Convention:
    """A recorded agreement: people of ``guest`` may do ``permissions`` with what is ``owner``'s."""

    id: ConventionId
    owner: CommuneId
    guest: CommuneId
    permissions: frozenset[Permission]
    act_reference: str
    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if self.owner == self.guest:
            raise BadConvention("a commune needs no convention with itself")
        if self.ends_at <= self.starts_at:
            raise BadConvention("the convention ends before it starts")
        if not self.act_reference.strip():
            raise BadConvention("the convention's act is not named")
        if stranger := self.permissions - SHAREABLE:
            raise BadConvention("can't be shared: " + ", ".join(sorted(p.value for p in stranger)))

    def opens(self, permission: Permission, *, to: Collection[CommuneId], at: datetime) -> bool:
        """Whether one of the communes ``to`` may use ``permission`` on the owner's things now."""
        in_force = self.starts_at <= at < self.ends_at
        return in_force and permission in self.permissions and self.guest in to
