"""Streams at an edge: fetched from inside, handed on from inside, and over when they are."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import uuid4

import aioice.ice
import pytest
from aiohttp import ClientError, ClientSession

from domain.errors import Unavailable
from domain.identifiers import CameraId, StreamId
from domain.streams import StreamOffline
from server.edge.calling import Callees, EdgeConnector
from server.edge.dialling import Dialler
from server.media import (
    CameraSource,
    HttpNeighbours,
    MediaService,
    build_app,
    cascade,
    fetches,
    giving,
)
from server.media.ends import Ends
from server.media.watched import WatchedAtEdges
from tests.component.edge.conftest import KEY, Edge, edge_host
from tests.component.webrtc.peers import (
    LIMIT_S,
    Listener,
    Peer,
    make_clip,
    new_stream,
    publishing,
    running,
    until,
    watching,
)
from tests.component.webrtc.wire import KEY as KEYFRAME
from tests.component.webrtc.wire import wired
from webrtc.fetching import FetchedSession, GivenSession
from webrtc.handing_on import ReceivedSession
from webrtc.metrics import value


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda **kinds: ["127.0.0.1"])
    monkeypatch.setattr(cascade, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(cascade, "AGAIN_AFTER_S", 0.1)
    # On a machine that stands still for a moment nobody is let go for that, nor away.
    monkeypatch.setattr("server.media.neighbours.LIMIT_S", LIMIT_S)
    monkeypatch.setattr(cascade, "LET_GO_AFTER_S", LIMIT_S)
    monkeypatch.setattr(cascade, "AWAY_FOR_S", LIMIT_S)
    monkeypatch.setattr(giving, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(fetches, "AGAIN_AFTER_S", 0.05)


@dataclass
class Hosts:
    """``there``: the edge's media end; ``inside``: a media process that reaches it."""

    there: MediaService
    inside: MediaService
    heard: Listener
    edge: Edge
    calls: ClientSession

    @property
    def url(self) -> str:
        return self.edge.address.url

    async def shows_inside(self, stream: StreamId) -> None:
        await self.heard.wait_for("stream_started")
        await until(lambda: self.inside.relay.get(stream).is_live)


@asynccontextmanager
async def hosts(*, keep_away_s: float = 30.0) -> AsyncIterator[Hosts]:
    async with AsyncExitStack() as stack:
        ends, heard = Ends(), Listener()
        there = await stack.enter_async_context(
            running(ends, untaken_s=60.0)  # type: ignore[arg-type]  # the edge's own
        )
        app = build_app(there, internal_token=None)
        app.router.add_get("/watching", ends.handler(there.watching))
        edge = await stack.enter_async_context(edge_host(inner_app=app))
        dialler = Dialler(edge.address, key=KEY)
        direct = await stack.enter_async_context(ClientSession())
        calls = await stack.enter_async_context(ClientSession(connector=EdgeConnector([dialler])))
        callees = Callees(direct, internal_token="unseen", edge_session=calls, edges=[edge.address])
        inside = await stack.enter_async_context(
            running(heard, neighbours=HttpNeighbours(callees), keep_away_s=keep_away_s)
        )
        yield Hosts(there, inside, heard, edge, calls)


def links(service: MediaService) -> list[type[object]]:
    return [type(one) for one in service.cascade.links()]


async def test_a_phone_at_the_edge_is_watched_inside_as_if_it_had_come_there() -> None:
    stream = new_stream()
    async with hosts() as both:
        both.inside.fetches.fetch(stream, both.url)  # before the phone has connected
        async with publishing(both.there, stream, luma=70, sound=True, again=True):
            await both.shows_inside(stream)
            async with watching(both.inside, stream, sound=True) as viewer:
                await viewer.frame_of(70)
                assert links(both.there) == [GivenSession]
                assert links(both.inside) == [FetchedSession]
            [fetched] = both.inside.cascade.links()
            assert isinstance(fetched, FetchedSession)
            assert fetched._repairs  # what is lost on the way is known when it is sent again
        assert value(both.there.metrics.decodes.labels("viewer")) == 0
        assert value(both.inside.metrics.decodes.labels("viewer")) == 0
        await both.heard.wait_for("stream_away")  # the phone has left the edge


