"""What each process has, whatever its role: a clock, a name, the database, an address."""

import socket
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Literal

from aiohttp import web

from server.database.pool import Database, DatabaseRefused, connect
from server.database.presence import Role as Name
from server.launcher import Role
from server.presence import Presence
from server.settings import Settings
from server.supervision import Service

#: Those that have the database.
type InnerRole = Literal[Role.CONTROL, Role.MEDIA, Role.DETECT]
_NAMES: Mapping[InnerRole, Name] = {
    Role.CONTROL: "control",
    Role.MEDIA: "media",
    Role.DETECT: "detect",
}


def clock() -> datetime:
    """The one clock of the product; whatever decides by time is handed it."""
    return datetime.now(UTC)


def holder_of(role: Role, number: int = 1) -> str:
    """A process's name in leases: the same after a restart, so that it takes its own again."""
    return f"{role.value}@{socket.gethostname()}/{number}"


@asynccontextmanager
async def database_of(settings: Settings, role: Role) -> AsyncIterator[Database]:
    if settings.database_url is None:
        raise DatabaseRefused("no database: set database_url (ILOTIER_DATABASE_URL)")
    dsn = settings.database_url.get_secret_value()
    async with connect(dsn, name=f"ilotier {role.value}") as database:
        yield database


def presence_of(
    database: Database,
    role: InnerRole,
    *,
    number: int = 1,
    url: str = "",
    tap_path: str = "",
    public_url: str = "",
    health: Callable[[], Mapping[str, object]] | None = None,
) -> Service:
    presence = Presence(
        database,
        holder=holder_of(role, number),
        role=_NAMES[role],
        url=url,
        tap_path=tap_path,
        public_url=public_url,
        health=health,
        clock=clock,
    )
    return presence.run


class CannotListen(Exception):
    """An address is taken, or not ours; the text says which."""


async def listen(
    runner: web.AppRunner, host: str, port: int, *, tls: ssl.SSLContext | None = None
) -> int:
    """Listen at an address; return the port. Raises ``CannotListen``."""
    site = web.TCPSite(runner, host, port, ssl_context=tls)
    try:
        await site.start()
    except OSError as error:
        raise CannotListen(f"can't listen at {host} port {port}: {error.strerror}") from error
    found: int = runner.addresses[-1][1]
    return found
