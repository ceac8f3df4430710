"""One thing by its identifier, whoever asks: for ``server.access`` alone, which asks who."""

from collections.abc import Collection, Set
from datetime import datetime

from domain.alerts import Alert
from domain.authorisations import Authorisation
from domain.cameras import Camera, Order
from domain.communes import Commune, Convention
from domain.errors import NotFound
from domain.guidance import Guidance
from domain.identifiers import (
    AlertId,
    AnnouncementId,
    AuthorisationId,
    CameraId,
    CommuneId,
    ConventionId,
    DeviceId,
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
from domain.people import Person
from domain.recordings import Hold, Playback
from domain.sensors import Sensor
from domain.suspensions import Suspension
from domain.talks import Announcement
from domain.units import Device, Unit
from server.database.alerts import Alerts
from server.database.announcements import Announcements
from server.database.authorisations import Authorisations
from server.database.cameras import SQL as CAMERAS
from server.database.cameras import read_camera
from server.database.communes import Communes, Conventions
from server.database.devices import Devices
from server.database.guidance import Guidances
from server.database.interventions import Interventions
from server.database.orders import Orders, order_in
from server.database.patrol_streams import PatrolStreams
from server.database.people import SQL as PEOPLE
from server.database.people import read_person
from server.database.playbacks import Playbacks
from server.database.pool import Database, Row
from server.database.recording_rules import RecordingRules
from server.database.sensors import SQL as SENSORS
from server.database.sensors import read_sensor
from server.database.suspensions import Suspensions
from server.database.talks import OpenTalk, Talks
from server.database.units import Units
from server.database.viewings import Viewing, Viewings
from server.database.walls import Walls

type Gated = tuple[Camera, Order | None, str]
"""A camera, the order it rests on, and its commune's profile."""


class Reader:
    """Each method raises ``NotFound``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def commune(self, commune_id: CommuneId) -> Commune:
        return await Communes(self._database).get(commune_id)

    async def conventions_to(
        self, communes: Collection[CommuneId], *, at: datetime
    ) -> list[Convention]:
        return await Conventions(self._database).opened_to(communes, at=at)

    async def convention(self, convention_id: ConventionId) -> Convention:
        return await Conventions(self._database).get(convention_id)

    async def person(
        self, person_id: PersonId, *, within: Set[CommuneId]
    ) -> tuple[Person, CommuneId]:
        """A person with the grants ``within`` these communes, and the commune that keeps it."""
        row = await self._database.row(PEOPLE["by_id"], person_id)
        if row is None:
            raise NotFound("there is no such person")
        return read_person(row, within), row["commune_id"]

    async def unit(self, unit_id: UnitId) -> Unit:
        return await Units(self._database).get(unit_id)

    async def device(self, device_id: DeviceId) -> Device:
        return await Devices(self._database).get(device_id)

    async def order(self, order_id: OrderId) -> Order:
        return await Orders(self._database).get(order_id)

    async def playback(self, playback_id: PlaybackId) -> Playback:
        return await Playbacks(self._database).get(playback_id)

    async def hold(self, hold_id: HoldId) -> Hold:
        return await RecordingRules(self._database).hold(hold_id)

    async def authorisation(self, authorisation_id: AuthorisationId) -> Authorisation:
        return await Authorisations(self._database).get(authorisation_id)

    async def sensor(self, sensor_id: SensorId) -> Sensor:
        return read_sensor(await self._database.row(SENSORS["sensor"], sensor_id))

    async def suspension(self, suspension_id: SuspensionId) -> Suspension:
        return await Suspensions(self._database).get(suspension_id)

    async def camera(self, camera_id: CameraId) -> Gated:
        row = await self._database.row(CAMERAS["camera_gated"], camera_id)
        if row is None:
            raise NotFound("there is no such camera")
        return _gated(row)

    async def cameras(self, communes: Collection[CommuneId]) -> list[Gated]:
        rows = await self._database.rows(CAMERAS["cameras_gated"], [*communes])
        return [_gated(row) for row in rows]

    async def camera_of_stream(self, stream_id: StreamId) -> CameraId | None:
        row = await self._database.row(CAMERAS["by_stream"], stream_id)
        return CameraId(row["id"]) if row else None

    async def patrol_stream(self, stream_id: StreamId) -> PatrolStream:
        return await PatrolStreams(self._database).get(stream_id)

    async def commune_of_wall(self, wall_id: WallId) -> CommuneId:
        return await Walls(self._database).commune_of(wall_id)

    async def announcement(self, announcement_id: AnnouncementId) -> Announcement:
        return await Announcements(self._database).get(announcement_id)

    async def talk(self, talk_id: TalkId) -> OpenTalk:
        return await Talks(self._database).get(talk_id)

    async def viewing(self, viewing_id: ViewingId) -> Viewing:
        return await Viewings(self._database).get(viewing_id)

    async def alert(self, alert_id: AlertId) -> Alert:
        return await Alerts(self._database).get(alert_id)

    async def intervention(self, intervention_id: InterventionId) -> Intervention:
        return await Interventions(self._database).get(intervention_id)

    async def guidance(self, guidance_id: GuidanceId) -> Guidance:
        return await Guidances(self._database).get(guidance_id)


def _gated(row: Row) -> Gated:
    return read_camera(row), order_in(row["order"]), row["profile"]
