"""Janus, as Debian packages it, on the same work: its streaming plugin shows the same film.

    found = await measure(path_of_the_clip, counts=[40], seconds=3.0)

It is given plain RTP (its plugin takes nothing else), which is cheaper to take in than a
publisher's SRTP; viewers negotiate by its HTTP API and are the relay's own otherwise. It answers on
no loopback address, so it runs in a network namespace with an address of its own; packets between
local addresses take the loopback's way all the same.
"""

import asyncio
import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.codecs.h264 import H264Encoder
from aiortc.rtp import RtpPacket

from benchmarks import _machine
from benchmarks._clip import Clip
from benchmarks._load import watch
from benchmarks._media import PEERS_CORE, RELAY_CORE, Media
from benchmarks._peers import use_address

_PLUGINS = "/usr/lib/x86_64-linux-gnu/janus"
_PAYLOAD_TYPE = 96
_ADDRESS = "10.77.0.1"
_START_WITHIN_S = 10.0


def why_not() -> str | None:
    """Why Janus can't be measured here; None: it can."""
    if shutil.which("janus") is None:
        return "janus is not installed (apt-get install janus)"
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return "janus needs a network namespace, which only root can make"
    return None


async def measure(clip: Path, *, counts: list[int], seconds: float) -> dict[int, float]:
    """Milliseconds of CPU per viewer and second, by number of viewers."""
    process = await asyncio.create_subprocess_exec(
        "unshare", "--net", sys.executable, "-m", "benchmarks._janus",
        str(clip), ",".join(map(str, counts)), str(seconds),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"janus could not be measured: status {process.returncode}")
    return {int(count): value for count, value in json.loads(out.splitlines()[-1]).items()}


class Janus(Media):
    """What the peers ask of a media process, asked of Janus."""

    _session = ""

    async def open(self) -> None:
        """Wait until it answers, and make the one session that holds every viewer."""
        async with asyncio.timeout(_START_WITHIN_S):
            while True:
                try:
                    created = await self._ask("", {"janus": "create"})
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.1)
                else:
                    break
        self._session = f"/{created['data']['id']}"
        self._events: dict[int, asyncio.Queue[Any]] = {}

    async def listen(self) -> None:
        """Hand each event to the viewer it is for, until cancelled."""
        while True:
            async with self.http.get(f"{self.url}/janus{self._session}?maxev=10") as response:
                events = await response.json()
            for event in events:
                if "sender" in event:
                    self._events[event["sender"]].put_nowait(event)

    async def connect(self, pc: RTCPeerConnection, what: str, **where: Any) -> str:
        attached = await self._ask(
            self._session, {"janus": "attach", "plugin": "janus.plugin.streaming"}
        )
        handle = int(attached["data"]["id"])
        self._events[handle] = asyncio.Queue(16)
        place = f"{self._session}/{handle}"
        await self._ask(place, {"janus": "message", "body": {"request": "watch", "id": 1}})
        offer = await self._event(handle, "jsep")
        await pc.setRemoteDescription(RTCSessionDescription(offer["jsep"]["sdp"], "offer"))
        await pc.setLocalDescription(await pc.createAnswer())
        jsep = {"type": "answer", "sdp": pc.localDescription.sdp}
        await self._ask(place, {"janus": "message", "body": {"request": "start"}, "jsep": jsep})
        return place

    async def _event(self, handle: int, holding: str) -> dict[str, Any]:
        async with asyncio.timeout(_START_WITHIN_S):
            while True:
                event: dict[str, Any] = await self._events[handle].get()
                if holding in event:
                    return event

    async def _ask(self, place: str, request: dict[str, Any]) -> dict[str, Any]:
        async with self.http.post(
            f"{self.url}/janus{place}",
            json=request | {"transaction": "benchmark"},
        ) as response:
            answer: dict[str, Any] = await response.json(content_type=None)
        if answer["janus"] == "error":
            raise RuntimeError(f"janus: {answer}")
        return answer


