"""A whole town for tests: `ilotier demo` with its real processes, and the means to kill them."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READY_WITHIN_S = 500.0  # about 20; the first start on a machine draws the footage as well
STOP_WITHIN_S = 60.0
ROLES = ("control", "media", "detect")
POSTGRESQL = "postgresql"


@dataclass(frozen=True, kw_only=True)
class Town:
    """A running demonstration; what it prints when it is ready, and its processes."""

    launcher: int
    data_dir: Path
    url: str
    https_url: str
    """On an address of this host that is not the loopback, as a phone reaches it."""
    root_certificate: Path
    sign_ins: Mapping[str, Mapping[str, str]]
    enrolment_code: str

    def pid_of(self, name: str) -> int | None:
        """The process of a role, or PostgreSQL's first one; None while there is none."""
        for pid in _children(self.launcher):
            words = _command_line(pid)
            if name in ROLES and words[-2:] == ["--role", name]:
                return pid
            if name == POSTGRESQL and any(Path(word).name == "postgres" for word in words[:8]):
                return pid
        return None

    def kill(self, name: str) -> int:
        """SIGKILL a role or, with all of its processes, PostgreSQL; give the first one's number."""
        pid = self.pid_of(name)
        assert pid is not None, f"{name} does not run"
        victims = [pid, *_descendants(pid)] if name == POSTGRESQL else [pid]
        for victim in victims:
            with _gone_is_fine():
                os.kill(victim, signal.SIGKILL)
        return pid


@contextmanager
def running_town(folder: Path) -> Iterator[Town]:
    """Run the demonstration in ``folder`` until the block ends."""
    data_dir, log = folder / "town", folder / "town.log"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ILOTIER_")}
    with log.open("wb") as errors:
        process = subprocess.Popen(
            (
                *(sys.executable, "-m", "server", "demo", "--json"),
                *("--port", "0", "--https-port", "0", "--data-dir", str(data_dir)),
            ),
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
        )
    with process:
        try:
            said = _first_line(process, READY_WITHIN_S)
            assert said, f"the town did not start:\n{log.read_text(errors='replace')[-4000:]}"
            document = json.loads(said)
            yield Town(
                launcher=process.pid,
                data_dir=data_dir,
                url=document["url"],
                https_url=document["https_urls"][0] if document["https_urls"] else "",
                root_certificate=Path(document["root_certificate"]),
                sign_ins=document["sign_ins"],
                enrolment_code=document["enrolment_code"],
            )
        finally:
            process.terminate()
            try:
                process.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def _first_line(process: subprocess.Popen[bytes], within_s: float) -> bytes:
    """The first line a process says; empty when it ended, or said none in time."""
    assert process.stdout is not None
    heard: list[bytes] = []
    reader = threading.Thread(target=lambda: heard.append(process.stdout.readline()), daemon=True)  # type: ignore[union-attr]  # asserted above
    reader.start()
    reader.join(within_s)
    return heard[0] if heard else b""


def _children(pid: int) -> list[int]:
    try:
        return [
            int(word)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for word in (task / "children").read_text().split()
        ]
    except OSError:
        return []


def _descendants(pid: int) -> list[int]:
    return [one for child in _children(pid) for one in (child, *_descendants(child))]


def _command_line(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")
    except OSError:
        return []


@contextmanager
def _gone_is_fine() -> Iterator[None]:
    try:
        yield
    except ProcessLookupError:
        return
