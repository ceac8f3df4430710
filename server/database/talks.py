"""Who speaks through which camera: noted in the register before the first sound, and its end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.errors import NotFound
from domain.facts import TalkChanged
from domain.identifiers import AnnouncementId, CameraId, CommuneId, PersonId, TalkId
from domain.register import Action, Entry
from domain.talks import Announcement, Talk, check_free
from server.database.pool import Database, Row, Transaction
from server.database.statements import load

SQL = load("talks")


@dataclass(frozen=True, kw_only=True)
class OpenTalk:
    """A talk, and what it goes through: a media process, and a page of this sign-in."""

    talk: Talk
    holder: str
    session_id: UUID | None


class Talks:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(
        self,
        talk: Talk,
        *,
        announcement: Announcement | None,
        holder: str,
        session_id: UUID | None,
        actor: str,
    ) -> None:
        """Take the loudspeaker, and write who, why and what; before anything sounds.

        Raises ``LoudspeakerTaken``.
        """
        async with self._database.transaction() as t:
            await t.value(SQL["one_talker_at_a_time"], talk.camera_id)
            row = await t.row(SQL["on_at"], talk.camera_id)
            if row is not None:
                before = _read(row).talk
                check_free(before, at=talk.started_at)
                # Nobody told its end: the process that it went through has died.
                await _end(t, before, sounded=None, actor="system", at=talk.started_at)
            who = (talk.commune_id, talk.camera_id, talk.person_id, session_id, holder)
            said = (talk.motive, talk.announcement_id, talk.started_at)
            await t.execute(SQL["begin"], talk.id, *who, *said)
            data: dict[str, object] = {"talk": str(talk.id), "spoken": talk.spoken.value}
            if announcement is not None:
                data |= {"announcement": str(announcement.id), "text": announcement.text}
            t.enter(
                Entry(
                    at=talk.started_at,
                    actor=actor,
                    action=Action.TALK_STARTED,
                    about=f"camera:{talk.camera_id}",
                    commune_id=talk.commune_id,
                    motive=talk.motive,
                    data=data,
                )
            )
            _tell(t, talk, talk.started_at)

    async def get(self, talk_id: TalkId) -> OpenTalk:
        """Raises ``NotFound``."""
        row = await self._database.row(SQL["get"], talk_id)
        if row is None:
            raise NotFound("there is no such talk")
        return _read(row)

    async def open(self, *, person_id: PersonId | None = None) -> list[OpenTalk]:
        """Those that go on, of one person or of all."""
        return [_read(row) for row in await self._database.rows(SQL["open"], person_id)]

    async def end(
        self, talk_id: TalkId, *, sounded: timedelta | None, actor: str, at: datetime
    ) -> None:
        """It is over; one that has ended stays as it is."""
        async with self._database.transaction() as t:
            row = await t.row(SQL["locked"], talk_id)
            if row is not None:
                await _end(t, _read(row).talk, sounded=sounded, actor=actor, at=at)

    async def end_of_holder(self, holder: str, *, actor: str, at: datetime) -> None:
        """End what went through a media process that is gone."""
        async with self._database.transaction() as t:
            for row in await t.rows(SQL["open_of_holder"], holder):
                await _end(t, _read(row).talk, sounded=None, actor=actor, at=at)


async def _end(
    t: Transaction, talk: Talk, *, sounded: timedelta | None, actor: str, at: datetime
) -> None:
    over = talk.end(at=at, sounded=sounded)
    await t.execute(SQL["end"], talk.id, over.ended_at, sounded)
    data: dict[str, object] = {"talk": str(talk.id)}
    if sounded is not None:
        data["sounded_s"] = round(sounded.total_seconds(), 1)
    t.enter(
        Entry(
            at=at,
            actor=actor,
            action=Action.TALK_ENDED,
            about=f"camera:{talk.camera_id}",
            commune_id=talk.commune_id,
            data=data,
        )
    )
    _tell(t, talk, at)


def _tell(t: Transaction, talk: Talk, at: datetime) -> None:
    t.publish(TalkChanged(at=at, commune_id=talk.commune_id, camera_id=talk.camera_id))


def _read(row: Row) -> OpenTalk:
    announcement_id = row["announcement_id"]
    talk = Talk(
        id=TalkId(row["id"]),
        camera_id=CameraId(row["camera_id"]),
        commune_id=CommuneId(row["commune_id"]),
        person_id=PersonId(row["person_id"]),
        motive=row["motive"],
        started_at=row["started_at"],
        announcement_id=AnnouncementId(announcement_id) if announcement_id is not None else None,
        ended_at=row["ended_at"],
        sounded=row["sounded"],
    )
    return OpenTalk(talk=talk, holder=row["holder"], session_id=row["session_id"])