async def show(clip: Clip, port: int) -> None:
    """The film as plain RTP to a mountpoint, until cancelled; cut as aiortc's publisher cuts it."""
    encoder = H264Encoder()
    numbers = itertools.count()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        while True:
            payloads, timestamp = encoder.pack(await clip.recv())
            for payload in payloads:
                packet = RtpPacket(
                    payload_type=_PAYLOAD_TYPE,
                    sequence_number=next(numbers) & 0xFFFF,
                    timestamp=timestamp & 0xFFFFFFFF,
                    ssrc=1,
                    marker=int(payload is payloads[-1]),
                )
                packet.payload = payload
                sock.sendto(packet.serialize(), ("127.0.0.1", port))


def _free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _configure(folder: Path, *, http_port: int, rtp_port: int) -> None:
    (folder / "janus.jcfg").write_text(
        f'general: {{ configs_folder = "{folder}"; plugins_folder = "{_PLUGINS}/plugins";'
        f' transports_folder = "{_PLUGINS}/transports"; events_folder = "{folder}";'
        f' loggers_folder = "{folder}"; debug_level = 2 }}\n'
        f'nat: {{ ice_enforce_list = "{_ADDRESS}"; ignore_mdns = true }}\n'
    )
    (folder / "janus.transport.http.jcfg").write_text(
        f'general: {{ http = true; port = {http_port}; interface = "lo"; https = false;'
        ' base_path = "/janus"; json = "compact" }\nadmin: { admin_http = false }\n'
    )
    (folder / "janus.plugin.streaming.jcfg").write_text(
        'film: { type = "rtp"; id = 1; media = ({ type = "video"; mid = "v"; label = "film";'
        f" port = {rtp_port}; pt = {_PAYLOAD_TYPE};"
        ' codec = "h264"; fmtp = "profile-level-id=42e01f;packetization-mode=1" }) }\n'
    )


@asynccontextmanager
async def janus_process(clip: Clip) -> AsyncIterator[Janus]:
    """Janus on the relay's core, showing the film."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        http_port, rtp_port = _free_port(socket.SOCK_STREAM), _free_port(socket.SOCK_DGRAM)
        _configure(folder, http_port=http_port, rtp_port=rtp_port)
        log = folder / "janus.log"
        process = await asyncio.create_subprocess_exec(
            "janus", "--configs-folder", name, "--log-file", str(log), "--disable-stdout",
            stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        feeding = listening = None
        try:
            async with aiohttp.ClientSession() as http:
                janus = Janus(http, f"http://127.0.0.1:{http_port}", process.pid, log)
                await janus.open()
                _machine.pin(process.pid, RELAY_CORE)
                feeding = asyncio.ensure_future(show(clip, rtp_port))
                listening = asyncio.ensure_future(janus.listen())
                yield janus
        finally:
            for task in (feeding, listening):
                if task is not None:
                    task.cancel()
            process.terminate()
            await process.wait()


def _own_network() -> None:
    """An address for Janus in this process's namespace, and a loopback."""
    for line in (
        "link set lo up",
        "link add film type veth peer name end",
        f"addr add {_ADDRESS}/24 dev film",
        "link set film up",
        "link set end up",
    ):
        subprocess.run(["ip", *line.split()], check=True)  # noqa: S607 as root finds it


async def _measure(clip: Path, counts: list[int], seconds: float) -> dict[int, float]:
    async with janus_process(Clip(clip)) as janus:
        windows, _ = await watch(janus, None, counts, seconds)
    # What it may have left out on a busy machine was less work for it: no ratio gets better by it.
    return {window.viewers: window.ms_per_viewer_second for window in windows}


if __name__ == "__main__":
    _own_network()
    use_address(_ADDRESS)
    _machine.pin(os.getpid(), PEERS_CORE)
    given = [int(count) for count in sys.argv[2].split(",")]
    result = asyncio.run(_measure(Path(sys.argv[1]), given, float(sys.argv[3])))
    sys.stdout.write(json.dumps(result) + "\n")
