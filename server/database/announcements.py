"""A commune's announcements: what may sound through its cameras, and what it says."""

from collections.abc import Collection
from datetime import datetime

from domain.errors import NotFound
from domain.identifiers import AnnouncementId, CommuneId
from domain.talks import MOST_ANNOUNCEMENTS, Announcement, TooManyAnnouncements
from server.database.history import configured
from server.database.pool import Database, Row
from server.database.statements import load

SQL = load("talks")


class Announcements:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, communes: Collection[CommuneId]) -> list[Announcement]:
        return [_read(row) for row in await self._database.rows(SQL["announcements"], [*communes])]

    async def get(self, announcement_id: AnnouncementId) -> Announcement:
        """Raises ``NotFound``, also for one that is out of use."""
        row = await self._database.row(SQL["announcement"], announcement_id)
        if row is None:
            raise NotFound("there is no such announcement")
        return _read(row)

    async def audio(self, announcement_id: AnnouncementId) -> bytes:
        """WAV; raises ``NotFound``."""
        kept = await self._database.value(SQL["audio"], announcement_id)
        if kept is None:
            raise NotFound("there is no such announcement")
        return bytes(kept)

    async def add(self, one: Announcement, audio: bytes, *, actor: str, at: datetime) -> None:
        """Raises ``TooManyAnnouncements``."""
        async with self._database.transaction() as t:
            await t.value(SQL["commune_locked"], one.commune_id)
            if await t.value(SQL["count_announcements"], one.commune_id) >= MOST_ANNOUNCEMENTS:
                raise TooManyAnnouncements(f"{MOST_ANNOUNCEMENTS} are in use; withdraw one")
            values = (one.commune_id, one.name, one.text, one.lasts, audio, at)
            await t.execute(SQL["add_announcement"], one.id, *values)
            configured(
                t,
                "announcement",
                one.id,
                commune_id=one.commune_id,
                actor=actor,
                at=at,
                data={"name": one.name, "text": one.text},
            )

    async def retire(self, one: Announcement, *, actor: str, at: datetime) -> None:
        async with self._database.transaction() as t:
            if await t.value(SQL["retire"], one.id, at) is None:
                return
            configured(
                t,
                "announcement",
                one.id,
                commune_id=one.commune_id,
                actor=actor,
                at=at,
                data={"retired": True},
            )


def _read(row: Row) -> Announcement:
    return Announcement(
        id=AnnouncementId(row["id"]),
        commune_id=CommuneId(row["commune_id"]),
        name=row["name"],
        text=row["text"],
        lasts=row["lasts"],
    )
