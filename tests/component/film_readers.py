"""The processes that read films, and such as misbehave in their place."""

import os
import sys
from pathlib import Path

HOLD = "import time; time.sleep(600)"


def python(code: str) -> tuple[str, ...]:
    return sys.executable, "-I", "-c", code


def readers(of: int | None = None) -> list[int]:
    """Those that a process began, by default this one; and what they have begun."""
    parents, found = {of or os.getpid()}, list[int]()
    for pid in sorted(int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()):
        if _parent(pid) in parents and b"\0-I\0" in _read(pid, "cmdline"):
            found.append(pid)
            parents.add(pid)
    return found


def is_alive(pid: int) -> bool:
    return _parent(pid) is not None


def _parent(pid: int) -> int | None:
    """None of what has ended, also where nobody has asked how."""
    state, parent, *_ = [*_read(pid, "stat").rpartition(b")")[2].split(), b"Z", b"0"]
    return None if state == b"Z" else int(parent)


def _read(pid: int, what: str) -> bytes:
    try:
        return Path("/proc", str(pid), what).read_bytes()
    except OSError:
        return b""
