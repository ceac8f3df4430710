"""Fakes: one small real class for each seam, in memory, with the rules of the real one.

What a fake promises is held against the real thing by the tests in ``tests/integration``.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.alerts import Alert, AlertState
from domain.cameras import Camera
from domain.communes import Commune
from domain.errors import Forbidden, NotFound, Unavailable
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
from domain.units import DeviceKind, NotOnShift, Shift, ShiftConflict, Unit
from mobile_api.keys import Fix, Still, Subscription
from push.channels import ChannelStatus
from push.outgoing import ChannelName, Delivery


class FakeClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, at: datetime = datetime(2026, 3, 1, 22, tzinfo=UTC)) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> None:
        self.at += by


# push


@dataclass
class Row:
    """A row of the push table: its state and what led to it."""

    delivery: Delivery
    due_at: datetime
    state: str = "due"
    log: list[str] = field(default_factory=list)


class FakeOutgoing:
    """push.outgoing.Outgoing. ``answered`` holds what needs to ring no more."""

    def __init__(self) -> None:
        self.rows: dict[UUID, Row] = {}
        self.answered: set[UUID] = set()
        self.dropped: list[UUID] = []
        self.unavailable = 0
        self.asked = asyncio.Event()
        self.changed = asyncio.Condition()

    def add(self, delivery: Delivery, *, due_at: datetime) -> None:
        self.rows[delivery.id] = Row(delivery, due_at)

    async def wait_until(self, holds: Callable[[], bool]) -> None:
        async with self.changed:
            await self.changed.wait_for(holds)

    async def due(self, *, limit: int, now: datetime, hold: timedelta) -> Sequence[Delivery]:
        self.asked.set()
        self._answer()
        for row in self.rows.values():
            if row.state == "due" and row.delivery.about_id in self.answered:
                row.state = "arrived"
                await self._log(row, "answered")
        due = [row for row in self.rows.values() if row.state == "due" and row.due_at <= now]
        for row in (taken := sorted(due, key=lambda row: row.due_at)[:limit]):
            row.due_at = now + hold
        return [row.delivery for row in taken]

    async def accepted(
        self, delivery_id: UUID, *, channel: ChannelName, at: datetime, again_at: datetime
    ) -> None:
        self._answer()
        row = self._tried(delivery_id)
        row.delivery = replace(row.delivery, accepted_at=row.delivery.accepted_at or at)
        row.due_at = again_at
        await self._log(row, "accepted")

    async def failed(
        self, delivery_id: UUID, *, channel: ChannelName, error: str, retry_at: datetime
    ) -> None:
        self._answer()
        row = self._tried(delivery_id)
        row.due_at = retry_at
        await self._log(row, "failed")

    async def given_up(self, delivery_id: UUID, *, error: str) -> None:
        self._answer()
        row = self.rows[delivery_id]
        row.state = "failed"
        await self._log(row, "given up")

    async def expired(self, delivery_id: UUID) -> None:
        self._answer()
        row = self.rows[delivery_id]
        row.state = "expired"
        await self._log(row, "expired")

    async def drop_subscription(self, device_id: UUID, *, address: Mapping[str, str]) -> None:
        self._answer()
        self.dropped.append(device_id)

    async def waiting(self) -> int:
        return sum(row.state == "due" for row in self.rows.values())

    def _answer(self) -> None:
        if self.unavailable:
            self.unavailable -= 1
            raise Unavailable("the database does not answer")

    def _tried(self, delivery_id: UUID) -> Row:
        row = self.rows[delivery_id]
        row.delivery = replace(row.delivery, attempts=row.delivery.attempts + 1)
        return row

    async def _log(self, row: Row, what: str) -> None:
        async with self.changed:
            row.log.append(what)
            self.changed.notify_all()


class FakePush:
    """mobile_api.keys.Push: both channels on, every address good."""

    vapid_public_key: str | None = "BFakeKey"

    def __init__(self) -> None:
        self.tested: list[Mapping[str, str]] = []
        self.status = ChannelStatus(on=True)

    def channels(self) -> Mapping[ChannelName, ChannelStatus]:
        return {"web-push": self.status, "firebase": self.status}

    def check_address(self, channel: ChannelName, address: Mapping[str, str]) -> None:
        pass

    async def test(self, channel: ChannelName, address: Mapping[str, str]) -> None:
        self.tested.append(address)


# mobile_api


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


class FakeAccess:
    """A device sees its own commune's, and of the work only its unit's."""

    def __init__(self, town: FakeTown) -> None:
        self._town = town

    async def unit_for(
        self, principal: DevicePrincipal, unit_id: UnitId, permission: Permission
    ) -> Unit:
        unit = self._town.units.get(unit_id)
        if unit is None or unit.commune_id != principal.device.commune_id:
            raise NotFound("there is no such unit")
        return unit

    async def alert_for(
        self, principal: DevicePrincipal, alert_id: AlertId, permission: Permission
    ) -> Alert:
        alert = self._town.alerts.get(alert_id)
        if alert is not None and alert.raised_by == principal.person.id:
            return alert
        unit_id = self._unit(principal)
        if alert is None or unit_id not in alert.recipients:
            raise NotFound("there is no such alert")
        return alert

    async def intervention_for(
        self, principal: DevicePrincipal, intervention_id: InterventionId, permission: Permission
    ) -> Intervention:
        unit_id = self._unit(principal)
        intervention = self._town.interventions.get(intervention_id)
        if intervention is None or all(a.unit_id != unit_id for a in intervention.assignments):
            raise NotFound("there is no such intervention")
        return intervention

    async def guidance_for(
        self, principal: DevicePrincipal, guidance_id: GuidanceId, permission: Permission
    ) -> Guidance:
        unit_id = self._unit(principal)
        guidance = self._town.guidances.get(guidance_id)
        if guidance is None or guidance.unit_id != unit_id:
            raise NotFound("there is no such guidance")
        return guidance

    async def camera_for(
        self, principal: DevicePrincipal, camera_id: CameraId, permission: Permission
    ) -> Camera:
        self._unit(principal)
        camera = self._town.cameras.get(camera_id)
        if camera is None or camera.commune_id != principal.device.commune_id:
            raise NotFound("there is no such camera")
        if camera.disabled_at is not None:
            raise Forbidden("the camera is switched off")
        return camera

    async def cameras_for(
        self, principal: DevicePrincipal, permission: Permission
    ) -> Sequence[Camera]:
        self._unit(principal)
        return [one for one in self._town.cameras.values() if one.disabled_at is None]

    def _unit(self, principal: DevicePrincipal) -> UnitId:
        if principal.shift is None:
            raise NotOnShift("begin your shift to do this")
        return principal.shift.unit_id


class FakeDevices:
    def __init__(self, town: FakeTown) -> None:
        self._town = town
        self.codes: dict[bytes, DeviceId] = {}
        self.tokens: dict[bytes, DeviceId] = {}
        self.osmand: dict[bytes, DeviceId] = {}
        self.pins: dict[DeviceId, str] = {}
        self.subscriptions: dict[DeviceId, Subscription] = {}

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
        device_id = self.codes.pop(code_hash, None)
        if device_id is None:
            raise NotFound("there is no such code")
        principal = self._town.devices[device_id]
        device = replace(principal.device, enrolled_at=at, kind=kind or principal.device.kind)
        self._town.devices[device_id] = replace(principal, device=device, shift=None)
        self.tokens[token_hash] = self.osmand[osmand_hash] = device_id
        self.pins[device_id] = pin_hash
        return self._town.devices[device_id]

    async def by_osmand(self, osmand_hash: bytes) -> DevicePrincipal | None:
        device_id = self.osmand.get(osmand_hash)
        return self._town.devices[device_id] if device_id else None

    async def pin_hash(self, device_id: DeviceId) -> str | None:
        return self.pins.get(device_id)

    async def subscription(self, device_id: DeviceId) -> Subscription | None:
        return self.subscriptions.get(device_id)

    async def subscribe(
        self, device_id: DeviceId, subscription: Subscription, *, at: datetime
    ) -> None:
        self.subscriptions[device_id] = subscription

    async def unsubscribe(self, device_id: DeviceId) -> None:
        self.subscriptions.pop(device_id, None)


class FakeCommunes:
    def __init__(self, town: FakeTown) -> None:
        self._town = town

    async def get(self, commune_id: CommuneId) -> Commune:
        return self._town.commune


class FakePeople:
    def __init__(self, town: FakeTown) -> None:
        self._town = town

    async def names(self, person_ids: Collection[PersonId]) -> Mapping[PersonId, str]:
        return {one: self._town.people[one] for one in person_ids if one in self._town.people}


class FakeUnits:
    def __init__(self, town: FakeTown) -> None:
        self._town = town

    async def get(self, unit_id: UnitId) -> Unit:
        return self._town.units[unit_id]

    async def of_commune(self, commune_id: CommuneId) -> Sequence[Unit]:
        units = [unit for unit in self._town.units.values() if unit.disabled_at is None]
        return sorted(units, key=lambda unit: unit.call_sign)


class FakeShifts:
    def __init__(self, town: FakeTown) -> None:
        self._town = town

    async def begin(self, shift: Shift) -> Shift:
        if shift.id in self._town.shifts:
            return self._town.shifts[shift.id]
        if any(
            one.device_id == shift.device_id and one.ended_at is None
            for one in self._town.shifts.values()
        ):
            raise ShiftConflict("this device is already on a shift")
        return self._keep(shift)

    async def change(
        self, shift_id: ShiftId, how: Callable[[Shift], Shift], *, actor: str
    ) -> Shift:
        self._town.actors.append(actor)
        return self._keep(how(self._town.shifts[shift_id]))

    def _keep(self, shift: Shift) -> Shift:
        self._town.shifts[shift.id] = shift
        principal = self._town.devices[shift.device_id]
        running = None if shift.ended_at else shift
        self._town.devices[shift.device_id] = replace(principal, shift=running)
        return shift


class FakePositions:
    def __init__(self, town: FakeTown) -> None:
        self._town = town

    async def add(self, fixes: Sequence[Fix], *, shift: Shift, received_at: datetime) -> None:
        self._town.shifts.get(shift.id, shift).check_locatable()
        for fix in fixes:
            self._town.fixes.setdefault(fix.id, (shift.unit_id, fix.position))

    async def latest(self, unit_id: UnitId) -> Position | None:
        mine = [position for unit, position in self._town.fixes.values() if unit == unit_id]
        return max(mine, key=lambda position: position.fixed_at, default=None)


class FakePositionListener:
    def __init__(self, town: FakeTown) -> None:
        self._town = town

    def heard(self, unit: Unit, position: Position) -> None:
        self._town.heard.append((unit.id, position))


class FakeAlerts:
    def __init__(self, town: FakeTown) -> None:
        self._town = town

    async def open_for(self, unit_id: UnitId) -> Sequence[Alert]:
        mine = [
            alert
            for alert in self._town.alerts.values()
            if unit_id in alert.recipients and alert.state is not AlertState.RESOLVED
        ]
        return sorted(mine, key=lambda alert: alert.raised_at, reverse=True)

    async def change(
        self, alert_id: AlertId, how: Callable[[Alert], Alert], *, actor: str
    ) -> Alert:
        self._town.actors.append(actor)
        self._town.alerts[alert_id] = how(self._town.alerts[alert_id])
        return self._town.alerts[alert_id]

    async def arrived(
        self, alert_id: AlertId, *, unit_id: UnitId, device_id: DeviceId, at: datetime
    ) -> None:
        if (alert_id, unit_id, device_id) not in self._town.arrivals:
            self._town.arrivals.append((alert_id, unit_id, device_id))

    async def acknowledge(
        self,
        alert_id: AlertId,
        *,
        unit_id: UnitId,
        intervention_id: InterventionId,
        actor: str,
        at: datetime,
    ) -> tuple[Alert, Intervention]:
        alert = await self.change(
            alert_id, lambda one: one.acknowledge(unit_id, at=at), actor=actor
        )
        there = [one for one in self._town.interventions.values() if one.alert_id == alert_id]
        intervention = there[0] if there else None
        if intervention is None:
            intervention = Intervention(
                id=intervention_id,
                commune_id=alert.commune_id,
                kind=alert.kind,
                place=alert.place,
                point=alert.point,
                created_at=at,
                alert_id=alert_id,
            )
        intervention = intervention.assign(unit_id, at=at)
        self._town.interventions[intervention.id] = intervention
        return alert, intervention

    async def decline(
        self, alert_id: AlertId, *, unit_id: UnitId, reason: str, actor: str, at: datetime
    ) -> Alert:
        return await self.change(alert_id, lambda one: one.decline(unit_id), actor=actor)

    async def raise_alarm(self, alert: Alert, *, device_id: DeviceId, actor: str) -> Alert:
        return self._town.alerts.setdefault(alert.id, alert)


class FakeInterventions:
    def __init__(self, town: FakeTown) -> None:
        self._town = town

    async def of_alert(self, alert_id: AlertId) -> Intervention | None:
        found = [one for one in self._town.interventions.values() if one.alert_id == alert_id]
        return found[0] if found else None

    async def current_of(self, unit_id: UnitId) -> Intervention | None:
        found = [one for one in self._town.interventions.values() if one.has_unit(unit_id)]
        return found[-1] if found else None

    async def change(
        self,
        intervention_id: InterventionId,
        how: Callable[[Intervention], Intervention],
        *,
        actor: str,
    ) -> Intervention:
        self._town.actors.append(actor)
        changed = how(self._town.interventions[intervention_id])
        self._town.interventions[intervention_id] = changed
        return changed


class FakeGuidances:
    def __init__(self, town: FakeTown) -> None:
        self._town = town

    async def of_unit(self, unit_id: UnitId, *, since: datetime) -> Sequence[Guidance]:
        mine = [
            one
            for one in self._town.guidances.values()
            if one.unit_id == unit_id and one.sent_at >= since
        ]
        return sorted(mine, key=lambda one: one.sent_at, reverse=True)

    async def change(
        self,
        guidance_id: GuidanceId,
        how: Callable[[Guidance], Guidance],
        *,
        actor: str,
        device_id: DeviceId | None = None,
    ) -> Guidance:
        self._town.actors.append(actor)
        self._town.guidances[guidance_id] = how(self._town.guidances[guidance_id])
        return self._town.guidances[guidance_id]


class FakeCameras:
    def __init__(self, town: FakeTown) -> None:
        self._town = town

    async def get(self, camera_id: CameraId) -> Camera:
        return self._town.cameras[camera_id]

    async def up(self, camera_ids: Collection[CameraId]) -> Set[CameraId]:
        return self._town.cameras_up & set(camera_ids)


class FakeStills:
    def __init__(self, town: FakeTown) -> None:
        self._town = town

    async def of_camera(self, principal: DevicePrincipal, camera: Camera) -> Still:
        if camera.id not in self._town.cameras_up:
            raise Unavailable("the camera gives no picture now")
        return Still(jpeg=b"\xff\xd8camera", taken_at=self._town.clock())

    async def of_alert(self, principal: DevicePrincipal, alert: Alert) -> Still:
        if alert.still_id is None:
            raise NotFound("the alert has no still")
        return Still(jpeg=b"\xff\xd8alert", taken_at=alert.raised_at)


class FakePlaces:
    """Everything lies in the main street, unless the map is damaged."""

    damaged = False

    def describe(self, lon: float, lat: float) -> str | None:
        if self.damaged:
            raise Unavailable("the map can't be read")
        return "Grande Rue"


class FakePins:
    """No argon2: its cost is what makes it good, and what tests need not pay."""

    async def hash(self, secret: str) -> str:
        return f"hashed:{secret}"

    async def matches(self, hashed: str, secret: str) -> bool:
        return hashed == f"hashed:{secret}"