async def test_the_picture_goes_on_inside_when_the_phone_comes_back_to_the_edge() -> None:
    stream = new_stream()
    async with hosts() as both:
        both.inside.fetches.fetch(stream, both.url)
        async with publishing(both.there, stream, luma=70):
            await both.shows_inside(stream)
            async with watching(both.inside, stream) as viewer:
                await viewer.frame_of(70)
                async with publishing(both.there, stream, luma=180):
                    await viewer.frame_of(180)


async def test_what_ends_inside_ends_at_the_edge() -> None:
    stream = new_stream()
    async with hosts() as both:
        both.inside.fetches.fetch(stream, both.url)
        async with publishing(both.there, stream) as phone:
            await both.shows_inside(stream)

            both.inside.end_stream(stream)

            await until(lambda: both.there.relay.find(stream) is None)
            await until(lambda: phone.pc.connectionState == "closed")
        assert not links(both.inside)
        assert both.inside.fetches.source_of(stream) is None


async def test_a_phone_that_nobody_inside_fetches_is_let_go() -> None:
    stream = new_stream()
    async with hosts() as both, publishing(both.there, stream) as phone:
        both.there.giving._untaken_s = 0.2  # not sooner: until it shows it is waited for

        await until(lambda: both.there.relay.find(stream) is None)
        await until(lambda: phone.pc.connectionState == "closed")


async def test_a_phone_whose_first_picture_is_late_is_kept_while_the_inside_asks_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(giving, "FIRST_PICTURE_WITHIN_S", 60.0)
    stream, there_s = new_stream(), asyncio.get_running_loop().time()
    async with hosts() as both, wired(both.there, stream) as wire:
        given = both.there.giving
        asking = asyncio.ensure_future(given.give(stream, uuid4(), await offer_of_a_viewer()))
        await asyncio.sleep(0)  # it has asked
        for passed_s in (0.0, 1000.0):
            given._look(there_s + passed_s, untaken_s=10.0)

        await wire.send(wire.packet(1, KEYFRAME))
        assert isinstance(await asking, GivenSession)


async def test_a_stream_whose_phone_never_comes_is_given_up_inside() -> None:
    stream = new_stream()
    async with hosts(keep_away_s=0.5) as both:
        both.inside.fetches.fetch(stream, both.url)

        await until(lambda: both.inside.fetches.source_of(stream) is None)
        assert both.inside.relay.find(stream) is None


async def test_a_phone_that_comes_by_another_way_ends_its_publication_at_the_edge() -> None:
    stream = new_stream()
    async with hosts() as both:
        both.inside.fetches.fetch(stream, both.url)
        async with publishing(both.there, stream, luma=70):
            await both.shows_inside(stream)
            async with publishing(both.inside, stream, luma=180):
                await until(lambda: both.there.relay.find(stream) is None)
                async with watching(both.inside, stream) as viewer:
                    await viewer.frame_of(180)


async def test_a_phone_watches_a_camera_that_is_handed_on_to_the_edge(tmp_path: Path) -> None:
    clip, stream = make_clip(tmp_path / "a.mp4", luma=90), new_stream()
    async with hosts() as both:
        both.inside.set_sources([CameraSource(stream, CameraId(uuid4()), clip.as_uri())])
        await both.heard.wait_for("camera_up")
        await both.inside.cascade.hand_on(stream, both.url)
        async with watching(both.there, stream) as phone:
            await phone.frame_of(90)
            assert links(both.there) == [ReceivedSession]

            async with both.calls.get(f"{both.url}/watching") as answer:
                told = await answer.json()
        assert phone.session is not None
        assert told["watching"] == [str(phone.session.id)]

        async with both.calls.get(f"{both.url}/watching", params={"after": 0}) as answer:
            told = await answer.json()
        assert told["watching"] == []
        assert [ended for ended, _ in told["ended"]] == [str(phone.session.id)]


