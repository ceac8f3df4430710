"""Phones over the whole application, on a real database."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.identifiers import DeviceId, UnitId
from domain.people import Role
from domain.units import Device, DeviceKind
from mobile_api.tokens import code_digest, new_code
from server.database.devices import Devices
from tests.integration.http.conftest import (
    Installation,
    database,
    never_by_the_clock,
    patiently,
    town,
    town_map,
)
from tests.integration.http.town import TOWN

# pytest finds fixtures by name here
__all__ = ["database", "never_by_the_clock", "patiently", "town", "town_map"]

PIN = "2580"


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Phone:
    """A phone that enrolled itself, as one does: with a code read from a screen."""

    town: Installation
    device_id: DeviceId
    token: str
    osmand_id: str
    unit_id: UnitId

    async def ask(self, method: str, path: str, json: object = None) -> tuple[int, Any]:
        return await self.town.ask(method, f"/api/v1/mobile{path}", token=self.token, json=json)

    async def done(self, method: str, path: str, json: object = None) -> Any:
        status, answer = await self.ask(method, path, json)
        assert status in (200, 201, 204), answer
        return answer

    async def begin(self) -> None:
        await self.done("POST", "/shift", {"unit_id": str(self.unit_id), "pin": PIN})


async def enrolled(town: Installation, unit: str) -> Phone:
    """Give a new phone of the agent's, enrolled through the API; its unit is ``unit``."""
    device = Device(
        id=DeviceId(uuid4()),
        commune_id=TOWN.commune,
        name=f"Téléphone {unit}",
        kind=DeviceKind.PHONE,
        person_id=TOWN.person(Role.AGENT),
    )
    devices, code = Devices(town.database), new_code()
    await devices.add(device, actor="system", at=now())
    await devices.add_code(
        device.id,
        code_hash=code_digest(code),
        expires_at=now() + timedelta(minutes=10),
        actor="system",
        at=now(),
    )
    body = {"code": code.lower(), "pin": PIN}
    status, me = await town.ask("POST", "/api/v1/mobile/enrolment", json=body)
    assert status == 201, me
    return Phone(
        town=town,
        device_id=device.id,
        token=me["token"],
        osmand_id=me["osmand"]["id"],
        unit_id=UnitId(TOWN.id(unit)),
    )


@pytest.fixture
async def phone(town: Installation) -> Phone:
    """On shift in PM 1."""
    one = await enrolled(town, "unit")
    await one.begin()
    return one


@pytest.fixture
async def other(town: Installation) -> Phone:
    """On shift in PM 2."""
    one = await enrolled(town, "unit-2")
    await one.begin()
    return one
