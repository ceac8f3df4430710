"""What `mobile_api` is given of patrols: access, devices, people, units, shifts, positions."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from domain.alerts import Alert
from domain.cameras import Camera
from domain.communes import Commune
from domain.errors import Forbidden, NotFound
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
from domain.units import CrewWithoutPictures, DeviceKind, NotOnShift, Shift, ShiftConflict, Unit
from mobile_api.keys import Fix, Subscription
from tests.fakes.town import FakeTown


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

    async def check_sees_pictures(self, principal: DevicePrincipal) -> None:
        unit = self._town.units[self._unit(principal)]
        if not principal.sees_pictures(unit, at=self._town.clock()):
            raise CrewWithoutPictures("this unit sees no pictures")

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
