"""A media process of its own, as `ilotier serve` runs one, and the signalling with it.

    async with media_process() as media:
        await media.connect(pc, "whep")

Run as a module it is that process: the real service behind its real app. Two pages are added: what
only the process itself can count (`/counts`), and a file to be shown as a camera (`/cameras`).
"""

import asyncio
import ctypes
import gc
import logging
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
from aiohttp import web
from aiortc import RTCPeerConnection, RTCSessionDescription

from benchmarks import _machine

TOKEN = "benchmark"  # noqa: S105 both ends are the benchmark, on the loopback
RELAY_CORE, PEERS_CORE = 0, 1


async def serve(addresses_to_bind: tuple[str, ...] = ("127.0.0.1",)) -> None:
    """Run the service; print the port; end when stdin closes."""
    from domain.identifiers import CameraId, StreamId
    from server.media import CameraSource, MediaLimits, MediaService, build_app
    from webrtc.ice import IceAddresses
    from webrtc.signalling import SessionLimits

    class Nobody:
        def __getattr__(self, name: str) -> Any:
            async def hear(*values: object) -> None: ...

            return hear

    addresses = IceAddresses(bind=addresses_to_bind)
    service = MediaService(
        listener=Nobody(),
        limits=MediaLimits(sessions=SessionLimits(addresses=addresses), keep_away_s=5.0),
    )
    app = build_app(service, internal_token=TOKEN)
    app.router.add_get("/counts", _counts)
    sources: list[CameraSource] = []

    async def add_camera(request: web.Request) -> web.Response:
        asked = await request.json()
        stream = StreamId(UUID(asked["stream"]))
        sources.append(CameraSource(stream, CameraId(uuid4()), asked["url"]))
        service.set_sources(sources)
        return web.Response(status=204)

    app.router.add_post("/cameras", add_camera)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(service.run())
        await serve_app(app)
        running.cancel()


async def serve_app(app: web.Application) -> None:
    """Serve on a free port, printed to stdout, until stdin closes."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


async def _counts(request: web.Request) -> web.Response:
    gc.collect()  # what is left counts, not what waits to be collected
    if "trim" in request.query:
        ctypes.CDLL(None).malloc_trim(0)
    return web.json_response({"tasks": len(asyncio.all_tasks()), "objects": len(gc.get_objects())})


class Media:
    """Signalling with the media process, as control does it."""

    def __init__(self, http: aiohttp.ClientSession, url: str, pid: int, log: Path) -> None:
        self.http, self.url, self.pid = http, url, pid
        self._log = log
        self.stream = uuid4()

    async def connect(self, pc: RTCPeerConnection, what: str, *, stream: UUID | None = None) -> str:
        """Negotiate ``pc`` as "whip" or "whep"; where its session is."""
        await pc.setLocalDescription(await pc.createOffer())
        status, text, place = await self.offer(
            pc.localDescription.sdp.encode(), what, stream=stream or self.stream
        )
        if status != 201:
            raise RuntimeError(text)
        await pc.setRemoteDescription(RTCSessionDescription(text, "answer"))
        return place

    async def offer(self, sdp: bytes, what: str, *, stream: UUID) -> tuple[int, str, str]:
        """Status, body and Location of the answer."""
        async with self.http.post(
            f"{self.url}/streams/{stream}/{what}",
            params={"session": str(uuid4())},
            data=sdp,
            headers={"Content-Type": "application/sdp"},
        ) as response:
            place = self.url + response.headers.get("Location", "")
            return response.status, await response.text(), place

    async def add_camera(self, film: Path) -> UUID:
        """The stream of a camera that shows ``film`` over and over; live when this returns."""
        stream = uuid4()
        asked = {"stream": str(stream), "url": film.as_uri()}
        async with self.http.post(f"{self.url}/cameras", json=asked) as response:
            response.raise_for_status()
        await self.until_live(stream)
        return stream

    async def is_live(self, stream: UUID | None = None) -> bool:
        wanted = str(stream or self.stream)
        streams = await self.streams()
        return any(each["state"] == "live" and each["id"] == wanted for each in streams)

    async def streams(self) -> list[dict[str, Any]]:
        async with self.http.get(f"{self.url}/streams") as response:
            found: list[dict[str, Any]] = await response.json()
        return found

    async def until_live(self, stream: UUID | None = None) -> None:
        async with asyncio.timeout(20):
            while not await self.is_live(stream):  # noqa: ASYNC110 another process
                await asyncio.sleep(0.1)

    async def metric(self, name: str) -> float:
        async with self.http.get(f"{self.url}/metrics") as response:
            lines = (await response.text()).splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith(name))

    async def counts(self, *, trim: bool = False) -> dict[str, int]:
        """``tasks`` and ``objects`` of the process; ``trim``: let it give back what it frees."""
        async with self.http.get(f"{self.url}/counts{'?trim' if trim else ''}") as response:
            return dict(await response.json())

    def complaints(self) -> list[str]:
        """What the process has logged: warnings and worse."""
        return _text(str(self._log)).splitlines()

    async def share_of_core(self, seconds: float) -> float:
        """What the process takes of a core, all its threads, during the next ``seconds``."""
        loop = asyncio.get_running_loop()
        start, cpu = loop.time(), _machine.cpu_s(self.pid)
        await asyncio.sleep(seconds)
        return (_machine.cpu_s(self.pid) - cpu) / (loop.time() - start)


def _text(path: str) -> str:
    return Path(path).read_text()


@asynccontextmanager
async def media_process(module: str = "benchmarks._media", *arguments: str) -> AsyncIterator[Media]:
    """Start ``module`` on one core, keep this process to another, and end it."""
    with tempfile.NamedTemporaryFile("w") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
        assert process.stdin is not None  # noqa: S101 asked for above
        assert process.stdout is not None  # noqa: S101 asked for above
        try:
            port = (await process.stdout.readline()).strip()
            if not port:
                raise RuntimeError(f"{module} did not start: {_text(log.name)}")
            _machine.pin(process.pid, RELAY_CORE)
            headers = {"Authorization": f"Bearer {TOKEN}"}
            timeout = aiohttp.ClientTimeout(total=60)
            async with aiohttp.ClientSession(headers=headers, timeout=timeout) as http:
                url = f"http://127.0.0.1:{int(port)}"
                yield Media(http, url, process.pid, Path(log.name))
        finally:
            process.stdin.close()
            await process.wait()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(serve())
