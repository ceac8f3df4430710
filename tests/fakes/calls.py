"""What `mobile_api` is given of what happens: alerts, interventions, guidance, pictures."""

from collections.abc import Callable, Collection, Sequence, Set
from datetime import datetime

from domain.alerts import Alert, AlertState
from domain.cameras import Camera
from domain.errors import NotFound, Unavailable
from domain.guidance import Guidance
from domain.identifiers import (
    AlertId,
    CameraId,
    DeviceId,
    GuidanceId,
    InterventionId,
    UnitId,
)
from domain.interventions import Intervention
from domain.principals import DevicePrincipal
from mobile_api.keys import Still
from tests.fakes.town import FakeTown


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
