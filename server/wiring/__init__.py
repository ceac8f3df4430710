"""Each process role from its settings to its running services: the one place that knows them all.

A role's module is imported when it runs, so that control loads no model and detect no WebRTC.
"""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Protocol

from server.launcher import EX_CONFIG, EX_SOFTWARE, Role
from server.settings import Settings
from server.wiring.process import CannotListen

logger = logging.getLogger(__name__)


class Build(Protocol):
    """What makes a role's services run until its block ends."""

    def __call__(
        self, settings: Settings, *, on_failure: Callable[[], None]
    ) -> AbstractAsyncContextManager[None]: ...


async def run_role(role: Role, settings: Settings, *, number: int = 1) -> int:
    """Run the ``number``-th process of a role until told to stop; return its exit status."""
    stop = asyncio.Event()
    status = 0

    def fail() -> None:
        nonlocal status
        status = EX_SOFTWARE
        stop.set()

    try:
        async with _builder(role, number)(settings, on_failure=fail):
            # Only now: who is told to stop while starting up owes nothing to anybody, and ends at
            # once, even in the middle of a model that takes half a minute to load.
            loop = asyncio.get_running_loop()
            for told in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(told, stop.set)
            logger.info("ready")
            await stop.wait()
    except CannotListen as error:
        sys.stderr.write(f"ilotier: {error}\n")
        return EX_CONFIG
    return status


def _builder(role: Role, number: int) -> Build:
    match role:
        case Role.CONTROL:
            from server.wiring.control import run_control

            return run_control
        case Role.MEDIA:
            from server.wiring.media import run_media

            return partial(run_media, number=number)
        case Role.DETECT:
            from server.wiring.detect import run_detect

            return run_detect
        case Role.EDGE:
            from server.wiring.edge import run_edge

            return run_edge
