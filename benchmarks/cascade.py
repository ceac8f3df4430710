"""A stream handed on between two hosts that have only the listed lines open between them.

    python -m benchmarks.cascade [--json] [--quick]     (as root)

Each host is a network namespace. The inner one has a media process and a publisher (H264 1280x720,
25 pictures and 1.5 Mbit/s); the outer one a media process and a viewer. nftables drops all that
arrives, save answers, and save what `docs/guide/network.md` lists for a stream handed on: the inner
host dials the outer one's `media.listen_port` (TCP) and `media.udp_port`. Then the wire loses 2 of
100 datagrams on their way out. `gaps` counts what the viewer never got.

Left out: processor time and delay (each host's peers share its process here), a round trip worth
the name.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
from aiohttp import web

from benchmarks import _links
from benchmarks._clip import STREAM, Clip, film
from benchmarks._command import options, tell
from benchmarks._machine import machine
from benchmarks._media import TOKEN, Media
from benchmarks._peers import Publisher, Receiver, use_address

STREAM_ID = UUID(int=3)
TCP_PORT, UDP_PORT = 7000, 8189
OUTER_URL = f"http://{_links.VIEWER_ADDRESS}:{TCP_PORT}"
READY = "ready"


async def host(stack: AsyncExitStack, address: str) -> Media:
    """A media process's service and inner API at this host's address, and how to call it."""
    from server.edge.calling import Callees
    from server.media import HttpNeighbours, MediaLimits, MediaService, build_app
    from webrtc.ice import IceAddresses
    from webrtc.signalling import SessionLimits

    class Nobody:
        def __getattr__(self, name: str) -> Any:
            async def hear(*values: object) -> None: ...

            return hear

    http = await stack.enter_async_context(
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"})
    )
    addresses = IceAddresses(bind=(address,), port=UDP_PORT)
    service = MediaService(
        listener=Nobody(),
        limits=MediaLimits(sessions=SessionLimits(addresses=addresses)),
        neighbours=HttpNeighbours(Callees(http, internal_token=TOKEN)),
    )
    group = await stack.enter_async_context(asyncio.TaskGroup())
    running = group.create_task(service.run())
    stack.callback(running.cancel)
    runner = web.AppRunner(build_app(service, internal_token=TOKEN), access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, address, TCP_PORT).start()
    use_address(address)
    media = Media(http, f"http://{address}:{TCP_PORT}", 0, Path())
    media.stream = STREAM_ID
    return media


async def inner() -> None:
    """Publish, and hand on to the outer host, until stdin closes."""
    async with AsyncExitStack() as stack:
        media = await host(stack, _links.RELAY_ADDRESS)
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        clip = Path(folder) / "clip.h264"
        await asyncio.to_thread(film, clip, buffer_kbit=240)
        publisher = Publisher(Clip(clip))
        await publisher.connect(media)
        stack.push_async_callback(publisher.close)
        await media.until_live()
        async with media.http.post(
            f"{media.url}/streams/{STREAM_ID}/handed-on", json={"to": OUTER_URL}
        ) as answered:
            sys.stdout.write(f"{READY if answered.status == 204 else await answered.text()}\n")
            sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


async def outer() -> None:
    """Receive, and serve one viewer; each line on stdin is answered with what it saw since."""
    async with AsyncExitStack() as stack:
        media = await host(stack, _links.VIEWER_ADDRESS)
        sys.stdout.write(f"{READY}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        dialled = False
        with suppress(OSError):  # what is wanted: nothing answers
            async with asyncio.timeout(2.0):
                await asyncio.open_connection(_links.RELAY_ADDRESS, TCP_PORT)
                dialled = True
        receiver = Receiver()
        await receiver.connect(media)
        stack.push_async_callback(receiver.close)
        while True:
            pictures, gaps = receiver.pictures, receiver.gaps
            seen = {"pictures": pictures, "gaps": gaps, "outer_could_dial_inner": dialled}
            sys.stdout.write(json.dumps(seen) + "\n")
            sys.stdout.flush()
            if not await asyncio.to_thread(sys.stdin.readline):
                return


def close_lines() -> None:
    """Leave open what the guide lists, and nothing else."""
    allowed = {
        _links.RELAY: (),
        _links.VIEWER: (f"tcp dport {TCP_PORT}", f"udp dport {UDP_PORT}"),
    }
    for name, lines in allowed.items():
        rules = (
            "type filter hook input priority 10; policy drop;",
            "iifname lo accept",
            "ct state established,related accept",
            *(f"{line} accept" for line in lines),
        )
        table = "\n".join(("table inet lines {", "chain arriving {", *rules, "}", "}", ""))
        nft = ["ip", "netns", "exec", name, "nft", "-f", "-"]
        subprocess.run(nft, input=table, text=True, check=True)


async def start(name: str, part: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *("ip", "netns", "exec", name, sys.executable, "-m", "benchmarks.cascade", part),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )


async def say(process: asyncio.subprocess.Process, line: str | None = None) -> str:
    """Say a line, if any; give the next one that comes."""
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the process was started without pipes")
    if line is not None:
        process.stdin.write(line.encode() + b"\n")
        await process.stdin.drain()
    async with asyncio.timeout(60):
        return (await process.stdout.readline()).decode().strip()


async def measure(window_s: float) -> dict[str, Any]:
    close_lines()
    far = await start(_links.VIEWER, "--outer")
    if await say(far) != READY:
        raise RuntimeError("the outer host did not start")
    near = await start(_links.RELAY, "--inner")
    try:
        if (said := await say(near)) != READY:
            raise RuntimeError(f"the stream was not handed on: {said}")
        found: dict[str, Any] = {}
        before = json.loads(await say(far, "watch"))
        for name, percent in (("clean", 0), ("loss_2", 2)):
            if percent:
                _links.lose(percent)
                close_lines()  # `lose` begins with an empty rule set
            await asyncio.sleep(window_s)
            after = json.loads(await say(far, "tell"))
            found[f"{name}_pictures_per_s"] = round(
                (after["pictures"] - before["pictures"]) / window_s, 1
            )
            found[f"{name}_gaps"] = after["gaps"] - before["gaps"]
            before = after
        found["outer_could_dial_inner"] = before["outer_could_dial_inner"]
        return {"benchmark": "cascade", "machine": machine(), "stream": STREAM} | found
    finally:
        for process in (near, far):
            if process.stdin is not None:
                process.stdin.close()
            try:
                async with asyncio.timeout(10):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("--inner", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--outer", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inner or given.outer:
        asyncio.run(inner() if given.inner else outer())
        return 0
    if (lacking := _links.missing()) is not None:
        sys.stderr.write(f"{lacking}\n")
        return 2
    with _links.namespaces():
        result = asyncio.run(measure(6.0 if given.quick else 20.0))
    tell(result, as_json=given.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
