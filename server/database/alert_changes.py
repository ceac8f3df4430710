"""What happened to an alert, read from the difference of two of its values."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.alerts import Alert, AlertState
from domain.facts import (
    AlertAcknowledged,
    AlertConfirmed,
    AlertDeclined,
    AlertDismissed,
    AlertHandled,
    AlertReopened,
    AlertResolved,
    AlertSent,
    Fact,
)
from domain.register import Action, Entry
from server.database.columns import plain
from server.database.pool import Transaction


@dataclass(frozen=True)
class Change:
    """One thing that happened: its line in the history, its fact, its register entry if any."""

    what: str
    fact: Callable[..., Fact]
    action: Action | None = None
    data: dict[str, object] = field(default_factory=dict)
    about_unit: UUID | None = None


def changes_between(before: Alert, after: Alert) -> Iterator[Change]:
    """Give what happened, in the order in which it happens."""
    if after.state is AlertState.RAISED and before.state is not AlertState.RAISED:
        yield Change("reopened", AlertReopened, Action.ALERT_REOPENED)
    if after.confirmed_at and not before.confirmed_at:
        yield Change("confirmed", AlertConfirmed, Action.ALERT_CONFIRMED)
    elif after.handled_by != before.handled_by and after.handled_by:
        yield Change("handled", AlertHandled, None, {"by": str(after.handled_by)})
    said = (after.dismissal, after.dismissal_note)
    if after.dismissal and said != (before.dismissal, before.dismissal_note):
        reason = {"reason": after.dismissal.value}
        if after.dismissal_note:
            reason["note"] = after.dismissal_note
        yield Change("dismissed", AlertDismissed, Action.ALERT_DISMISSED, {**reason})
    if new := after.recipients - before.recipients:
        yield Change("sent", AlertSent, Action.ALERT_SENT, {"units": plain(new)})
    if after.acknowledged_by and not before.acknowledged_by:
        unit = after.acknowledged_by
        told = {"unit": str(unit)}
        action = Action.ALERT_ACKNOWLEDGED
        yield Change("acknowledged", AlertAcknowledged, action, {**told}, unit)
    for unit in sorted(after.unable - before.unable):
        yield Change("declined", AlertDeclined, None, {"unit": str(unit)}, unit)
    if after.resolved_at and not before.resolved_at:
        yield Change("resolved", AlertResolved)


def tell(
    t: Transaction,
    alert: Alert,
    change: Change,
    *,
    actor: str,
    at: datetime,
    said: Mapping[str, object] | None = None,
) -> None:
    """Note the fact and the register entry of ``change`` for the end of the transaction."""
    more = {"unit_id": change.about_unit} if change.about_unit else {}
    t.publish(change.fact(at=at, commune_id=alert.commune_id, alert_id=alert.id, **more))
    if change.action is not None:
        t.enter(
            Entry(
                at=at,
                actor=actor,
                action=change.action,
                about=f"alert:{alert.id}",
                commune_id=alert.commune_id,
                data={**change.data, **(said or {})},
            )
        )
