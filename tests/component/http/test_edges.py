"""What an edge tells of who watches there: it may be taken over, and then tell anything."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from domain.errors import Unavailable
from domain.facts import AccessRevoked
from domain.identifiers import CommuneId, DeviceId, PersonId, StreamId, ViewingId
from server.database.viewings import Viewing
from server.edge.dialling import EdgeAddress
from server.http.edges import WatchingAtEdge
from server.http.enforcement import Enforcement
from server.http.media import edge_process
from server.supervision import supervise
from tests.waiting import LIMIT_S

NOW = datetime(2026, 11, 28, 21, tzinfo=UTC)
VIEWING = ViewingId(UUID(int=1))  # the same in each process that collects these tests
EDGE = edge_process(EdgeAddress("https://edge.example:8445"))


class Told:
    """Gives what the edge has said, then nothing more."""

    def __init__(self, *said: str) -> None:
        self._said = list(said)
        self.ended: asyncio.Queue[UUID] = asyncio.Queue(100)

    async def end_session(self, edge: object, session_id: UUID) -> None:
        self.ended.put_nowait(session_id)

    async def watching_at(self, edge: object, *, after: int) -> Any:
        if not self._said:
            await asyncio.Event().wait()
        return json.loads(self._said.pop(0))


class OneViewing:
    """The register's one open viewing, at the edge."""

    def __init__(self, *, device_id: DeviceId | None = None) -> None:
        self.ended, self._device_id = asyncio.Event(), device_id

    async def open(self) -> list[Viewing]:
        return [
            Viewing(
                id=VIEWING,
                commune_id=CommuneId(uuid4()),
                stream_id=StreamId(uuid4()),
                camera_id=None,
                person_id=PersonId(uuid4()),
                session_id=None,
                device_id=self._device_id,
                holder=EDGE.holder,
                motive="",
                started_at=NOW,
            )
        ]

    async def end(self, viewing_id: ViewingId, **said: object) -> None:
        self.ended.set()


@pytest.mark.parametrize(
    "said",
    [
        f'{{"count":1,"watching":[],"ended":[["{VIEWING}",1e400]]}}',
        f'{{"count":1,"watching":[],"ended":[["{VIEWING}",1e300]]}}',
        '{"count":1e400,"watching":[],"ended":[]}',
        "[" * 10_000,
        '{"count":1,"watching":[],"ended":[[]]}',
        "null",
    ],
)
async def test_whatever_an_edge_tells_it_is_asked_again(
    said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.http.edges.AGAIN_AFTER_S", 0.0)
    viewings = OneViewing()
    told = Told(said, f'{{"count":1,"watching":[],"ended":[["{VIEWING}",0.5]]}}')
    watching = WatchingAtEdge(
        EDGE, media=cast(Any, told), viewings=cast(Any, viewings), clock=lambda: NOW
    )
    died: list[str] = []
    async with supervise({"watching": watching.run}, on_failure=lambda: died.append("!")):
        await asyncio.wait_for(viewings.ended.wait(), LIMIT_S)

    assert not died


async def test_who_watches_there_without_an_open_viewing_is_ended_there() -> None:
    """Control could not reach the edge when the right ended; now it can."""
    stranger, viewings = uuid4(), OneViewing()
    told = Told(json.dumps({"count": 0, "watching": [str(VIEWING), str(stranger)], "ended": []}))
    watching = WatchingAtEdge(
        EDGE, media=cast(Any, told), viewings=cast(Any, viewings), clock=lambda: NOW
    )
    async with supervise({"watching": watching.run}, on_failure=lambda: None):
        assert await asyncio.wait_for(told.ended.get(), LIMIT_S) == stranger

    assert told.ended.empty()


class Revoked:
    """A bus on which a right has just ended, and the rest of what enforcement asks."""

    def __init__(self) -> None:
        self.acked = asyncio.Event()

    async def subscribe(self, *, durable: str) -> AsyncIterator["Revoked"]:
        yield self
        await asyncio.Event().wait()

    @property
    def fact(self) -> AccessRevoked:
        return AccessRevoked(at=NOW, commune_id=None)

    async def ack(self) -> None:
        self.acked.set()

    async def open(self) -> list[object]:
        """Nobody speaks through a camera."""
        return []

    async def in_hand(self, device_id: object) -> None:
        """The device was revoked."""

    def is_edge(self, holder: str) -> bool:
        return holder == EDGE.holder

    async def by_holder(self, holder: str) -> object:
        return EDGE

    async def end_session(self, process: object, session_id: UUID) -> None:
        raise Unavailable("an edge that hangs up on control")


async def test_a_viewing_at_an_edge_that_does_not_obey_is_over_in_the_register(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So that what is handed on for it is not any more."""
    monkeypatch.setattr("server.http.enforcement.PAUSE_S", 0.0)
    viewings, rest = OneViewing(device_id=DeviceId(uuid4())), cast(Any, Revoked())
    enforcement = Enforcement(
        bus=rest,
        access=rest,
        viewings=cast(Any, viewings),
        sessions=rest,
        devices=rest,
        people=rest,
        patrol_streams=rest,
        talks=rest,
        loudspeakers=rest,
        media=rest,
        clock=lambda: NOW,
    )
    async with supervise({"enforcement": enforcement.run}, on_failure=lambda: None):
        await asyncio.wait_for(viewings.ended.wait(), LIMIT_S)
