"""What the recorder has for the index, kept until the database takes it."""

import asyncio
import logging
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Protocol
from uuid import UUID

from domain.errors import DomainError, Unavailable
from domain.identifiers import SegmentId
from server.database.recordings import Wanted
from server.media import looking
from server.media.recording import Note

logger = logging.getLogger(__name__)

AGAIN_AFTER_S = 5.0
MOST_NOTES = 10_000
LAST_NOTES_S = 3.0


class Index(looking.Index, Protocol):
    """What the recorder asks of the database."""

    async def wanted(self) -> list[Wanted]: ...

    async def last_hashes(self, sources: Collection[UUID]) -> Mapping[UUID, bytes]: ...


class Notes:
    """The newest note of each segment, until it is stored; beyond the bound the oldest go.

    Those are made again by the next look through the volume.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self._waiting: dict[SegmentId, tuple[UUID, Note]] = {}
        self._news = asyncio.Event()

    def add(self, volume: UUID, note: Note) -> None:
        segment_id = note.about.segment_id
        self._waiting.pop(segment_id, None)
        self._waiting[segment_id] = (volume, note)
        if len(self._waiting) > MOST_NOTES:
            del self._waiting[next(iter(self._waiting))]
        self._news.set()

    async def run(self) -> None:
        """Store what comes until cancelled, and then, for a moment, the rest."""
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                if not await self._store():
                    await asyncio.sleep(AGAIN_AFTER_S)
                    self._news.set()
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_NOTES_S):
                    await self._store()

    async def _store(self) -> bool:
        for segment_id, held in list(self._waiting.items()):
            volume, note = held
            try:
                await self._index.note(
                    note.about,
                    volume=volume,
                    path=note.path,
                    written=note.written,
                    closed=note.closed,
                )
            except Unavailable as error:
                logger.warning("%d segments wait for the index: %s", len(self._waiting), error)
                return False
            except DomainError as error:
                logger.error("segment %s is not indexed: %s", segment_id, error)
            if self._waiting.get(segment_id) is held:
                del self._waiting[segment_id]
        return True
