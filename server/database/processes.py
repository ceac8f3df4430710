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

    We hold the folder, so nobody else owns them. Left-over backends would make the next start fail
    for as long as they live; and a `postmaster.pid` whose number was given to another process since
    would make every start fail.
    """
    for how, limit_s in STOPPING:
        left_over = _processes_of(cluster)
        if not left_over:
            break
        logger.warning("stopping %d processes left over by a former PostgreSQL", len(left_over))
        # SIGINT lets a whole server stop in good order; its backends take it as "cancel".
        for pid in left_over:
            with suppress(ProcessLookupError):
                os.kill(pid, how)
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                for pid in left_over:
                    await _exit_of(pid)
    (cluster / "postmaster.pid").unlink(missing_ok=True)


def _processes_of(cluster: Path) -> list[int]:
    """Those that work in ``cluster``, the server and its backends; a dead one does not count."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile, or belongs to someone else
            if (entry / "cwd").readlink() == cluster and (
                entry / "exe"
            ).readlink().name == "postgres":
                found.append(int(entry.name))
    return found


async def _exit_of(pid: int) -> None:
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
