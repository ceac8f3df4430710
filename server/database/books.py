"""What a transaction writes last: its entries in the register, then its facts in the outbox.

Both books are written under an advisory lock each, so that the register's numbers have no gap and
the outbox's numbers come in commit order (a reader behind a cursor would miss a row that commits
late). Every transaction takes the two in this one order, at its end: two can't wait for each other,
and neither is held while a command thinks.
"""

import json
from collections.abc import Sequence
from typing import Any

from domain.facts import Fact
from domain.register import GENESIS, Entry, chain

#: Advisory locks of this database: two numbers, the first of them "Ilot" in ASCII.
CLASS = 0x496C6F74
REGISTER, OUTBOX, MIGRATIONS, RESTORE = 1, 2, 3, 4
#: The channel that says "look": it carries nothing.
CHANNEL = "ilotier_outbox"

LOCK = "SELECT pg_advisory_xact_lock($1::integer, $2::integer)"
# Reads the end of the chain that the next entry hangs on.
TAIL = "SELECT number, hash FROM register ORDER BY number DESC LIMIT 1"
ENTER = """
INSERT INTO register
    (number, at, actor, action, about, commune_id, motive, data, previous_hash, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
# A fact told again under its id is not told twice.
TELL = """
INSERT INTO outbox (fact_id, kind, commune_id, at, body)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::timestamptz[], $5::jsonb[])
ON CONFLICT (fact_id) DO NOTHING
"""


def data_text(entry: Entry) -> str:
    """The form in which an entry's data is kept: the very bytes that its hash covers."""
    return json.dumps(entry.data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


# Any: asyncpg publishes no types.
async def write_entries(connection: Any, entries: Sequence[Entry]) -> None:
    """Hang ``entries`` on the register's chain; the caller is in a transaction."""
    if not entries:
        return
    await connection.execute(LOCK, CLASS, REGISTER)
    tail = await connection.fetchrow(TAIL)
    number, head = (tail["number"], tail["hash"]) if tail else (0, GENESIS)
    rows = []
    for entry in entries:
        number += 1
        link = chain(number, entry, previous_hash=head)
        row = (number, entry.at, entry.actor, entry.action.value, entry.about, entry.commune_id)
        rows.append((*row, entry.motive, data_text(entry), head, link.hash))
        head = link.hash
    await connection.executemany(ENTER, rows)


async def write_facts(connection: Any, facts: Sequence[Fact]) -> None:
    """Put ``facts`` in the outbox and say "look"; the caller is in a transaction."""
    if not facts:
        return
    await connection.execute(LOCK, CLASS, OUTBOX)
    await connection.execute(
        TELL,
        [fact.id for fact in facts],
        [fact.kind for fact in facts],
        [fact.commune_id for fact in facts],
        [fact.at for fact in facts],
        [fact.as_json() for fact in facts],
    )
    await connection.execute("SELECT pg_notify($1, '')", CHANNEL)
