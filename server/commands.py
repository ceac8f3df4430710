"""Commands that work on an installation whether it runs or not: `init`, `backup`, `register`…"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from mobile_api.tokens import digest, new_token
from server import backup
from server.database.embedded import running_dsn
from server.database.links import Links
from server.database.pool import Database, connect
from server.database.register import Register, read_heads
from server.edge.dialling import EdgeAddress
from server.launcher import with_database
from server.recordings.receipts import public_key_of
from server.secrets import InstallationKey
from server.settings import Settings, public_url

FIRST_LINK_LASTS = timedelta(hours=24)


@asynccontextmanager
async def installed(settings: Settings) -> AsyncIterator[Database]:
    """The installation's database for one command: the server that runs, or one started for it."""
    running = None
    if settings.database_url is None:
        running = await running_dsn(settings.data_dir)
    if running is not None:
        settings = settings.model_copy(update={"database_url": SecretStr(running)})
    failed = asyncio.Event()
    async with with_database(settings, on_failure=failed.set) as ready:
        dsn = ready.database_url.get_secret_value() if ready.database_url else ""
        async with connect(dsn, name="ilotier command") as database:
            yield database


async def print_first_link(settings: Settings) -> int:
    """`ilotier init`: make the first administrator's link, unless there is an administrator."""
    token, now = new_token(), datetime.now(UTC)
    async with installed(settings) as database:
        await Links(database).add(
            token_hash=digest(token),
            purpose="first-administrator",
            person_id=None,
            at=now,
            expires_at=now + FIRST_LINK_LASTS,
            actor="system",
        )
    print(f"{public_url(settings)}/#link={token}")  # noqa: T201 - what the command is for
    hours = FIRST_LINK_LASTS.total_seconds() / 3600
    print(f"Good once, for {hours:.0f} hours: open it and choose a password.")  # noqa: T201 - see above
    return 0


async def verify_register(settings: Settings) -> int:
    """`ilotier register verify`: 0 when the book holds, 1 when it does not."""
    async with installed(settings) as database:
        result = await Register(database).verify(kept=read_heads(settings.data_dir))
    if result.holds:
        print(f"The register holds: {result.checked} entries, head {result.head.hex()}")  # noqa: T201 - see above
        return 0
    print(f"The register does not hold at entry {result.broken_at}: {result.reason}")  # noqa: T201 - see above
    return 1


def edge_key(settings: Settings, url: str) -> str:
    """`ilotier edge-key URL`: what that edge's `edge.key` is to be."""
    key = InstallationKey.open(settings.data_dir)
    return key.edge_key(EdgeAddress(url.rstrip("/")).holder).hex()


def receipts_key(settings: Settings) -> str:
    """`ilotier receipts key`: what receipts are checked with."""
    return public_key_of(InstallationKey.open(settings.data_dir).receipts)


async def back_up(settings: Settings, file: Path) -> int:
    """`ilotier backup FILE`; the installation may go on working."""
    async with installed(settings) as database:
        contents = await backup.back_up(
            database, data_dir=settings.data_dir, out=file, at=datetime.now(UTC)
        )
    print(f"{file}: {contents.tables} tables and {contents.keys} key files")  # noqa: T201 - see above
    return 0


async def restore(settings: Settings, file: Path, *, replace: bool) -> int:
    """`ilotier restore FILE`; nothing of the installation may run."""
    async with installed(settings) as database:
        contents = await backup.restore(
            database,
            data_dir=settings.data_dir,
            archive=file,
            replace=replace,
            at=datetime.now(UTC),
        )
    print(f"Restored {contents.tables} tables and {contents.keys} key files of {file}")  # noqa: T201 - see above
    return 0
