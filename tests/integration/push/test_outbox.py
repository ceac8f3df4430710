"""From an alert that is sent to a phone that rings, and stops: table, courier, push service.

The seeded town has one alert and one guidance on their way to one phone, which is on shift.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from domain.guidance import Guidance
from domain.identifiers import AlertId, DeviceId, GuidanceId, InterventionId, ShiftId, UnitId
from domain.people import Role
from mobile_api.keys import Subscription
from push.addresses import Addresses
from push.courier import Courier
from push.outgoing import Delivery
from push.vapid import vapid_key
from push.web_push import WebPushChannel
from server.database.alerts import Alerts
from server.database.devices import Devices
from server.database.guidance import Guidances
from server.database.pool import Database
from server.database.push_outbox import PushOutbox
from server.database.units import Shifts
from tests.integration.http.town import TOWN
from tests.servers.push_service import PushService

LIMIT_S = 60.0
HOLD = timedelta(seconds=60)
ALERT, GUIDANCE = AlertId(TOWN.id("alert")), GuidanceId(TOWN.id("guidance"))
DEVICE, UNIT = DeviceId(TOWN.id("device")), UnitId(TOWN.id("unit"))


def now() -> datetime:
    return datetime.now(UTC)


async def mine(outbox: PushOutbox, *, at: datetime | None = None) -> dict[str, Delivery]:
    """What is due to the town's phone, by what it is about (the neighbour's is put aside)."""
    taken = await outbox.due(limit=50, now=at or now() + timedelta(seconds=1), hold=HOLD)
    return {one.about_kind: one for one in taken if one.device_id == DEVICE}


async def state(database: Database, about: UUID) -> str:
    row = await database.row(
        "SELECT state FROM push_delivery WHERE about_id = $1 AND device_id = $2", about, DEVICE
    )
    assert row is not None
    return str(row["state"])


async def test_what_was_sent_is_due_once_with_the_phone_s_address(database: Database) -> None:
    address = {"fid": "f1"}
    subscription = Subscription(channel="firebase", address=address)
    await Devices(database).subscribe(DEVICE, subscription, at=now())
    outbox = PushOutbox(database)
    first = await mine(outbox)
    second = await mine(outbox)

    assert set(first) == {"alert", "guidance"}
    assert first["alert"].about_id == ALERT
    assert (first["alert"].channel, first["alert"].address) == ("firebase", address)
    assert first["alert"].attempts == 0
    assert first["alert"].expires_at > now()
    assert second == {}, "it is held for the one who took it"
    assert await outbox.waiting() >= 2


async def test_two_couriers_never_take_the_same_message(database: Database) -> None:
    outboxes = [PushOutbox(database) for _ in range(4)]
    later = now() + timedelta(seconds=1)
    taken = await asyncio.gather(
        *[outbox.due(limit=1, now=later, hold=HOLD) for outbox in outboxes]
    )

    ids = [one.id for batch in taken for one in batch]
    assert len(ids) == len(set(ids)) == 4


async def test_a_courier_that_dies_loses_nothing(database: Database) -> None:
    outbox = PushOutbox(database)
    held = await mine(outbox)

    again = await mine(outbox, at=now() + HOLD + timedelta(seconds=2))

    assert {one.id for one in again.values()} == {one.id for one in held.values()}


async def test_a_message_that_was_taken_rings_again_and_keeps_its_first_time(
    database: Database,
) -> None:
    outbox, first_at = PushOutbox(database), now()
    alert = (await mine(outbox))["alert"]
    again_at = first_at + timedelta(seconds=10)
    await outbox.accepted(alert.id, channel="web-push", at=first_at, again_at=again_at)

    assert "alert" not in await mine(outbox, at=again_at - timedelta(seconds=1))
    again = (await mine(outbox, at=again_at))["alert"]
    assert (again.attempts, again.accepted_at) == (1, first_at)
    later = again_at + timedelta(seconds=10)
    await outbox.accepted(again.id, channel="web-push", at=later, again_at=later)
    assert (await mine(outbox, at=later))["alert"].accepted_at == first_at


async def test_a_message_that_failed_comes_back_when_it_should(database: Database) -> None:
    outbox = PushOutbox(database)
    alert = (await mine(outbox))["alert"]
    retry_at = now() + timedelta(seconds=20)
    await outbox.failed(alert.id, channel="firebase", error="HTTP 500", retry_at=retry_at)

    assert "alert" not in await mine(outbox, at=retry_at - timedelta(seconds=1))
    assert (await mine(outbox, at=retry_at))["alert"].attempts == 1


async def test_what_is_given_up_or_expired_rings_no_more(database: Database) -> None:
    outbox = PushOutbox(database)
    taken = await mine(outbox)
    await outbox.given_up(taken["alert"].id, error="gone")
    await outbox.expired(taken["guidance"].id)

    assert await mine(outbox, at=now() + HOLD * 2) == {}
    assert (await state(database, ALERT), await state(database, GUIDANCE)) == ("failed", "expired")


async def test_an_alert_that_somebody_takes_rings_no_more(database: Database) -> None:
    await Alerts(database).acknowledge(
        ALERT,
        unit_id=UNIT,
        intervention_id=InterventionId(uuid4()),
        actor="person:test",
        at=now(),
    )

    assert "alert" not in await mine(PushOutbox(database))


async def test_an_alert_that_the_unit_declined_rings_no_more_for_it(database: Database) -> None:
    await Alerts(database).decline(
        ALERT, unit_id=UNIT, reason="Escort under way", actor="person:test", at=now()
    )

    assert "alert" not in await mine(PushOutbox(database))


async def test_an_alert_that_only_arrived_goes_on_ringing(database: Database) -> None:
    await Alerts(database).arrived(ALERT, unit_id=UNIT, device_id=DEVICE, at=now())

    assert "alert" in await mine(PushOutbox(database))


async def test_guidance_that_has_arrived_rings_no_more(database: Database) -> None:
    await Guidances(database).change(
        GUIDANCE, lambda one: one.arrive(at=now()), actor="person:test", device_id=DEVICE
    )

    assert "guidance" not in await mine(PushOutbox(database))
    assert await state(database, GUIDANCE) == "arrived"


async def test_nobody_is_rung_after_his_shift_or_on_a_revoked_phone(database: Database) -> None:
    await Shifts(database).change(
        ShiftId(TOWN.id("shift")), lambda shift: shift.end(at=now()), actor="person:test"
    )

    assert await mine(PushOutbox(database)) == {}


async def test_only_the_address_that_is_gone_is_forgotten(database: Database) -> None:
    devices, outbox = Devices(database), PushOutbox(database)
    new = Subscription(channel="firebase", address={"fid": "new"})
    await devices.subscribe(DEVICE, new, at=now())

    await outbox.drop_subscription(DEVICE, address={"fid": "old"})
    assert await devices.subscription(DEVICE) == new
    await outbox.drop_subscription(DEVICE, address={"fid": "new"})
    assert await devices.subscription(DEVICE) is None


@asynccontextmanager
async def courier_of(outgoing: PushOutbox, folder: Path) -> AsyncIterator[Courier]:
    courier = Courier(
        outgoing=outgoing,
        channels={
            "web-push": WebPushChannel(
                key=vapid_key(folder),
                contact="mailto:csu@example.org",
                addresses=Addresses(hosts=[], allow_loopback=True),
                clock=now,
            )
        },
        clock=now,
        repeat_after=timedelta(milliseconds=200),
        poll_s=0.05,
    )
    running = asyncio.create_task(courier.run())
    try:
        async with asyncio.timeout(LIMIT_S):
            yield courier
    finally:
        running.cancel()
        await asyncio.wait({running})


async def test_the_phone_rings_until_its_agent_answers(
    database: Database, service: PushService, tmp_path: Path
) -> None:
    address = service.subscribe("phone")
    subscription = Subscription(channel="web-push", address=address)
    await Devices(database).subscribe(DEVICE, subscription, at=now())
    await Guidances(database).change(
        GUIDANCE, lambda one: one.read(at=now()), actor="person:test", device_id=DEVICE
    )

    async with courier_of(PushOutbox(database), tmp_path):
        rung = {one.data["id"] for one in await service.wait_for("phone", times=3)}
        await Alerts(database).acknowledge(
            ALERT,
            unit_id=UNIT,
            intervention_id=InterventionId(uuid4()),
            actor="person:test",
            at=now(),
        )
        # What is sent after the answer proves that the bell is silent and the courier is not.
        one = Guidance(
            id=GuidanceId(uuid4()),
            commune_id=TOWN.commune,
            unit_id=UNIT,
            sent_by=TOWN.person(Role.OPERATOR),
            sent_at=now(),
            text="Par la rue Basse",
        )
        await Guidances(database).add(one, actor="person:test")
        while service.phones["phone"].received[-1].data["kind"] != "guidance":
            await service.wait_for("phone", times=len(service.phones["phone"].received) + 1)

    assert rung == {str(ALERT)}
    assert service.phones["phone"].shown == [str(ALERT), str(one.id)]
    assert "alert" not in await mine(PushOutbox(database), at=now() + HOLD)
    assert await state(database, ALERT) == "accepted"


class Told(PushOutbox):
    """Says when the last thing of a message that is gone was written."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.gave_up = asyncio.Event()

    async def given_up(self, delivery_id: UUID, *, error: str) -> None:
        await super().given_up(delivery_id, error=error)
        if error.startswith("gone"):
            self.gave_up.set()


@pytest.mark.parametrize("name", ["gone", "lost"])
async def test_an_address_that_is_nobody_s_is_forgotten(
    database: Database, service: PushService, tmp_path: Path, name: str
) -> None:
    subscription = Subscription(channel="web-push", address=service.subscribe(name))
    await Devices(database).subscribe(DEVICE, subscription, at=now())

    outbox = Told(database)
    async with courier_of(outbox, tmp_path):
        await outbox.gave_up.wait()

    assert await Devices(database).subscription(DEVICE) is None
    assert "failed" in (await state(database, ALERT), await state(database, GUIDANCE))
