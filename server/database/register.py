"""The register: read in pages, verified as a whole against heads that are kept elsewhere.

It is written by ``Transaction.enter``, in the transaction of the command that it reports.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from domain.identifiers import CommuneId
from domain.register import GENESIS, Action, Chained, Entry, Reading, Verification
from server.database.books import data_text
from server.database.pool import Database, Row
from server.database.statements import load

SQL = load("register")
BATCH = 1000
HEADS_FILE = "register.heads"


class Unreadable(Exception):
    """A row that this release did not write: an unknown action, data in another form."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """The newest entry: its number (0: an empty book) and its hash."""

    number: int
    hash: bytes
    at: datetime | None


class Register:
    """Reads the book of one installation."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, *entries: Entry) -> None:
        """Write entries that no other change goes with, such as a reading."""
        async with self._database.transaction() as t:
            for entry in entries:
                t.enter(entry)

    async def page(
        self, commune: CommuneId, *, before: int | None = None, limit: int = 100
    ) -> list[dict[str, object]]:
        """Entries about ``commune`` and about the installation, newest first, as JSON."""
        rows = await self._database.rows(SQL["page"], commune, before or 2**62, min(limit, 500))
        actors = {row["actor"] for row in rows}
        ids = [UUID(actor.partition(":")[2]) for actor in actors if _names_one(actor)]
        names = {row["actor"]: row["name"] for row in await self._database.rows(SQL["names"], ids)}
        return [_as_json(row, names) for row in rows]

    async def head(self) -> Head:
        row = await self._database.row(SQL["head"])
        if row is None:
            return Head(number=0, hash=GENESIS, at=None)
        return Head(number=row["number"], hash=row["hash"], at=row["at"])

    async def verify(self, *, kept: Mapping[int, bytes] | None = None) -> Verification:
        """Read the whole book. ``kept``: hashes of entries, by number, as they were noted before.

        Without ``kept`` a cut tail does not show, nor a book written anew from its first page.
        """
        heads = dict(kept or {})
        reading, next_number = Reading(), 1
        while rows := await self._database.rows(SQL["from_number"], next_number, BATCH):
            for row in rows:
                try:
                    link = _chained(row)
                except Unreadable as error:
                    reading.refuse(str(error))
                    return reading.verification()
                if heads.pop(link.number, link.hash) != link.hash:
                    reading.refuse("the entry is not the one that was kept")
                if not reading.read(link):
                    return reading.verification()
            next_number = rows[-1]["number"] + 1
        if any(number > 0 for number in heads):
            reading.refuse("the end was cut off")
        return reading.verification()


def note_head(folder: Path, head: Head) -> None:
    """Append ``head`` to the file of heads, unless it is the last one there already."""
    file = folder / HEADS_FILE
    line = f"{head.number} {head.hash.hex()} {head.at.isoformat() if head.at else '-'}\n"
    with file.open("a+", encoding="ascii") as heads:
        heads.seek(0)
        if head.number and line not in heads.readlines()[-1:]:
            heads.write(line)


def read_heads(folder: Path) -> dict[int, bytes]:
    """Read the kept heads: hashes by number. A line that is cut short (power, disk) is left out."""
    try:
        lines = (folder / HEADS_FILE).read_text("ascii").splitlines()
    except FileNotFoundError:
        return {}
    kept = {}
    for line in lines:
        number, _, rest = line.partition(" ")
        digest = rest.partition(" ")[0]
        if number.isdecimal() and len(digest) == 64:
            kept[int(number)] = bytes.fromhex(digest)
    return kept


def _chained(row: Row) -> Chained:
    try:
        entry = Entry(
            at=row["at"],
            actor=row["actor"],
            action=Action(row["action"]),
            about=row["about"],
            commune_id=row["commune_id"],
            motive=row["motive"],
            data=json.loads(row["data"]),
        )
    except ValueError as error:
        raise Unreadable("the entry was changed") from error
    # The hash covers the data's meaning; its very bytes are held here.
    if data_text(entry) != row["data"]:
        raise Unreadable("the entry was changed")
    return Chained(
        number=row["number"], entry=entry, previous_hash=row["previous_hash"], hash=row["hash"]
    )


def _as_json(row: Row, names: Mapping[str, str]) -> dict[str, object]:
    return {
        "number": row["number"],
        "at": row["at"],
        "actor": row["actor"],
        "actor_name": names.get(row["actor"]),
        "action": row["action"],
        "about": row["about"],
        "commune_id": row["commune_id"],
        "motive": row["motive"],
        "data": json.loads(row["data"]),
        "hash": row["hash"].hex(),
    }


def _names_one(actor: str) -> bool:
    sort, _, identifier = actor.partition(":")
    try:
        return sort in ("person", "device") and UUID(identifier) is not None
    except ValueError:
        return False
