"""What the handlers of patrol phones need; ``server.wiring`` supplies it.

Each Protocol is what one kind of thing must be able to do for a phone, in domain types; its one
implementation is in ``server`` (repositories, access, stills) or in ``push``.
"""

from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from aiohttp import web

from domain.alerts import Alert
from domain.cameras import Camera
from domain.communes import Commune
from domain.guidance import Guidance
from domain.identifiers import (
    AlertId,
    CameraId,
    CommuneId,
    DeviceId,
    GuidanceId,
    InterventionId,
    PersonId,
    ShiftId,
    UnitId,
)
from domain.interventions import Intervention
from domain.people import Permission
from domain.positions import Position
from domain.principals import DevicePrincipal
from domain.units import DeviceKind, Shift, Unit

type Clock = Callable[[], datetime]
type ChannelName = Literal["web-push", "firebase"]


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """Where a device's push messages go.

    ``address`` is what the table keeps: web-push {"endpoint", "p256dh", "auth"}, firebase
    {"token"} or {"fid"}.
    """

    channel: ChannelName
    address: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Fix:
    """A position under the id that the phone gave it: sent twice, it is stored once."""

    id: UUID
    position: Position


@dataclass(frozen=True, kw_only=True)
class Still:
    """One picture as JPEG, and when the camera took it."""

    jpeg: bytes
    taken_at: datetime


class ChannelStatus(Protocol):
    """Whether a push channel works; ``reason`` says, for people, why it is off."""

    @property
    def on(self) -> bool: ...
    @property
    def reason(self) -> str: ...


class Access(Protocol):
    """The only way to an object: ``NotFound`` for another's, ``Forbidden`` for a missing right.

    For a device: things of its own commune, with ``Permission.PATROL`` held by its agent; alerts,
    interventions and guidance of the unit of its running shift (``NotOnShift`` without one), and
    the alarm that its agent raised himself; cameras on shift only, and only those that
    ``Camera.check_lawful`` lets through.
    """

    async def unit_for(
        self, principal: DevicePrincipal, unit_id: UnitId, permission: Permission
    ) -> Unit: ...
    async def alert_for(
        self, principal: DevicePrincipal, alert_id: AlertId, permission: Permission
    ) -> Alert: ...
    async def intervention_for(
        self, principal: DevicePrincipal, intervention_id: InterventionId, permission: Permission
    ) -> Intervention: ...
    async def guidance_for(
        self, principal: DevicePrincipal, guidance_id: GuidanceId, permission: Permission
    ) -> Guidance: ...
    async def camera_for(
        self, principal: DevicePrincipal, camera_id: CameraId, permission: Permission
    ) -> Camera: ...
    async def cameras_for(
        self, principal: DevicePrincipal, permission: Permission
    ) -> Sequence[Camera]:
        """Every camera that ``principal`` may watch now (enabled, lawful)."""

    async def check_sees_pictures(self, principal: DevicePrincipal) -> None:
        """Raise ``NotOnShift``, or ``CrewWithoutPictures``: by its unit's kind or agent's role."""


class Devices(Protocol):
    async def enrol(
        self,
        *,
        code_hash: bytes,
        token_hash: bytes,
        osmand_hash: bytes,
        pin_hash: str,
        kind: DeviceKind | None,
        at: datetime,
    ) -> DevicePrincipal:
        """Use up the code and keep the device's secrets, as hashes; a register entry.

        A device that was enrolled before loses its old token, push address and running shift.
        Raises ``NotFound`` for a code that is unknown, used, out of date, or of a revoked device.
        """

    async def by_osmand(self, osmand_hash: bytes) -> DevicePrincipal | None:
        """The device with that secret, with its running shift; None: unknown or revoked.

        Notes that the device was seen.
        """

    async def pin_hash(self, device_id: DeviceId) -> str | None: ...
    async def subscription(self, device_id: DeviceId) -> Subscription | None: ...
    async def subscribe(
        self, device_id: DeviceId, subscription: Subscription, *, at: datetime
    ) -> None: ...
    async def unsubscribe(self, device_id: DeviceId) -> None: ...


class Communes(Protocol):
    async def get(self, commune_id: CommuneId) -> Commune: ...


class People(Protocol):
    async def names(self, person_ids: Collection[PersonId]) -> Mapping[PersonId, str]: ...


class Units(Protocol):
    async def get(self, unit_id: UnitId) -> Unit: ...
    async def of_commune(self, commune_id: CommuneId) -> Sequence[Unit]:
        """The commune's units that are not disabled, by call sign."""


class Shifts(Protocol):
    async def begin(self, shift: Shift) -> Shift:
        """Store it and tell it (``UnitChanged``); the same id again gives the stored one.

        Raises ``ShiftConflict`` when the device is on another shift.
        """

    async def change(
        self, shift_id: ShiftId, how: Callable[[Shift], Shift], *, actor: str
    ) -> Shift: ...


class Positions(Protocol):
    async def add(self, fixes: Sequence[Fix], *, shift: Shift, received_at: datetime) -> None:
        """Store those that are not there yet, in one statement.

        Raises ``NotOnShift`` or ``OnBreak``, and stores nothing, when the row of ``shift`` says so
        by now.
        """

    async def latest(self, unit_id: UnitId) -> Position | None:
        """The newest fix of the running shifts of ``unit_id``."""


class PositionListener(Protocol):
    def heard(self, unit: Unit, position: Position) -> None:
        """Be told of a unit's newest fix, at once and without waiting: the live sockets."""


