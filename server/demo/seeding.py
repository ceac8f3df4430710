"""Writes the demonstration's town into an empty installation, through the real repositories.

Every identifier is derived from a name, and every repository gives the stored thing for an id it
knows: seeding a town twice changes nothing.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_urlsafe
from uuid import UUID, uuid5

from domain.authorisations import Authorisation
from domain.cameras import Camera, Order
from domain.communes import Commune
from domain.events import EventKind
from domain.identifiers import (
    AuthorisationId,
    CameraId,
    CommuneId,
    DeviceId,
    GrantId,
    OrderId,
    PersonId,
    RuleId,
    StreamId,
    UnitId,
)
from domain.people import Grant, Person, Role
from domain.recordings import Retention
from domain.rules import Rule
from domain.units import Device, DeviceKind, Unit
from domain.zones import Zone
from mobile_api.tokens import code_digest, new_code
from server.database.authorisations import Authorisations
from server.database.cameras import Cameras
from server.database.communes import Communes
from server.database.devices import Devices
from server.database.orders import Orders
from server.database.people import People
from server.database.pool import Database
from server.database.recording_rules import RecordingRules
from server.database.rules import Rules
from server.database.units import Units
from server.demo.town import DemoCamera, DemoPerson, Town
from server.http.passwords import Passwords
from server.secrets import Vault

ACTOR = "system"
NAMESPACE = UUID("6d6f6e74-7265-5f6c-6f74-6965725f0001")  # of this town's identifiers
CODE_LASTS = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Seeded:
    """What a visitor needs: sign-ins by role, and a code by device name."""

    sign_ins: Mapping[str, Mapping[str, str]]
    codes: Mapping[str, str]
    camera_ids: frozenset[CameraId]


class Seeder:
    """One town in one database, as of one moment."""

    def __init__(self, town: Town, database: Database, *, vault: Vault, at: datetime) -> None:
        self._town = town
        self._database = database
        self._cameras = Cameras(database, vault=vault)
        self._at = at
        self._commune = CommuneId(self._id("commune"))

    async def seed(
        self, *, urls: Mapping[str, tuple[str, str]], passwords: Mapping[str, str]
    ) -> Seeded:
        """Write what is missing; ``urls``, large and small, by clip; ``passwords`` by sign-in."""
        await Communes(self._database).add(
            Commune(
                id=self._commune,
                name=self._town.commune,
                centre=self._town.centre,
                profile=self._town.profile,
                timezone=self._town.timezone,
            ),
            actor=ACTOR,
            at=self._at,
        )
        await self._write_people(passwords)
        await self._write_units()
        await self._write_order()
        for camera in self._town.cameras:
            await self._write_camera(camera, urls[camera.clip])
        await self._write_rule()
        await self._write_authorisation()
        await self._write_retention()
        signs_in = [person for person in self._town.people if person.signs_in]
        return Seeded(
            sign_ins={
                person.roles[0].value: {
                    "name": person.sign_in,
                    "password": passwords[person.sign_in],
                }
                for person in signs_in
            },
            codes=await self._write_devices(),
            camera_ids=frozenset(self._camera_id(c.number) for c in self._town.cameras),
        )

    async def _write_people(self, passwords: Mapping[str, str]) -> None:
        people, hashing = People(self._database), Passwords()
        known = {person.id for person in await people.of_communes([self._commune])}
        for person in self._town.people:
            if self._person_id(person.sign_in) in known:
                continue
            password_hash = None
            if person.sign_in in passwords:
                password_hash = await hashing.hash(passwords[person.sign_in])
            await people.add(
                self._person(person),
                commune_id=self._commune,
                actor=ACTOR,
                at=self._at,
                password_hash=password_hash,
            )

    def _person(self, person: DemoPerson) -> Person:
        return Person(
            id=self._person_id(person.sign_in),
            name=person.name,
            sign_in=person.sign_in,
            locale=person.locale,
            grants=tuple(
                Grant(
                    id=GrantId(self._id(f"grant:{person.sign_in}:{role}")),
                    commune_id=self._commune,
                    role=role,
                    act_reference=self._town.act_reference,
                    starts_at=self._at,
                    ends_at=None,
                )
                for role in person.roles
            ),
        )

    async def _write_units(self) -> None:
        units = Units(self._database)
        for unit in self._town.units:
            await units.add(
                Unit(
                    id=UnitId(self._id(f"unit:{unit.call_sign}")),
                    commune_id=self._commune,
                    call_sign=unit.call_sign,
                    kind=unit.kind,
                    armed=unit.armed,
                ),
                actor=ACTOR,
                at=self._at,
            )

    async def _write_order(self) -> None:
        order = self._town.order
        await Orders(self._database).add(
            Order(
                id=self._order_id(),
                commune_id=self._commune,
                number=order.number,
                starts_at=self._at - order.started_before,
                ends_at=self._at + order.ends_after,
                perimeter=order.perimeter,
                fictive=True,
            ),
            actor=ACTOR,
            at=self._at,
        )

    async def _write_camera(self, camera: DemoCamera, urls: tuple[str, str]) -> None:
        main_url, sub_url = urls
        camera_id = self._camera_id(camera.number)
        wanted = Camera(
            id=camera_id,
            commune_id=self._commune,
            number=camera.number,
            name=camera.name,
            source=camera.source,
            point=camera.point,
            bearing_deg=camera.bearing_deg,
            field_of_view_deg=camera.field_of_view_deg,
            range_m=camera.range_m,
            place_kind=camera.place_kind,
            main_stream_id=StreamId(self._id(f"stream:{camera.number}")),
            sub_stream_id=StreamId(self._id(f"stream:{camera.number}:small")),
            order_id=self._order_id(),
            demonstration=True,
        )
        await self._cameras.add(
            wanted,
            place=" / ".join(camera.streets),
            main_url=main_url,
            sub_url=sub_url,
            credentials=None,
            actor=ACTOR,
            at=self._at,
        )
        # The RTSP server has another port at each start, and a clip may lie elsewhere.
        await self._cameras.change(
            camera_id,
            lambda known: replace(known, sub_stream_id=wanted.sub_stream_id),
            main_url=main_url,
            sub_url=sub_url,
            actor=ACTOR,
            at=self._at,
        )

    async def _write_rule(self) -> None:
        """At the first start: what a visitor draws later, or takes away, is his."""
        if await Authorisations(self._database).of_communes([self._commune]):
            return  # the act is written after the rule: that start came to its end
        zone = self._town.zone
        rule = Rule(
            id=RuleId(self._id("zone")),
            kind=EventKind.FORBIDDEN_ZONE,
            name=zone.name,
            shape=Zone(zone.polygon),
        )
        camera_id = self._camera_id(zone.camera_number)
        await Rules(self._database).put(camera_id, [rule], actor=ACTOR, at=self._at)

    async def _write_authorisation(self) -> None:
        act, authorisations = self._town.authorisation, Authorisations(self._database)
        # One a month: the act of the demonstration runs out like any other, and is made anew.
        running = await authorisations.running(at=self._at + timedelta(days=1))
        if any(one.commune_id == self._commune for one in running):
            return
        await authorisations.add(
            Authorisation(
                id=AuthorisationId(self._id(f"authorisation:{self._at:%Y-%m-%dT%H:%M}")),
                commune_id=self._commune,
                profile=act.profile,
                law=act.law,
                act_reference=act.act_reference,
                act_date=self._at.date(),
                authority=act.authority,
                purpose=act.purpose,
                place=act.place,
                kinds=act.kinds,
                camera_ids=frozenset({self._camera_id(act.camera_number)}),
                starts_at=self._at,
                ends_at=self._at + act.ends_after,
                recorded_at=self._at,
                recorded_by=None,
            ),
            actor=ACTOR,
            at=self._at,
        )

    async def _write_retention(self) -> None:
        """Recorded from the first start; what a visitor decides later is his."""
        rules = RecordingRules(self._database)
        if await rules.retention(self._commune) is None:
            days = Retention(
                commune_id=self._commune, days=self._town.recorded_days, decided_at=self._at
            )
            keeper = next(one for one in self._town.people if Role.ADMINISTRATOR in one.roles)
            await rules.decide(days, by=self._person_id(keeper.sign_in), actor=ACTOR)

    async def _write_devices(self) -> dict[str, str]:
        devices, codes = Devices(self._database), {}
        for device in self._town.devices:
            device_id = DeviceId(self._id(f"device:{device.name}"))
            await devices.add(
                Device(
                    id=device_id,
                    commune_id=self._commune,
                    name=device.name,
                    kind=DeviceKind.PHONE,
                    person_id=self._person_id(device.holder),
                ),
                actor=ACTOR,
                at=self._at,
            )
            code = codes[device.name] = new_code()
            await devices.add_code(
                device_id,
                code_hash=code_digest(code),
                expires_at=self._at + CODE_LASTS,
                actor=ACTOR,
                at=self._at,
            )
        return codes

    def _person_id(self, sign_in: str) -> PersonId:
        return PersonId(self._id(f"person:{sign_in}"))

    def _camera_id(self, number: int) -> CameraId:
        return CameraId(self._id(f"camera:{number}"))

    def _order_id(self) -> OrderId:
        return OrderId(self._id("order"))

    def _id(self, name: str) -> UUID:
        return uuid5(NAMESPACE, name)


def kept_passwords(file: Path, town: Town) -> dict[str, str]:
    """Return a password for each who signs in: drawn at the first start, kept from then on."""
    kept: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    for person in town.people:
        if person.signs_in:
            kept.setdefault(person.sign_in, token_urlsafe(9))
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w") as writing:
        json.dump(kept, writing)
    return kept
