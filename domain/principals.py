"""Principal: who asks. A person who is signed in, or an enrolled device in its agent's hands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from domain.people import Permission, Person
from domain.units import Device, Shift, Unit


@dataclass(frozen=True, kw_only=True)
class PersonPrincipal:
    """A person with a session: of a page (cookie) or of an API client (bearer token)."""

    person: Person
    session_id: UUID
    session_kind: Literal["page", "api"]

    @property
    def actor(self) -> str:
        """The name under which the histories and the register keep what this person does."""
        return f"person:{self.person.id}"


@dataclass(frozen=True, kw_only=True)
class DevicePrincipal:
    """An enrolled device and its agent; ``shift`` is the one that runs now, if one does."""

    device: Device
    person: Person
    shift: Shift | None = None

    @property
    def actor(self) -> str:
        """The agent, not the telephone: it is a person who answers for what is done."""
        return f"person:{self.person.id}"

    def sees_pictures(self, unit: Unit, *, at: datetime) -> bool:
        """Whether pictures are for this crew, and its agent is designated to see them.

        The crew alone does not decide: whoever begins a shift says himself in which unit.
        """
        communes = self.person.communes_with(Permission.SEE_ON_PATROL, at)
        return unit.kind.sees_pictures and self.device.commune_id in communes

    def may_crew(self, unit: Unit, *, at: datetime) -> bool:
        """Not for a responder in a unit of the police."""
        return not unit.kind.sees_pictures or self.sees_pictures(unit, at=at)


type Principal = PersonPrincipal | DevicePrincipal
