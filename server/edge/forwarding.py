"""What phones reach: each request is checked, and asked inside over a line that was dialled to us.

A request's body is read before a line is taken, and an answer is read to its end before a phone
takes it: how slow a phone is costs nobody a line. What is too large for that is passed on as it
comes, and not more slowly than ``shares.Pace`` allows.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import ExitStack, contextmanager

from aiohttp import (
    ClientError,
    ClientHandlerType,
    ClientRequest,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ClientWebSocketResponse,
    ClientWSTimeout,
    DummyCookieJar,
    WSMsgType,
    hdrs,
    web,
)
from multidict import CIMultiDict
from prometheus_client import Counter
from yarl import URL

from domain.addresses import plain
from server.edge import answers
from server.edge.answers import Refusal, refusal
from server.edge.calling import read_all
from server.edge.paths import passes
from server.edge.pool import InnerLines, NobodyInside
from server.edge.shares import TAKEN_WITHIN_S, Pace, Room, Turns

logger = logging.getLogger(__name__)

INNER_LINES = web.AppKey("INNER_LINES", InnerLines)
INSIDE = web.AppKey("INSIDE", ClientSession)
PATHS = web.AppKey[tuple[str, ...]]("PATHS")
TURNS = web.AppKey("TURNS", Turns)
ROOM = web.AppKey("ROOM", Room)

BODY_LIMIT = 64 * 1024  # bytes: what the API takes at most
BODY_WITHIN_S = 15.0
HEAD_WITHIN_S = 20.0
"""An answer's head: the API's own limits are shorter, so that it can say what was the matter."""
SILENT_S = 30.0
KEPT_AT_MOST = 8 * 1024 * 1024  # bytes: a larger answer has its line until it was taken
PART, ON_THE_WAY = 64 * 1024, 32 * 1024  # bytes: of an answer, and beside the kernel's buffer
HEARTBEAT_S, CLOSING_S = 10.0, 2.0
REASON_LIMIT = 16 * 1024  # bytes: of a live socket that is refused
MESSAGE_LIMIT, MESSAGE_FROM_INSIDE = 64 * 1024, 16 * 1024 * 1024
FORWARDED = Counter(
    "ilotier_edge_requests_total", "phones' requests, by what became of them", ["outcome"]
)

#: Of this hop alone (RFC 9110 section 7.6.1), or said by us below and by nobody else.
_OURS = {
    *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"),
    *("te", "trailer", "transfer-encoding", "upgrade", "host", "content-length", "expect"),
    *("forwarded", "x-real-ip", "via"),
}
_HANDSHAKE = "sec-websocket-"


def build_app(lines: InnerLines, *, paths: tuple[str, ...]) -> web.Application:
    """The app for the HTTPS listener; it has no state but what is on its way."""
    app = web.Application(client_max_size=BODY_LIMIT)
    app[INNER_LINES], app[PATHS], app[TURNS], app[ROOM] = lines, paths, Turns(), Room()
    app.cleanup_ctx.append(_session)
    app.router.add_get("/healthz", healthz, allow_head=False)
    app.router.add_route("*", "/{path:.*}", forward)
    return app


async def _session(app: web.Application) -> AsyncIterator[None]:
    async with ClientSession(
        connector=app[INNER_LINES],
        connector_owner=False,
        auto_decompress=False,
        cookie_jar=DummyCookieJar(),
        skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
        timeout=ClientTimeout(total=None, sock_read=SILENT_S),
        middlewares=(_with_its_reason,),
    ) as session:
        app[INSIDE] = session
        yield


class _SocketRefused(Exception):
    """Inside does not open a live socket: its answer, which ``ws_connect`` would throw away."""

    def __init__(self, answer: web.Response) -> None:
        super().__init__(answer.status)
        self.answer = answer


async def _with_its_reason(asked: ClientRequest, ask: ClientHandlerType) -> ClientResponse:
    inside = await ask(asked)
    if hdrs.SEC_WEBSOCKET_KEY in asked.headers and inside.status != 101:
        body = await read_all(inside, most=REASON_LIMIT)
        headers = _headers_back(inside)
        inside.release()  # its line is closed if there is more to hear than anybody wants to
        raise _SocketRefused(web.Response(status=inside.status, headers=headers, body=body))
    return inside


async def healthz(request: web.Request) -> web.Response:
    """For who watches this host: whether somebody inside is connected."""
    up = request.app[INNER_LINES].is_up
    return web.json_response({"ok": up}, status=200 if up else 503)


class _Refused(Exception):
    def __init__(self, said: Refusal) -> None:
        super().__init__(said.code)
        self.said = said


async def forward(request: web.Request) -> web.StreamResponse:
    """Pass a phone's request inwards, and the answer back."""
    try:
        body = await _checked(request)
        with _explained():
            if request.headers.get(hdrs.UPGRADE, "").lower() == "websocket":
                return await _bridge(request)
            return await _pass_on(request, body)
    except _Refused as refused:
        FORWARDED.labels(refused.said.code).inc()
        return refusal(request, refused.said)


