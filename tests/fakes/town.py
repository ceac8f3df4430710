"""One commune, its units and devices: what the fakes of `mobile_api` share."""

from dataclasses import dataclass, field
from uuid import UUID

from domain.alerts import Alert
from domain.cameras import Camera
from domain.communes import Commune
from domain.guidance import Guidance
from domain.identifiers import (
    AlertId,
    CameraId,
    DeviceId,
    GuidanceId,
    InterventionId,
    PersonId,
    ShiftId,
    UnitId,
)
from domain.interventions import Intervention
from domain.positions import Position
from domain.principals import DevicePrincipal
from domain.units import Shift, Unit
from tests.fakes.clock import FakeClock


@dataclass(kw_only=True)
class FakeTown:
    """What a commune's tables hold, and all the seams of ``mobile_api.keys`` over it."""

    commune: Commune
    clock: FakeClock
    people: dict[PersonId, str] = field(default_factory=dict)
    units: dict[UnitId, Unit] = field(default_factory=dict)
    cameras: dict[CameraId, Camera] = field(default_factory=dict)
    cameras_up: set[CameraId] = field(default_factory=set)
    devices: dict[DeviceId, DevicePrincipal] = field(default_factory=dict)
    shifts: dict[ShiftId, Shift] = field(default_factory=dict)
    alerts: dict[AlertId, Alert] = field(default_factory=dict)
    interventions: dict[InterventionId, Intervention] = field(default_factory=dict)
    guidances: dict[GuidanceId, Guidance] = field(default_factory=dict)
    fixes: dict[UUID, tuple[UnitId, Position]] = field(default_factory=dict)
    arrivals: list[tuple[AlertId, UnitId, DeviceId]] = field(default_factory=list)
    heard: list[tuple[UnitId, Position]] = field(default_factory=list)
    actors: list[str] = field(default_factory=list)
