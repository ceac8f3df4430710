"""The two hosts on either side of an edge, each a process of `benchmarks.edge`.

Each is told by lines on its standard input what to do, and answers with one.
"""

import asyncio
import json
import sys
import time
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
from aiohttp import web
from aiortc import RTCPeerConnection, RTCSessionDescription

from benchmarks._clip import Clip
from benchmarks._peers import Publisher, Receiver, close_all, use_address
from domain.errors import NotFound
from domain.identifiers import StreamId
from server.edge.calling import Callees, EdgeConnector
from server.edge.dialling import Dialler, EdgeAddress
from server.edge.keeping import EdgeConnections, EdgeLines
from server.http.through_edge import EDGE_CONNECTIONS, on_its_line
from server.media import HttpNeighbours, MediaLimits, MediaService
from webrtc.ice import IceAddresses
from webrtc.signalling import SessionLimits

PHONE, EDGE, INNER = (f"ilotier-bench-{name}" for name in ("phone", "edge", "inner"))
PHONE_AT, EDGE_OUTSIDE, EDGE_INSIDE, INNER_AT = "10.78.1.2", "10.78.1.1", "10.78.2.1", "10.78.2.2"
HTTPS_PORT, LINES_PORT, UDP_PORT = 443, 8445, 8189
EDGE_URL = f"https://{EDGE_INSIDE}:{LINES_PORT}"
KEY = bytes(range(32))
FROM_INSIDE, ASKED = StreamId(UUID(int=7)), "/api/v1/mobile/me"
MEDIA_TYPE = {"Content-Type": "application/sdp"}


# Inside


async def inner(clip: Path) -> None:
    """Media service, lines, one publisher, a viewer for each stream; each line is a command."""
    use_address(INNER_AT)
    address = EdgeAddress(EDGE_URL)
    dialler = Dialler(address, key=KEY)
    async with AsyncExitStack() as stack:
        group = await stack.enter_async_context(asyncio.TaskGroup())
        direct = await stack.enter_async_context(aiohttp.ClientSession())
        calls = await stack.enter_async_context(
            aiohttp.ClientSession(connector=EdgeConnector([dialler]))
        )
        callees = Callees(direct, internal_token="", edge_session=calls, edges=[address])
        service = MediaService(
            listener=Nobody(),
            limits=MediaLimits(sessions=SessionLimits(addresses=IceAddresses(bind=(INNER_AT,)))),
            neighbours=HttpNeighbours(callees),
        )
        running = group.create_task(service.run())
        connections = EdgeConnections()
        app = web.Application(middlewares=[on_its_line])
        app[EDGE_CONNECTIONS] = connections
        app.add_routes(deciding(service, callees))
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        server: Any = runner.server
        signalling: Any = InProcess(service)

        def dial() -> asyncio.Task[None]:
            return group.create_task(
                EdgeLines(dialler, serve=server, connections=connections).run()
            )

        publisher, receivers = Publisher(Clip(clip)), {"direct": Receiver()}
        await publisher.connect(signalling, stream=FROM_INSIDE)
        await until(lambda: service.relay.get(FROM_INSIDE).is_live)
        await receivers["direct"].connect(signalling, stream=FROM_INSIDE)
        lines = dial()
        answer("ready")
        while line := await asyncio.to_thread(sys.stdin.readline):
            command, _, which = line.strip().partition(" ")
            if command == "watch":
                receivers["inwards"] = await watched(service, signalling, StreamId(UUID(which)))
                answer("watching")
            elif command == "hang-up":
                lines.cancel()
                await asyncio.wait({lines})
                answer("hung up")
            elif command == "dial":
                lines = dial()
                answer("dialling")
            else:
                answer(json.dumps(counted(receivers, publisher, reset=command == "begin")))
        await close_all([*receivers.values(), publisher])
        for task in (lines, running):
            task.cancel()
        await asyncio.wait({lines, running})


async def watched(service: MediaService, signalling: Any, stream: StreamId) -> Receiver:
    await until(lambda: service.relay.get(stream).is_live)
    receiver = Receiver()
    await receiver.connect(signalling, stream=stream)
    return receiver


