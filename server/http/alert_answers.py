"""An alert as the control room is shown it."""

from typing import Any, Literal
from uuid import UUID

from domain.alerts import AlertOrigin, AlertState, DismissalReason
from domain.events import EventKind
from domain.rules import Service
from server.http.schemas import Answer, At, GeoPoint, PersonRef, UnitRef


class EventRule(Answer):
    """What was drawn: a zone's corners or a line's points, shares of the picture."""

    name: str
    shape: Literal["zone", "line"]
    points: list[tuple[float, float]]


class EventAuthorisation(Answer):
    id: UUID
    act_reference: str
    law: str


class AlertEvent(Answer):
    """What a detector reported; ``box`` is left, top, right, bottom as shares of the picture.

    ``service``: whom its kind is for, as the kind declares it.
    """

    id: UUID
    opened_at: At
    closed_at: At | None
    service: Service | None
    box: tuple[float, float, float, float] | None
    confidence: float | None
    rule: EventRule | None
    authorisation: EventAuthorisation | None


class Recipient(Answer):
    """``accepted_at``: the push service took it; ``arrived_at``: it is on a phone."""

    unit_id: UUID
    call_sign: str
    sent_at: At
    accepted_at: At | None
    arrived_at: At | None
    unable_at: At | None
    unable_reason: str | None


class AlertAnswer(Answer):
    """``service``: whom an event of its kind is for."""

    id: UUID
    commune_id: UUID
    kind: EventKind
    service: Service
    origin: AlertOrigin
    state: AlertState
    point: GeoPoint | None
    place: str
    note: str
    camera_id: UUID | None
    sensor_id: UUID | None
    event: AlertEvent | None
    still: bool
    events: int
    raised_at: At
    raised_by: PersonRef | None
    handled_by: PersonRef | None
    confirmed_at: At | None
    confirmed_by: PersonRef | None
    dismissed_at: At | None
    dismissed_by: PersonRef | None
    dismissal: DismissalReason | None
    dismissal_note: str
    sent_at: At | None
    sent_by: PersonRef | None
    recipients: list[Recipient]
    acknowledged_at: At | None
    acknowledged_by: UnitRef | None
    resolved_at: At | None
    intervention_id: UUID | None


class AlertStep(Answer):
    """One thing that was done, by whom."""

    at: At
    actor: str
    actor_name: str | None
    what: str
    data: dict[str, Any]


class Delivery(Answer):
    """One message to one device."""

    device_id: UUID
    state: Literal["due", "accepted", "failed", "expired", "arrived"]
    attempts: int
    channel: str | None
    error: str
    accepted_at: At | None
    arrived_at: At | None


class WholeAlert(AlertAnswer):
    history: list[AlertStep]
    deliveries: list[Delivery]
