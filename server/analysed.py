"""What the detect process looked at, stored a few times a minute for whoever evaluates it."""

import asyncio
import logging
from contextlib import suppress

from domain.analysed import Analysed
from domain.errors import Unavailable
from server.database.evaluations import Evaluations

logger = logging.getLogger(__name__)

STORE_EVERY_S = 20.0
LAST_LIMIT_S = 2.0


async def keep_storing(analysed: Analysed, evaluations: Evaluations) -> None:
    """Store until cancelled, and a last time then; while the database is away it all waits."""
    try:
        while True:
            await asyncio.sleep(STORE_EVERY_S)
            await store(analysed, evaluations)
    finally:
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_LIMIT_S):
                await store(analysed, evaluations)


async def store(analysed: Analysed, evaluations: Evaluations) -> None:
    taken = analysed.take()
    if not taken:
        return
    stored = False
    try:
        await evaluations.store_analysed(taken)
        stored = True
    except Unavailable as error:
        logger.warning("what was analysed waits for the database: %s", error)
    finally:
        if not stored:
            analysed.put_back(taken)
    if analysed.lost:
        logger.error("%d hours of what was analysed are lost: too many waited", analysed.lost)
        analysed.lost = 0
