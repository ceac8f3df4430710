"""Which rules are watched now, and why the others rest: read of what is configured."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.authorisations import Authorisation, authorisation_for
from domain.cameras import PlaceKind
from domain.events import EventKind
from domain.facts import CameraChanged, ConfigurationChanged, DetectionResumed, DetectionSuspended
from domain.identifiers import CameraId, CommuneId
from domain.ptz import Seen
from domain.resting import Rests, why_rests
from domain.rules import Rule
from server.database.authorisations import Authorisations
from server.database.bus import SQL as BUS
from server.database.columns import Clock, utc_now
from server.database.pool import Database
from server.database.presence import Processes
from server.database.rules import SQL, read_rule
from server.database.suspensions import Suspensions
from server.database.tours import Whereabout

KEPT_FOR = timedelta(seconds=25)
"""Every change of ours tells a fact, and is heard of at once; what was changed by hand in the
database is not."""
MATTERS = sorted(
    fact.kind
    for fact in (CameraChanged, ConfigurationChanged, DetectionSuspended, DetectionResumed)
)


@dataclass(frozen=True, kw_only=True)
class RuleState:
    """A rule of a camera in use; ``rests`` None: it is watched, when the camera's pictures come."""

    commune_id: CommuneId
    camera_id: CameraId
    number: int
    camera_name: str
    rule: Rule
    rests: Rests | None


@dataclass(frozen=True, kw_only=True)
class _Configured:
    """A rule of a camera in use, with what is configured that decides whether it rests."""

    commune_id: CommuneId
    camera_id: CameraId
    number: int
    camera_name: str
    is_demonstration: bool
    place_kind: PlaceKind
    rule: Rule
    is_referenced: bool
    acts: tuple[Authorisation, ...]
    """Those that name the camera and are not over."""
    suspended: Set[EventKind]


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """What was ``read_at`` a time, of all cameras; every fact up to ``seq`` is in it."""

    seq: int
    read_at: datetime
    rules: tuple[_Configured, ...]


class RuleStates:
    """What is configured is read once for who asks within ``KEPT_FOR``, unless a fact changes it.

    Where cameras look, which models there are, and the hour are asked each time.
    """

    def __init__(self, database: Database, *, clock: Clock = utc_now) -> None:
        self._database = database
        self._processes = Processes(database, clock=clock)
        self._kept: _Kept | None = None
        self._reading = asyncio.Lock()

    async def of(
        self,
        communes: Collection[CommuneId] | None = None,
        *,
        camera_id: CameraId | None = None,
        at: datetime,
    ) -> list[RuleState]:
        """Those of ``communes``, by camera; None: of the whole installation."""
        found = [
            one
            for one in await self._configured(camera_id, at=at)
            if communes is None or one.commune_id in communes
            if camera_id is None or one.camera_id == camera_id
        ]
        if not found:
            return []
        seen = await Whereabout(self._database).at_presets()
        labels = await self._processes.labels()
        return [_state(one, seen.get(one.camera_id), labels, at) for one in found]

    async def _configured(
        self, camera_id: CameraId | None, *, at: datetime
    ) -> Sequence[_Configured]:
        async with self._reading:  # who comes meanwhile is given what was read
            if self._kept is not None and await self._holds(self._kept, at=at):
                return self._kept.rules
            if camera_id is not None:
                return await self._read(camera_id, at=at)
            # Asked first: what changes while it is being read is found the next time.
            seq = await self._database.value(BUS["newest"]) or 0
            rules = await self._read(None, at=at)
            self._kept = _Kept(seq=seq, read_at=at, rules=rules)
            return rules

    async def _holds(self, kept: _Kept, *, at: datetime) -> bool:
        if not timedelta(0) <= at - kept.read_at < KEPT_FOR:
            return False
        return not await self._database.value(BUS["told_since"], kept.seq, MATTERS)

    async def _read(self, camera_id: CameraId | None, *, at: datetime) -> tuple[_Configured, ...]:
        rows = await self._database.rows(SQL["of_cameras_in_use"], camera_id)
        if not rows:
            return ()
        acts = defaultdict[CameraId, list[Authorisation]](list)
        for act in await Authorisations(self._database).running(at=at):
            for camera in act.camera_ids:
                acts[camera].append(act)
        suspended = await Suspensions(self._database).running()
        return tuple(
            _Configured(
                commune_id=CommuneId(row["commune_id"]),
                camera_id=(camera := CameraId(row["camera_id"])),
                number=row["number"],
                camera_name=row["camera_name"],
                is_demonstration=row["demonstration"],
                place_kind=PlaceKind(row["place_kind"]),
                rule=read_rule(row),
                is_referenced=row["is_referenced"],
                acts=tuple(acts[camera]),
                suspended=suspended.get(camera, frozenset()),
            )
            for row in rows
        )


def _state(one: _Configured, seen: Seen | None, labels: Set[str], at: datetime) -> RuleState:
    allows = authorisation_for(
        one.acts,
        camera=one.camera_id,
        kind=one.rule.kind,
        at=at,
        is_demonstration=one.is_demonstration,
        place_kind=one.place_kind,
    )
    rests = why_rests(
        one.rule,
        {one.rule.kind: allows.id} if allows else {},
        at=at,
        preset=seen.preset_in(at, now=at) if seen is not None else None,
        labels=labels,
        is_referenced=one.is_referenced,
        suspended=one.suspended,
    )
    return RuleState(
        commune_id=one.commune_id,
        camera_id=one.camera_id,
        number=one.number,
        camera_name=one.camera_name,
        rule=one.rule,
        rests=rests,
    )
