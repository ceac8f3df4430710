"""What screens show of each thing: flat, ready for JSON, named as the API names it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from domain.alerts import AlertOrigin, AlertState, DismissalReason
from domain.cameras import Camera, Order
from domain.events import EventKind
from domain.identifiers import CommuneId
from domain.interventions import InterventionState
from domain.patrol_streams import ThreatReason
from domain.positions import Point, Position
from domain.rules import Service
from domain.services import service_of
from domain.units import UnitKind, UnitState


@dataclass(frozen=True, kw_only=True)
class PersonRef:
    id: UUID
    name: str


@dataclass(frozen=True, kw_only=True)
class UnitRef:
    unit_id: UUID
    call_sign: str


@dataclass(frozen=True, kw_only=True)
class RuleView:
    """``points``: [x, y], shares of the picture's width and height; of a zone, or of a line."""

    name: str
    shape: Literal["zone", "line"]
    points: list[tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class AuthorisationRef:
    id: UUID
    act_reference: str
    law: str


@dataclass(frozen=True, kw_only=True)
class EventView:
    """``box``: left, top, right, bottom as shares of the picture."""

    id: UUID
    opened_at: datetime
    closed_at: datetime | None
    service: Service | None
    box: tuple[float, float, float, float] | None
    confidence: float | None
    rule: RuleView | None
    authorisation: AuthorisationRef | None


@dataclass(frozen=True, kw_only=True)
class RecipientView:
    """``accepted_at``: a push service took it; ``arrived_at``: it is on a phone."""

    unit_id: UUID
    call_sign: str
    sent_at: datetime
    accepted_at: datetime | None
    arrived_at: datetime | None
    unable_at: datetime | None
    unable_reason: str | None


@dataclass(frozen=True, kw_only=True)
class AlertView:
    """``event`` is the newest of the ``events`` that led to it or joined it."""

    id: UUID
    commune_id: UUID
    kind: EventKind
    origin: AlertOrigin
    state: AlertState
    point: Point | None
    place: str
    note: str
    camera_id: UUID | None
    sensor_id: UUID | None
    event: EventView | None
    events: int
    still: bool
    raised_at: datetime
    raised_by: PersonRef | None
    handled_by: PersonRef | None
    confirmed_at: datetime | None
    confirmed_by: PersonRef | None
    dismissed_at: datetime | None
    dismissed_by: PersonRef | None
    dismissal: DismissalReason | None
    dismissal_note: str
    sent_at: datetime | None
    sent_by: PersonRef | None
    recipients: list[RecipientView]
    acknowledged_at: datetime | None
    acknowledged_by: UnitRef | None
    resolved_at: datetime | None
    intervention_id: UUID | None

    @property
    def service(self) -> Service:
        return service_of(self.kind)


@dataclass(frozen=True, kw_only=True)
class HistoryView:
    at: datetime
    actor: str
    actor_name: str | None
    what: str
    data: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class DeliveryView:
    device_id: UUID
    unit_id: UUID | None
    state: str
    attempts: int
    channel: str | None
    error: str
    accepted_at: datetime | None
    arrived_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class AssignmentView:
    unit_id: UUID
    call_sign: str
    state: InterventionState
    assigned_at: datetime
    en_route_at: datetime | None
    on_scene_at: datetime | None
    cleared_at: datetime | None
    by_radio: bool


@dataclass(frozen=True, kw_only=True)
class InterventionView:
    id: UUID
    commune_id: UUID
    alert_id: UUID | None
    kind: EventKind
    point: Point | None
    place: str
    state: InterventionState
    created_at: datetime
    closed_at: datetime | None
    report: str
    assignments: list[AssignmentView]


@dataclass(frozen=True, kw_only=True)
class ShiftView:
    id: UUID
    person_name: str
    device_id: UUID
    started_at: datetime
    break_since: datetime | None


@dataclass(frozen=True, kw_only=True)
class UnitLiveView:
    """A unit on the board. ``position`` is None off duty and on a break: nothing is located."""

    id: UUID
    commune_id: UUID
    call_sign: str
    kind: UnitKind
    armed: bool
    state: UnitState
    shift: ShiftView | None
    position: Position | None
    intervention_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class CameraStateView:
    up: bool
    since: datetime
    reason: str
    codec: str | None
    clock_offset_ms: float | None


@dataclass(frozen=True, kw_only=True)
class MoverView:
    """Who moves a camera; he lets go of it at ``free_at`` unless he moves it again."""

    id: UUID
    name: str
    rank: int
    free_at: datetime


@dataclass(frozen=True, kw_only=True)
class CameraClockView:
    """The camera's clock minus ours, as ONVIF told; ``wrong_since`` None: right, it seems."""

    offset_ms: float
    uncertainty_ms: float
    read_at: datetime
    wrong_since: datetime | None
    drift_s_a_day: float | None


@dataclass(frozen=True, kw_only=True)
class TalkerView:
    """Who speaks through a camera; the loudspeaker is free at ``free_at`` at the latest."""

    id: UUID
    name: str
    since: datetime
    free_at: datetime
    announces: bool


@dataclass(frozen=True, kw_only=True)
class CameraMasksView:
    """``version`` 0: nobody has decided yet."""

    version: int
    count: int
    by_camera: bool


@dataclass(frozen=True, kw_only=True)
class SuspendedView:
    """A kind that cried wolf: it is not looked for on the camera any more."""

    id: UUID
    kind: EventKind
    suspended_at: datetime
    false_alerts: int


@dataclass(frozen=True, kw_only=True)
class CameraView:
    """A camera; whether it is lawful follows from ``order`` and ``profile``.

    ``authorised_until`` and ``kinds``: what may be detected on it this minute. ``moves``: it has
    PTZ. ``has_loudspeaker`` None: it was never asked.
    """

    commune_id: CommuneId
    camera: Camera
    order: Order | None
    profile: str
    place: str
    main_url: str
    sub_url: str | None
    has_credentials: bool
    moves: bool
    mover: MoverView | None
    clock: CameraClockView | None
    touring_since: datetime | None
    has_loudspeaker: bool | None
    talker: TalkerView | None
    state: CameraStateView | None
    masks: CameraMasksView
    watching: int
    authorised_until: datetime | None
    kinds: frozenset[EventKind]
    suspended: list[SuspendedView]


@dataclass(frozen=True, kw_only=True)
class PatrolStreamView:
    id: UUID
    commune_id: UUID
    device_id: UUID
    unit_id: UUID
    call_sign: str
    person_id: UUID
    reason: ThreatReason
    intervention_id: UUID | None
    started_at: datetime
    live: bool
    since: datetime | None
    received_at: datetime | None
    received_by: PersonRef | None
    ended_at: datetime | None
    viewers: int


@dataclass(frozen=True, kw_only=True)
class GuidanceView:
    id: UUID
    commune_id: UUID
    unit_id: UUID
    call_sign: str
    intervention_id: UUID | None
    point: Point | None
    place: str
    text: str
    sent_by: PersonRef
    sent_at: datetime
    arrived_at: datetime | None
    read_at: datetime | None
