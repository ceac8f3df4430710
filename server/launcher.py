"""`ilotier serve`: the embedded database and the roles' processes, started again when one dies.

One process a role, and `media.processes` of media. They share nothing but the database; one that
dies is started again with a back-off, and the launcher ends with a status other than 0 when one
can't live.
"""

import asyncio
import ctypes
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from pydantic import SecretStr

from server.database.embedded import embedded_postgres
from server.database.migrations import migrate_url
from server.settings import Settings, as_environment

logger = logging.getLogger(__name__)

FIRST_BACK_OFF_S = 0.1
LONGEST_BACK_OFF_S = 10.0
#: A process that lived this long was healthy: its next death begins the count anew.
HEALTHY_AFTER_S = 20.0
#: Deaths in a row, none of them after a healthy spell, before we say that it can't live.
DEATHS_BEFORE_GIVING_UP = 6
STOP_LIMIT_S = 15.0

EX_SOFTWARE = 70
EX_CONFIG = 78  # sysexits.h: the role says that starting it again can't help

PR_SET_PDEATHSIG = 1


class Role(StrEnum):
    CONTROL = "control"
    MEDIA = "media"
    DETECT = "detect"
    EDGE = "edge"


#: What `ilotier serve` runs; an edge stands alone, on a host of its own.
INNER_ROLES = (Role.CONTROL, Role.MEDIA, Role.DETECT)


@dataclass(frozen=True)
class Child:
    """One process: the ``number``-th of its role on this host, counted from 1."""

    role: Role
    number: int = 1

    def __str__(self) -> str:
        return self.role.value if self.number == 1 else f"{self.role.value} {self.number}"


class CannotLive(Exception):
    """A process died too often, or said that it can't run like this."""

    def __init__(self, detail: str, *, status: int = EX_SOFTWARE) -> None:
        super().__init__(detail)
        self.status = status


@asynccontextmanager
async def with_database(
    settings: Settings, *, on_failure: Callable[[], None]
) -> AsyncIterator[Settings]:
    """The settings with the address of a database that is up and has today's schema.

    Owns the embedded PostgreSQL when no address is set, and calls ``on_failure`` when it can't be
    brought back. Raises ``PostgresDidNotStart``, and what ``migrate_url`` raises for a schema that
    is newer than this release.
    """
    if settings.database_url is not None:
        await migrate_url(settings.database_url.get_secret_value())
        yield settings
        return
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    async with embedded_postgres(settings.data_dir, on_failure=on_failure) as url:
        await migrate_url(url)
        yield settings.model_copy(update={"database_url": SecretStr(url)})


async def serve_all(settings: Settings, roles: Sequence[Role] = INNER_ROLES) -> int:
    """Run ``roles`` until told to stop; return the exit status."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    database_failed = False

    def on_failure() -> None:
        nonlocal database_failed
        database_failed = True
        stop.set()

    async with with_database(settings, on_failure=on_failure) as ready:
        status = await run_roles(ready, roles, stop=stop)
    return EX_SOFTWARE if database_failed else status


async def run_roles(settings: Settings, roles: Sequence[Role], *, stop: asyncio.Event) -> int:
    """Keep the processes of ``roles`` until ``stop`` is set or one of them can't live."""
    environment = os.environ | as_environment(settings)
    several = {Role.MEDIA: settings.media.processes}
    children = [
        Child(role, number) for role in roles for number in range(1, several.get(role, 1) + 1)
    ]
    status = 0
    try:
        async with asyncio.TaskGroup() as group:
            keepers = [
                group.create_task(_keep(child, environment), name=f"keep {child}")
                for child in children
            ]
            await stop.wait()
            for keeper in keepers:
                keeper.cancel()
    except* CannotLive as group_error:
        for error in group_error.exceptions:
            logger.critical("%s", error)
            status = error.status if isinstance(error, CannotLive) else EX_SOFTWARE
    return status


async def _keep(child: Child, environment: Mapping[str, str]) -> None:
    loop = asyncio.get_running_loop()
    deaths, back_off = 0, FIRST_BACK_OFF_S
    while True:
        started = loop.time()
        status = await _run_once(child, environment)
        if status == EX_CONFIG:
            raise CannotLive(
                f"{child} can't run like this, see its message above", status=EX_CONFIG
            )
        if loop.time() - started > HEALTHY_AFTER_S:
            deaths, back_off = 0, FIRST_BACK_OFF_S
        deaths += 1
        if deaths >= DEATHS_BEFORE_GIVING_UP:
            raise CannotLive(f"{child} died {deaths} times in a row, the last time with {status}")
        logger.error(
            "a process died, starting it again",
            extra={"child": str(child), "status": status, "back_off_s": back_off},
        )
        await asyncio.sleep(back_off)
        back_off = min(back_off * 2, LONGEST_BACK_OFF_S)


async def _run_once(child: Child, environment: Mapping[str, str]) -> int:
    """Run a process to its end; on cancellation ask it to stop, then insist."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "server", "serve"),
        *("--number", str(child.number), "--role", child.role.value),
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        # Ctrl-C reaches the launcher alone, which stops the roles in order.
        start_new_session=True,
        preexec_fn=partial(die_with_parent, os.getpid()),
    )
    try:
        return await process.wait()
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(STOP_LIMIT_S):
                    await process.wait()
            except TimeoutError:
                logger.error("a process did not stop in time, killed", extra={"child": str(child)})
                process.kill()
                await process.wait()


def die_with_parent(parent: int) -> None:
    """In a new child: be told to stop when the launcher dies, however it dies (Linux prctl(2))."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we asked: nobody will tell us
            os.kill(os.getpid(), signal.SIGTERM)
