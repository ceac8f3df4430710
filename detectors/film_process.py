"""Processes that read what somebody has brought: begun with nothing of ours, ended with all theirs.

What crashes, hangs or takes all memory there ends such a process, and nothing else.
"""

import asyncio
import logging
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import IO

from domain.errors import Unavailable

logger = logging.getLogger(__name__)

HANDED_DOWN = ("PATH", "LD_LIBRARY_PATH")  # not our settings: they hold secrets
ENDED_WITHIN_S = 10.0
PIECE = 1024 * 1024
PYTHON = (sys.executable, "-I", "-m")


@asynccontextmanager
async def running(
    command: Sequence[str], *, stdin: IO[bytes] | int = DEVNULL, handles: Sequence[int] = ()
) -> AsyncIterator[Process]:
    """Run it for the block; ``handles`` are open in it, too. Raises ``Unavailable``."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=stdin,
            stdout=PIPE,
            stderr=DEVNULL,
            pass_fds=handles,
            env={name: os.environ[name] for name in HANDED_DOWN if name in os.environ},
            start_new_session=True,
        )
    except (OSError, ValueError) as error:  # no room for a process, or the film is closed by now
        raise Unavailable("the film can't be read at the moment") from error
    try:
        yield process
    finally:
        kill(process)
        # What it has begun and let go of may hold its pipe: that is not waited for.
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(ENDED_WITHIN_S):
                await _emptied(process)
                await process.wait()


async def _emptied(process: Process) -> None:
    """Its end is only seen behind all that it has said."""
    while process.stdout is not None and await process.stdout.read(PIECE):
        pass


def kill(process: Process) -> None:
    """End it, and whatever it has begun: the group is its own."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
