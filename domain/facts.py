"""What has happened: the past-tense records that listeners receive, by way of the Bus.

A fact names things by their identifiers; whoever hears it reads the rest. It carries its own id,
so that hearing it twice changes nothing.
"""

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

from domain.errors import Invalid


@dataclass(frozen=True, kw_only=True)
class Fact:
    """The part all facts share. ``commune_id`` None: it concerns the installation."""

    kind: ClassVar[str]

    at: datetime
    commune_id: UUID | None
    id: UUID = field(default_factory=uuid4)

    def as_json(self) -> dict[str, object]:
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {"kind": self.kind} | {name: _plain(value) for name, value in values.items()}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


@dataclass(frozen=True, kw_only=True)
class AboutAlert(Fact):
    alert_id: UUID


@dataclass(frozen=True, kw_only=True)
class AlertRaised(AboutAlert):
    kind = "alert-raised"


@dataclass(frozen=True, kw_only=True)
class AlertHandled(AboutAlert):
    kind = "alert-handled"


@dataclass(frozen=True, kw_only=True)
class AlertConfirmed(AboutAlert):
    kind = "alert-confirmed"


@dataclass(frozen=True, kw_only=True)
class AlertDismissed(AboutAlert):
    kind = "alert-dismissed"


@dataclass(frozen=True, kw_only=True)
class AlertReopened(AboutAlert):
    kind = "alert-reopened"


@dataclass(frozen=True, kw_only=True)
class AlertSent(AboutAlert):
    kind = "alert-sent"


@dataclass(frozen=True, kw_only=True)
class AlertArrived(AboutAlert):
    """The alert is on a phone of ``unit_id``: not read, not accepted, but there."""

    kind = "alert-arrived"
    unit_id: UUID


@dataclass(frozen=True, kw_only=True)
class AlertAcknowledged(AboutAlert):
    kind = "alert-acknowledged"
    unit_id: UUID


@dataclass(frozen=True, kw_only=True)
class AlertDeclined(AboutAlert):
    kind = "alert-declined"
    unit_id: UUID


@dataclass(frozen=True, kw_only=True)
class AlertResolved(AboutAlert):
    kind = "alert-resolved"


@dataclass(frozen=True, kw_only=True)
class EventClosed(Fact):
    kind = "event-closed"
    event_id: UUID


@dataclass(frozen=True, kw_only=True)
class EventOpened(Fact):
    """A watch in the detect process says that something began; its row and still are stored."""

    kind = "event-opened"
    event_id: UUID


@dataclass(frozen=True, kw_only=True)
class InterventionChanged(Fact):
    kind = "intervention-changed"
    intervention_id: UUID


@dataclass(frozen=True, kw_only=True)
class UnitChanged(Fact):
    """A unit's shift, break or state changed."""

    kind = "unit-changed"
    unit_id: UUID


@dataclass(frozen=True, kw_only=True)
class GuidanceChanged(Fact):
    """Guidance was sent, arrived, or was read."""

    kind = "guidance-changed"
    guidance_id: UUID


@dataclass(frozen=True, kw_only=True)
class CameraChanged(Fact):
    """A camera's configuration, zones or authorisations changed."""

    kind = "camera-changed"
    camera_id: UUID


@dataclass(frozen=True, kw_only=True)
class CameraWentDown(Fact):
    kind = "camera-went-down"
    camera_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class CameraCameBack(Fact):
    kind = "camera-came-back"
    camera_id: UUID


@dataclass(frozen=True, kw_only=True)
class CameraTaken(Fact):
    """Somebody moves the camera, still does, or has let go of it."""

    kind = "camera-taken"
    camera_id: UUID


@dataclass(frozen=True, kw_only=True)
class DetectionSuspended(Fact):
    """A kind cried wolf on the camera, or from the sensor: it is not looked for, or taken."""

    kind = "detection-suspended"
    camera_id: UUID | None = None
    sensor_id: UUID | None = None
    event_kind: str


@dataclass(frozen=True, kw_only=True)
class DetectionResumed(Fact):
    """A supervisor lifted the suspension of a kind on the camera, or of the sensor."""

    kind = "detection-resumed"
    camera_id: UUID | None = None
    sensor_id: UUID | None = None
    event_kind: str


@dataclass(frozen=True, kw_only=True)
class TalkChanged(Fact):
    """Somebody speaks through the camera's loudspeaker, or has ended."""

    kind = "talk-changed"
    camera_id: UUID


@dataclass(frozen=True, kw_only=True)
class PatrolStreamChanged(Fact):
    """A patrol's live stream started, was received, went away, came back or ended."""

    kind = "patrol-stream-changed"
    stream_id: UUID


@dataclass(frozen=True, kw_only=True)
class MediaStarted(Fact):
    """A media process is there (again): who watched through it asks anew."""

    kind = "media-started"
    holder: str


@dataclass(frozen=True, kw_only=True)
class ViewingEnded(Fact):
    kind = "viewing-ended"
    viewing_id: UUID


@dataclass(frozen=True, kw_only=True)
class WallChanged(Fact):
    """A shared wall was added, shows something else, or was taken out of use."""

    kind = "wall-changed"
    wall_id: UUID


@dataclass(frozen=True, kw_only=True)
class AccessRevoked(Fact):
    """A session, a person, a grant or a device lost its right: what it holds open ends now."""

    kind = "access-revoked"
    person_id: UUID | None = None
    device_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class ConfigurationChanged(Fact):
    """Something an administrator keeps changed: ``object`` says what sort of thing."""

    kind = "configuration-changed"
    object: str


def _leaves(base: type[Fact]) -> list[type[Fact]]:
    below = base.__subclasses__()
    return [leaf for child in below for leaf in _leaves(child)] if below else [base]


KINDS: dict[str, type[Fact]] = {leaf.kind: leaf for leaf in _leaves(Fact)}


def from_json(document: dict[str, Any]) -> Fact:
    """Read what ``Fact.as_json`` wrote; raises ``Invalid`` for anything else."""
    try:
        cls = KINDS[document["kind"]]
        values: dict[str, Any] = {}
        for f in fields(cls):
            value = document[f.name]
            if f.name == "at":
                value = datetime.fromisoformat(value)
            elif f.name == "id" or f.name.endswith("_id"):
                value = None if value is None else UUID(value)
            values[f.name] = value
        return cls(**values)
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(f"not a fact: {error}") from error
