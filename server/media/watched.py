"""What is handed on to edges, for as long as somebody watches it there by the register.

An edge lets go of what nobody watches, but whoever has taken it over need not. So the sending end
asks for itself, and stops.
"""

import asyncio
import logging
from collections.abc import Collection, Mapping
from typing import Protocol

from domain.errors import Unavailable
from domain.identifiers import StreamId
from server.media.cascade import Cascade

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5


class Register(Protocol):
    async def watched_through(self, holders: Collection[str]) -> set[tuple[StreamId, str]]:
        """Streams with an open viewing there, each with its holder. Raises ``Unavailable``."""


class WatchedAtEdges:
    """``holders``: of each edge, by its inner address."""

    def __init__(self, cascade: Cascade, *, holders: Mapping[str, str], register: Register) -> None:
        self._cascade, self._register = cascade, register
        self._urls = {holder: url for url, holder in holders.items()}

    async def run(self) -> None:
        """Look until cancelled; while the register can't be asked all goes on."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.look()
            except Unavailable as error:
                logger.warning("who watches at edges can't be asked: %s", error)

    async def look(self) -> None:
        urls = self._urls.values()
        if not self._cascade.is_handed_on_to(urls):
            return
        at_s = asyncio.get_running_loop().time()
        found = await self._register.watched_through(self._urls.keys())
        watched = {(stream_id, self._urls[holder]) for stream_id, holder in found}
        self._cascade.keep_only(watched, of=urls, asked_before_s=at_s)
