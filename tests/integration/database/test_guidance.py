"""Guidance and other messages on their way to a phone, as they are kept."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from domain.guidance import Guidance
from domain.identifiers import GuidanceId
from domain.people import Role
from domain.positions import Point
from server.database.guidance import Guidances
from server.database.pool import Database
from server.database.push_outbox import PushOutbox
from server.database.screens import Screens
from tests.integration.database.town import NOW, SECOND, Town, facts

MINUTE = timedelta(minutes=1)


async def test_guidance_rings_until_it_has_arrived(town: Town, database: Database) -> None:
    unit = await town.unit("PM 1")
    phone = await town.on_shift(unit)
    author = await town.principal(Role.DISPATCHER)
    guidances = Guidances(database, clock=lambda: NOW)
    outbox, screens = PushOutbox(database, clock=lambda: NOW), Screens(database)
    sent = Guidance(
        id=GuidanceId(uuid4()),
        commune_id=town.commune.id,
        unit_id=unit.id,
        sent_by=author.person.id,
        sent_at=NOW,
        point=Point(24.9, 60.2),
        text="Par la cour",
    )
    for _ in range(2):
        assert await guidances.add(sent, actor=author.actor) == sent
    due = await outbox.due(limit=5, now=NOW, hold=SECOND)
    assert [(one.device_id, one.about_kind) for one in due] == [(phone.device.id, "guidance")]
    assert due[0].channel is None

    await guidances.change(
        sent.id,
        lambda one: one.arrive(at=NOW + SECOND),
        actor=phone.actor,
        device_id=phone.device.id,
    )
    assert await outbox.due(limit=5, now=NOW + MINUTE, hold=SECOND) == []
    await guidances.change(sent.id, lambda one: one.read(at=NOW + MINUTE), actor=phone.actor)
    view = (await screens.guidance([town.commune.id], unit_id=unit.id))[0]
    assert (view.arrived_at, view.read_at) == (NOW + SECOND, NOW + MINUTE)
    assert [one.what for one in await screens.history("guidance", sent.id)] == [
        "sent",
        "arrived",
        "read",
    ]


async def test_two_couriers_never_take_the_same_message(town: Town, database: Database) -> None:
    unit = await town.unit("PM 1")
    for _ in range(6):
        await town.on_shift(unit)
    author = await town.principal(Role.DISPATCHER)
    await Guidances(database, clock=lambda: NOW).add(
        Guidance(
            id=GuidanceId(uuid4()),
            commune_id=town.commune.id,
            unit_id=unit.id,
            sent_by=author.person.id,
            sent_at=NOW,
            text="Revenez",
        ),
        actor=author.actor,
    )
    outbox = PushOutbox(database)
    taken = await asyncio.gather(*(outbox.due(limit=4, now=NOW, hold=MINUTE) for _ in range(4)))

    ids = [message.id for batch in taken for message in batch]
    assert len(ids) == len(set(ids)) == 6


async def test_a_message_that_is_not_taken_is_tried_again_and_given_up_aloud(
    town: Town, database: Database
) -> None:
    unit = await town.unit("PM 1")
    await town.on_shift(unit)
    author = await town.principal(Role.DISPATCHER)
    await Guidances(database, clock=lambda: NOW).add(
        Guidance(
            id=GuidanceId(uuid4()),
            commune_id=town.commune.id,
            unit_id=unit.id,
            sent_by=author.person.id,
            sent_at=NOW,
            text="Revenez",
        ),
        actor=author.actor,
    )
    outbox = PushOutbox(database, clock=lambda: NOW)
    first = (await outbox.due(limit=1, now=NOW, hold=SECOND))[0]
    await outbox.failed(first.id, channel="web-push", error="503", retry_at=NOW + MINUTE)
    assert await outbox.due(limit=1, now=NOW + 30 * SECOND, hold=SECOND) == []
    again = (await outbox.due(limit=1, now=NOW + MINUTE, hold=SECOND))[0]
    assert again.attempts == 1
    before = await facts(database, "guidance-changed")
    await outbox.given_up(again.id, error="no address")

    assert await outbox.waiting() == 0
    assert await facts(database, "guidance-changed") == before + 1
