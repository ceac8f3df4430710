"""Two communes with one of everything each, for the tests of the HTTP API."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from domain.identifiers import (
    CommuneId,
    PersonId,
)
from domain.people import Role

NOW = datetime.now(UTC).replace(microsecond=0)
PASSWORD = "trois chats sur un mur"
HOLDER = "media@test/1"
JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"
ROLES = tuple(Role)
SENSOR_SECRET = bytes(range(32))
#: An empty wall of four.
SHOWS: dict[str, Any] = {
    "layout": 4,
    "slots": [None] * 16,
    "pinned": [],
    "isolated": None,
    "rotation": None,
}


def stays() -> datetime:
    """When a process was heard of that is there however long the test takes."""
    return datetime.now(UTC) + timedelta(hours=1)


@dataclass(frozen=True)
class Place:
    """One commune and what it has; ``name`` makes the ids, the same in each run."""

    name: str

    def id(self, what: str) -> UUID:
        return uuid5(UUID(int=0), f"{self.name}/{what}")

    def text(self, what: str) -> str:
        return str(self.id(what))

    @property
    def commune(self) -> CommuneId:
        return CommuneId(self.id("commune"))

    def token(self, who: str) -> str:
        """The bearer token of a role's session, or of the commune's ``device``."""
        return f"token-of-{who}-of-{self.name}"

    def person(self, role: Role) -> PersonId:
        return PersonId(self.id(f"person-{role.value}"))


TOWN, NEIGHBOUR = Place("ville"), Place("voisine")
#: What makes an answer a leak, when it reaches somebody of the other commune.
THINGS = (
    "alert",
    "announcement",
    "authorisation",
    "camera",
    "clip",
    "commune",
    "device",
    "guidance",
    "hold",
    "intervention",
    "order",
    "playback",
    "raised",
    "sensor",
    "stream",
    "suspension",
    "unit",
    "unit-2",
    "wall",
)
