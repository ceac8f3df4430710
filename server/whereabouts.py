"""At which presets cameras look, for who watches their pictures."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime

from domain.errors import Unavailable
from domain.identifiers import CameraId
from domain.ptz import Seen
from server.database.columns import Clock
from server.database.tours import Whereabout

logger = logging.getLogger(__name__)

READ_EVERY_S = 0.5
"""A camera that is sent elsewhere is still taken to be at its preset for so long at most."""


class PresetsSeen:
    """Keeps what was last seen of cameras at presets; ``run`` reads it until it is cancelled.

    While the database is away what is kept grows old, and then says nothing (`domain.ptz.Seen`).
    """

    def __init__(self, book: Whereabout, *, clock: Clock) -> None:
        self._book = book
        self._clock = clock
        self._seen: Mapping[CameraId, Seen] = {}

    async def run(self) -> None:
        while True:
            await self.read()
            await asyncio.sleep(READ_EVERY_S)

    async def read(self) -> None:
        try:
            self._seen = await self._book.at_presets()
        except Unavailable as error:
            logger.info("where cameras look is not known anew: %s", error)

    def preset_in(self, camera_id: CameraId, taken_at: datetime) -> str | None:
        """Give the preset at which a picture was taken; None: it is not known, or it turned."""
        seen = self._seen.get(camera_id)
        return seen.preset_in(taken_at, now=self._clock()) if seen is not None else None
