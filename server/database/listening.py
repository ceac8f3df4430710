"""Being woken by the outbox: LISTEN on a connection of its own, opened again when it drops."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import asyncpg

from server.database.books import CHANNEL
from server.database.errors import DRIVER, is_lost
from server.database.pool import settings_for

logger = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 2.0
CONNECT_LIMIT_S = 5.0


class Listener:
    """Calls ``wake`` when something was published, and each time it listens again.

    A connection shared with reading queries made waking ten times slower (measured), so it has one
    of its own. What is missed while it is away is found by the reader's slow poll.
    """

    def __init__(self, dsn: str, *, wake: Callable[[], None]) -> None:
        self._dsn = dsn
        self._wake = wake

    async def run(self) -> None:
        """Listen until cancelled."""
        pause, told = FIRST_PAUSE_S, False
        while True:
            try:
                await self._listen_once()
                pause, told = FIRST_PAUSE_S, False
            except DRIVER as error:
                if not is_lost(error):
                    raise
                if not told:
                    logger.warning("not listening to the database, trying again: %s", error)
                told = True
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    async def _listen_once(self) -> None:
        """Return when the connection is lost; raise when it can't be opened."""
        lost = asyncio.Event()
        connection = await asyncpg.connect(
            self._dsn, timeout=CONNECT_LIMIT_S, server_settings=settings_for("ilotier-listen", 10.0)
        )

        def woken(*_: Any) -> None:
            self._wake()

        def gone(_: Any) -> None:
            lost.set()

        try:
            connection.add_termination_listener(gone)
            await connection.add_listener(CHANNEL, woken)
            self._wake()  # something may have come while nobody listened
            await lost.wait()
        finally:
            if not connection.is_closed():
                connection.remove_termination_listener(gone)
                with suppress(*DRIVER):
                    await connection.close(timeout=CONNECT_LIMIT_S)
