"""An edge between phones and the inside, with only the lines of the guide open between them.

    python -m benchmarks.edge [--json] [--quick]     (as root)

Three network namespaces: a phone, the edge (`ilotier serve --role edge`, the real process), and the
inside. nftables at the edge drops all that arrives save the listed lines, and all that it begins;
inside all that arrives save answers. The phone publishes through the edge and is watched inside;
a stream from inside is watched by the phone. Both are H264 1280x720, 25 pictures and 1.5 Mbit/s.
Base of the latencies: the stream from inside, watched inside, in the same seconds.

Inside are the real lines, media service and inner API; control and its database are not: what it
would decide is a handler here (`tests/integration/server/test_edge.py` has all of it). The phone
takes the edge's certificate unseen. What the inside takes of a core is not told: its peers share
its process.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks import _links, _machine
from benchmarks._clip import STREAM, film
from benchmarks._command import options, tell
from benchmarks._edge_hosts import (
    EDGE,
    EDGE_INSIDE,
    EDGE_OUTSIDE,
    HTTPS_PORT,
    INNER,
    INNER_AT,
    KEY,
    LINES_PORT,
    PHONE,
    PHONE_AT,
    UDP_PORT,
    answer,
    inner,
    phone,
    reaches,
)
from benchmarks._machine import machine
from benchmarks._peers import latencies_ms


@contextmanager
def namespaces() -> Iterator[None]:
    """Phone, edge and inside with two wires, and the lines of the guide; gone at the end."""
    wires = (
        (PHONE, PHONE_AT, EDGE_OUTSIDE, "outside"),
        (INNER, INNER_AT, EDGE_INSIDE, "inside"),
    )
    try:
        for name in (PHONE, EDGE, INNER):
            run(f"ip netns add {name}")
            run(f"ip -n {name} link set lo up")
        for name, at, edge_at, wire in wires:
            run(f"ip -n {name} link add wire type veth peer name {wire} netns {EDGE}")
            for space, link, address in ((name, "wire", at), (EDGE, wire, edge_at)):
                run(f"ip -n {space} address add {address}/24 dev {link}")
                run(f"ip -n {space} link set {link} gso_max_segs 1")  # as a card would cut them
                run(f"ip -n {space} link set {link} up")
            run(f"ip -n {name} route add default via {edge_at}")
        run(f"ip netns exec {EDGE} sysctl -qw net.ipv4.ip_forward=1")  # the worst case
        lines = (
            f"tcp dport {HTTPS_PORT} accept",
            f"udp dport {UDP_PORT} accept",
            f"iifname inside tcp dport {LINES_PORT} accept",
        )
        close(EDGE, ("input", lines), ("output", ()), ("forward", ()))
        close(INNER, ("input", ()))
        yield
    finally:
        for name in (PHONE, EDGE, INNER):
            subprocess.run(["ip", "netns", "delete", name], check=False)  # noqa: S607 our own words


def close(space: str, *chains: tuple[str, tuple[str, ...]]) -> None:
    """Drop all at these hooks, save answers and the lines given."""
    table = ["table inet lines {"]
    for hook, lines in chains:
        device = "oifname" if hook == "output" else "iifname"
        table += [
            f"chain {hook} {{",
            f"type filter hook {hook} priority 0; policy drop;",
            f"{device} lo accept",
            "ct state established,related accept",
            *lines,
            "}",
        ]
    nft = ["ip", "netns", "exec", space, "nft", "-f", "-"]
    subprocess.run(nft, input="\n".join([*table, "}", ""]), text=True, check=True)


def run(command: str) -> None:
    subprocess.run(command.split(), check=True, stdin=subprocess.DEVNULL)


@asynccontextmanager
async def started(
    space: str, *command: str, env: dict[str, str] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *("ip", "netns", "exec", space, sys.executable, "-m", *command),
        env=env,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=None if env is None else asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.stdin is not None:
            process.stdin.close()
        if env is not None and process.returncode is None:
            process.terminate()
        try:
            async with asyncio.timeout(10):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def say(process: asyncio.subprocess.Process, line: str | None = None) -> str:
    """Say a line, if any; give the next one that comes."""
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the process was started without pipes")
    if line is not None:
        process.stdin.write(line.encode() + b"\n")
        await process.stdin.drain()
    async with asyncio.timeout(60):
        said = (await process.stdout.readuntil(b"\n")).decode().strip()
    return said


def edge_environment(folder: Path) -> dict[str, str]:
    values = {
        "DATA_DIR": str(folder),
        "HTTP__HOST": EDGE_OUTSIDE,
        "HTTP__PORT": str(HTTPS_PORT),
        "MEDIA__ICE_ADDRESSES": json.dumps([EDGE_OUTSIDE, EDGE_INSIDE]),
        "MEDIA__UDP_PORT": str(UDP_PORT),
        "EDGE__LISTEN_HOST": EDGE_INSIDE,
        "EDGE__LISTEN_PORT": str(LINES_PORT),
        "EDGE__KEY": KEY.hex(),
    }
    return os.environ | {f"ILOTIER_{name}": value for name, value in values.items()}


async def measure(clip: Path, folder: Path, window_s: float) -> dict[str, Any]:
    found: dict[str, Any] = {}
    async with (
        started(EDGE, "server", "serve", "--role", "edge", env=edge_environment(folder)) as edge,
        started(INNER, "benchmarks.edge", "--inner", str(clip)) as inside,
        started(PHONE, "benchmarks.edge", "--phone", str(clip)) as outside,
    ):
        await say(inside)
        await say(outside)
        found["phone_reaches_inside"] = any(json.loads(await say(outside, "reach inside")))
        found["edge_reaches_inside"] = await edge_dials()
        idle = await core(edge.pid, window_s / 2)
        await say(outside, "watch")
        one = await core(edge.pid, window_s / 2)
        stream = await say(outside, "publish")
        await say(inside, f"watch {stream}")
        await asyncio.sleep(2)
        begun = json.loads(await say(outside, "begin")), json.loads(await say(inside, "begin"))
        two = await core(edge.pid, window_s)
        ended = json.loads(await say(outside, "tell")), json.loads(await say(inside, "tell"))
        found |= {
            "edge_core_idle": round(idle, 4),
            "edge_core_per_stream_handed_on": round(one - idle, 4),
            "edge_core_per_stream_fetched": round(two - one, 4),
        }
        found |= delays(begun, ended)
        await say(inside, "hang-up")
        before = json.loads(await say(inside, "begin"))
        found["without_lines"] = json.loads(await say(outside, "ask"))
        after = json.loads(await say(inside, "begin"))
        seen = after["inwards"]["pictures"] - before["inwards"]["pictures"]
        found["pictures_without_lines"] = seen
        await say(inside, "dial")
        again_s = time.monotonic()
        while json.loads(await say(outside, "ask"))[0] != 200:  # noqa: ASYNC110 another host
            await asyncio.sleep(0.05)
        found["lines_back_after_s"] = round(time.monotonic() - again_s, 2)
    return {"benchmark": "edge", "machine": machine(), "stream": STREAM} | found


def delays(begun: tuple[Any, Any], ended: tuple[Any, Any]) -> dict[str, Any]:
    (phone_end, inner_end), (phone_begun, inner_begun) = ended, begun
    ways = {
        "direct": (inner_end, inner_end, inner_begun),
        "inwards": (phone_end, inner_end, inner_begun),
        "outwards": (inner_end, phone_end, phone_begun),
    }
    found: dict[str, Any] = {}
    for name, (sender, end, start) in ways.items():
        sent = {int(at): ns for at, ns in sender["sent"].items()}
        arrived = {int(at): ns for at, ns in end[name]["arrived"].items()}
        # What was counted in other processes, in the form of the peers that counted it.
        publisher: Any = SimpleNamespace(sent_ns=sent)
        receivers: Any = [SimpleNamespace(arrived_ns=arrived)]
        ms = latencies_ms(publisher, receivers)
        seconds = end["time"] - start["time"]
        found[f"{name}_gaps"] = end[name]["gaps"]
        found[f"{name}_pictures_per_s"] = round(
            (end[name]["pictures"] - start[name]["pictures"]) / seconds, 1
        )
        found[f"{name}_ms_p50"] = round(statistics.median(ms), 1) if ms else None
    return found


async def core(pid: int, seconds: float) -> float:
    began, cpu = time.monotonic(), _machine.cpu_s(pid)
    await asyncio.sleep(seconds)
    return (_machine.cpu_s(pid) - cpu) / (time.monotonic() - began)


async def edge_dials() -> bool:
    """Whether anything of the inside can be reached from the edge's own host."""
    process = await asyncio.create_subprocess_exec(
        *("ip", "netns", "exec", EDGE, sys.executable, "-m", "benchmarks.edge", "--dial"),
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    return bool(json.loads(said))


def main() -> int:
    parser = options(__doc__)
    for part in ("--inner", "--phone"):
        parser.add_argument(part, type=Path, help="one of its processes")
    parser.add_argument("--dial", action="store_true", help="one of its processes")
    given = parser.parse_args()
    if given.dial:
        answer(json.dumps(asyncio.run(reaches(INNER_AT, 22))))
        return 0
    if given.inner or given.phone:
        asyncio.run(inner(given.inner) if given.inner else phone(given.phone))
        return 0
    if (lacking := _links.missing()) is not None:
        sys.stderr.write(f"{lacking}\n")
        return 2
    with namespaces(), tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.h264"
        film(clip, buffer_kbit=240)
        result = asyncio.run(measure(clip, Path(folder) / "edge", 5.0 if given.quick else 20.0))
    tell(result, as_json=given.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
