"""Phones' requests through an edge: passed on, refused, broken off; never more than are held."""

import asyncio
from collections import deque
from pathlib import Path

import pytest
from aiohttp import ClientPayloadError, ClientSession, WSMsgType, web
from yarl import URL

from server.edge import answers as said
from tests.component.edge.conftest import Edge, Inside, edge_host
from tests.ports import free_port
from tests.waiting import eventually

ASKED = "/api/v1/mobile/me"


async def echo(request: web.Request) -> web.Response:
    heard = {
        "method": request.method,
        "path": request.raw_path,
        "body": (await request.read()).decode(),
        "headers": {name.lower(): value for name, value in request.headers.items()},
    }
    return web.json_response(heard, status=203, headers={"X-Of-Ours": "kept"})


async def test_a_request_and_its_answer_pass_as_they_are(
    edge: Edge, inside: Inside, phone: ClientSession
) -> None:
    inside.answers("*", "/api/v1/mobile/{what}", echo)
    async with inside.dials(edge.address):
        await edge.is_reached()
        headers = {"Authorization": "Bearer t", "X-Forwarded-For": "9.9.9.9", "Via": "me"}
        async with phone.put(f"{edge.url}{ASKED}?a=%26", data=b"said", headers=headers) as answer:
            heard = await answer.json()

    assert (answer.status, answer.headers["X-Of-Ours"]) == (203, "kept")
    assert (heard["method"], heard["path"], heard["body"]) == ("PUT", f"{ASKED}?a=%26", "said")
    assert heard["headers"]["authorization"] == "Bearer t"
    # Where it comes from is the edge's word, whatever the phone says.
    assert heard["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert heard["headers"]["x-forwarded-host"] == edge.url.removeprefix("http://")
    assert "via" not in heard["headers"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/metrics"),
        ("POST", "/api/v1/sign-in"),
        ("GET", "/api/v1/people"),
        ("GET", "/api/v1/cameras"),
        ("GET", "/api/v1/mobile/%2e%2e/people"),
        ("GET", "/api/v1/mobile/..%2Fpeople"),
        ("GET", "/api/v1/streams/x/y/whep"),
        ("TRACE", "/api/v1/mobile/me"),
    ],
)
async def test_what_no_phone_needs_is_refused_and_not_asked_inside(
    method: str, path: str, edge: Edge, inside: Inside, phone: ClientSession
) -> None:
    asked: list[str] = []

    async def note(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response()

    inside.answers("*", "/{path:.*}", note)
    async with inside.dials(edge.address):
        await edge.is_reached()
        async with phone.request(method, URL(edge.url + path, encoded=True)) as answer:
            problem = await answer.json(content_type=None)

    assert (answer.status, problem["type"]) == (404, "/problems/not-from-outside")
    assert asked == []


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("fr-FR,fr;q=0.9", "Le serveur de la salle n'est pas joignable pour le moment"),
        ("en-GB,en;q=0.9", "The control room's server can't be reached at the moment"),
        ("", "Le serveur de la salle n'est pas joignable pour le moment"),
    ],
)
async def test_without_anybody_inside_the_phone_is_told_in_its_language(
    language: str, title: str, phone: ClientSession
) -> None:
    async with edge_host(wait_s=0.01) as edge:
        async with phone.get(edge.url + ASKED, headers={"Accept-Language": language}) as answer:
            problem = await answer.json(content_type="application/problem+json")
        async with phone.get(f"{edge.url}/patrol/", headers={"Accept": "text/html"}) as page:
            text = await page.text()
        async with phone.get(f"{edge.url}/healthz") as health:
            healthy = health.status

    assert (answer.status, problem["type"]) == (503, "/problems/inside-away")
    assert problem["title"] == title
    assert answer.headers["Retry-After"]
    assert page.status == 503
    assert "n&#x27;est pas joignable" in text
    assert "can&#x27;t be reached" in text
    assert healthy == 503


