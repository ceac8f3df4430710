"""Who may see and do what: one function for each kind of object, and no other way to one.

Another commune's things do not exist (``NotFound``) unless a convention in force opens them; in
one's own commune a role that does not include something is told so (``Forbidden``). Then come the
gates of the French profile: no order in force, no picture; a patrol's live pictures
are for the command post and the units of that intervention (CSI R.241-11).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.alerts import Alert, AlertOrigin
from domain.authorisations import Authorisation
from domain.cameras import Camera, NoOrderInForce, Order
from domain.communes import Commune, Convention
from domain.errors import Forbidden, NotFound
from domain.guidance import Guidance
from domain.identifiers import (
    AlertId,
    AnnouncementId,
    AuthorisationId,
    CameraId,
    CommuneId,
    ConventionId,
    DeviceId,
    GrantId,
    GuidanceId,
    HoldId,
    InterventionId,
    OrderId,
    PersonId,
    PlaybackId,
    SensorId,
    StreamId,
    SuspensionId,
    TalkId,
    UnitId,
    ViewingId,
    WallId,
)
from domain.interventions import Intervention
from domain.patrol_streams import PatrolStream
from domain.people import PERMISSIONS, Permission, Person
from domain.principals import DevicePrincipal, PersonPrincipal, Principal
from domain.recordings import Hold, Playback
from domain.sensors import Sensor
from domain.suspensions import Suspension
from domain.talks import Announcement
from domain.units import CrewWithoutPictures, Device, NotOnShift, Shift, Unit
from server.database.columns import Clock, utc_now
from server.database.pool import Database
from server.database.reading import Reader
from server.database.talks import OpenTalk
from server.database.viewings import Viewing

_OF_CAMERAS_IN_USE = {
    Permission.VIEW_CAMERAS,
    Permission.PATROL,
    Permission.MOVE_CAMERAS,
    Permission.SPEAK_THROUGH_CAMERAS,
}


@dataclass(frozen=True, kw_only=True)
class StreamView:
    """A stream that may be watched: of a camera or of a patrol."""

    stream_id: StreamId
    commune_id: CommuneId
    camera: Camera | None = None
    patrol: PatrolStream | None = None


class Access:
    def __init__(self, database: Database, *, clock: Clock = utc_now) -> None:
        self._read = Reader(database)
        self._clock = clock

    async def may_see(self, principal: Principal) -> Mapping[Permission, frozenset[CommuneId]]:
        """In which communes ``principal`` has which permission now, conventions included."""
        now = self._clock()
        if isinstance(principal, DevicePrincipal):
            own = frozenset({principal.device.commune_id})
            of_device = (Permission.PATROL, Permission.SEE_ON_PATROL)
            return {
                one: own for one in of_device if own <= principal.person.communes_with(one, now)
            }
        found: dict[Permission, set[CommuneId]] = {}
        roles = principal.person.roles(now)
        for commune_id, role in roles:
            for permission in PERMISSIONS[role]:
                found.setdefault(permission, set()).add(commune_id)
        own_of = {permission: frozenset(communes) for permission, communes in found.items()}
        for convention in await self._read.conventions_to({c for c, _ in roles}, at=now):
            for permission in convention.permissions:
                if convention.opens(permission, to=own_of.get(permission, frozenset()), at=now):
                    found.setdefault(permission, set()).add(convention.owner)
        return {permission: frozenset(communes) for permission, communes in found.items()}

    async def communes_for(self, principal: Principal, permission: Permission) -> set[CommuneId]:
        return set((await self.may_see(principal)).get(permission, ()))

    async def commune_for(
        self, principal: Principal, commune_id: CommuneId, permission: Permission
    ) -> Commune:
        await self._check(principal, commune_id, permission)
        return await self._read.commune(commune_id)

    async def register_for(self, principal: Principal, commune_id: CommuneId) -> Commune:
        """The commune whose register ``principal`` may read."""
        return await self.commune_for(principal, commune_id, Permission.READ_REGISTER)

    async def person_for(
        self, principal: Principal, person_id: PersonId, permission: Permission
    ) -> Person:
        """A person that one of the principal's communes keeps; to read, also one it has a role in.

        The habilitations are those of the communes in which ``principal`` has ``permission``.
        """
        allowed = await self.communes_for(principal, permission)
        person, keeper = await self._read.person(person_id, within=allowed)
        if keeper in allowed or (permission is Permission.READ_SETUP and person.grants):
            return person
        await self._check(principal, keeper, permission)
        raise NotFound("there is no such person")

    async def grant_for(
        self, principal: Principal, person_id: PersonId, grant_id: GrantId, permission: Permission
    ) -> Person:
        """The person, when that habilitation is in one of the principal's communes."""
        allowed = await self.communes_for(principal, permission)
        person, _ = await self._read.person(person_id, within=allowed)
        if all(grant.id != grant_id for grant in person.grants):
            raise NotFound("there is no such habilitation")
        return person

    async def convention_for(
        self, principal: Principal, convention_id: ConventionId, permission: Permission
    ) -> Convention:
        """Its owner and its guest may read it; the owner alone may do more."""
        convention = await self._read.convention(convention_id)
        allowed = await self.communes_for(principal, permission)
        reading = permission is Permission.READ_SETUP
        if convention.owner in allowed or (reading and convention.guest in allowed):
            return convention
        if convention.guest in allowed:
            raise Forbidden("the commune that opened its things ends the convention")
        await self._check(principal, convention.owner, permission)
        return convention

    async def unit_for(self, principal: Principal, unit_id: UnitId, permission: Permission) -> Unit:
        unit = await self._read.unit(unit_id)
        await self._check(principal, unit.commune_id, permission)
        return unit

    async def device_for(
        self, principal: Principal, device_id: DeviceId, permission: Permission
    ) -> Device:
        device = await self._read.device(device_id)
        await self._check(principal, device.commune_id, permission)
        return device

    async def order_for(
        self, principal: Principal, order_id: OrderId, permission: Permission
    ) -> Order:
        order = await self._read.order(order_id)
        await self._check(principal, order.commune_id, permission)
        return order

    async def playback_for(self, principal: Principal, playback_id: PlaybackId) -> Playback:
        """One's own leave to look at recordings, while the right to it lasts."""
        playback = await self._read.playback(playback_id)
        await self._check(principal, playback.commune_id, Permission.VIEW_RECORDINGS)
        own = isinstance(principal, PersonPrincipal) and principal.person.id == playback.person_id
        if not own:
            raise NotFound("there is no such playback")
        return playback

    async def hold_for(self, principal: Principal, hold_id: HoldId, permission: Permission) -> Hold:
        hold = await self._read.hold(hold_id)
        await self._check(principal, hold.commune_id, permission)
        return hold

    async def authorisation_for(
        self, principal: Principal, authorisation_id: AuthorisationId, permission: Permission
    ) -> Authorisation:
        authorisation = await self._read.authorisation(authorisation_id)
        await self._check(principal, authorisation.commune_id, permission)
        return authorisation

    async def sensor_for(
        self, principal: Principal, sensor_id: SensorId, permission: Permission
    ) -> Sensor:
        sensor = await self._read.sensor(sensor_id)
        await self._check(principal, sensor.commune_id, permission)
        return sensor

    async def suspension_for(
        self, principal: Principal, suspension_id: SuspensionId, permission: Permission
    ) -> Suspension:
        suspension = await self._read.suspension(suspension_id)
        await self._check(principal, suspension.commune_id, permission)
        return suspension

    async def camera_for(
        self, principal: Principal, camera_id: CameraId, permission: Permission
    ) -> Camera:
        """To watch it (VIEW_CAMERAS, PATROL), move it or speak through it, it must be in use, and
        lawful now.

        Raises ``NoOrderInForce``; for a device also ``NotOnShift`` and ``CrewWithoutPictures``.
        """
        camera, order, profile = await self._read.camera(camera_id)
        await self._check(principal, camera.commune_id, permission)
        if permission in _OF_CAMERAS_IN_USE:
            await self.check_sees_pictures(principal)
            self._check_watchable(camera, order, profile)
        return camera

    async def announcement_for(
        self,
        principal: Principal,
        announcement_id: AnnouncementId,
        permission: Permission,
        *,
        camera: Camera | None = None,
    ) -> Announcement:
        """To hear it, keep it, or let it sound through ``camera``, which is of its commune."""
        announcement = await self._read.announcement(announcement_id)
        await self._check(principal, announcement.commune_id, permission)
        if camera is not None and camera.commune_id != announcement.commune_id:
            raise NotFound("there is no such announcement for this camera")
        return announcement

    async def talk_for(self, principal: Principal, talk_id: TalkId) -> OpenTalk:
        """One's own talk, to end it."""
        found = await self._read.talk(talk_id)
        if isinstance(principal, DevicePrincipal) or found.talk.person_id != principal.person.id:
            raise NotFound("there is no such talk")
        return found

    async def cameras_for(self, principal: Principal, permission: Permission) -> Sequence[Camera]:
        """Every camera that ``principal`` may watch now: in use, and lawful."""
        communes = await self.communes_for(principal, permission)
        await self.check_sees_pictures(principal)
        return [
            camera
            for camera, order, profile in await self._read.cameras(communes)
            if self._is_lawful(camera, order, profile)
        ]

    async def stream_for(self, principal: Principal, stream_id: StreamId) -> StreamView:
        """A stream that ``principal`` may watch now, of a camera or of a patrol."""
        camera_id = await self._read.camera_of_stream(stream_id)
        if camera_id is not None:
            person = isinstance(principal, PersonPrincipal)
            permission = Permission.VIEW_CAMERAS if person else Permission.PATROL
            camera = await self.camera_for(principal, camera_id, permission)
            return StreamView(stream_id=stream_id, commune_id=camera.commune_id, camera=camera)
        patrol = await self._read.patrol_stream(stream_id)
        if isinstance(principal, DevicePrincipal):
            await self._check(principal, patrol.commune_id, Permission.PATROL)
            await self.check_sees_pictures(principal)
            await self._check_on_intervention(principal, patrol)
        else:
            await self._check(principal, patrol.commune_id, Permission.VIEW_PATROL_STREAMS)
        if patrol.ended_at is not None:
            raise NotFound("this stream is over")
        return StreamView(stream_id=stream_id, commune_id=patrol.commune_id, patrol=patrol)

    async def patrol_stream_for(
        self, principal: Principal, stream_id: StreamId, permission: Permission
    ) -> PatrolStream:
        """A patrol's stream, over or not, e.g. to say that it was received."""
        patrol = await self._read.patrol_stream(stream_id)
        await self._check(principal, patrol.commune_id, permission)
        return patrol

    async def publication_for(self, principal: Principal, stream_id: StreamId) -> PatrolStream:
        """The stream that this very device publishes."""
        patrol = await self._read.patrol_stream(stream_id)
        own = isinstance(principal, DevicePrincipal) and patrol.device_id == principal.device.id
        if not own:
            raise NotFound("there is no such stream")
        await self._check(principal, patrol.commune_id, Permission.PATROL)
        return patrol

    async def viewing_for(self, principal: Principal, viewing_id: ViewingId) -> Viewing:
        """One's own viewing: of this device, or of this person."""
        viewing = await self._read.viewing(viewing_id)
        if isinstance(principal, DevicePrincipal):
            own = viewing.device_id == principal.device.id
        else:
            own = viewing.device_id is None and viewing.person_id == principal.person.id
        if not own:
            raise NotFound("there is no such viewing")
        return viewing

    async def wall_for(
        self, principal: Principal, wall_id: WallId, permission: Permission
    ) -> CommuneId:
        """The commune whose control room has the wall."""
        commune_id = await self._read.commune_of_wall(wall_id)
        await self._check(principal, commune_id, permission)
        return commune_id

    async def alert_for(
        self, principal: Principal, alert_id: AlertId, permission: Permission
    ) -> Alert:
        """For a device: sent to the unit of its running shift, or its agent's own alarm."""
        alert = await self._read.alert(alert_id)
        await self._check(principal, alert.commune_id, permission)
        if (
            isinstance(principal, DevicePrincipal)
            and not _is_own_alarm(alert, principal)
            and _shift_of(principal).unit_id not in alert.recipients
        ):
            raise NotFound("there is no such alert for your unit")
        return alert

    async def intervention_for(
        self, principal: Principal, intervention_id: InterventionId, permission: Permission
    ) -> Intervention:
        """For a device: one that the unit of its running shift is, or was, assigned to."""
        intervention = await self._read.intervention(intervention_id)
        await self._check(principal, intervention.commune_id, permission)
        if isinstance(principal, DevicePrincipal):
            unit_id = _shift_of(principal).unit_id
            if all(one.unit_id != unit_id for one in intervention.assignments):
                raise NotFound("there is no such intervention for your unit")
        return intervention

    async def guidance_for(
        self, principal: Principal, guidance_id: GuidanceId, permission: Permission
    ) -> Guidance:
        """For a device: sent to the unit of its running shift."""
        guidance = await self._read.guidance(guidance_id)
        await self._check(principal, guidance.commune_id, permission)
        if (
            isinstance(principal, DevicePrincipal)
            and _shift_of(principal).unit_id != guidance.unit_id
        ):
            raise NotFound("there is no such guidance for your unit")
        return guidance

    async def check_sees_pictures(self, principal: Principal) -> None:
        """For a device, raise ``NotOnShift``, or ``CrewWithoutPictures``."""
        if isinstance(principal, DevicePrincipal):
            unit = await self._read.unit(_shift_of(principal).unit_id)
            if not principal.sees_pictures(unit, at=self._clock()):
                raise CrewWithoutPictures("the unit is told the kind and the place of what happens")

    async def _check(
        self, principal: Principal, commune_id: CommuneId, permission: Permission
    ) -> None:
        allowed = await self.may_see(principal)
        if commune_id in allowed.get(permission, ()):
            return
        if any(commune_id in communes for communes in allowed.values()):
            raise Forbidden(f"your role does not include this ({permission.value})")
        raise NotFound("there is no such thing in your commune")

    def _check_watchable(self, camera: Camera, order: Order | None, profile: str) -> None:
        if camera.disabled_at is not None:
            raise NotFound("this camera is out of use")
        camera.check_lawful(order, profile=profile, at=self._clock())

    def _is_lawful(self, camera: Camera, order: Order | None, profile: str) -> bool:
        try:
            camera.check_lawful(order, profile=profile, at=self._clock())
        except NoOrderInForce:
            return False
        return True

    async def _check_on_intervention(
        self, principal: DevicePrincipal, patrol: PatrolStream
    ) -> None:
        """CSI R.241-11: besides the command post, the personnel of that intervention alone."""
        unit_id = _shift_of(principal).unit_id
        if patrol.intervention_id is not None:
            intervention = await self._read.intervention(patrol.intervention_id)
            if intervention.has_unit(unit_id):
                return
        raise NotFound("this stream is for the units of its intervention")


def _is_own_alarm(alert: Alert, principal: DevicePrincipal) -> bool:
    """Off shift too: who called for help sees whether somebody comes."""
    by_device = alert.origin is AlertOrigin.DEVICE
    return by_device and alert.raised_by == principal.person.id


def _shift_of(principal: DevicePrincipal) -> Shift:
    if principal.shift is None:
        raise NotOnShift("begin your shift first")
    return principal.shift