class Alerts(Protocol):
    async def open_for(self, unit_id: UnitId) -> Sequence[Alert]:
        """The alerts sent to ``unit_id`` that are not resolved, newest first."""

    async def change(
        self, alert_id: AlertId, how: Callable[[Alert], Alert], *, actor: str
    ) -> Alert: ...
    async def arrived(
        self, alert_id: AlertId, *, unit_id: UnitId, device_id: DeviceId, at: datetime
    ) -> None:
        """Note, the first time, that it is on the phone: recipient, message, ``AlertArrived``."""

    async def acknowledge(
        self,
        alert_id: AlertId,
        *,
        unit_id: UnitId,
        intervention_id: InterventionId,
        actor: str,
        at: datetime,
    ) -> tuple[Alert, Intervention]:
        """``Alert.acknowledge``, and the intervention with the unit assigned, in one transaction.

        ``intervention_id`` names the new intervention; one that the alert already has is kept.
        Raises what ``Alert.acknowledge`` raises.
        """

    async def decline(
        self, alert_id: AlertId, *, unit_id: UnitId, reason: str, actor: str, at: datetime
    ) -> Alert:
        """``Alert.decline``, with the reason and the time on the recipient's row."""

    async def raise_alarm(self, alert: Alert, *, device_id: DeviceId, actor: str) -> Alert:
        """Store a panic alarm, tell it (``AlertRaised``), enter it in the register.

        The same id again gives the stored alert.
        """


class Interventions(Protocol):
    async def of_alert(self, alert_id: AlertId) -> Intervention | None: ...
    async def current_of(self, unit_id: UnitId) -> Intervention | None:
        """The open intervention that ``unit_id`` is on, the latest assigned one."""

    async def change(
        self,
        intervention_id: InterventionId,
        how: Callable[[Intervention], Intervention],
        *,
        actor: str,
    ) -> Intervention: ...


class Guidances(Protocol):
    async def of_unit(self, unit_id: UnitId, *, since: datetime) -> Sequence[Guidance]:
        """What was sent to ``unit_id`` since then, newest first, at most 100."""

    async def change(
        self,
        guidance_id: GuidanceId,
        how: Callable[[Guidance], Guidance],
        *,
        actor: str,
        device_id: DeviceId | None = None,
    ) -> Guidance:
        """``device_id``: the phone that says so; its push message rings no more."""


class Cameras(Protocol):
    async def get(self, camera_id: CameraId) -> Camera: ...
    async def up(self, camera_ids: Collection[CameraId]) -> Set[CameraId]:
        """Those of ``camera_ids`` whose picture comes in now."""


class Stills(Protocol):
    """Pictures, each noted in the register before it is given."""

    async def of_camera(self, principal: DevicePrincipal, camera: Camera) -> Still:
        """Ask the media process; raises ``StreamOffline`` or ``Unavailable``."""

    async def of_alert(self, principal: DevicePrincipal, alert: Alert) -> Still:
        """Raises ``NotFound`` when the alert has none, or it was purged."""


class Places(Protocol):
    def describe(self, lon: float, lat: float) -> str | None:
        """The place as people say it, None without a name near. May raise ``Unavailable``."""


class Pins(Protocol):
    """argon2id, in a thread, few at once."""

    async def hash(self, secret: str) -> str: ...
    async def matches(self, hashed: str, secret: str) -> bool: ...


class Push(Protocol):
    """What a phone asks of the push channels; ``push.courier.Courier`` is one."""

    @property
    def vapid_public_key(self) -> str | None:
        """For ``PushManager.subscribe``: base64url; None when that channel is off."""

    def channels(self) -> Mapping[ChannelName, ChannelStatus]: ...
    def check_address(self, channel: ChannelName, address: Mapping[str, str]) -> None:
        """Raise ``Invalid`` for one that nothing may be sent to, ``Unavailable`` if it is off."""

    async def test(self, channel: ChannelName, address: Mapping[str, str]) -> None:
        """Send a test message now; raises ``Unavailable`` with what the service answered."""


CLOCK: web.AppKey[Clock] = web.AppKey("CLOCK")
ACCESS: web.AppKey[Access] = web.AppKey("ACCESS")
DEVICES: web.AppKey[Devices] = web.AppKey("DEVICES")
COMMUNES: web.AppKey[Communes] = web.AppKey("COMMUNES")
PEOPLE: web.AppKey[People] = web.AppKey("PEOPLE")
UNITS: web.AppKey[Units] = web.AppKey("UNITS")
SHIFTS: web.AppKey[Shifts] = web.AppKey("SHIFTS")
POSITIONS: web.AppKey[Positions] = web.AppKey("POSITIONS")
POSITION_LISTENER: web.AppKey[PositionListener] = web.AppKey("POSITION_LISTENER")
ALERTS: web.AppKey[Alerts] = web.AppKey("ALERTS")
INTERVENTIONS: web.AppKey[Interventions] = web.AppKey("INTERVENTIONS")
GUIDANCES: web.AppKey[Guidances] = web.AppKey("GUIDANCES")
CAMERAS: web.AppKey[Cameras] = web.AppKey("CAMERAS")
STILLS: web.AppKey[Stills] = web.AppKey("STILLS")
PLACES: web.AppKey[Places] = web.AppKey("PLACES")
PINS: web.AppKey[Pins] = web.AppKey("PINS")
PUSH: web.AppKey[Push] = web.AppKey("PUSH")
#: How phones reach this server from outside, "https://csu.example.org", without a final slash.
PUBLIC_URL: web.AppKey[str] = web.AppKey("PUBLIC_URL")

#: Who asks; set by the sign-in middleware of ``server.http`` for routes that need a device.
DEVICE: web.RequestKey[DevicePrincipal] = web.RequestKey("DEVICE")
