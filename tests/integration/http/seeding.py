"""The database of the town: everything that its ids name, and its neighbour's."""

from dataclasses import dataclass, field
from datetime import timedelta

from domain.alerts import Alert, AlertOrigin
from domain.communes import Commune, Convention
from domain.events import EventKind
from domain.guidance import Guidance
from domain.identifiers import (
    AlertId,
    AnnouncementId,
    CameraId,
    ConventionId,
    DeviceId,
    GrantId,
    GuidanceId,
    InterventionId,
    LayoutId,
    PersonId,
    ShiftId,
    StillId,
    StreamId,
    TalkId,
    UnitId,
    ViewingId,
    WallId,
)
from domain.interventions import Intervention
from domain.patrol_streams import PatrolStream, ThreatReason
from domain.people import Grant, Permission, Person, Role
from domain.positions import Point, Position
from domain.talks import Announcement, Talk
from domain.units import Device, DeviceKind, Shift, Unit, UnitKind
from mobile_api.keys import Fix
from mobile_api.tokens import code_digest, digest
from server.database.alerts import Alerts
from server.database.announcements import Announcements
from server.database.communes import Communes, Conventions
from server.database.devices import Devices
from server.database.guidance import Guidances
from server.database.interventions import Interventions
from server.database.links import Links
from server.database.patrol_streams import PatrolStreams
from server.database.people import People
from server.database.pool import Database
from server.database.positions import Positions
from server.database.sessions import Sessions
from server.database.stills import NewStill
from server.database.talks import Talks
from server.database.units import Shifts, Units
from server.database.viewings import Viewings
from server.database.walls import Walls
from server.secrets import Vault
from tests.integration.http.seeding_camera import seed_camera
from tests.integration.http.town import (
    HOLDER,
    JPEG,
    NEIGHBOUR,
    NOW,
    ROLES,
    SHOWS,
    TOWN,
    Place,
)


async def seed(database: Database, vault: Vault) -> None:
    """Fill an empty database with both communes."""
    for place in (TOWN, NEIGHBOUR):
        await _Seeding(database, vault, place).run()
    convention = Convention(
        id=ConventionId(TOWN.id("convention")),
        owner=TOWN.commune,
        guest=NEIGHBOUR.commune,
        permissions=frozenset({Permission.SEE_UNITS}),
        act_reference="délibération 12",
        starts_at=NOW - timedelta(days=40),
        ends_at=NOW - timedelta(days=10),  # over: it opens nothing
    )
    await Conventions(database).add(convention, actor="system", at=NOW)