def deciding(service: MediaService, callees: Callees) -> list[web.RouteDef]:
    """What control answers phones, without its questions of right."""

    async def negotiate(stream: UUID, kind: str, offer: bytes) -> web.Response:
        path = f"/streams/{stream}/{kind}?session={uuid4()}"
        async with callees.request(
            "POST", EDGE_URL, path, data=offer, headers=MEDIA_TYPE
        ) as answered:
            body = await answered.read()
            headers = MEDIA_TYPE | {"X-Stream": str(stream)}
            return web.Response(status=answered.status, body=body, headers=headers)

    async def whip(request: web.Request) -> web.Response:
        stream = StreamId(uuid4())
        response = await negotiate(stream, "whip", await request.read())
        service.fetches.fetch(stream, EDGE_URL)
        return response

    async def whep(request: web.Request) -> web.Response:
        stream = StreamId(UUID(request.match_info["stream"]))
        offer = await request.read()
        await service.cascade.hand_on(stream, EDGE_URL)
        return await negotiate(stream, "whep", offer)

    async def me(_: web.Request) -> web.Response:
        return web.json_response({})

    return [
        web.post("/api/v1/whip", whip),
        web.post("/api/v1/streams/{stream}/whep", whep),
        web.get(ASKED, me),
    ]


class Nobody:
    def __getattr__(self, name: str) -> Any:
        async def hear(*values: object) -> None: ...

        return hear


class InProcess:
    """`_media.Media.connect` with the service itself."""

    def __init__(self, service: Any) -> None:
        self._service = service

    async def connect(self, pc: RTCPeerConnection, what: str, *, stream: UUID) -> str:
        await pc.setLocalDescription(await pc.createOffer())
        ask = self._service.publish if what == "whip" else self._service.watch
        session = await ask(stream, uuid4(), pc.localDescription.sdp.encode())
        await pc.setRemoteDescription(RTCSessionDescription(session.answer.result(), "answer"))
        return ""


# The phone


class ThroughEdge:
    """`_media.Media.connect` as a phone does it."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self.stream = ""

    async def connect(self, pc: RTCPeerConnection, what: str, **_: Any) -> str:
        await pc.setLocalDescription(await pc.createOffer())
        path = "/api/v1/whip" if what == "whip" else f"/api/v1/streams/{FROM_INSIDE}/whep"
        async with self._http.post(
            f"https://{EDGE_OUTSIDE}{path}", data=pc.localDescription.sdp, headers=MEDIA_TYPE
        ) as answered:
            said = await answered.text()
            if answered.status != 201:
                raise RuntimeError(said)
            self.stream = answered.headers["X-Stream"]
        await pc.setRemoteDescription(RTCSessionDescription(said, "answer"))
        return ""

    async def asks(self) -> tuple[int, str]:
        """Status and problem, of a request that any phone makes."""
        with suppress(aiohttp.ClientError):
            async with self._http.get(f"https://{EDGE_OUTSIDE}{ASKED}") as answered:
                problem = await answered.json(content_type=None)
                return answered.status, problem.get("type", "")
        return 0, ""


async def phone(clip: Path) -> None:
    use_address(PHONE_AT)
    connector = aiohttp.TCPConnector(ssl=False)
    async with aiohttp.ClientSession(connector=connector) as http:
        media: Any = ThroughEdge(http)
        publisher, receivers = Publisher(Clip(clip)), {"outwards": Receiver()}
        while (await media.asks())[0] != 200:  # noqa: ASYNC110 another host
            await asyncio.sleep(0.2)
        answer("ready")
        while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
            if line == "watch":
                await receivers["outwards"].connect(media)
                answer("watching")
            elif line == "publish":
                publisher = Publisher(Clip(clip))  # its pictures are due from now on
                await publisher.connect(media)
                answer(media.stream)
            elif line == "ask":
                answer(json.dumps(await media.asks()))
            elif line == "reach inside":
                answer(json.dumps([await reaches(INNER_AT, port) for port in (22, 443, 8445)]))
            else:
                answer(json.dumps(counted(receivers, publisher, reset=line == "begin")))
        await close_all([*receivers.values(), publisher])


async def reaches(host: str, port: int) -> bool:
    """Whether anything at all comes back, a refusal too."""
    try:
        async with asyncio.timeout(0.7):
            await asyncio.open_connection(host, port)
    except ConnectionRefusedError:
        return True
    except (OSError, TimeoutError):
        return False
    return True


def counted(receivers: dict[str, Receiver], publisher: Publisher, *, reset: bool) -> dict[str, Any]:
    seen: dict[str, Any] = {"sent": publisher.sent_ns, "time": time.monotonic()}
    for name, receiver in receivers.items():
        seen[name] = {
            "pictures": receiver.pictures,
            "gaps": receiver.gaps,
            "arrived": receiver.arrived_ns,
        }
        if reset:
            receiver.restart()
            receiver.arrived_ns, receiver.times_pictures = {}, True
    return seen


async def until(condition: Any) -> None:
    async with asyncio.timeout(30):
        while True:
            with suppress(NotFound):
                if condition():
                    return
            await asyncio.sleep(0.05)


def answer(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