async def _checked(request: web.Request) -> bytes:
    """The body of a request that may pass."""
    if not passes(request.method, request.path, request.app[PATHS]):
        raise _Refused(answers.NOT_FROM_OUTSIDE)
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise _Refused(answers.BODY_TOO_LARGE) from None
    except TimeoutError:
        raise _Refused(answers.BODY_TOO_SLOW) from None


@contextmanager
def _explained() -> Iterator[None]:
    """What goes wrong before an answer has begun, in words for the phone."""
    try:
        yield
    except NobodyInside as nobody:
        raise _Refused(answers.INSIDE_BUSY if nobody.busy else answers.INSIDE_AWAY) from None
    except TimeoutError:
        raise _Refused(answers.INSIDE_TOO_SLOW) from None
    except (ClientError, OSError) as error:
        logger.warning("the inside broke off (%s)", type(error).__name__)
        raise _Refused(answers.INSIDE_BROKE_OFF) from None


async def _pass_on(request: web.Request, body: bytes) -> web.StreamResponse:
    client = client_of(request)
    with ExitStack() as kept:
        async with request.app[TURNS].turn(client):
            async with asyncio.timeout(HEAD_WITHIN_S):
                inside = await request.app[INSIDE].request(
                    request.method,
                    _inside(request),
                    headers=_headers(request),
                    data=body or None,
                    allow_redirects=False,
                )
            async with inside:
                response = _begun(inside)
                size = _size(request, inside)
                if size is None or size > KEPT_AT_MOST:
                    return await _taken(request, response, inside.content.iter_any())
                kept.enter_context(
                    request.app[ROOM].keep(client, size, give_up=lambda: _hang_up(request))
                )
                whole = await inside.read()
        return await _taken(request, response, _parts(whole))


def _begun(inside: ClientResponse) -> web.StreamResponse:
    response = web.StreamResponse(status=inside.status, reason=inside.reason)
    response.headers.extend(_headers_back(inside))
    if inside.content_length is not None:
        response.content_length = inside.content_length
    return response


def _size(request: web.Request, inside: ClientResponse) -> int | None:
    """How many bytes follow, if that is said."""
    if request.method == hdrs.METH_HEAD or inside.status in (204, 304):
        return 0
    return inside.content_length


async def _parts(whole: bytes) -> AsyncIterator[bytes]:
    for first in range(0, len(whole), PART):
        yield whole[first : first + PART]


async def _taken(
    request: web.Request, response: web.StreamResponse, parts: AsyncIterator[bytes]
) -> web.StreamResponse:
    """Return when the phone has taken all of it, or was let go."""
    loop, pace = asyncio.get_running_loop(), Pace()
    if request.transport is not None:
        request.transport.set_write_buffer_limits(high=ON_THE_WAY)
    try:
        await response.prepare(request)
        async for part in parts:
            began_s = loop.time()
            async with asyncio.timeout(pace.left_s):
                await response.write(part)
            pace.took(len(part), seconds=loop.time() - began_s)
        async with asyncio.timeout(pace.left_s):
            await response.write_eof()
    except (ClientError, OSError, TimeoutError) as error:
        # The answer has begun: all that is left is to break off too; its line closes itself.
        logger.info("an answer was broken off (%s)", type(error).__name__)
        FORWARDED.labels("broken-off").inc()
        _hang_up(request)
        return response
    FORWARDED.labels("passed").inc()
    return response


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def _inside(request: web.Request) -> URL:
    return URL("http://inside" + request.rel_url.raw_path_qs, encoded=True)