class Viewings:
    """Those that are open, as the register has them; ``meanwhile`` happens while it is asked."""

    def __init__(self) -> None:
        self.open: set[tuple[StreamId, str]] = set()
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    async def watched_through(self, holders: Collection[str]) -> set[tuple[StreamId, str]]:
        found = {one for one in self.open if one[1] in holders}
        if self.meanwhile is not None:
            await self.meanwhile()
        return found


async def test_an_edge_that_ends_nothing_is_sent_nothing_that_nobody_watches_there(
    tmp_path: Path,
) -> None:
    clip, stream, viewings = make_clip(tmp_path / "a.mp4", luma=90), new_stream(), Viewings()
    async with hosts() as both:
        cascade = both.inside.cascade
        holder = both.edge.address.holder
        at_edges = WatchedAtEdges(cascade, holders={both.url: holder}, register=viewings)
        both.inside.set_sources([CameraSource(stream, CameraId(uuid4()), clip.as_uri())])
        await both.heard.wait_for("camera_up")
        await cascade.hand_on(stream, both.url)
        [first] = cascade.links()
        async with watching(both.there, stream) as phone:  # it has not obeyed, and goes on
            await phone.frame_of(90)
            viewings.open.add((stream, holder))
            await at_edges.look()
            assert not first.is_ending

            viewings.open.clear()
            await at_edges.look()
            assert first.is_ending

            await cascade.hand_on(stream, both.url)  # for another, whose viewing is open by now
            [second] = cascade.links()
            assert second is not first

            viewings.meanwhile = partial(cascade.hand_on, stream, both.url)
            await at_edges.look()
            assert not second.is_ending  # who asked meanwhile may be in the register since
            viewings.meanwhile = None
            await at_edges.look()
            await until(lambda: cascade.links() == [])


async def test_who_watches_a_patrol_at_the_edge_it_publishes_to_is_served_there() -> None:
    stream = new_stream()
    async with hosts() as both:
        both.inside.fetches.fetch(stream, both.url)
        async with publishing(both.there, stream, luma=70):
            await both.shows_inside(stream)
            await both.inside.cascade.hand_on(stream, both.url)
            async with watching(both.there, stream) as viewer:
                await viewer.frame_of(70)
                assert links(both.there) == [GivenSession]  # it does not come back from inside


async def test_the_edge_hands_nothing_on_and_fetches_nothing() -> None:
    stream = new_stream()
    async with hosts() as both, publishing(both.there, stream):
        with pytest.raises(Unavailable):
            await both.there.cascade.hand_on(stream, "https://127.0.0.1:9")
        with pytest.raises(Unavailable):
            both.there.fetches.fetch(new_stream(), "https://127.0.0.1:9")


async def test_only_what_a_phone_publishes_there_is_given_inwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(giving, "FIRST_PICTURE_WITHIN_S", 0.1)
    stream = new_stream()
    async with hosts() as both, publishing(both.inside, stream, luma=60):
        await both.inside.cascade.hand_on(stream, both.url)
        async with watching(both.there, stream) as viewer:
            with pytest.raises(StreamOffline):
                await both.there.giving.give(stream, uuid4(), await offer_of_a_viewer())
            await viewer.frame_of(60)


async def offer_of_a_viewer() -> bytes:
    peer = Peer()
    peer.pc.addTransceiver("video", direction="recvonly")
    try:
        return await peer.offer()
    finally:
        await peer.close()


async def test_without_a_greeting_nothing_is_called() -> None:
    async with hosts() as both:
        stranger = Dialler(both.edge.address, key=bytes(32))
        async with ClientSession(connector=EdgeConnector([stranger])) as calls:
            with pytest.raises(ClientError):
                await calls.get(f"{both.url}/streams")
            with pytest.raises(ClientError):
                await calls.get("https://127.0.0.1:9/streams")
