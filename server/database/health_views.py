"""Flat rows of what health shows: what is down, behind, wrong, or about to end."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.events import EventKind
from domain.identifiers import CommuneId
from domain.impairments import Impairment
from server.database.views import CameraClockView


@dataclass(frozen=True, kw_only=True)
class ProcessView:
    role: str
    holder: str
    up: bool
    seen_at: datetime
    clock_offset_ms: float | None


@dataclass(frozen=True, kw_only=True)
class CameraDownView:
    """``main_url``: without secrets, and still not for whoever manages no cameras."""

    id: UUID
    main_url: str
    commune_id: CommuneId
    number: int
    name: str
    since: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class SuspensionView:
    """A kind that is suspended on a camera."""

    camera_id: UUID
    commune_id: CommuneId
    number: int
    name: str
    kind: EventKind
    suspended_at: datetime


@dataclass(frozen=True, kw_only=True)
class CameraBehindView:
    """A camera that is analysed less often than it should be: there is more to do than can be."""

    id: UUID
    commune_id: CommuneId
    number: int
    name: str
    looks_per_s: float
    wanted_per_s: float


@dataclass(frozen=True, kw_only=True)
class CameraImpairedView:
    """A camera whose picture comes in, and shows nothing new, or nothing."""

    id: UUID
    commune_id: CommuneId
    number: int
    name: str
    what: Impairment
    since: datetime


@dataclass(frozen=True, kw_only=True)
class OrderEndingView:
    id: UUID
    commune_id: CommuneId
    number: str
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class WrongClockView:
    id: UUID
    commune_id: UUID
    number: int
    name: str
    clock: CameraClockView


@dataclass(frozen=True, kw_only=True)
class HealthView:
    """The whole installation's; whoever shows it keeps to the communes of who looks."""

    processes: list[ProcessView]
    cameras_down: list[CameraDownView]
    orders_ending: list[OrderEndingView]
    clocks_wrong: list[WrongClockView]
    suspensions: list[SuspensionView]
    cameras_behind: list[CameraBehindView]
    cameras_impaired: list[CameraImpairedView]
    database_size_bytes: int
