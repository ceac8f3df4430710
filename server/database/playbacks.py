"""Looking at recordings: the register first, then what there is of some hours."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from domain.cues import Cues
from domain.errors import Conflict, NotFound
from domain.identifiers import CommuneId, PlaybackId, SegmentId
from domain.recordings import Playback, Segment
from domain.register import Action, Entry
from server.database.pool import Database, Row
from server.database.recordings import SQL, read_segment
from server.recordings.cueing import as_bytes, read_cues

MOST_SEGMENTS = 500  # a day and a half, and gaps


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A segment, and where its file lies; ``holder`` None: no process has seen its volume yet."""

    segment: Segment
    codec: str
    path: str
    holder: str | None
    cues: Cues | None = None
    """None while it is being written: its file says it."""


class Playbacks:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, playback: Playback, *, motive: str, about: str, actor: str) -> None:
        """Write in the register who looks at what and why; then, and not before, it may be read.

        The same once more changes nothing. Raises ``Conflict`` for an id that is another's.
        """
        hours = (playback.starts_at, playback.ends_at)
        async with self._database.transaction() as t:
            values = (playback.commune_id, playback.source, playback.person_id, *hours)
            added = await t.value(SQL["open_playback"], playback.id, *values, playback.opened_at)
            if added is None:
                row = await t.row(SQL["playback"], playback.id)
                if not row or replace(Playback(**row), opened_at=playback.opened_at) != playback:
                    raise Conflict("this id is of another playback")
                return
            t.enter(
                Entry(
                    at=playback.opened_at,
                    actor=actor,
                    action=Action.RECORDING_VIEWED,
                    about=about,
                    commune_id=playback.commune_id,
                    motive=motive,
                    data={
                        "playback": str(playback.id),
                        "from": playback.starts_at.isoformat(),
                        "until": playback.ends_at.isoformat(),
                    },
                )
            )

    async def get(self, playback_id: PlaybackId) -> Playback:
        """Raises ``NotFound``."""
        row = await self._database.row(SQL["playback"], playback_id)
        if row is None:
            raise NotFound("there is no such playback")
        return Playback(**row)

    async def of_hours(
        self,
        source: UUID,
        commune_id: CommuneId,
        *,
        starts_at: datetime,
        ends_at: datetime,
        now: datetime,
    ) -> list[Stored]:
        """What may be shown, in order; the first of it when it is more than a day and a half."""
        rows = await self._database.rows(
            SQL["of_hours"], source, commune_id, starts_at, ends_at, MOST_SEGMENTS, now
        )
        return [_stored(row) for row in rows]

    async def segment(self, segment_id: SegmentId, *, now: datetime) -> Stored:
        """Raises ``NotFound``: never there, past its hour, or destroyed."""
        row = await self._database.row(SQL["segment"], segment_id, now)
        if row is None:
            raise NotFound("there is no such recording any more")
        return _stored(row)

    async def note_cues(self, segment_id: SegmentId, cues: Cues) -> None:
        """Of a closed segment whose cues the index did not have."""
        async with self._database.transaction() as t:
            await t.execute(SQL["note_cues"], segment_id, as_bytes(cues))


def _stored(row: Row) -> Stored:
    return Stored(
        segment=read_segment(row),
        codec=row["codec"],
        path=row["path"],
        holder=row["holder"],
        cues=read_cues(row["cues"]),
    )
