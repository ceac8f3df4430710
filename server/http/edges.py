"""What edges tell: who watches there. An edge can't write the register, so it is asked.

While it can't be asked its viewings stay open in the register: nobody can know that they ended.
Who watches there without an open viewing has lost the right while the edge was silent.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from domain.errors import DomainError
from server.database.presence import Process
from server.database.viewings import Viewings
from server.http.media import Media

logger = logging.getLogger(__name__)

AGAIN_AFTER_S = 1.0
#: A viewing is in the register before the edge hears of it.
BEGUN_WITHIN = timedelta(seconds=15)
OLDEST_END = timedelta(seconds=60)
MOST_ENDED_AT_ONCE = 20
#: One that answers at once, for ever, keeps nobody here busy; ends are told with their age.
BETWEEN_S = 0.2
#: Silence, and what JSON of another form gives: also where it is too deep, or a number too large.
UNTELLING = (DomainError, ValueError, TypeError, KeyError, OverflowError, RecursionError)


class WatchingAtEdge:
    """Asks one edge, for ever, and ends in the register what has ended there."""

    def __init__(
        self,
        edge: Process,
        *,
        media: Media,
        viewings: Viewings,
        clock: Callable[[], datetime],
    ) -> None:
        self._edge, self._media, self._viewings, self._clock = edge, media, viewings, clock
        self._count = -1

    async def run(self) -> None:
        silent = False
        while True:
            try:
                told = await self._media.watching_at(self._edge, after=self._count)
                await self._heed(told)
                silent = False
                await asyncio.sleep(BETWEEN_S)
            except UNTELLING as error:
                # An edge may be taken over: whatever it tells, it ends nothing but its viewings.
                if not silent:
                    logger.warning("%s tells nothing: %s", self._edge.holder, error)
                silent = True
                await asyncio.sleep(AGAIN_AFTER_S)

    async def _heed(self, told: dict[str, Any]) -> None:
        now = self._clock()
        ages = {str(viewing_id): float(age_s) for viewing_id, age_s in told["ended"]}
        watching = {str(viewing_id) for viewing_id in told["watching"]}
        viewings = await self._viewings.open()
        for viewing in viewings:
            if viewing.holder != self._edge.holder or str(viewing.id) in watching:
                continue
            age_s = ages.get(str(viewing.id))
            if age_s is not None:
                at = now - min(max(timedelta(seconds=age_s), timedelta()), OLDEST_END)
            elif viewing.started_at < now - BEGUN_WITHIN:
                at = now
            else:
                continue
            await self._viewings.end(
                viewing.id, at=max(at, viewing.started_at), actor=f"process:{self._edge.holder}"
            )
        # In the register first, and then at the edge: who is there and not open here is over.
        over = watching - {str(viewing.id) for viewing in viewings}
        for viewing_id in islice(sorted(over), MOST_ENDED_AT_ONCE):
            await self._media.end_session(self._edge, UUID(viewing_id))
        self._count = int(told["count"])
