"""Views: things as one phone sees them. The routes and the live socket both use them."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from aiohttp import web

from domain.alerts import Alert
from domain.cameras import Camera
from domain.guidance import Guidance
from domain.identifiers import UnitId
from domain.interventions import Intervention
from domain.positions import Point
from domain.principals import DevicePrincipal
from domain.services import service_of
from domain.units import NotOnShift, Shift
from mobile_api.keys import (
    Alerts,
    Cameras,
    Clock,
    Communes,
    Devices,
    Guidances,
    Interventions,
    People,
    Push,
    Units,
)
from mobile_api.schemas import (
    CameraStreams,
    Channel,
    Channels,
    MobileAlert,
    MobileAssignment,
    MobileCommune,
    MobileDevice,
    MobileGuidance,
    MobileIntervention,
    MobileMe,
    MobilePerson,
    MobileShift,
    MobileUnit,
    NearCamera,
    SenderRef,
    UnitRef,
)

#: A phone is shown the guidance of this long: a shift and its hand-over.
GUIDANCE_SHOWN = timedelta(hours=12)


def shift_of(principal: DevicePrincipal) -> Shift:
    """Give the running shift; raises ``NotOnShift`` when there is none."""
    if principal.shift is None or principal.shift.ended_at is not None:
        raise NotOnShift("begin your shift to do this")
    return principal.shift


class Views:
    """Builds answers; reads and changes nothing else."""

    def __init__(
        self,
        *,
        devices: Devices,
        communes: Communes,
        people: People,
        units: Units,
        alerts: Alerts,
        interventions: Interventions,
        guidances: Guidances,
        cameras: Cameras,
        push: Push,
        clock: Clock,
    ) -> None:
        self._devices = devices
        self._communes = communes
        self._people = people
        self._units = units
        self._alerts = alerts
        self._interventions = interventions
        self._guidances = guidances
        self._cameras = cameras
        self._push = push
        self._clock = clock

    async def me(self, principal: DevicePrincipal) -> MobileMe:
        device, shift = principal.device, principal.shift
        subscription = await self._devices.subscription(device.id)
        channels = self._push.channels()
        return MobileMe(
            device=MobileDevice(
                id=device.id,
                name=device.name,
                kind=device.kind,
                push=subscription.channel if subscription else None,
            ),
            person=MobilePerson.model_validate(principal.person),
            commune=MobileCommune.model_validate(await self._communes.get(device.commune_id)),
            units=[
                MobileUnit.model_validate(unit)
                for unit in await self._units.of_commune(device.commune_id)
                if principal.may_crew(unit, at=self._clock())
            ],
            sees_pictures=await self._sees_pictures(principal),
            shift=MobileShift.model_validate(shift) if shift else None,
            intervention=await self.current_intervention(principal),
            vapid_public_key=self._push.vapid_public_key,
            channels=Channels(
                web_push=Channel.model_validate(channels["web-push"]),
                firebase=Channel.model_validate(channels["firebase"]),
            ),
        )

    async def current_intervention(self, principal: DevicePrincipal) -> MobileIntervention | None:
        """The open intervention that the principal's unit is on; None off shift."""
        if principal.shift is None:
            return None
        current = await self._interventions.current_of(principal.shift.unit_id)
        return await self.intervention(principal, current) if current else None

    async def intervention(
        self, principal: DevicePrincipal, intervention: Intervention
    ) -> MobileIntervention:
        unit_id = principal.shift.unit_id if principal.shift else None
        assignments = [
            MobileAssignment(
                unit_id=one.unit_id,
                call_sign=(await self._units.get(one.unit_id)).call_sign,
                state=one.state,
                assigned_at=one.assigned_at,
                en_route_at=one.en_route_at,
                on_scene_at=one.on_scene_at,
                cleared_at=one.cleared_at,
                by_radio=one.by_radio,
            )
            for one in intervention.assignments
        ]
        mine = next((one.state for one in assignments if one.unit_id == unit_id), None)
        return MobileIntervention(
            id=intervention.id,
            commune_id=intervention.commune_id,
            alert_id=intervention.alert_id,
            kind=intervention.kind,
            point=intervention.point,
            place=intervention.place,
            state=intervention.state,
            mine=mine,
            created_at=intervention.created_at,
            closed_at=intervention.closed_at,
            report=intervention.report,
            assignments=assignments,
        )

    async def alerts(self, principal: DevicePrincipal) -> list[MobileAlert]:
        """The open alerts addressed to the principal's unit, newest first; none off shift."""
        if principal.shift is None:
            return []
        found = await self._alerts.open_for(principal.shift.unit_id)
        return [await self.alert(principal, one) for one in found]

    async def alert(self, principal: DevicePrincipal, alert: Alert) -> MobileAlert:
        """``alert`` as the principal's unit sees it; off shift, as its agent sees his own alarm."""
        unit_id = principal.shift.unit_id if principal.shift else None
        first, sees = alert.acknowledged_by, await self._sees_pictures(principal)
        camera = await self._cameras.get(alert.camera_id) if sees and alert.camera_id else None
        intervention = await self._interventions.of_alert(alert.id)
        return MobileAlert(
            id=alert.id,
            kind=alert.kind,
            service=service_of(alert.kind),
            state=alert.state,
            point=alert.point,
            place=alert.place,
            note=alert.note,
            still=sees and alert.still_id is not None,
            raised_at=alert.raised_at,
            sent_at=alert.sent_at,
            camera_id=alert.camera_id if sees else None,
            camera_streams=_streams(camera) if camera else None,
            acknowledged_by=await self._unit_ref(first) if first else None,
            acknowledged_at=alert.acknowledged_at,
            mine=first is not None and first == unit_id,
            declined=unit_id in alert.unable,
            intervention_id=intervention.id if intervention else None,
        )

    async def guidances(self, principal: DevicePrincipal) -> list[MobileGuidance]:
        """What was sent to the principal's unit lately, newest first; nothing off shift."""
        if principal.shift is None:
            return []
        since = self._clock() - GUIDANCE_SHOWN
        return await self.of_guidance(
            await self._guidances.of_unit(principal.shift.unit_id, since=since)
        )

    async def of_guidance(self, guidances: Sequence[Guidance]) -> list[MobileGuidance]:
        names = await self._people.names({one.sent_by for one in guidances})
        return [
            MobileGuidance(
                id=one.id,
                commune_id=one.commune_id,
                unit_id=one.unit_id,
                call_sign=(await self._units.get(one.unit_id)).call_sign,
                sent_by=SenderRef(id=one.sent_by, name=names.get(one.sent_by, "")),
                intervention_id=one.intervention_id,
                point=one.point,
                place=one.place,
                text=one.text,
                sent_at=one.sent_at,
                arrived_at=one.arrived_at,
                read_at=one.read_at,
            )
            for one in guidances
        ]

    async def near(
        self, cameras: Iterable[Camera], *, point: Point | None, limit: int
    ) -> list[NearCamera]:
        """The ``limit`` cameras nearest to ``point``; by number where no point is given."""
        ordered = sorted(
            ((point.distance_m(camera.point) if point else None, camera) for camera in cameras),
            key=lambda pair: (pair[0] or 0.0, pair[1].number),
        )[:limit]
        up = await self._cameras.up([camera.id for _, camera in ordered])
        return [
            NearCamera(
                id=camera.id,
                number=camera.number,
                name=camera.name,
                point=camera.point,
                bearing_deg=camera.bearing_deg,
                field_of_view_deg=camera.field_of_view_deg,
                range_m=camera.range_m,
                distance_m=distance,
                streams=_streams(camera),
                up=camera.id in up,
            )
            for distance, camera in ordered
        ]

    async def _sees_pictures(self, principal: DevicePrincipal) -> bool:
        if principal.shift is None:
            return False
        unit = await self._units.get(principal.shift.unit_id)
        return principal.sees_pictures(unit, at=self._clock())

    async def _unit_ref(self, unit_id: UnitId) -> UnitRef:
        return UnitRef(unit_id=unit_id, call_sign=(await self._units.get(unit_id)).call_sign)


def _streams(camera: Camera) -> CameraStreams:
    return CameraStreams(main=camera.main_stream_id, sub=camera.sub_stream_id)


VIEWS = web.AppKey("VIEWS", Views)
