"""Suspensions: what operators' answers suspend, and what a supervisor lifts."""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from domain.alerts import Alert, AlertOrigin, AlertState, DismissalReason
from domain.errors import NotFound
from domain.events import EventKind
from domain.facts import DetectionResumed, DetectionSuspended, Fact
from domain.identifiers import CameraId, CommuneId, PersonId, SensorId, SuspensionId
from domain.register import Action, Entry
from domain.suspensions import Suspension, TooMany, counted_since, cries_wolf
from domain.watched_time import in_force
from server.database.authorisations import read_authorisation
from server.database.columns import plain
from server.database.footings import footings_of
from server.database.pool import Database, Row, Transaction
from server.database.statements import load

SQL = load("suspensions")

#: The rule's author in the register: nobody decides that a kind is suspended.
ACTOR = "system"
_NOT_REAL = sorted(reason.value for reason in DismissalReason if reason.was_not_real)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A suspension, with the names of who lifted it and of its sensor, if it is of one."""

    suspension: Suspension
    lifted_by_name: str | None
    sensor_name: str | None


class Suspensions:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, suspension_id: SuspensionId) -> Suspension:
        """Raises ``NotFound``."""
        return _read(await self._database.row(SQL["suspension"], suspension_id))

    async def of_communes(
        self, communes: Collection[CommuneId], *, since: datetime
    ) -> Sequence[Shown]:
        """Those that run first, and those that did at some moment since then."""
        rows = await self._database.rows(SQL["of_communes"], [*communes], since)
        return [
            Shown(
                suspension=_read(row),
                lifted_by_name=row["lifted_by_name"],
                sensor_name=row["sensor_name"],
            )
            for row in rows
        ]

    async def running(self) -> Mapping[CameraId, AbstractSet[EventKind]]:
        """What is suspended on cameras now, of all communes."""
        found: dict[CameraId, set[EventKind]] = {}
        for row in await self._database.rows(SQL["running"]):
            found.setdefault(CameraId(row["camera_id"]), set()).add(EventKind(row["kind"]))
        return found

    async def lift(
        self, suspension_id: SuspensionId, *, by: PersonId, motive: str, actor: str, at: datetime
    ) -> Suspension:
        """Raises ``NotFound``, and what ``Suspension.lift`` raises."""
        async with self._database.transaction() as t:
            before = _read(await t.row(SQL["suspension_locked"], suspension_id))
            after = before.lift(by=by, motive=motive, at=at)
            await t.execute(SQL["lift"], after.id, at, by, after.motive)
            data = {"kind": after.kind.value, "suspension": str(after.id)}
            _note(t, after, Action.DETECTION_RESUMED, actor, at, data, motive=after.motive)
            t.publish(_fact(DetectionResumed, after, at))
        return after


async def is_suspended(t: Transaction, source: CameraId | SensorId, kind: EventKind) -> bool:
    return bool(await t.value(SQL["runs"], source, kind.value))


async def suspend_what_cries_wolf(t: Transaction, alert: Alert, *, at: datetime) -> None:
    """After a dismissal: suspend the alert's kind of its camera or sensor, if the rule says so."""
    reason = alert.dismissal
    if alert.state is not AlertState.DISMISSED or reason is None or not reason.was_not_real:
        return
    source = _source_of(alert)
    if source is None:
        return
    which = (source, alert.kind.value)
    await t.value(SQL["count_alone"], *which)
    grounds = await t.row(SQL["grounds"], *which)
    if grounds is None or await is_suspended(t, source, alert.kind):
        return
    since = counted_since(at, grounds["lifted_at"])
    rows = await t.rows(SQL["false_alerts"], *which, since, _NOT_REAL)
    acts = await t.rows(SQL["acts"], [alert.commune_id], since)
    footings = await footings_of(t, [source])
    because = cries_wolf(
        [row["raised_at"] for row in rows],
        watched=in_force(
            [read_authorisation(row) for row in acts],
            source=source,
            kind=alert.kind,
            footings=footings[source],
        ),
        now=at,
        lifted_at=grounds["lifted_at"],
        per_day=grounds["false_alerts_per_day"],
    )
    if because is not None:
        await _suspend(t, alert, because, at)


def _source_of(alert: Alert) -> CameraId | SensorId | None:
    """Give what detected it; None for what people have raised."""
    if alert.origin is AlertOrigin.DETECTOR:
        return alert.camera_id
    return alert.sensor_id if alert.origin is AlertOrigin.SENSOR else None


async def _suspend(t: Transaction, alert: Alert, because: TooMany, at: datetime) -> None:
    is_sensor_s = alert.origin is AlertOrigin.SENSOR
    one = Suspension(
        id=SuspensionId(uuid4()),
        commune_id=alert.commune_id,
        camera_id=None if is_sensor_s else alert.camera_id,
        sensor_id=alert.sensor_id if is_sensor_s else None,
        kind=alert.kind,
        suspended_at=at,
        because=because,
    )
    counted = (because.false_alerts, because.days, because.per_day)
    what = (one.commune_id, one.camera_id, one.sensor_id, one.kind.value, one.suspended_at)
    if await t.value(SQL["add"], one.id, *what, *counted) is None:
        return
    data = {"kind": one.kind.value, "suspension": str(one.id), **plain(because)}
    _note(t, one, Action.DETECTION_SUSPENDED, ACTOR, at, data)
    t.publish(_fact(DetectionSuspended, one, at))


def _note(
    t: Transaction,
    one: Suspension,
    action: Action,
    actor: str,
    at: datetime,
    data: Mapping[str, object],
    *,
    motive: str = "",
) -> None:
    t.enter(
        Entry(
            at=at,
            actor=actor,
            action=action,
            about=f"sensor:{one.sensor_id}" if one.sensor_id else f"camera:{one.camera_id}",
            commune_id=one.commune_id,
            motive=motive,
            data=data,
        )
    )


def _fact(what: type[DetectionSuspended | DetectionResumed], one: Suspension, at: datetime) -> Fact:
    return what(
        at=at,
        commune_id=one.commune_id,
        camera_id=one.camera_id,
        sensor_id=one.sensor_id,
        event_kind=one.kind.value,
    )


def _read(row: Row | None) -> Suspension:
    if row is None:
        raise NotFound("there is no such suspension")
    return Suspension(
        id=row["id"],
        commune_id=row["commune_id"],
        camera_id=row["camera_id"],
        sensor_id=row["sensor_id"],
        kind=EventKind(row["kind"]),
        suspended_at=row["suspended_at"],
        because=TooMany(false_alerts=row["false_alerts"], days=row["days"], per_day=row["per_day"]),
        lifted_at=row["lifted_at"],
        lifted_by=row["lifted_by"],
        motive=row["motive"],
    )