@dataclass
class _Seeding:
    database: Database
    vault: Vault
    place: Place
    actor: str = "system"
    point: Point = field(default_factory=lambda: Point(3.06, 50.63))

    async def run(self) -> None:
        await self._people()
        await self._patrol()
        await seed_camera(self.database, self.vault, self.place, at=self.point, actor=self.actor)
        await self._alerts()
        await self._walls()
        await self._talks()

    async def _people(self) -> None:
        place, database = self.place, self.database
        commune = Commune(id=place.commune, name=place.name.title(), centre=self.point)
        await Communes(database).add(commune, actor=self.actor, at=NOW)
        for role in ROLES:
            grant = Grant(
                id=GrantId(place.id(f"grant-{role.value}")),
                commune_id=place.commune,
                role=role,
                act_reference="arrêté 1",
                starts_at=NOW - timedelta(days=1),
                ends_at=None,
            )
            person = Person(
                id=place.person(role),
                name=f"{role.value} {place.name}",
                sign_in=f"{role.value}.{place.name}",
                locale="fr",
                grants=(grant,),
            )
            await People(database).add(person, commune_id=place.commune, actor=self.actor, at=NOW)
            await Sessions(database).begin(
                token_hash=digest(place.token(role.value)),
                session_id=place.id(f"session-{role.value}"),
                person_id=person.id,
                kind="api",
                csrf_token="unused",
                at=NOW,
                expires_at=NOW + timedelta(hours=12),
            )
        spare = Person(
            id=PersonId(place.id("spare")),
            name=f"spare {place.name}",
            sign_in=f"spare.{place.name}",
            locale="fr",
            grants=(),
        )
        await People(database).add(spare, commune_id=place.commune, actor=self.actor, at=NOW)
        await Links(database).add(
            token_hash=digest(f"link-{place.name}"),
            purpose="password",
            person_id=place.person(Role.OPERATOR),
            at=NOW,
            expires_at=NOW + timedelta(hours=1),
            actor=self.actor,
        )

    async def _patrol(self) -> None:
        place, database = self.place, self.database
        for what, sign in (("unit", "PM 1"), ("unit-2", "PM 2")):
            unit = Unit(
                id=UnitId(place.id(what)),
                commune_id=place.commune,
                call_sign=sign,
                kind=UnitKind.POLICE,
                armed=True,
            )
            await Units(database).add(unit, actor=self.actor, at=NOW)
        device = Device(
            id=DeviceId(place.id("device")),
            commune_id=place.commune,
            name="Téléphone 1",
            kind=DeviceKind.PHONE,
            person_id=place.person(Role.AGENT),
        )
        await Devices(database).add(device, actor=self.actor, at=NOW)
        code_hash = code_digest(f"CODE-{place.name}")
        await Devices(database).add_code(
            device.id,
            code_hash=code_hash,
            expires_at=NOW + timedelta(hours=1),
            actor=self.actor,
            at=NOW,
        )
        await Devices(database).enrol(
            code_hash=code_hash,
            token_hash=digest(place.token("device")),
            osmand_hash=digest(f"osmand-{place.name}"),
            pin_hash="none",
            kind=None,
            at=NOW,
        )
        shift = Shift(
            id=ShiftId(place.id("shift")),
            commune_id=place.commune,
            unit_id=UnitId(place.id("unit")),
            device_id=device.id,
            person_id=device.person_id,
            started_at=NOW - timedelta(minutes=30),
        )
        await Shifts(database).begin(shift)
        position = Position(point=self.point, fixed_at=NOW - timedelta(minutes=1), accuracy_m=5.0)
        fix = Fix(id=place.id("fix"), position=position)
        await Positions(database).add([fix], shift=shift, received_at=NOW)

    async def _talks(self) -> None:
        """An announcement, and a talk of the operator's that is over."""
        place, database = self.place, self.database
        announcement = Announcement(
            id=AnnouncementId(place.id("announcement")),
            commune_id=place.commune,
            name="Dépôt sauvage",
            text="Le dépôt est interdit ici.",
            lasts=timedelta(seconds=2),
        )
        await Announcements(database).add(announcement, b"RIFF", actor=self.actor, at=NOW)
        talk = Talk(
            id=TalkId(place.id("talk")),
            camera_id=CameraId(place.id("camera")),
            commune_id=place.commune,
            person_id=place.person(Role.OPERATOR),
            motive="dépôt",
            started_at=NOW,
        )
        talks = Talks(database)
        await talks.begin(talk, announcement=None, holder="gone", session_id=None, actor=self.actor)
        await talks.end(talk.id, sounded=timedelta(seconds=3), actor=self.actor, at=NOW)

    async def _alerts(self) -> None:
        place, database, by = self.place, self.database, self.place.person(Role.OPERATOR)
        unit = UnitId(place.id("unit"))
        still = NewStill(id=StillId(place.id("still")), jpeg=JPEG, taken_at=NOW)
        raised = self._alert("raised")
        await Alerts(database).add(raised, actor=self.actor, at=NOW)
        confirmed = self._alert("alert").confirm(by=by, at=NOW)
        await Alerts(database).add(confirmed, actor=self.actor, at=NOW, still=still)
        # Longer than any run of the tests: the template is as old as the run.
        ringing = Alerts(database, rings_for=timedelta(days=1))
        await ringing.send(confirmed.id, [unit], by=by, actor=self.actor, at=NOW)
        intervention = Intervention(
            id=InterventionId(place.id("intervention")),
            commune_id=place.commune,
            kind=EventKind.FIGHT,
            place="rue Haute",
            point=self.point,
            created_at=NOW,
        ).assign(unit, at=NOW)
        await Interventions(database).add(intervention, actor=self.actor)
        guidance = Guidance(
            id=GuidanceId(place.id("guidance")),
            commune_id=place.commune,
            unit_id=unit,
            sent_by=by,
            sent_at=NOW,
            text="par la rue Basse",
        )
        await Guidances(database, rings_for=timedelta(days=1)).add(guidance, actor=self.actor)
        stream = PatrolStream(
            id=StreamId(place.id("stream")),
            commune_id=place.commune,
            device_id=DeviceId(place.id("device")),
            unit_id=unit,
            person_id=place.person(Role.AGENT),
            reason=ThreatReason.OFFICERS,
            started_at=NOW,
            intervention_id=intervention.id,
        )
        await PatrolStreams(database).begin(stream, actor=self.actor)
        await Viewings(database).start(
            viewing_id=ViewingId(place.id("viewing")),
            stream_id=StreamId(place.id("camera-stream")),
            commune_id=place.commune,
            camera_id=CameraId(place.id("camera")),
            person_id=by,
            session_id=place.id("session-operator"),
            device_id=None,
            holder=HOLDER,
            motive="test",
            at=NOW,
            actor=self.actor,
        )

    def _alert(self, what: str) -> Alert:
        return Alert(
            id=AlertId(self.place.id(what)),
            commune_id=self.place.commune,
            kind=EventKind.FIGHT,
            origin=AlertOrigin.HAND,
            point=self.point,
            place="rue Haute",
            raised_at=NOW,
            raised_by=self.place.person(Role.OPERATOR),
            camera_id=CameraId(self.place.id("camera")),
        )

    async def _walls(self) -> None:
        place, by = self.place, self.place.person(Role.OPERATOR)
        await Walls(self.database).add(
            WallId(place.id("wall")),
            commune_id=place.commune,
            name="Salle",
            shows=SHOWS,
            by=by,
            actor=self.actor,
            at=NOW,
        )
        await Walls(self.database).keep(LayoutId(place.id("layout")), "Nuit", SHOWS, of=by, at=NOW)
