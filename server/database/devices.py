"""Devices: enrolled by a one-time code, known by the hash of a secret, revoked at once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.errors import NotFound
from domain.facts import AccessRevoked
from domain.identifiers import CommuneId, DeviceId, PersonId, ShiftId, UnitId
from domain.principals import DevicePrincipal
from domain.register import Action, Entry
from domain.units import Device, DeviceKind, Shift
from mobile_api.keys import Subscription
from server.database.columns import plain, same_commune
from server.database.history import configured
from server.database.people import read_person
from server.database.pool import Database, Row, Transaction
from server.database.statements import load
from server.database.units import end_shift_of

SQL = load("devices")
NOTED_EVERY = timedelta(minutes=1)  # a phone on shift asks every few seconds


@dataclass(frozen=True, kw_only=True)
class KnownDevice:
    """A device as administration sees it: when it was last heard of, how push reaches it."""

    device: Device
    seen_at: datetime | None
    push: str | None


class Devices:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, device_id: DeviceId) -> Device:
        """Raises ``NotFound``."""
        row = await self._database.row(SQL["by_id"], device_id)
        if row is None:
            raise NotFound("there is no such device")
        return read_device(row)

    async def of_communes(self, communes: Collection[CommuneId]) -> list[KnownDevice]:
        """By name, the revoked ones last."""
        rows = await self._database.rows(SQL["of_communes"], [*communes])
        return [
            KnownDevice(device=read_device(row), seen_at=row["seen_at"], push=row["push"])
            for row in rows
        ]

    async def by_token(self, token_hash: bytes, *, at: datetime) -> DevicePrincipal | None:
        """The device with that bearer token; None: unknown or revoked."""
        return await self._found(await self._database.row(SQL["by_token"], token_hash), at)

    async def in_hand(self, device_id: DeviceId) -> DevicePrincipal | None:
        """A device with its agent and its running shift; None: unknown or revoked."""
        row = await self._database.row(SQL["in_hand"], device_id)
        return None if row is None or row["revoked_at"] is not None else _read_principal(row)

    async def by_osmand(
        self, osmand_hash: bytes, *, at: datetime | None = None
    ) -> DevicePrincipal | None:
        """The device with that secret of Traccar Client; None: unknown or revoked."""
        return await self._found(await self._database.row(SQL["by_osmand"], osmand_hash), at)

    async def add(self, device: Device, *, actor: str, at: datetime) -> Device:
        """The same id again gives the stored one."""
        async with self._database.transaction() as t:
            values = (device.commune_id, device.name, device.kind.value, device.person_id, at)
            if await t.value(SQL["add"], device.id, *values) is not None:
                _changed(t, device.id, device.commune_id, actor, at, {"added": plain(device)})
        return same_commune(await self.get(device.id), device.commune_id)

    async def add_code(
        self,
        device_id: DeviceId,
        *,
        code_hash: bytes,
        expires_at: datetime,
        actor: str,
        at: datetime,
    ) -> None:
        """Keep a one-time enrolment code, as its hash; earlier ones are void."""
        async with self._database.transaction() as t:
            row = await t.row(SQL["by_id"], device_id)
            if row is None or row["revoked_at"] is not None:
                raise NotFound("there is no such device")
            await t.execute(SQL["drop_codes"], device_id)
            await t.execute(SQL["add_code"], code_hash, device_id, expires_at)
            data = {"enrolment_code_until": expires_at.isoformat()}
            _changed(t, device_id, row["commune_id"], actor, at, data)

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
        """Use up the code and keep the device's secrets, as hashes.

        A device that was enrolled before loses its old token, push address and running shift.
        Raises ``NotFound`` for a code that is unknown, used, out of date, or of a revoked device.
        """
        async with self._database.transaction() as t:
            row = await t.row(SQL["use_code"], code_hash, at)
            if row is None:
                raise NotFound("this code was used, or is out of date")
            device_id, commune_id = DeviceId(row["id"]), row["commune_id"]
            actor = f"device:{device_id}"
            if row["enrolled_at"] is not None:
                await _cut_off(t, device_id, commune_id, actor=actor, at=at)
            secrets = (token_hash, osmand_hash, pin_hash)
            await t.execute(SQL["enrol"], device_id, *secrets, kind.value if kind else None, at)
            t.enter(_entry(Action.DEVICE_ENROLLED, device_id, commune_id, actor, at))
            found = await t.row(SQL["in_hand"], device_id)
            if found is None:
                raise NotFound("there is no such device")
            return _read_principal(found)

    async def revoke(self, device_id: DeviceId, *, actor: str, at: datetime) -> None:
        """It opens nothing from now on: its shift, streams and sockets end. Twice is once."""
        async with self._database.transaction() as t:
            commune_id = await t.value(SQL["revoke"], device_id, at)
            if commune_id is not None:
                await _cut_off(t, device_id, commune_id, actor=actor, at=at)
                t.enter(_entry(Action.DEVICE_REVOKED, device_id, commune_id, actor, at))

    async def pin_hash(self, device_id: DeviceId) -> str | None:
        pin_hash: str | None = await self._database.value(SQL["pin_hash"], device_id)
        return pin_hash

    async def subscription(self, device_id: DeviceId) -> Subscription | None:
        row = await self._database.row(SQL["subscription"], device_id)
        return Subscription(channel=row["channel"], address=row["address"]) if row else None

    async def subscribe(
        self, device_id: DeviceId, subscription: Subscription, *, at: datetime
    ) -> None:
        async with self._database.transaction() as t:
            address = dict(subscription.address)
            await t.execute(SQL["subscribe"], device_id, subscription.channel, address, at)

    async def unsubscribe(self, device_id: DeviceId) -> None:
        async with self._database.transaction() as t:
            await t.execute(SQL["unsubscribe"], device_id)

    async def _found(self, row: Row | None, at: datetime | None) -> DevicePrincipal | None:
        if row is None:
            return None
        now = at or datetime.now(tz=row["created_at"].tzinfo)
        if row["seen_at"] is None or now - row["seen_at"] > NOTED_EVERY:
            async with self._database.transaction() as t:
                await t.execute(SQL["seen"], row["id"], now)
        return _read_principal(row)


def read_device(row: Row) -> Device:
    return Device(
        id=row["id"],
        commune_id=row["commune_id"],
        name=row["name"],
        kind=DeviceKind(row["kind"]),
        person_id=row["person_id"],
        enrolled_at=row["enrolled_at"],
        revoked_at=row["revoked_at"],
    )


def _read_principal(row: Row) -> DevicePrincipal:
    document = row["person"]
    disabled_at = document["disabled_at"]
    person: dict[str, Any] = {
        **document,
        "id": PersonId(UUID(document["id"])),
        "disabled_at": datetime.fromisoformat(disabled_at) if disabled_at else None,
    }
    shift = _shift_in(row["shift"]) if row["shift"] else None
    return DevicePrincipal(device=read_device(row), person=read_person(person), shift=shift)


def _shift_in(document: Mapping[str, Any]) -> Shift:
    def moment(name: str) -> datetime | None:
        return datetime.fromisoformat(document[name]) if document[name] else None

    return Shift(
        id=ShiftId(UUID(document["id"])),
        commune_id=CommuneId(UUID(document["commune_id"])),
        unit_id=UnitId(UUID(document["unit_id"])),
        device_id=DeviceId(UUID(document["device_id"])),
        person_id=PersonId(UUID(document["person_id"])),
        started_at=datetime.fromisoformat(document["started_at"]),
        break_since=moment("break_since"),
        resumed_at=moment("resumed_at"),
        ended_at=moment("ended_at"),
    )


async def _cut_off(
    t: Transaction, device_id: DeviceId, commune_id: CommuneId, *, actor: str, at: datetime
) -> None:
    await end_shift_of(t, device_id, actor=actor, at=at)
    await t.execute(SQL["unsubscribe"], device_id)
    t.publish(AccessRevoked(at=at, commune_id=commune_id, device_id=device_id))


def _entry(
    action: Action, device_id: DeviceId, commune_id: CommuneId, actor: str, at: datetime
) -> Entry:
    return Entry(
        at=at,
        actor=actor,
        action=action,
        about=f"device:{device_id}",
        commune_id=commune_id,
        data={},
    )


def _changed(
    t: Transaction,
    device_id: DeviceId,
    commune_id: CommuneId,
    actor: str,
    at: datetime,
    data: Mapping[str, object],
) -> None:
    configured(t, "device", device_id, commune_id=commune_id, actor=actor, at=at, data=data)
