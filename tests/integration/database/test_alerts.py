"""Alerts in the database: who was first is a rule, and all that follows is in one transaction."""

import asyncio
from uuid import uuid4

import pytest

from domain.alerts import Alert, AlertState, AlreadyAcknowledged, DismissalReason, NotConfirmed
from domain.errors import Conflict, NotFound
from domain.events import EventKind
from domain.identifiers import InterventionId, PersonId, StillId, UnitId
from domain.interventions import Intervention, InterventionState
from domain.people import Role
from domain.units import Unit, UnitState
from server.database.alerts import Alerts
from server.database.interventions import Interventions
from server.database.pool import Database
from server.database.push_outbox import PushOutbox
from server.database.screens import Screens
from server.database.stills import NewStill
from tests.integration.database.town import ADMIN, NOW, SECOND, Town, jpeg


@pytest.fixture
def alerts(database: Database) -> Alerts:
    return Alerts(database, clock=lambda: NOW)


@pytest.fixture
def screens(database: Database) -> Screens:
    return Screens(database, clock=lambda: NOW)


async def facts_of(database: Database) -> list[str]:
    return [row["kind"] for row in await database.rows("SELECT kind FROM outbox ORDER BY seq")]


async def actions_of(database: Database) -> list[str]:
    rows = await database.rows("SELECT action FROM register ORDER BY number")
    return [row["action"] for row in rows]


async def confirmed(town: Town, alerts: Alerts) -> tuple[Alert, PersonId]:
    """An alert by hand, raised and confirmed by its author."""
    author = (await town.person(Role.OPERATOR, name="Claire")).id
    alert = town.alert().confirm(by=author, at=NOW)
    return await alerts.add(alert, actor=f"person:{author}", at=NOW), author


async def sent(town: Town, alerts: Alerts, *units: Unit) -> Alert:
    alert, author = await confirmed(town, alerts)
    ids = [unit.id for unit in units]
    return await alerts.send(alert.id, ids, by=author, actor=f"person:{author}", at=NOW)


async def acknowledge(alerts: Alerts, alert: Alert, unit: Unit) -> tuple[Alert, Intervention]:
    return await alerts.acknowledge(
        alert.id,
        unit_id=unit.id,
        intervention_id=InterventionId(uuid4()),
        actor="person:x",
        at=NOW + SECOND,
    )


async def test_an_alert_comes_back_as_it_was_stored(town: Town, alerts: Alerts) -> None:
    alert, _ = await confirmed(town, alerts)

    assert await alerts.get(alert.id) == alert
    assert alert.state is AlertState.CONFIRMED


async def test_an_alert_by_hand_is_raised_and_confirmed_in_history_register_and_facts(
    database: Database, town: Town, alerts: Alerts, screens: Screens
) -> None:
    alert, author = await confirmed(town, alerts)

    history = await screens.history("alert", alert.id)
    assert [(line.what, line.actor_name) for line in history] == [
        ("raised", "Claire"),
        ("confirmed", "Claire"),
    ]
    assert (await facts_of(database))[-2:] == ["alert-raised", "alert-confirmed"]
    assert (await actions_of(database))[-2:] == ["alert-raised", "alert-confirmed"]
    assert history[0].actor == f"person:{author}"


async def test_the_same_alert_raised_twice_is_one(
    database: Database, town: Town, alerts: Alerts
) -> None:
    alert, _ = await confirmed(town, alerts)
    before = await facts_of(database)

    assert await alerts.add(alert, actor=ADMIN, at=NOW) == alert
    assert await facts_of(database) == before


async def test_another_communes_alert_under_the_same_id_is_refused(
    town: Town, other_town: Town, alerts: Alerts
) -> None:
    alert, _ = await confirmed(town, alerts)
    foreign = other_town.alert()
    stolen = Alert(
        id=alert.id,
        commune_id=foreign.commune_id,
        kind=foreign.kind,
        origin=foreign.origin,
        point=None,
        place="",
        raised_at=NOW,
    )

    with pytest.raises(Conflict):
        await alerts.add(stolen, actor=ADMIN, at=NOW)


async def test_what_was_not_confirmed_is_not_sent(town: Town, alerts: Alerts) -> None:
    unit = await town.unit("PM 1")
    alert = await alerts.add(town.alert(), actor=ADMIN, at=NOW)

    with pytest.raises(NotConfirmed):
        await alerts.send(alert.id, [unit.id], by=None, actor=ADMIN, at=NOW)


