"""Two network namespaces with a wire between them that loses packets or is thin, as root.

The relay is in one, a viewer in the other: nothing leaves this machine. Loss is nftables' random
drop where the viewer receives; a thin wire is the kernel's token bucket where the relay sends. Run
as a module this is the media process, at the wire's address too.
"""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RELAY, VIEWER = "ilotier-bench-relay", "ilotier-bench-viewer"
RELAY_ADDRESS, VIEWER_ADDRESS = "10.77.0.1", "10.77.0.2"
QUEUE_MS = 300
"""What the thin wire holds before it drops: an ordinary modem holds as much or more."""


def missing() -> str | None:
    """What this machine lacks; None: nothing."""
    if os.geteuid() != 0:
        return "network namespaces are made by root"
    absent = [tool for tool in ("ip", "tc", "nft") if shutil.which(tool) is None]
    return f"not installed: {', '.join(absent)}" if absent else None


def _run(command: str) -> None:
    subprocess.run(command.split(), check=True, stdin=subprocess.DEVNULL)


@contextmanager
def namespaces() -> Iterator[None]:
    """Make both, joined by a wire; gone at the end with all that is in them."""
    try:
        for name in (RELAY, VIEWER):
            _run(f"ip netns add {name}")
            _run(f"ip -n {name} link set lo up")
        # Segments are cut before the wire: else one drop would take a whole picture.
        _run(f"ip -n {RELAY} link add wire type veth peer name wire netns {VIEWER}")
        _run(f"ip -n {RELAY} link set wire gso_max_segs 1")
        for name, address in ((RELAY, RELAY_ADDRESS), (VIEWER, VIEWER_ADDRESS)):
            _run(f"ip -n {name} address add {address}/24 dev wire")
            _run(f"ip -n {name} link set wire up")
        yield
    finally:
        for name in (RELAY, VIEWER):
            subprocess.run(["ip", "netns", "delete", name], check=False)  # noqa: S607 our own words


def lose(percent: int) -> None:
    """Drop so many of a hundred datagrams on their way to the viewer, by chance."""
    _run(f"ip netns exec {VIEWER} nft flush ruleset")
    if percent:
        _run(f"ip netns exec {VIEWER} nft add table inet bench")
        hook = "{ type filter hook input priority 0 ; }"
        _run(f"ip netns exec {VIEWER} nft add chain inet bench in {hook}")
        _run(
            f"ip netns exec {VIEWER} nft add rule inet bench in iifname wire meta l4proto udp"
            f" numgen random mod 100 < {percent} drop"
        )


def thin(kbit_per_s: int | None) -> None:
    """Let the wire to the viewer take so much; None: as much as it can."""
    subprocess.run(
        f"tc -n {RELAY} qdisc delete dev wire root".split(),
        check=False,
        stderr=subprocess.DEVNULL,
    )
    if kbit_per_s is not None:
        _run(
            f"tc -n {RELAY} qdisc add dev wire root tbf rate {kbit_per_s}kbit burst 4kb"
            f" latency {QUEUE_MS}ms"
        )


def wrapped(program: Path, folder: Path) -> Path:
    """A command that runs ``program`` in the viewer's namespace."""
    script = folder / "in-namespace"
    script.write_text(f'#!/bin/sh\nexec ip netns exec {VIEWER} {program} "$@"\n')
    script.chmod(0o700)
    return script


if __name__ == "__main__":
    from benchmarks._media import serve

    asyncio.run(serve(("127.0.0.1", RELAY_ADDRESS)))