def _headers(request: web.Request) -> CIMultiDict[str]:
    named = {name.strip().lower() for name in request.headers.get(hdrs.CONNECTION, "").split(",")}
    headers = CIMultiDict[str]()
    for name, value in request.headers.items():
        lower = name.lower()
        if not (lower in _OURS or lower in named or lower.startswith(("x-forwarded-", _HANDSHAKE))):
            headers.add(name, value)
    headers["X-Forwarded-For"] = client_of(request)
    headers["X-Forwarded-Proto"] = "https"
    headers["X-Forwarded-Host"] = request.headers.get(hdrs.HOST, "")
    return headers


def client_of(request: web.Request) -> str:
    """Who asks; this host has no proxy in front of it."""
    return plain(request.remote or "")


def _headers_back(inside: ClientResponse) -> CIMultiDict[str]:
    headers = CIMultiDict[str]()
    for name, value in inside.headers.items():
        if name.lower() not in _OURS and name.lower() != "date":
            headers.add(name, value)
    return headers


async def _bridge(request: web.Request) -> web.StreamResponse:
    """A live socket: message by message, each side with its own heartbeat."""
    offered = request.headers.get(hdrs.SEC_WEBSOCKET_PROTOCOL, "")
    try:
        # The turn is over once it is open: then a device has shown its right, and control counts.
        async with request.app[TURNS].turn(client_of(request)), asyncio.timeout(HEAD_WITHIN_S):
            inside = await request.app[INSIDE].ws_connect(
                _inside(request),
                headers=_headers(request),
                protocols=[name.strip() for name in offered.split(",") if name.strip()],
                max_msg_size=MESSAGE_FROM_INSIDE,
                timeout=ClientWSTimeout(ws_close=CLOSING_S),
                compress=0,
            )
    except _SocketRefused as refused:
        FORWARDED.labels("passed").inc()
        return refused.answer
    outside = web.WebSocketResponse(
        heartbeat=HEARTBEAT_S,
        timeout=CLOSING_S,
        max_msg_size=MESSAGE_LIMIT,
        protocols=(inside.protocol,) if inside.protocol else (),
    )
    try:
        await outside.prepare(request)
        FORWARDED.labels("passed").inc()
        await _both_ways(outside, inside)
    finally:
        await inside.close()
    return outside


async def _both_ways(outside: web.WebSocketResponse, inside: ClientWebSocketResponse) -> None:
    """Until either side ends: the other is closed with the same code."""

    async def carry(
        source: web.WebSocketResponse | ClientWebSocketResponse,
        sink: web.WebSocketResponse | ClientWebSocketResponse,
    ) -> None:
        async for message in source:
            async with asyncio.timeout(TAKEN_WITHIN_S):
                if message.type is WSMsgType.TEXT:
                    await sink.send_str(message.data)
                elif message.type is WSMsgType.BINARY:
                    await sink.send_bytes(message.data)

    async with asyncio.TaskGroup() as group:
        ways = {
            group.create_task(_quietly(carry(outside, inside)), name="live socket, inwards"),
            group.create_task(_quietly(carry(inside, outside)), name="live socket, outwards"),
        }
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
    code = inside.close_code or outside.close_code or 1001
    # 1005 and 1006 say that there was no close frame; they may not be sent (RFC 6455, 7.4.1).
    await outside.close(code=1001 if code in (1005, 1006) else code)


async def _quietly(carrying: Coroutine[None, None, None]) -> None:
    try:
        await carrying
    except (ClientError, OSError, TimeoutError) as error:
        logger.info("a live socket was broken off (%s)", type(error).__name__)
