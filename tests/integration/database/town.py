"""A small town in the database: two communes, their people, units, devices, cameras."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import uuid4

from domain.alerts import Alert, AlertOrigin
from domain.authorisations import Authorisation
from domain.cameras import Camera, Order, PlaceKind, SourceKind
from domain.communes import Commune
from domain.events import EventKind
from domain.identifiers import (
    AlertId,
    AuthorisationId,
    CameraId,
    CommuneId,
    DeviceId,
    GrantId,
    OrderId,
    PersonId,
    RuleId,
    ShiftId,
    StreamId,
    UnitId,
)
from domain.people import Grant, Person, Role
from domain.positions import Point
from domain.principals import DevicePrincipal, PersonPrincipal
from domain.profiles import Profile
from domain.rules import Rule
from domain.units import Device, DeviceKind, Shift, Unit, UnitKind
from domain.zones import Zone
from server.database.authorisations import Authorisations
from server.database.cameras import Cameras, Credentials
from server.database.communes import Communes
from server.database.devices import Devices
from server.database.orders import Orders
from server.database.people import People
from server.database.pool import Database
from server.database.rules import Rules
from server.database.units import Shifts, Units
from server.secrets import Vault

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ADDED = NOW - timedelta(days=30)
"""When its cameras were added."""
CENTRE = Point(24.94, 60.17)
ADMIN = "system"
VAULT = Vault(bytes(32))
SECOND = timedelta(seconds=1)


def digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


@dataclass
class Town:
    """One commune with its people, and how to make more of what tests need."""

    database: Database
    commune: Commune

    async def person(self, *roles: Role, name: str = "Agent") -> Person:
        person = Person(
            id=PersonId(uuid4()),
            name=name,
            sign_in=f"{name.lower()}-{uuid4().hex[:8]}",
            locale="fr",
            grants=tuple(
                Grant(
                    id=GrantId(uuid4()),
                    commune_id=self.commune.id,
                    role=role,
                    act_reference="arrêté 12/2026",
                    starts_at=NOW - timedelta(days=10),
                    ends_at=NOW + timedelta(days=300),
                )
                for role in roles
            ),
        )
        people = People(self.database)
        return await people.add(person, commune_id=self.commune.id, actor=ADMIN, at=NOW)

    async def principal(self, *roles: Role) -> PersonPrincipal:
        person = await self.person(*roles)
        return PersonPrincipal(person=person, session_id=uuid4(), session_kind="page")

    async def unit(
        self, call_sign: str, *, armed: bool = True, kind: UnitKind = UnitKind.POLICE
    ) -> Unit:
        unit = Unit(
            id=UnitId(uuid4()),
            commune_id=self.commune.id,
            call_sign=call_sign,
            kind=kind,
            armed=armed,
        )
        return await Units(self.database).add(unit, actor=ADMIN, at=NOW)

    async def device(self, token: str = "", *, role: Role = Role.AGENT) -> DevicePrincipal:
        """An enrolled phone of a new agent."""
        token = token or uuid4().hex
        person = await self.person(role)
        devices = Devices(self.database)
        device = Device(
            id=DeviceId(uuid4()),
            commune_id=self.commune.id,
            name="Téléphone",
            kind=DeviceKind.PHONE,
            person_id=person.id,
        )
        await devices.add(device, actor=ADMIN, at=NOW)
        code = digest(f"code {token}")
        until = NOW + timedelta(minutes=15)
        await devices.add_code(device.id, code_hash=code, expires_at=until, actor=ADMIN, at=NOW)
        return await devices.enrol(
            code_hash=code,
            token_hash=digest(token),
            osmand_hash=digest(f"osmand {token}"),
            pin_hash="a hash",
            kind=None,
            at=NOW,
        )

    async def on_shift(self, unit: Unit, *, role: Role = Role.AGENT) -> DevicePrincipal:
        """A phone on shift in ``unit``."""
        principal = await self.device(role=role)
        shift = Shift(
            id=ShiftId(uuid4()),
            commune_id=self.commune.id,
            unit_id=unit.id,
            device_id=principal.device.id,
            person_id=principal.person.id,
            started_at=NOW,
        )
        await Shifts(self.database).begin(shift)
        found = await Devices(self.database).in_hand(principal.device.id)
        assert found is not None
        return found

    async def order(self, *, ends_at: datetime = NOW + timedelta(days=900)) -> Order:
        order = Order(
            id=OrderId(uuid4()),
            commune_id=self.commune.id,
            number=f"2024-{uuid4().hex[:6]}",
            starts_at=NOW - timedelta(days=900),
            ends_at=ends_at,
        )
        return await Orders(self.database).add(order, actor=ADMIN, at=NOW)

    async def camera(
        self,
        number: int = 1,
        *,
        order: Order | None = None,
        demonstration: bool = False,
        place_kind: PlaceKind = PlaceKind.PUBLIC_ROAD,
        url: str | None = None,
        credentials: Credentials | None = None,
    ) -> Camera:
        camera = Camera(
            id=CameraId(uuid4()),
            commune_id=self.commune.id,
            number=number,
            name=f"Place {number}",
            source=SourceKind.RTSP,
            point=CENTRE,
            bearing_deg=359.9999999,
            field_of_view_deg=70.0,
            range_m=60.0,
            place_kind=place_kind,
            main_stream_id=StreamId(uuid4()),
            sub_stream_id=StreamId(uuid4()),
            order_id=order.id if order else None,
            demonstration=demonstration,
        )
        return await Cameras(self.database, vault=VAULT).add(
            camera,
            place="1 place du Marché",
            main_url=url or f"rtsp://192.0.2.10/{camera.id}",
            sub_url=None,
            credentials=credentials,
            actor=ADMIN,
            at=ADDED,
        )

    async def watched_camera(self) -> tuple[Camera, Rule, Authorisation]:
        """A demonstration camera with a zone and an act that covers it."""
        camera = await self.camera(77, demonstration=True)
        rule = forbidden("Cour")
        await Rules(self.database).put(camera.id, [rule], actor=ADMIN, at=NOW)
        act = Authorisation(
            id=AuthorisationId(uuid4()),
            commune_id=self.commune.id,
            profile=Profile.FRANCE,
            law="loi no 2023-380, article 10",
            act_reference="arrêté 2026-117",
            act_date=NOW.date() - timedelta(days=2),
            authority="le préfet",
            purpose="marché de Noël",
            place="la cour",
            kinds=frozenset({EventKind.FORBIDDEN_ZONE}),
            camera_ids=frozenset({camera.id}),
            starts_at=NOW - timedelta(days=1),
            ends_at=NOW + timedelta(days=1),
            recorded_at=NOW,
            recorded_by=None,
        )
        await Authorisations(self.database).add(act, actor=ADMIN, at=NOW)
        return camera, rule, act

    def alert(self, kind: EventKind = EventKind.FIGHT) -> Alert:
        return Alert(
            id=AlertId(uuid4()),
            commune_id=self.commune.id,
            kind=kind,
            origin=AlertOrigin.HAND,
            point=CENTRE,
            place="1 place du Marché",
            raised_at=NOW,
        )


async def found(database: Database, name: str = "Aubeville") -> Town:
    """Found a commune."""
    commune = Commune(id=CommuneId(uuid4()), name=name, centre=CENTRE)
    await Communes(database).add(commune, actor=ADMIN, at=NOW)
    return Town(database, commune)


def shift_of(principal: DevicePrincipal) -> Shift:
    assert principal.shift is not None
    return principal.shift


async def facts(database: Database, kind: str) -> int:
    """How many of that kind wait on the Bus."""
    return int(await database.value("SELECT count(*) FROM outbox WHERE kind = $1", kind))


def jpeg() -> bytes:
    return b"\xff\xd8" + os.urandom(64) + b"\xff\xd9"


def forbidden(name: str) -> Rule:
    """Nobody may be in a part of the picture."""
    return Rule(
        id=RuleId(uuid4()),
        kind=EventKind.FORBIDDEN_ZONE,
        name=name,
        shape=Zone.drawn([[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]]),
    )
