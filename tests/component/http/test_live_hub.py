"""The live hub: who loses a right, and what comes, while it is doing something else."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

import pytest

from domain.errors import Unauthenticated, Unavailable
from domain.facts import AccessRevoked
from domain.identifiers import CommuneId, PersonId, UnitId
from domain.people import Permission, Person
from domain.positions import Point, Position
from domain.principals import PersonPrincipal, Principal
from server.bus import Numbered
from server.http.live import LiveHub
from server.http.shown import Moved
from tests.fakes.clock import FakeClock

COMMUNE = CommuneId(uuid4())


class Room:
    """A control room of one person, and the newest fix of one unit."""

    def __init__(self) -> None:
        person = Person(id=PersonId(uuid4()), name="A", sign_in="a", locale="fr", grants=())
        self.principal = PersonPrincipal(person=person, session_id=uuid4(), session_kind="page")
        self.is_revoked = self.is_away = False
        self.fix_came_at = datetime(2026, 1, 1, tzinfo=UTC)

    async def authenticate(self, token: str) -> Principal:
        if self.is_revoked:
            raise Unauthenticated("it was revoked")
        return self.principal

    async def may_see(self, principal: Principal) -> Mapping[Permission, frozenset[CommuneId]]:
        return {Permission.SEE_UNITS: frozenset({COMMUNE})}

    async def moved_since(self, received_after: datetime) -> list[Moved]:
        if self.is_away:
            raise Unavailable("the database is away")
        if self.fix_came_at <= received_after:
            return []
        position = Position(point=Point(lat=48.1, lon=-1.6), fixed_at=self.fix_came_at)
        return [Moved(commune_id=COMMUNE, unit_id=UnitId(uuid4()), position=position)]


def hub_of(room: Room, clock: FakeClock) -> LiveHub:
    # It follows no bus here: what it hears is said to it.
    return LiveHub(bus=cast("Any", None), screens=cast("Any", room), clock=clock)


async def test_a_right_that_ends_between_its_request_and_its_socket_opens_none() -> None:
    room, clock = Room(), FakeClock()
    hub = hub_of(room, clock)
    room.is_revoked = True
    person_id = room.principal.person.id
    await hub._hear(Numbered(1, AccessRevoked(at=clock(), commune_id=None, person_id=person_id)))

    with pytest.raises(Unauthenticated):
        await hub.join(token="of-this-test", principal=room.principal)
    assert len(hub) == 0


async def test_fixes_that_came_while_they_could_not_be_read_are_shown_afterwards() -> None:
    room, clock = Room(), FakeClock()
    hub = hub_of(room, clock)
    socket = await hub.join(token="of-this-test", principal=room.principal)
    await hub._tell_positions()
    clock.advance(timedelta(seconds=2))
    room.is_away, room.fix_came_at = True, clock()
    for _ in range(10):
        clock.advance(timedelta(seconds=2))
        with pytest.raises(Unavailable):
            await hub._tell_positions()
    room.is_away = False
    await hub._tell_positions()

    assert "position" in str(socket._queue.get_nowait())