async def test_sending_makes_a_message_for_each_phone_on_shift_in_the_unit(
    database: Database, town: Town, alerts: Alerts
) -> None:
    unit, other = await town.unit("PM 1"), await town.unit("PM 2")
    on_shift = {(await town.on_shift(unit)).device.id, (await town.on_shift(unit)).device.id}
    await town.on_shift(other)
    await town.device()
    alert = await sent(town, alerts, unit)

    outbox = PushOutbox(database, clock=lambda: NOW)
    due = await outbox.due(limit=10, now=NOW, hold=5 * SECOND)
    assert {message.device_id for message in due} == on_shift
    assert {(message.about_kind, message.about_id) for message in due} == {("alert", alert.id)}
    assert await outbox.due(limit=10, now=NOW, hold=5 * SECOND) == []


async def test_a_unit_of_another_commune_can_not_be_sent(
    town: Town, other_town: Town, alerts: Alerts
) -> None:
    alert, author = await confirmed(town, alerts)
    foreign = await other_town.unit("PM 1")

    with pytest.raises(NotFound):
        await alerts.send(alert.id, [foreign.id], by=author, actor=ADMIN, at=NOW)
    assert (await alerts.get(alert.id)).state is AlertState.CONFIRMED


async def test_the_second_unit_is_told_who_was_first(town: Town, alerts: Alerts) -> None:
    units = [await town.unit(f"PM {n}") for n in range(8)]
    alert = await sent(town, alerts, *units)

    answers = await asyncio.gather(
        *(acknowledge(alerts, alert, unit) for unit in units), return_exceptions=True
    )

    first = [answer for answer in answers if not isinstance(answer, BaseException)]
    told = [answer for answer in answers if isinstance(answer, AlreadyAcknowledged)]
    assert len(first) == 1
    assert len(told) == 7
    winner = first[0][0].acknowledged_by
    assert {error.unit_id for error in told} == {winner}
    assert [one.unit_id for one in first[0][1].assignments] == [winner]


async def test_the_same_unit_twice_is_a_success_and_one_intervention(
    database: Database, town: Town, alerts: Alerts
) -> None:
    unit = await town.unit("PM 1")
    alert = await sent(town, alerts, unit)
    _, first = await acknowledge(alerts, alert, unit)
    before = await facts_of(database)

    _, second = await acknowledge(alerts, alert, unit)

    assert second == first
    assert await facts_of(database) == before
    assert before[-3:] == ["alert-acknowledged", "intervention-changed", "unit-changed"]


async def test_a_unit_that_declines_leaves_the_alert_to_the_others(
    town: Town, alerts: Alerts, screens: Screens
) -> None:
    unit, other = await town.unit("PM 1"), await town.unit("PM 2")
    alert = await sent(town, alerts, unit, other)
    await alerts.decline(alert.id, unit_id=unit.id, reason="blessé", actor=ADMIN, at=NOW)

    view = (await screens.alerts([town.commune.id]))[0]
    told = {one.call_sign: one.unable_reason for one in view.recipients}
    assert told == {"PM 1": "blessé", "PM 2": None}
    assert view.state is AlertState.SENT
    assert (await alerts.open_for(other.id))[0].id == alert.id


async def test_a_unit_that_could_not_go_may_go_after_all(town: Town, alerts: Alerts) -> None:
    unit = await town.unit("PM 1")
    alert = await sent(town, alerts, unit)
    await alerts.decline(alert.id, unit_id=unit.id, reason="loin", actor=ADMIN, at=NOW)
    after, _ = await acknowledge(alerts, alert, unit)

    assert await alerts.get(alert.id) == after
    assert after.unable == frozenset()


async def test_an_answered_alert_rings_no_more(
    database: Database, town: Town, alerts: Alerts
) -> None:
    unit = await town.unit("PM 1")
    await town.on_shift(unit)
    outbox = PushOutbox(database, clock=lambda: NOW)
    alert = await sent(town, alerts, unit)
    message = (await outbox.due(limit=1, now=NOW, hold=SECOND))[0]
    await outbox.accepted(message.id, channel="web-push", at=NOW, again_at=NOW + 15 * SECOND)
    again = await outbox.due(limit=1, now=NOW + 15 * SECOND, hold=SECOND)
    await acknowledge(alerts, alert, unit)

    assert [one.attempts for one in again] == [1]
    assert await outbox.due(limit=1, now=NOW + 60 * SECOND, hold=SECOND) == []
    assert await outbox.waiting() == 0


async def test_arrival_is_noted_once(
    database: Database, town: Town, alerts: Alerts, screens: Screens
) -> None:
    unit = await town.unit("PM 1")
    phone = await town.on_shift(unit)
    alert = await sent(town, alerts, unit)
    for at in (NOW + SECOND, NOW + 2 * SECOND):
        await alerts.arrived(alert.id, unit_id=unit.id, device_id=phone.device.id, at=at)

    view = (await screens.alerts([town.commune.id], ids=[alert.id]))[0]
    assert view.recipients[0].arrived_at == NOW + SECOND
    assert (await screens.deliveries(alert.id))[0].arrived_at == NOW + SECOND
    assert (await facts_of(database)).count("alert-arrived") == 1


