"""Ending PostgreSQL's processes: ours, and those that a killed owner left behind."""

import asyncio
import logging
import os
import signal
from contextlib import suppress
from pathlib import Path

logger = logging.getLogger(__name__)

# Fast, immediate, then by force: each with the seconds it is given.
STOPPING: tuple[tuple[signal.Signals, float], ...] = (
    (signal.SIGINT, 30.0),
    (signal.SIGQUIT, 5.0),
    (signal.SIGKILL, 5.0),
)


async def stop(process: asyncio.subprocess.Process) -> None:
    for how, limit_s in STOPPING:
        if process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.send_signal(how)
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), limit_s)


async def stop_left_overs(cluster: Path) -> None:
    """End what a killed owner, or a killed server, left running on ``cluster``.

    The caller holds the folder, so nobody else owns them. Left-over backends would make the next
    start fail for as long as they live. When a server ended well there is at most its log writer,
    which is let finish.
    """
    for how, limit_s in STOPPING:
        left_over = processes_of(cluster)
        for pid in left_over:
            # A whole server takes SIGINT as "stop", a backend as "cancel"; the log writer ignores
            # it, and ends when nobody can write to it any more.
            with suppress(ProcessLookupError):
                os.kill(pid, how)
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                for pid in left_over:
                    await exit_of(pid)
        if not left_over:
            return
        logger.info("%d left-over processes of PostgreSQL have been told to stop", len(left_over))


def processes_of(cluster: Path) -> list[int]:
    """Those that work in ``cluster``, the server and its backends; a dead one does not count."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile, or belongs to someone else
            if (entry / "cwd").readlink() == cluster and (
                entry / "exe"
            ).readlink().name == "postgres":
                found.append(int(entry.name))
    return found


async def exit_of(pid: int) -> None:
    """Return when ``pid`` has ended, whoever its parent is."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    try:
        loop.add_reader(descriptor, ended.set)
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
