"""Backup and restore: every row of one moment and the installation's keys, in one checked file."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from domain.register import Action, Entry
from server.archive import ArchiveRefused, read_archive, write_archive
from server.database.books import write_entries
from server.database.dump import Dump, dump, holds_something, is_in_use, load
from server.database.migrations import Migration, migrate, read_migrations, schema_number
from server.database.pool import Database
from server.database.register import HEADS_FILE

FORMAT = 1
ROWS, KEYS = "rows", "keys"
#: What lies in the data folder and can't be made again: keys, certificates, the register's heads.
KEPT = ("secrets", "tls", HEADS_FILE)


class BackupRefused(RuntimeError):
    """It was not backed up, or not restored; nothing was changed. The text says why."""


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a backup holds: of when, of which schema, how many tables and files of keys."""

    taken_at: datetime
    schema: int
    tables: int
    keys: int


async def back_up(database: Database, *, data_dir: Path, out: Path, at: datetime) -> Contents:
    """Write a backup to ``out``; the installation may go on working meanwhile.

    Whoever is signed in, and who holds which lease, is not in it. Raises ``BackupRefused``.
    """
    async with database.transaction() as t:  # before the rows are read: the backup tells of itself
        t.enter(_entry(Action.BACKED_UP, out.name, at, {}))
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".backup-") as name:
        folder = Path(name)
        (folder / ROWS).mkdir(mode=0o700)
        async with database.driver() as connection:
            rows = await dump(connection, folder / ROWS)
        number = await schema_number(database)
        keys = await asyncio.to_thread(_copy_keys, data_dir, folder / KEYS)
        about = {
            "format": FORMAT,
            "taken_at": at.isoformat(),
            "schema": number,
            "migrations": [one.checksum.hex() for one in read_migrations()[:number]],
            "tables": rows.tables,
            "sequences": rows.sequences,
        }
        try:
            await asyncio.to_thread(write_archive, out, folder, about)
        except ArchiveRefused as error:
            raise BackupRefused(str(error)) from error
    return Contents(taken_at=at, schema=number, tables=len(rows.tables), keys=keys)


async def restore(
    database: Database, *, data_dir: Path, archive: Path, replace: bool, at: datetime
) -> Contents:
    """Put a backup's rows and keys in place, all or nothing; newer migrations follow.

    Raises ``BackupRefused`` for a file that is not whole, one of a newer release, a database or
    keys that hold something (unless ``replace``), and while processes of Ilotier are connected.
    """
    await asyncio.to_thread(data_dir.mkdir, mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=data_dir, prefix=".restore-") as name:
        folder = Path(name)
        try:
            manifest = await asyncio.to_thread(read_archive, archive, folder)
        except ArchiveRefused as error:
            raise BackupRefused(str(error)) from error
        ours = _migrations_of(manifest)
        files = [*_files(folder / KEYS)]
        if not replace and (changed := _would_change(files, folder / KEYS, data_dir)):
            raise BackupRefused(f"{data_dir / changed} is another installation's: say --replace")
        async with database.driver() as connection:
            if working := await is_in_use(connection):
                raise BackupRefused(f"stop Ilotier first: {', '.join(working)} is connected")
            if not replace and await holds_something(connection):
                raise BackupRefused("the database holds an installation already: say --replace")
            rows = Dump(tables=manifest["tables"], sequences=manifest["sequences"])
            async with connection.transaction():
                await load(connection, folder / ROWS, rows, migrations=ours)
                await migrate(connection)
                data = {"taken_at": manifest["taken_at"], "schema": manifest["schema"]}
                entry = _entry(Action.RESTORED, archive.name, at, data)
                await write_entries(connection, [entry])
                # Last, when nothing but the commit itself can fail any more.
                await asyncio.to_thread(_place_keys, files, folder / KEYS, data_dir, at)
    return Contents(
        taken_at=datetime.fromisoformat(manifest["taken_at"]),
        schema=manifest["schema"],
        tables=len(rows.tables),
        keys=len(files),
    )


def _entry(action: Action, name: str, at: datetime, data: dict[str, object]) -> Entry:
    return Entry(at=at, actor="system", action=action, about=f"backup:{name}", data=data)


def _migrations_of(manifest: dict[str, Any]) -> list[Migration]:
    """The migrations of the schema that was backed up, if this release knows them."""
    if manifest.get("format") != FORMAT:
        raise BackupRefused(f"this release reads backups of format {FORMAT} only")
    ours, number = read_migrations(), int(manifest["schema"])
    if number > len(ours):
        raise BackupRefused(
            f"the backup is of a newer release: its schema is {number:03d}, "
            f"this release knows {len(ours):03d}"
        )
    theirs: list[str] = manifest["migrations"]
    for one, checksum in zip(ours, theirs, strict=False):
        if one.checksum.hex() != checksum:
            raise BackupRefused(f"the backup's migration {one.number:03d} is not this release's")
    return ours[:number]


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path.relative_to(folder)


def _copy_keys(data_dir: Path, to: Path) -> int:
    to.mkdir(mode=0o700)
    for name in KEPT:
        source = data_dir / name
        if source.is_dir():
            shutil.copytree(source, to / name)
        elif source.is_file():
            shutil.copy2(source, to / name)
    return len([*_files(to)])


def _would_change(files: list[Path], folder: Path, data_dir: Path) -> Path | None:
    """Give the first key that is there already and is another one."""
    for file in files:
        there = data_dir / file
        if there.exists() and there.read_bytes() != (folder / file).read_bytes():
            return file
    return None


def _place_keys(files: list[Path], folder: Path, data_dir: Path, at: datetime) -> None:
    """Put the keys in place; what they take the place of is kept beside."""
    for file in files:
        to, content = data_dir / file, (folder / file).read_bytes()
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if to.exists():
            if to.read_bytes() == content:
                continue
            to.rename(to.with_name(f"{to.name}.replaced-{at:%Y%m%dT%H%M%S}"))
        with open(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as writing:
            writing.write(content)
            writing.flush()
            os.fsync(writing.fileno())