async def test_a_dismissal_and_a_reopening_are_kept(
    database: Database, town: Town, alerts: Alerts
) -> None:
    person = (await town.person(Role.OPERATOR)).id
    alert = await alerts.add(town.alert(), actor=ADMIN, at=NOW)
    reason = DismissalReason.HARMLESS
    await alerts.change(alert.id, lambda a: a.dismiss(reason, by=person, at=NOW), actor=ADMIN)
    reopened = await alerts.change(alert.id, lambda a: a.reopen(), actor=ADMIN)

    assert reopened.state is AlertState.RAISED
    assert (await actions_of(database))[-3:] == [
        "alert-raised",
        "alert-dismissed",
        "alert-reopened",
    ]


async def test_a_still_is_given_with_its_time_until_it_is_purged(
    database: Database, town: Town, alerts: Alerts, screens: Screens
) -> None:
    picture = jpeg()
    still = NewStill(id=StillId(uuid4()), jpeg=picture, taken_at=NOW)
    alert = await alerts.add(town.alert(), still=still, actor=ADMIN, at=NOW)

    stored = await alerts.still_of(alert.id)
    assert stored is not None
    assert (stored.jpeg, stored.taken_at) == (picture, NOW)
    async with database.transaction() as t:
        await t.execute("DELETE FROM still")
    assert await alerts.still_of(alert.id) is None
    assert not (await screens.alerts([town.commune.id]))[0].still


async def test_a_panic_alarm_is_an_alert_that_may_be_sent_at_once(
    town: Town, alerts: Alerts
) -> None:
    unit = await town.unit("PM 1")
    phone = await town.on_shift(unit)
    alarm = town.alert(EventKind.PANIC)
    stored = await alerts.raise_alarm(alarm, device_id=phone.device.id, actor=phone.actor)
    after = await alerts.send(stored.id, [unit.id], by=None, actor=ADMIN, at=NOW)

    assert after.state is AlertState.SENT


async def test_an_unknown_alert_is_not_found(alerts: Alerts, town: Town) -> None:
    with pytest.raises(NotFound):
        await alerts.change(town.alert().id, lambda alert: alert.reopen(), actor=ADMIN)


async def test_closing_the_intervention_resolves_the_alert_and_frees_the_unit(
    database: Database, town: Town, alerts: Alerts, screens: Screens
) -> None:
    unit = await town.unit("PM 1")
    await town.on_shift(unit)
    alert = await sent(town, alerts, unit)
    _, intervention = await acknowledge(alerts, alert, unit)
    interventions = Interventions(database, clock=lambda: NOW + 5 * SECOND)
    scene = InterventionState.ON_SCENE

    await interventions.change(
        intervention.id, lambda one: one.progress(unit.id, scene, at=NOW + SECOND), actor=ADMIN
    )
    board = (await screens.units([town.commune.id]))[0]
    assert (board.state, board.intervention_id) == (UnitState.ON_SCENE, intervention.id)

    await interventions.change(
        intervention.id,
        lambda one: one.close(by=None, at=NOW + 5 * SECOND, report="rien"),
        actor=ADMIN,
    )
    board = (await screens.units([town.commune.id]))[0]
    assert (board.state, board.intervention_id) == (UnitState.FREE, None)
    assert (await alerts.get(alert.id)).state is AlertState.RESOLVED
    view = (await screens.interventions([town.commune.id]))[0]
    assert (view.state, view.report) == (InterventionState.CLOSED, "rien")
    assert view.assignments[0].call_sign == "PM 1"


async def test_closing_and_acknowledging_at_once_do_not_wait_for_each_other(
    database: Database, town: Town, alerts: Alerts
) -> None:
    units = [await town.unit(f"PM {n}") for n in range(2)]
    interventions = Interventions(database, clock=lambda: NOW)
    for _ in range(5):
        alert = await sent(town, alerts, *units)
        _, intervention = await acknowledge(alerts, alert, units[0])
        answers = await asyncio.gather(
            interventions.change(
                intervention.id, lambda one: one.close(by=None, at=NOW), actor=ADMIN
            ),
            acknowledge(alerts, alert, units[0]),
            acknowledge(alerts, alert, units[1]),
            return_exceptions=True,
        )

        assert not isinstance(answers[0], BaseException)
        assert not isinstance(answers[1], BaseException)
        assert isinstance(answers[2], AlreadyAcknowledged)


async def test_a_unit_that_does_not_exist_can_not_be_assigned(
    database: Database, town: Town, alerts: Alerts
) -> None:
    unit = await town.unit("PM 1")
    alert = await sent(town, alerts, unit)
    _, intervention = await acknowledge(alerts, alert, unit)

    with pytest.raises(NotFound):
        await Interventions(database).change(
            intervention.id, lambda one: one.assign(UnitId(uuid4()), at=NOW), actor=ADMIN
        )
