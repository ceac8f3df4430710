"""What an edge tells of who watches there: it may be taken over, and then tell anything."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

import pytest

from domain.identifiers import CommuneId, PersonId, StreamId, ViewingId
from server.database.viewings import Viewing
from server.edge.dialling import EdgeAddress
from server.http.edges import WatchingAtEdge
from server.http.media import edge_process
from server.supervision import supervise
from tests.waiting import LIMIT_S

NOW = datetime(2026, 11, 28, 21, tzinfo=UTC)
VIEWING = ViewingId(uuid4())
EDGE = edge_process(EdgeAddress("https://edge.example:8445"))


class Told:
    """Gives what the edge has said, then nothing more."""

    def __init__(self, *said: str) -> None:
        self._said = list(said)

    async def watching_at(self, edge: object, *, after: int) -> Any:
        if not self._said:
            await asyncio.Event().wait()
        return json.loads(self._said.pop(0))


class OneViewing:
    """The register's one open viewing, at the edge."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()

    async def open(self) -> list[Viewing]:
        return [
            Viewing(
                id=VIEWING,
                commune_id=CommuneId(uuid4()),
                stream_id=StreamId(uuid4()),
                camera_id=None,
                person_id=PersonId(uuid4()),
                session_id=None,
                device_id=None,
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