async def test_a_live_socket_carries_messages_both_ways_and_ends_with_its_code(
    edge: Edge, inside: Inside, phone: ClientSession
) -> None:
    async def talk(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(protocols=("ilotier.v1",))
        await ws.prepare(request)
        await ws.send_str("a snapshot")
        async for message in ws:
            if message.data == "enough":
                await ws.close(code=4001)
            else:
                await ws.send_str(f"heard {message.data}")
        return ws

    inside.answers("GET", "/api/v1/live", talk)
    async with inside.dials(edge.address):
        await edge.is_reached()
        protocols = ("ilotier.v1", "bearer.abc")
        async with phone.ws_connect(f"{edge.url}/api/v1/live", protocols=protocols) as ws:
            assert ws.protocol == "ilotier.v1"
            assert await ws.receive_str() == "a snapshot"
            await ws.send_str("a word")
            assert await ws.receive_str() == "heard a word"
            await ws.send_str("enough")
            ended = await ws.receive()

    assert (ended.type, ended.data) == (WSMsgType.CLOSE, 4001)


async def test_a_refused_socket_is_refused_with_its_reason(
    edge: Edge, inside: Inside, phone: ClientSession
) -> None:
    problem = {"type": "/problems/unauthenticated", "title": "Sign in", "status": 401}

    async def refuse(_: web.Request) -> web.Response:
        return web.json_response(
            problem,
            status=401,
            content_type="application/problem+json",
            headers={"WWW-Authenticate": "Bearer"},
        )

    inside.answers("GET", "/api/v1/live", refuse)
    async with inside.dials(edge.address):
        await edge.is_reached()
        headers = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        async with phone.get(f"{edge.url}/api/v1/live", headers=headers) as answer:
            assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
            assert await answer.json(content_type="application/problem+json") == problem


async def test_a_line_that_ends_before_the_answer_is_a_502(
    edge: Edge, inside: Inside, phone: ClientSession
) -> None:
    async def break_off(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    inside.answers("POST", ASKED, break_off)
    async with inside.dials(edge.address):
        await edge.is_reached()
        async with phone.post(edge.url + ASKED) as answer:
            problem = await answer.json(content_type=None)

    assert (answer.status, problem["type"]) == (502, "/problems/inside-broke-off")


async def test_an_answer_that_is_broken_off_inside_is_broken_off_outside(
    edge: Edge, inside: Inside, phone: ClientSession
) -> None:
    async def break_off(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        if "whole" in request.query:
            response.content_length = 100
        await response.prepare(request)
        await response.write(b"a part")
        assert request.transport is not None
        request.transport.abort()
        return response

    inside.answers("GET", ASKED, break_off)
    async with inside.dials(edge.address):
        await edge.is_reached()
        with pytest.raises((ClientPayloadError, ConnectionError)):
            async with phone.get(edge.url + ASKED) as answer:
                await answer.read()
        async with phone.get(f"{edge.url}{ASKED}?whole") as answer:  # it has not begun outside
            assert answer.status == 502


async def test_more_at_once_than_lines_wait_and_all_are_answered(
    edge: Edge, inside: Inside, phone: ClientSession
) -> None:
    here, most_here, three = 0, 0, asyncio.Barrier(3)

    async def three_at_once(request: web.Request) -> web.Response:
        nonlocal here, most_here
        here += 1
        most_here = max(most_here, here)
        await three.wait()
        here -= 1
        return web.Response(text=request.query["n"])

    inside.answers("GET", ASKED, three_at_once)

    async def ask(number: int) -> str:
        async with phone.get(f"{edge.url}{ASKED}?n={number}") as answer:
            return await answer.text()

    async with inside.dials(edge.address, spare=1, most=3):
        await edge.is_reached()
        answers = await asyncio.gather(*(ask(number) for number in range(30)))

    assert answers == [str(number) for number in range(30)]
    assert most_here == 3


async def test_a_phone_that_does_not_read_holds_no_more_than_the_buffers_on_the_way(
    edge: Edge, inside: Inside
) -> None:
    written, part, looks = 0, bytes(64 * 1024), deque[int](maxlen=10)

    async def pour(request: web.Request) -> web.StreamResponse:
        nonlocal written
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(4000):  # 250 MiB
            await response.write(part)
            written += len(part)
        return response

    inside.answers("GET", ASKED, pour)
    async with inside.dials(edge.address):
        await edge.is_reached()
        host, port = edge.url.removeprefix("http://").split(":")
        _, writer = await asyncio.open_connection(host, int(port), limit=1024)
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # a phone that takes nothing
        writer.write(f"GET {ASKED} HTTP/1.1\r\nHost: edge\r\n\r\n".encode())

        async def stands_still() -> bool:
            looks.append(written)
            return len(looks) == looks.maxlen and min(looks) == max(looks) > 0

        await eventually(stands_still)
        held = written
        writer.transport.abort()

    assert held < 32 * 1024 * 1024  # the kernel's buffers of two connections, on this system


async def test_lines_come_back_when_the_edge_does(inside: Inside, phone: ClientSession) -> None:
    inside.answers("GET", ASKED, echo)
    port = free_port()  # of those that nobody else is given while nobody is there
    async with edge_host(port=port) as first, inside.dials(first.address):
        await first.is_reached()
    async with inside.dials(first.address) as lines:  # while nobody is there
        async with edge_host(port=port) as again:
            await again.is_reached()
            async with phone.get(again.url + ASKED) as answer:
                assert answer.status == 203
        assert lines.address == first.address


async def test_a_line_that_is_lost_is_dialled_again(
    edge: Edge, inside: Inside, phone: ClientSession
) -> None:
    async def hang_up(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    inside.answers("POST", ASKED, hang_up)
    inside.answers("GET", ASKED, echo)
    async with inside.dials(edge.address, spare=1, most=1):
        await edge.is_reached()
        async with phone.post(edge.url + ASKED) as lost:
            assert lost.status in (200, 502)
        async with phone.get(edge.url + ASKED) as answer:
            assert answer.status == 203


async def test_the_edges_answers_are_problems_that_the_reference_knows() -> None:
    reference = (Path(__file__).parents[3] / "docs" / "ref" / "problems.md").read_text("utf-8")
    for one in vars(said).values():
        if isinstance(one, said.Refusal):
            assert f"| `{one.code}` | " in reference, one.code
            assert one.title_fr
