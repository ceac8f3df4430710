"""Alert: asks a human. From raised to resolved, and nothing leaves before a person confirmed it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self

from domain.errors import Conflict, Forbidden, Invalid
from domain.events import EventKind
from domain.identifiers import (
    AlertId,
    CameraId,
    CommuneId,
    EventId,
    PersonId,
    SensorId,
    StillId,
    UnitId,
)
from domain.positions import Point


class AlertState(StrEnum):
    RAISED = "raised"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class AlertOrigin(StrEnum):
    HAND = "hand"
    DETECTOR = "detector"
    DEVICE = "device"
    SENSOR = "sensor"


class DismissalReason(StrEnum):
    """Why an operator says no, in the order of the keys 1 to 6."""

    NOTHING_THERE = "nothing-there"
    HARMLESS = "harmless"
    AUTHORISED_PERSON = "authorised-person"
    ANIMAL_OR_OBJECT = "animal-or-object"
    ALREADY_HANDLED = "already-handled"
    TEST = "test"

    @property
    def was_not_real(self) -> bool:
        """Whether it says that what was detected was not there: a false alert.

        Somebody who may be there, or does no harm, was seen rightly; what is handled already was
        real; a test says nothing of what is detected.
        """
        return self in (DismissalReason.NOTHING_THERE, DismissalReason.ANIMAL_OR_OBJECT)


class NotConfirmed(Conflict):
    code: ClassVar[str] = "alert-not-confirmed"
    title: ClassVar[str] = "Nobody has confirmed this alert yet"


class AlreadyDecided(Conflict):
    code: ClassVar[str] = "alert-already-decided"
    title: ClassVar[str] = "This alert has already been decided"


class AlreadyAcknowledged(Conflict):
    """Another unit was first; ``unit_id`` says which."""

    code: ClassVar[str] = "alert-already-acknowledged"
    title: ClassVar[str] = "Another unit has already acknowledged this alert"

    def __init__(self, detail: str, *, unit_id: UnitId) -> None:
        super().__init__(detail)
        self.unit_id = unit_id


class NotAddressed(Forbidden):
    code: ClassVar[str] = "alert-not-addressed"
    title: ClassVar[str] = "This alert was not sent to your unit"


class NoRecipient(Invalid):
    code: ClassVar[str] = "alert-without-recipient"
    title: ClassVar[str] = "Choose at least one unit"


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One alert. ``note`` is what the author added; ``place`` is an address as people say it.

    ``dismissal_note``: what whoever dismissed it added to the reason.
    """

    id: AlertId
    commune_id: CommuneId
    kind: EventKind
    origin: AlertOrigin
    point: Point | None
    place: str
    raised_at: datetime
    state: AlertState = AlertState.RAISED
    event_id: EventId | None = None
    camera_id: CameraId | None = None
    sensor_id: SensorId | None = None
    still_id: StillId | None = None
    note: str = ""
    raised_by: PersonId | None = None
    handled_by: PersonId | None = None
    confirmed_at: datetime | None = None
    confirmed_by: PersonId | None = None
    dismissed_at: datetime | None = None
    dismissed_by: PersonId | None = None
    dismissal: DismissalReason | None = None
    dismissal_note: str = ""
    sent_at: datetime | None = None
    sent_by: PersonId | None = None
    recipients: frozenset[UnitId] = frozenset()
    unable: frozenset[UnitId] = frozenset()
    acknowledged_at: datetime | None = None
    acknowledged_by: UnitId | None = None
    resolved_at: datetime | None = None

    def handle(self, *, by: PersonId) -> Self:
        """Say that ``by`` looks at it, so that nobody does the same work beside."""
        self._must_be(AlertState.RAISED, AlertState.CONFIRMED)
        return replace(self, handled_by=by)

    def confirm(self, *, by: PersonId, at: datetime) -> Self:
        if self.state is AlertState.CONFIRMED and self.confirmed_by == by:
            return self
        self._must_be(AlertState.RAISED)
        return replace(
            self, state=AlertState.CONFIRMED, confirmed_at=at, confirmed_by=by, handled_by=by
        )

    def dismiss(
        self, reason: DismissalReason, *, by: PersonId, at: datetime, note: str = ""
    ) -> Self:
        if self.state is AlertState.DISMISSED and self.dismissed_by == by:
            return replace(self, dismissal=reason, dismissal_note=note or self.dismissal_note)
        self._must_be(AlertState.RAISED, AlertState.CONFIRMED)
        return replace(
            self,
            state=AlertState.DISMISSED,
            dismissed_at=at,
            dismissed_by=by,
            dismissal=reason,
            dismissal_note=note,
        )

    def reopen(self) -> Self:
        """Take a confirmation or a dismissal back, as long as nothing has left."""
        self._must_be(AlertState.CONFIRMED, AlertState.DISMISSED)
        return replace(
            self,
            state=AlertState.RAISED,
            confirmed_at=None,
            confirmed_by=None,
            dismissed_at=None,
            dismissed_by=None,
            dismissal=None,
            dismissal_note="",
        )

    def send(self, units: frozenset[UnitId], *, by: PersonId | None, at: datetime) -> Self:
        """Address the alert to ``units``; sending again adds units.

        Raises ``NotConfirmed`` before a person has confirmed it, ``NoRecipient`` without a unit.
        """
        # A device's own panic alarm is the one alert that needs no operator.
        panic = self.state is AlertState.RAISED and self.kind is EventKind.PANIC
        if self.state is AlertState.RAISED and not panic:
            raise NotConfirmed("confirm the alert before sending it")
        self._must_be(
            AlertState.RAISED, AlertState.CONFIRMED, AlertState.SENT, AlertState.ACKNOWLEDGED
        )
        if not units:
            raise NoRecipient("no unit was chosen")
        acknowledged = self.state is AlertState.ACKNOWLEDGED
        return replace(
            self,
            state=AlertState.ACKNOWLEDGED if acknowledged else AlertState.SENT,
            sent_at=self.sent_at or at,
            sent_by=self.sent_by or by,
            recipients=self.recipients | units,
        )

    def acknowledge(self, unit: UnitId, *, at: datetime) -> Self:
        """The unit goes. The first wins; the same unit twice changes nothing.

        Raises ``NotAddressed`` for a unit it was not sent to and ``AlreadyAcknowledged`` for the
        second unit.
        """
        if unit not in self.recipients:
            raise NotAddressed("ask the control room to send it to your unit")
        if self.acknowledged_by is not None:
            if self.acknowledged_by == unit:
                return self
            raise AlreadyAcknowledged("another unit was first", unit_id=self.acknowledged_by)
        self._must_be(AlertState.SENT)
        return replace(
            self,
            state=AlertState.ACKNOWLEDGED,
            acknowledged_at=at,
            acknowledged_by=unit,
            unable=self.unable - {unit},
        )

    def decline(self, unit: UnitId) -> Self:
        """The unit can't; the alert stays open for the others."""
        if unit not in self.recipients:
            raise NotAddressed("ask the control room to send it to your unit")
        if self.acknowledged_by == unit:
            raise Conflict("your unit has already said that it goes")
        return replace(self, unable=self.unable | {unit})

    def resolve(self, *, at: datetime) -> Self:
        if self.state is AlertState.RESOLVED:
            return self
        self._must_be(AlertState.CONFIRMED, AlertState.SENT, AlertState.ACKNOWLEDGED)
        return replace(self, state=AlertState.RESOLVED, resolved_at=at)

    def is_overdue(self, *, now: datetime, limit: timedelta) -> bool:
        """Whether it waits for an operator's or a unit's answer for longer than ``limit``."""
        waiting_since = {
            AlertState.RAISED: self.raised_at,
            AlertState.SENT: self.sent_at,
        }.get(self.state)
        return waiting_since is not None and now - waiting_since > limit

    def _must_be(self, *states: AlertState) -> None:
        if self.state not in states:
            raise AlreadyDecided(f"the alert is {self.state.value}")
