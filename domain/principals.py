"""Principal: who asks. A person who is signed in, or an enrolled device in its agent's hands."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from domain.people import Person
from domain.units import Device, Shift


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


type Principal = PersonPrincipal | DevicePrincipal
