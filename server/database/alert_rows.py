"""An alert's row: read, held, stored with its history, for whoever has a transaction."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from domain.alerts import Alert, AlertOrigin, AlertState, DismissalReason
from domain.errors import NotFound
from domain.events import EventKind
from domain.facts import AlertRaised
from domain.identifiers import AlertId, UnitId
from domain.register import Action
from server.database import history
from server.database.alert_changes import Change, changes_between, tell
from server.database.columns import lon_lat, point_of
from server.database.pool import Row, Transaction
from server.database.statements import load

SQL = load("alerts")


async def add_alert(
    t: Transaction,
    alert: Alert,
    *,
    actor: str,
    at: datetime,
    data: Mapping[str, object] | None = None,
) -> bool:
    """Store a new alert with all that follows; False when its id is already there."""
    what = (alert.commune_id, alert.kind.value, alert.origin.value, alert.event_id)
    where = (alert.camera_id, *lon_lat(alert.point), alert.place, alert.note)
    who = (alert.raised_at, alert.raised_by)
    if (
        await t.value(SQL["add"], alert.id, *what, *where, *who, *_decided(alert), alert.sensor_id)
        is None
    ):
        return False
    said: dict[str, object] = {"kind": alert.kind.value, "origin": alert.origin.value}
    raised = Change("raised", AlertRaised, Action.ALERT_RAISED, said)
    tell(t, alert, raised, actor=actor, at=at, said=data)
    await note(t, alert, "raised", actor, at, {**said, **(data or {})})
    undecided = replace(
        alert, state=AlertState.RAISED, handled_by=None, confirmed_at=None, confirmed_by=None
    )
    for change in changes_between(undecided, alert):
        tell(t, alert, change, actor=actor, at=at)
        await note(t, alert, change.what, actor, at, change.data)
    return True


async def locked(t: Transaction, alert_id: AlertId) -> Alert:
    """Hold the alert against change until the transaction ends; raises ``NotFound``."""
    # A view with subqueries can't be locked, and its snapshot would be older than the lock.
    await t.value(SQL["lock"], alert_id)
    return read_alert(await t.row(SQL["alert"], alert_id))


async def resolve(t: Transaction, alert_id: AlertId, *, actor: str, at: datetime) -> None:
    """Resolve an alert whose intervention closes, when it still waits for that."""
    before = await locked(t, alert_id)
    if before.state in (AlertState.CONFIRMED, AlertState.SENT, AlertState.ACKNOWLEDGED):
        after = before.resolve(at=at)
        await store_alert(t, after)
        for change in changes_between(before, after):
            tell(t, after, change, actor=actor, at=at)
            await note(t, after, change.what, actor, at, change.data)


def read_alert(row: Row | None) -> Alert:
    if row is None:
        raise NotFound("there is no such alert")
    return Alert(
        id=row["id"],
        commune_id=row["commune_id"],
        kind=EventKind(row["kind"]),
        origin=AlertOrigin(row["origin"]),
        point=point_of(row),
        place=row["place"],
        raised_at=row["raised_at"],
        state=AlertState(row["state"]),
        event_id=row["event_id"],
        camera_id=row["camera_id"],
        sensor_id=row["sensor_id"],
        still_id=row["still_id"],
        note=row["note"],
        raised_by=row["raised_by"],
        handled_by=row["handled_by"],
        confirmed_at=row["confirmed_at"],
        confirmed_by=row["confirmed_by"],
        dismissed_at=row["dismissed_at"],
        dismissed_by=row["dismissed_by"],
        dismissal=DismissalReason(row["dismissal"]) if row["dismissal"] else None,
        dismissal_note=row["dismissal_note"],
        sent_at=row["sent_at"],
        sent_by=row["sent_by"],
        recipients=frozenset(UnitId(unit) for unit in row["recipients"]),
        unable=frozenset(UnitId(unit) for unit in row["unable"]),
        acknowledged_at=row["acknowledged_at"],
        acknowledged_by=row["acknowledged_by"],
        resolved_at=row["resolved_at"],
    )


async def store_alert(t: Transaction, alert: Alert) -> None:
    await t.execute(SQL["change"], alert.id, *_decided(alert))


def _decided(alert: Alert) -> tuple[object, ...]:
    return (
        alert.state.value,
        alert.still_id,
        alert.handled_by,
        alert.confirmed_at,
        alert.confirmed_by,
        alert.dismissed_at,
        alert.dismissed_by,
        alert.dismissal.value if alert.dismissal else None,
        alert.sent_at,
        alert.sent_by,
        alert.acknowledged_at,
        alert.acknowledged_by,
        alert.resolved_at,
        alert.dismissal_note,
    )


async def note(
    t: Transaction, alert: Alert, what: str, actor: str, at: datetime, data: Mapping[str, object]
) -> None:
    await history.append(
        t, "alert", alert.id, what, commune_id=alert.commune_id, actor=actor, at=at, data=data
    )
