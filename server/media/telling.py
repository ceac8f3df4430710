"""What a media service reports, one at a time and in order, to a listener that may be slow."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime

logger = logging.getLogger(__name__)

MOST = 10_000
"""Reports waiting for a slow listener; beyond, the oldest are dropped and logged."""
_LAST_S = 2.0

type Report = Callable[[], Awaitable[None]]


class Telling:
    """`run` tells what is put, until cancelled; `finish` the rest, for a moment."""

    def __init__(self) -> None:
        self._reports: asyncio.Queue[Report] = asyncio.Queue(MOST)

    def tell[*Values](
        self, report: Callable[[*Values, datetime], Awaitable[None]], *values: *Values
    ) -> None:
        at = datetime.now(UTC)
        if self._reports.full():
            self._reports.get_nowait()
            logger.error("a report was dropped: the listener is %d behind", MOST)
        self._reports.put_nowait(lambda: report(*values, at))

    async def run(self) -> None:
        while True:
            report = await self._reports.get()
            await report()

    async def finish(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_S):
                while not self._reports.empty():
                    await self._reports.get_nowait()()
