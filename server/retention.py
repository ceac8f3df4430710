"""Retention: what may be kept for a limited time only is purged, and the register says so.

The ceilings are the law's: a setting may lower them and never raise them.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from prometheus_client import Gauge

from domain.errors import Unavailable
from domain.register import Action, Entry
from server.database.bus import KEPT_AT_MOST, PgBus
from server.database.columns import Clock, utc_now
from server.database.pool import Database
from server.database.register import Register, note_head
from server.database.statements import load

logger = logging.getLogger(__name__)

SQL = load("retention")

#: Stills are pictures of a videoprotection system: one month at most (CSI L.252-5).
STILLS_AT_MOST = timedelta(days=30)
#: Officers' positions: employers are given two months where activity is checked; here it is not, so
#: half of that at most, and 24 hours unless a setting says more.
POSITIONS_AT_MOST = timedelta(days=30)
WORKING_ROWS_KEPT = timedelta(days=30)  # viewings, talks, messages, …: in the register anyway
SECRETS_KEPT = timedelta(days=1)  # ended sessions, used codes: long enough to look into a problem
EVERY_S, AGAIN_AFTER_S = 3600.0, 60.0
HEAD_EVERY_S = 300.0
BATCH = 5000  # rows in one transaction: a purge is never in a command's way for long

FAILING = Gauge("ilotier_retention_failing", "1 while what must be purged can't be")
LAST_DONE = Gauge("ilotier_retention_last_done_seconds", "when the last purge was done, Unix time")


class Retention:
    """Purges at start and every hour; keeps the register's head in a file every five minutes."""

    def __init__(
        self,
        database: Database,
        bus: PgBus,
        *,
        stills: timedelta,
        positions: timedelta,
        analysed: timedelta,
        facts: timedelta = KEPT_AT_MOST,
        data_dir: Path,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._bus = bus
        self._facts = facts
        self._data_dir = data_dir
        self._clock = clock
        self._kept: Mapping[str, timedelta] = {
            "stills": min(stills, STILLS_AT_MOST),
            "positions": min(positions, POSITIONS_AT_MOST),
            "analysed": analysed,
            "viewings": WORKING_ROWS_KEPT,
            "talks": WORKING_ROWS_KEPT,
            "playbacks": WORKING_ROWS_KEPT,
            "exports": WORKING_ROWS_KEPT,
            "sensor_reports": WORKING_ROWS_KEPT,
            "push_deliveries": WORKING_ROWS_KEPT,
            "sessions": SECRETS_KEPT,
            "codes": SECRETS_KEPT,
        }
        self.failing_since: datetime | None = None
        """Since when what must go can't be purged: an alarm."""

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_purging(), name="retention-purge")
            group.create_task(self._keep_noting(), name="retention-heads")

    async def purge(self) -> dict[str, int]:
        """Purge all that is due; give how many of what. Raises ``Unavailable``."""
        now = self._clock()
        done = {what: await self._purge(what, now - kept) for what, kept in self._kept.items()}
        return {**done, "facts": await self._bus.prune(now=now, at_most=self._facts)}

    async def note_head(self) -> None:
        """Append the register's head to the file beside the database: a cut tail shows by it."""
        head = await Register(self._database).head()
        await asyncio.to_thread(note_head, self._data_dir, head)

    async def _purge(self, what: str, before: datetime) -> int:
        total = 0
        while True:
            args = (before,) if what in ("sessions", "codes") else (before, BATCH)
            async with self._database.transaction() as t:
                rows = await t.rows(SQL[what], *args)
                for row in rows:
                    t.enter(
                        Entry(
                            at=self._clock(),
                            actor="system",
                            action=Action.PURGED,
                            about=what,
                            commune_id=row["commune_id"],
                            data={"count": row["count"], "before": before.isoformat()},
                        )
                    )
            count = sum(int(row["count"]) for row in rows)
            total += count
            if count < BATCH:
                return total

    async def _keep_purging(self) -> None:
        while True:
            pause = EVERY_S
            try:
                done = await self.purge()
                if any(done.values()):
                    logger.info("purged", extra={"counts": done})
                self._worked()
            except Unavailable as error:
                self._failed(error)
                pause = AGAIN_AFTER_S
            await asyncio.sleep(pause)

    async def _keep_noting(self) -> None:
        told = False
        while True:
            try:
                await self.note_head()
                told = False
            except (Unavailable, OSError) as error:
                if not told:
                    logger.error("the register's head can't be noted: %s", error)
                told = True
            await asyncio.sleep(HEAD_EVERY_S)

    def _worked(self) -> None:
        if self.failing_since is not None:
            logger.info("retention works again")
        self.failing_since = None
        FAILING.set(0)
        LAST_DONE.set(self._clock().timestamp())

    def _failed(self, error: Unavailable) -> None:
        if self.failing_since is None:
            logger.error("what must be purged can't be, trying again: %s", error)
            self.failing_since = self._clock()
        FAILING.set(1)
