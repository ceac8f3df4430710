"""An authorisation's evaluation: minutes looked at, decisions, suspensions, and no names."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from domain.alerts import DismissalReason
from domain.analysed import Analysed
from domain.authorisations import Authorisation
from domain.cameras import Camera
from domain.errors import Unavailable
from domain.events import EventKind
from domain.identifiers import AuthorisationId, PersonId
from domain.people import Role
from domain.profiles import Profile
from domain.register import Action, Entry
from domain.rules import Rule
from server.analysed import store
from server.database.alerts import Alerts
from server.database.authorisations import Authorisations
from server.database.bus import PgBus
from server.database.evaluations import Evaluation, Evaluations
from server.database.pool import Database
from server.http.evaluation_page import evaluation_page
from server.intake import EventRecorder, Intake
from tests.integration.database.events import seen
from tests.integration.database.town import ADMIN, NOW, Town, jpeg
from tests.waiting import eventually

ZONE = EventKind.FORBIDDEN_ZONE
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WRONG, TEST = DismissalReason.NOTHING_THERE, DismissalReason.TEST
NAME = "Berthe Quelqu'une"
HELD_UP = """SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE NOT granted AND datname = current_database())"""

type Watched = tuple[Camera, Rule, Authorisation]


@pytest.fixture
async def watched(town: Town) -> Watched:
    return await town.watched_camera()


@pytest.fixture
async def operator(town: Town) -> PersonId:
    return (await town.person(Role.OPERATOR, name=NAME)).id


async def decide(
    database: Database, watched: Watched, operator: PersonId, *answers: DismissalReason | None
) -> None:
    """Have one alert each raised and answered within a minute, two, …; None: confirmed."""
    for n, reason in enumerate(answers, start=1):
        event = seen(*watched)
        await EventRecorder(database, clock=lambda: NOW).opened(event, jpeg())
        intake = Intake(database, PgBus(database), clock=lambda: NOW)
        alert_id = await intake.raise_for(event.event_id)
        at = NOW + n * MINUTE
        await Alerts(database).change(
            alert_id,
            lambda alert, reason=reason, at=at: (  # type: ignore[misc]  # mypy infers no lambda's defaults
                alert.dismiss(reason, by=operator, at=at, note=NAME)
                if reason
                else alert.confirm(by=operator, at=at)
            ),
            actor=ADMIN,
            at=at,
        )


async def taken(database: Database, act: Authorisation) -> Evaluation:
    return await Evaluations(database).take(act.id, actor=ADMIN, at=NOW + HOUR)


async def test_it_tells_what_was_looked_at_and_not_what_was_allowed(
    database: Database, watched: Watched
) -> None:
    camera, _, act = watched
    kept = Analysed()
    for at in (NOW, NOW + MINUTE, NOW + 61 * MINUTE):
        kept.picture(camera.id, {ZONE: act.id}, at=at)
    await store(kept, Evaluations(database))
    kept.picture(camera.id, {ZONE: act.id}, at=NOW)  # known already: the minute counts once
    await store(kept, Evaluations(database))

    found = await taken(database, act)
    one = found.watchings[0]
    assert (one.minutes, one.pictures, found.pictures_outside) == (3, 4, 0)
    assert (one.first_hour, one.last_hour) == (NOW, NOW + HOUR)


async def test_a_picture_without_an_act_would_show(database: Database, watched: Watched) -> None:
    kept = Analysed()
    kept.picture(watched[0].id, {}, at=NOW)
    await store(kept, Evaluations(database))

    assert (await taken(database, watched[2])).pictures_outside == 1


async def test_a_picture_without_an_act_shows_in_the_hour_in_which_the_act_begins(
    database: Database, watched: Watched
) -> None:
    camera, _, act = watched
    began = replace(act, id=AuthorisationId(uuid4()), starts_at=NOW + 30 * MINUTE)
    await Authorisations(database).add(began, actor=ADMIN, at=NOW)
    kept = Analysed()
    for at in (NOW - MINUTE, NOW + 40 * MINUTE):  # the hour before is not the act's
        kept.picture(camera.id, {}, at=at)
    await store(kept, Evaluations(database))

    assert (await taken(database, began)).pictures_outside == 1


async def test_what_was_looked_at_waits_while_the_database_is_away(watched: Watched) -> None:
    class Away(Evaluations):
        async def store_analysed(self, hours: object) -> None:
            raise Unavailable("away")

    camera, _, act = watched
    kept = Analysed()
    kept.picture(camera.id, {ZONE: act.id}, at=NOW)
    await store(kept, Away(Town.__new__(Town)))  # type: ignore[arg-type]  # it is never asked

    assert len(kept.take()) == 1


async def test_it_counts_the_decisions_of_its_own_alerts_and_enters_the_register(
    database: Database, town: Town, watched: Watched, operator: PersonId
) -> None:
    await decide(database, watched, operator, WRONG, None, None, TEST, WRONG)
    other = replace(watched[2], id=AuthorisationId(uuid4()))
    await Authorisations(database).add(other, actor=ADMIN, at=NOW)

    found = await taken(database, watched[2])
    figures = found.watchings[0].figures
    assert (figures.raised, figures.confirmed, figures.false_alerts) == (5, 2, 2)
    assert figures.precision == pytest.approx(2 / 4)
    assert found.medians[None] == found.medians[ZONE] == 3 * MINUTE
    assert [one.kind for one in found.suspensions] == [ZONE]
    assert (await taken(database, other)).watchings[0].figures.raised == 0
    rows = await database.rows("SELECT * FROM register WHERE action = 'evaluation-taken'")
    assert [row["about"] for row in rows] == [
        f"authorisation:{watched[2].id}",
        f"authorisation:{other.id}",
    ]


async def test_it_can_be_taken_while_others_write_in_the_register(
    database: Database, watched: Watched
) -> None:
    async def is_held_up() -> bool:
        return bool(await database.value(HELD_UP))

    entry = Entry(at=NOW, actor=ADMIN, action=Action.BACKED_UP, about="", commune_id=None, data={})
    async with asyncio.TaskGroup() as group, database.transaction() as t:
        await t.execute("LOCK TABLE analysed_hour")
        taking = group.create_task(taken(database, watched[2]))
        await eventually(is_held_up)
        t.enter(entry)

    assert taking.result().pictures_outside == 0


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_the_page_names_the_act_and_nobody(
    database: Database, watched: Watched, operator: PersonId, language: str
) -> None:
    await decide(database, watched, operator, WRONG, None)
    told = await taken(database, watched[2])
    fictional = replace(told.authorisation, profile=Profile.DEMONSTRATION)
    page = evaluation_page(
        replace(told, authorisation=fictional),
        language="fr" if language == "fr" else "en",
        time_zone="Europe/Paris",
    )

    assert "50 % [9 % – 91 %], n = 2" in page
    assert "la cour" in page
    assert ("FICTIF : " in page) is (language == "fr")
    assert ": 0." in page  # pictures outside of any act
    for never in (NAME, "<script", "http:", "https:", "src="):
        assert never not in page
