"""Viewings: who watches which stream now. The register keeps who has watched, and why."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.errors import NotFound
from domain.facts import ViewingEnded
from domain.identifiers import CameraId, CommuneId, DeviceId, PersonId, StreamId, ViewingId
from domain.register import Action, Entry
from domain.streams import TooManyViewers
from server.database.pool import Database, Row, Transaction
from server.database.statements import load

SQL = load("streams")

#: Pictures that one person (a wall, on several screens) or one phone may have open at once, with
#: those of pages that were loaded anew, which the media process has not missed yet.
MOST_OF_PERSON, MOST_OF_DEVICE = 200, 12


@dataclass(frozen=True, kw_only=True)
class Viewing:
    """One person watching one stream, through the media process ``holder``.

    With a session (of a page or API client) or with a device.
    """

    id: ViewingId
    commune_id: CommuneId
    stream_id: StreamId
    camera_id: CameraId | None
    person_id: PersonId
    session_id: UUID | None
    device_id: DeviceId | None
    holder: str
    motive: str
    started_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Watcher:
    """Somebody who watches now, on a page or with a device."""

    person_id: PersonId
    name: str
    with_device: bool
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Load:
    """How many watch through one media process now, and how many of them one stream."""

    viewers: int
    of_stream: int


class Viewings:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def start(
        self,
        *,
        viewing_id: ViewingId,
        stream_id: StreamId,
        commune_id: CommuneId,
        camera_id: CameraId | None,
        person_id: PersonId,
        session_id: UUID | None,
        device_id: DeviceId | None,
        holder: str,
        motive: str,
        at: datetime,
        actor: str,
    ) -> None:
        """Write the viewing and its register entry; call it before the first picture is given.

        Raises ``TooManyViewers`` for one who would take the places of the others.
        """
        async with self._database.transaction() as t:
            await t.value(SQL["lock_viewer"], person_id)
            _check_room(
                device_id, await t.value(SQL["count_viewings"], *_who(person_id, device_id))
            )
            who = (person_id, session_id, device_id, holder, motive, at)
            values = (commune_id, stream_id, camera_id, *who)
            if await t.value(SQL["start_viewing"], viewing_id, *values) is None:
                return
            data: dict[str, object] = {"viewing": str(viewing_id), "stream": str(stream_id)}
            if device_id:
                data["device"] = str(device_id)
            if camera_id and (version := await t.value(SQL["masks_version"], camera_id)):
                data["masks"] = version
            t.enter(
                Entry(
                    at=at,
                    actor=actor,
                    action=Action.VIEWING_STARTED,
                    about=f"camera:{camera_id}" if camera_id else f"stream:{stream_id}",
                    commune_id=commune_id,
                    motive=motive,
                    data=data,
                )
            )

    async def check_room(self, *, person_id: PersonId, device_id: DeviceId | None) -> None:
        """Raise what ``start`` would, before anything is asked of a media process."""
        running = await self._database.value(SQL["count_viewings"], *_who(person_id, device_id))
        _check_room(device_id, running)

    async def get(self, viewing_id: ViewingId) -> Viewing:
        """Raises ``NotFound``."""
        row = await self._database.row(SQL["viewing"], viewing_id)
        if row is None:
            raise NotFound("there is no such viewing")
        return _read_viewing(row)

    async def end(self, viewing_id: ViewingId, *, at: datetime, actor: str) -> None:
        """Note that it is over, with its length; a viewing that has ended stays as it is."""
        async with self._database.transaction() as t:
            row = await t.row(SQL["end_viewing"], viewing_id, at)
            if row is not None:
                _ended(t, _read_viewing(row), actor, at)

    async def end_of_holder(self, holder: str, *, actor: str, at: datetime) -> int:
        """End all viewings through a media process that is gone; give how many."""
        async with self._database.transaction() as t:
            rows = await t.rows(SQL["end_viewings_of_holder"], holder, at)
            for row in rows:
                _ended(t, _read_viewing(row), actor, at)
        return len(rows)

    async def open_of(
        self,
        *,
        person_id: PersonId | None = None,
        device_id: DeviceId | None = None,
        session_id: UUID | None = None,
        stream_id: StreamId | None = None,
    ) -> list[Viewing]:
        """Those that run now, of whichever is given."""
        who = (person_id, device_id, session_id, stream_id)
        return [_read_viewing(row) for row in await self._database.rows(SQL["open_viewings"], *who)]

    async def watchers(self, stream_id: StreamId) -> list[Watcher]:
        """Who watches this stream, or another of the same camera; each person once."""
        beside = await self._database.rows(SQL["streams_beside"], stream_id)
        streams = [row["stream_id"] for row in beside if row["stream_id"] is not None]
        rows = await self._database.rows(SQL["watchers"], streams)
        found: dict[tuple[PersonId, bool], Watcher] = {}
        for row in rows:
            with_device = row["device_id"] is not None
            watcher = Watcher(
                person_id=row["person_id"],
                name=row["name"],
                with_device=with_device,
                since=row["started_at"],
            )
            found.setdefault((watcher.person_id, with_device), watcher)
        return list(found.values())

    async def loads(self, stream_id: StreamId) -> dict[str, Load]:
        """How many watch now, by media process."""
        return {
            row["holder"]: Load(viewers=row["viewers"], of_stream=row["of_stream"])
            for row in await self._database.rows(SQL["loads"], stream_id)
        }

    async def watched_through(self, holders: Collection[str]) -> set[tuple[StreamId, str]]:
        """The streams that are watched through these media processes now, each with its holder."""
        rows = await self._database.rows(SQL["watched_through"], list(holders))
        return {(row["stream_id"], row["holder"]) for row in rows}

    async def open(self) -> list[Viewing]:
        """All that run now."""
        return [_read_viewing(row) for row in await self._database.rows(SQL["all_open_viewings"])]


def _read_viewing(row: Row) -> Viewing:
    return Viewing(
        id=row["id"],
        commune_id=row["commune_id"],
        stream_id=row["stream_id"],
        camera_id=row["camera_id"],
        person_id=row["person_id"],
        session_id=row["session_id"],
        device_id=row["device_id"],
        holder=row["holder"],
        motive=row["motive"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
    )


def _who(
    person_id: PersonId, device_id: DeviceId | None
) -> tuple[PersonId | None, DeviceId | None]:
    """Whose pictures are counted: a phone's are its own, whoever holds it."""
    return (None, device_id) if device_id else (person_id, None)


def _check_room(device_id: DeviceId | None, running: int) -> None:
    most = MOST_OF_DEVICE if device_id else MOST_OF_PERSON
    if running >= most:
        raise TooManyViewers(f"{most} pictures are open at once; close some")


def _ended(t: Transaction, viewing: Viewing, actor: str, at: datetime) -> None:
    about = f"camera:{viewing.camera_id}" if viewing.camera_id else f"stream:{viewing.stream_id}"
    t.enter(
        Entry(
            at=at,
            actor=actor,
            action=Action.VIEWING_ENDED,
            about=about,
            commune_id=viewing.commune_id,
            motive=viewing.motive,
            data={
                "viewing": str(viewing.id),
                "seconds": round((at - viewing.started_at).total_seconds()),
            },
        )
    )
    t.publish(ViewingEnded(at=at, commune_id=viewing.commune_id, viewing_id=viewing.id))
