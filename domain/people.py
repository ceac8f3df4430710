"""People: their roles, each a dated habilitation in one commune, and what a role may do.

Named, dated designation is what the law asks of whoever sees pictures (CSI L.252-2, L.252-3).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from domain.errors import Invalid
from domain.identifiers import CommuneId, GrantId, PersonId


class Role(StrEnum):
    AGENT = "agent"
    RESPONDER = "responder"
    OPERATOR = "operator"
    DISPATCHER = "dispatcher"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """One thing a person may do with one commune's things."""

    VIEW_CAMERAS = "view-cameras"
    VIEW_PATROL_STREAMS = "view-patrol-streams"
    SEE_ALERTS = "see-alerts"
    RAISE_ALERTS = "raise-alerts"
    DECIDE_ALERTS = "decide-alerts"
    SEND_ALERTS = "send-alerts"
    SEE_UNITS = "see-units"
    GUIDE_UNITS = "guide-units"
    MANAGE_INTERVENTIONS = "manage-interventions"
    PATROL = "patrol"
    SEE_ON_PATROL = "see-on-patrol"
    READ_SETUP = "read-setup"
    MANAGE_CAMERAS = "manage-cameras"
    MANAGE_ZONES = "manage-zones"
    MOVE_CAMERAS = "move-cameras"
    SPEAK_THROUGH_CAMERAS = "speak-through-cameras"
    MANAGE_ANNOUNCEMENTS = "manage-announcements"
    MANAGE_MASKS = "manage-masks"
    MANAGE_DEVICES = "manage-devices"
    MANAGE_UNITS = "manage-units"
    MANAGE_PEOPLE = "manage-people"
    MANAGE_COMMUNE = "manage-commune"
    RECORD_AUTHORISATIONS = "record-authorisations"
    LIFT_SUSPENSIONS = "lift-suspensions"
    READ_REGISTER = "read-register"
    VIEW_RECORDINGS = "view-recordings"
    HOLD_RECORDINGS = "hold-recordings"
    EXPORT_RECORDINGS = "export-recordings"


P = Permission
_CONTROL_ROOM = frozenset(
    {
        P.VIEW_CAMERAS,
        P.VIEW_PATROL_STREAMS,
        P.SEE_ALERTS,
        P.RAISE_ALERTS,
        P.SEND_ALERTS,
        P.SEE_UNITS,
        P.GUIDE_UNITS,
        P.MANAGE_INTERVENTIONS,
        P.MOVE_CAMERAS,
        P.SPEAK_THROUGH_CAMERAS,
    }
)

#: The whole matrix of roles. An agent acts through an enrolled device and needs no other right; so
#: does a responder, of the fire brigade or of cleaning, who was not designated to see pictures.
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.AGENT: frozenset({P.PATROL, P.SEE_ON_PATROL}),
    Role.RESPONDER: frozenset({P.PATROL}),
    Role.OPERATOR: _CONTROL_ROOM | {P.DECIDE_ALERTS, P.VIEW_RECORDINGS},
    Role.DISPATCHER: _CONTROL_ROOM,
    Role.SUPERVISOR: _CONTROL_ROOM
    | {
        P.DECIDE_ALERTS,
        P.READ_SETUP,
        P.MANAGE_ZONES,
        P.RECORD_AUTHORISATIONS,
        P.LIFT_SUSPENSIONS,
        P.READ_REGISTER,
        P.VIEW_RECORDINGS,
        P.HOLD_RECORDINGS,
        P.EXPORT_RECORDINGS,
        P.MANAGE_ANNOUNCEMENTS,
    },
    Role.AUDITOR: frozenset({P.READ_SETUP, P.READ_REGISTER}),
    Role.ADMINISTRATOR: frozenset(
        {
            P.READ_SETUP,
            P.MANAGE_CAMERAS,
            P.MANAGE_ZONES,
            P.MANAGE_MASKS,
            P.MANAGE_DEVICES,
            P.MANAGE_UNITS,
            P.MANAGE_PEOPLE,
            P.MANAGE_COMMUNE,
            P.RECORD_AUTHORISATIONS,
            P.HOLD_RECORDINGS,
        }
    ),
}


class BadGrant(Invalid):
    code: ClassVar[str] = "bad-grant"
    title: ClassVar[str] = "The habilitation can't be recorded like this"


@dataclass(frozen=True, kw_only=True)
class Grant:
    """A habilitation: one role in one commune, by an act, from one date to another."""

    id: GrantId
    commune_id: CommuneId
    role: Role
    act_reference: str
    starts_at: datetime
    ends_at: datetime | None
    revoked_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.ends_at is not None and self.ends_at <= self.starts_at:
            raise BadGrant("the habilitation ends before it starts")
        if not self.act_reference.strip():
            raise BadGrant("the act that designates this person is not named")

    def in_force(self, at: datetime) -> bool:
        ended = self.ends_at is not None and at >= self.ends_at
        revoked = self.revoked_at is not None and at >= self.revoked_at
        return at >= self.starts_at and not ended and not revoked


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who signs in: never more than a name, a sign-in and dated roles."""

    id: PersonId
    name: str
    sign_in: str
    locale: str
    grants: tuple[Grant, ...]
    disabled_at: datetime | None = None

    def roles(self, at: datetime) -> set[tuple[CommuneId, Role]]:
        if self.disabled_at is not None and at >= self.disabled_at:
            return set()
        return {(grant.commune_id, grant.role) for grant in self.grants if grant.in_force(at)}

    def communes_with(self, permission: Permission, at: datetime) -> set[CommuneId]:
        """The communes of this person's own roles in which ``permission`` is given."""
        return {commune for commune, role in self.roles(at) if permission in PERMISSIONS[role]}
