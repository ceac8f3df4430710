"""Problem details: one translator, and nothing of an exception in a 500."""

import asyncio
import json
import logging
from uuid import uuid4

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient, AiohttpServer

from domain.alerts import AlreadyAcknowledged
from domain.errors import DomainError, NotFound, TooMany, Unauthenticated, Unavailable
from domain.identifiers import UnitId
from domain.streams import NoCommonCodec
from mobile_api.bodies import read_bytes
from server.http.context import request_context
from server.http.forwarded import TRUSTED_PROXIES
from server.http.problem import problem_details
from server.problems import status_of
from tests.waiting import LIMIT_S

UNIT = UnitId(uuid4())
RAISED: dict[str, Exception] = {
    "other-commune": NotFound("no such camera"),
    "second-unit": AlreadyAcknowledged("another unit was first", unit_id=UNIT),
    "too-many": TooMany("wait", retry_after_s=42),
    "stranger": Unauthenticated("sign in"),
    "bug": ZeroDivisionError("a secret"),
    "moved": web.HTTPPermanentRedirect("/elsewhere"),
}


@pytest.fixture
async def client(aiohttp_client: AiohttpClient) -> TestClient[web.Request, web.Application]:
    async def refuse(request: web.Request) -> web.Response:
        raise RAISED[request.match_info["name"]]

    app = web.Application(middlewares=[request_context, problem_details])
    app[TRUSTED_PROXIES] = ()
    app.router.add_get("/refuse/{name}", refuse)
    return await aiohttp_client(app)


type Client = TestClient[web.Request, web.Application]


async def test_a_domain_error_is_told_with_its_code_its_title_and_its_data(client: Client) -> None:
    answer = await client.get("/refuse/second-unit")

    assert answer.status == 409
    assert answer.content_type == "application/problem+json"
    document = await answer.json(content_type=None)
    assert document["type"] == "/problems/alert-already-acknowledged"
    assert document["unit_id"] == str(UNIT)
    assert document["request_id"] == answer.headers["X-Request-ID"]


async def test_a_bug_is_a_500_that_says_nothing_of_itself(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await client.get("/refuse/bug")

    assert answer.status == 500
    assert "secret" not in await answer.text()
    assert any(record.exc_info for record in caplog.records)


async def test_a_refusal_leaves_a_log_line(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "server.http.problem"):
        await client.get("/refuse/other-commune")

    assert [record.message for record in caplog.records if "refused" in record.message]


async def test_too_many_says_when_to_come_back(client: Client) -> None:
    answer = await client.get("/refuse/too-many")

    assert (answer.status, answer.headers["Retry-After"]) == (429, "42")


async def test_who_is_not_known_is_told_how_to_say_who_he_is(client: Client) -> None:
    answer = await client.get("/refuse/stranger")

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", "/nowhere", 404, "no-such-route"), ("POST", "/refuse/x", 405, "method-not-allowed")],
)
async def test_what_http_refuses_is_a_problem_too(
    client: Client, method: str, path: str, status: int, code: str
) -> None:
    answer = await client.request(method, path)

    assert answer.status == status
    assert json.loads(await answer.text())["type"] == f"/problems/{code}"
    assert status != 405 or "GET" in answer.headers["Allow"]


async def test_a_redirection_is_none_of_its_business(client: Client) -> None:
    answer = await client.get("/refuse/moved", allow_redirects=False)

    assert (answer.status, answer.headers["Location"]) == (308, "/elsewhere")


def test_the_nearest_class_decides_the_status() -> None:
    class Stranger(DomainError):
        """Of no family that has a status of its own."""

    assert status_of(NoCommonCodec("x")) == 406
    assert status_of(Unavailable("x")) == 503
    assert status_of(Stranger("x")) == 422


@pytest.mark.parametrize(
    ("said", "sent", "status"),
    [
        ("Content-Encoding: gzip\r\nContent-Length: 2\r\n", "{}", 400),
        ("Transfer-Encoding: chunked\r\n", "x\r\n{}\r\n", 400),
        ("Content-Length: 2\r\n", "{", 408),
    ],
)
async def test_a_body_that_is_not_as_it_is_said_to_be_is_no_request(
    aiohttp_server: AiohttpServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    said: str,
    sent: str,
    status: int,
) -> None:
    async def read(request: web.Request) -> web.Response:
        return web.Response(body=await read_bytes(request))

    if status == 408:
        monkeypatch.setattr("mobile_api.bodies.BODY_WITHIN_S", 0.01)
    app = web.Application(middlewares=[request_context, problem_details])
    app[TRUSTED_PROXIES] = ()
    app.router.add_post("/", read)
    server = await aiohttp_server(app)
    reader, writer = await asyncio.open_connection(server.host, server.port)
    try:
        writer.write(f"POST / HTTP/1.1\r\nHost: x\r\n{said}\r\n{sent}".encode())
        async with asyncio.timeout(LIMIT_S):
            answered = await reader.readuntil(b"\r\n")
    finally:
        writer.close()

    assert f" {status} " in answered.decode()
    ours = [record for record in caplog.records if record.name.startswith("server.")]
    assert not any(record.exc_info for record in ours)


async def test_who_leaves_in_the_middle_of_a_body_leaves_no_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As served for real: a test server would cancel the handler, `serve` lets it run on."""
    reading, over = asyncio.Event(), asyncio.Event()

    async def read(request: web.Request) -> web.Response:
        reading.set()
        try:
            return web.Response(body=await read_bytes(request))
        finally:
            over.set()

    app = web.Application(middlewares=[request_context, problem_details])
    app[TRUSTED_PROXIES] = ()
    app.router.add_post("/", read)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        _, writer = await asyncio.open_connection(*runner.addresses[0][:2])
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
        with caplog.at_level(logging.INFO, "server.http"):
            async with asyncio.timeout(60.0):
                await reading.wait()
                writer.transport.abort()
                await over.wait()
    finally:
        await runner.cleanup()

    assert [one.message for one in caplog.records if one.levelno > logging.INFO] == []
    assert any("gone while it asked" in one.message for one in caplog.records)
