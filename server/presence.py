"""A process says every two seconds that it is there, and how its host's clock runs."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime

from domain.errors import Unavailable
from server.database.pool import Database
from server.database.presence import Processes, Role

logger = logging.getLogger(__name__)

SEEN_EVERY_S = 2.0
RETRY_S = 0.5
LAST_WORDS_S = 2.0


class Presence:
    """One process's presence; ``run`` goes on until it is cancelled, and then says goodbye."""

    def __init__(
        self,
        database: Database,
        *,
        holder: str,
        role: Role,
        url: str,
        tap_path: str,
        public_url: str = "",
        health: Callable[[], Mapping[str, object]] | None = None,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._processes = Processes(database, clock=clock)
        self._holder = holder
        self._role: Role = role
        self._url = url
        self._tap_path = tap_path
        self._public_url = public_url
        self._health = health
        self._clock = clock

    async def run(self) -> None:
        announced = False
        try:
            while True:
                try:
                    announced = await self._say(announced)
                except Unavailable as error:
                    logger.warning("not known to be there: %s", error)
                await asyncio.sleep(SEEN_EVERY_S if announced else RETRY_S)
        finally:
            with suppress(TimeoutError, Unavailable):
                async with asyncio.timeout(LAST_WORDS_S):
                    await self._processes.gone(self._holder)

    async def _say(self, announced: bool) -> bool:
        """Give whether the row is there from now on."""
        offset_ms = await self._clock_offset_ms()
        health = self._health() if self._health else None
        if announced:
            return await self._processes.seen(
                self._holder, self._clock(), health=health, clock_offset_ms=offset_ms
            )
        await self._processes.here(
            self._holder,
            self._role,
            self._url,
            self._tap_path,
            at=self._clock(),
            public_url=self._public_url,
            health=health,
            clock_offset_ms=offset_ms,
        )
        return True

    async def _clock_offset_ms(self) -> float:
        """How far this host's clock is ahead of the database's, by half the way there and back."""
        before = self._clock()
        theirs: datetime = await self._database.value("SELECT clock_timestamp()")
        middle = before + (self._clock() - before) / 2
        return (middle - theirs).total_seconds() * 1000
