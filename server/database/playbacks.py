"""Looking at recordings: the register first, then what there is of some hours."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from domain.cues import Cues
from domain.errors import Conflict, NotFound
from domain.identifiers import CommuneId, PlaybackId, SegmentId
from domain.recordings import LONGEST_LOOK, Playback, Segment
from domain.register import Action, Entry
from server.database.pool import Database, Row
from server.database.recordings import SQL, read_segment
from server.recordings.cueing import as_bytes, read_cues

#: The longest look, of a camera that comes and goes: no segment is shorter, `recording.IDLE_S`.
MOST_SEGMENTS = int(LONGEST_LOOK.total_seconds() / 10)


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A segment, and where its file lies; ``holder`` None: no process has seen its volume yet."""

    segment: Segment
    codec: str
    path: str
    holder: str | None
    cues: Cues | None = None
    """None while it is being written: its file says it."""
    sha256: bytes | None = None
    """Of the file; None while it is being written."""


class Playbacks:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(
        self,
        playbacks: Sequence[tuple[Playback, str]],
        *,
        motive: str,
        actor: str,
        continues: PlaybackId | None = None,
    ) -> None:
        """Write in the register who looks at what and why; then, and not before, it may be read.

        Each playback comes with what the register says it is about, and has a line of its own; all
        or none. The same once more changes nothing. Raises ``Conflict`` for an id that is
        another's.
        """
        async with self._database.transaction() as t:
            for playback, about in playbacks:
                who = (playback.commune_id, playback.source, playback.person_id)
                values = (*who, playback.starts_at, playback.ends_at, playback.opened_at, motive)
                if await t.value(SQL["open_playback"], playback.id, *values) is None:
                    row = await t.row(SQL["playback"], playback.id)
                    if not row or replace(_read(row), opened_at=playback.opened_at) != playback:
                        raise Conflict("this id is of another playback")
                else:
                    t.enter(_entry(playback, about, motive, actor, continues))

    async def get(self, playback_id: PlaybackId) -> Playback:
        """Raises ``NotFound``."""
        row = await self._database.row(SQL["playback"], playback_id)
        if row is None:
            raise NotFound("there is no such playback")
        return _read(row)

    async def motive(self, playback_id: PlaybackId) -> str:
        """Why these hours are looked at, "" where it is in the register alone."""
        found: str = await self._database.value(SQL["playback_motive"], playback_id)
        return found

    async def of_hours(
        self,
        source: UUID,
        commune_id: CommuneId,
        *,
        starts_at: datetime,
        ends_at: datetime,
        now: datetime,
    ) -> list[Stored]:
        """What may be shown, in order."""
        rows = await self._database.rows(
            SQL["of_hours"], source, commune_id, starts_at, ends_at, MOST_SEGMENTS, now
        )
        return [read_stored(row) for row in rows]

    async def segment(self, segment_id: SegmentId, *, now: datetime) -> Stored:
        """Raises ``NotFound``: never there, past its hour, or destroyed."""
        row = await self._database.row(SQL["segment"], segment_id, now)
        if row is None:
            raise NotFound("there is no such recording any more")
        return read_stored(row)

    async def shown_of(
        self, segments: Collection[SegmentId], *, now: datetime
    ) -> frozenset[SegmentId]:
        """Which of these may be shown: neither past their hour, nor destroyed or about to be."""
        rows = await self._database.rows(SQL["shown_of"], list(segments), now)
        return frozenset(SegmentId(row["id"]) for row in rows)

    async def note_cues(self, segment_id: SegmentId, cues: Cues) -> None:
        """Of a closed segment whose cues the index did not have."""
        async with self._database.transaction() as t:
            await t.execute(SQL["note_cues"], segment_id, as_bytes(cues))


def _read(row: Row) -> Playback:
    return Playback(**{name: row[name] for name in Playback.__dataclass_fields__})


def _entry(
    playback: Playback, about: str, motive: str, actor: str, continues: PlaybackId | None
) -> Entry:
    carried = {"continues": str(continues)} if continues else {}
    return Entry(
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
            **carried,
        },
    )


def read_stored(row: Row) -> Stored:
    return Stored(
        segment=read_segment(row),
        codec=row["codec"],
        path=row["path"],
        holder=row["holder"],
        cues=read_cues(row["cues"]),
        sha256=row["sha256"],
    )
