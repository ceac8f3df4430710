"""What a camera was, and when: hours that are over are judged by that, not by what it is now."""

from collections.abc import Set
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from domain.authorisations import Authorisation
from domain.cameras import Camera, PlaceKind
from domain.events import EventKind
from domain.footings import Footing
from domain.identifiers import AuthorisationId, CameraId, PersonId, TrialId
from domain.profiles import Profile
from server.database.authorisations import Authorisations
from server.database.bus import PgBus
from server.database.cameras import Cameras
from server.database.figures import DetectionFigures
from server.database.footings import footings_of
from server.database.migrations import read_migrations
from server.database.pool import Database
from server.trial_requests import TrialRequest
from server.watch_list import WatchedSource
from tests.integration.database.town import ADDED, ADMIN, NOW, VAULT, Town, forbidden

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CLOSED, OPEN = PlaceKind.CLOSED_TO_PUBLIC, PlaceKind.PUBLIC_ROAD
DUMPING = EventKind.DUMPING


@pytest.fixture
async def depot(town: Town, database: Database) -> Camera:
    """Closed to the public save for two days of open doors; under an act for closed sites."""
    depot = await town.camera(1, place_kind=CLOSED)
    acts = Authorisations(database)
    await acts.add(closed_site(town, depot), actor=ADMIN, at=NOW - 10 * DAY)
    await turn(database, depot, OPEN, NOW - 4 * DAY)
    await turn(database, depot, CLOSED, NOW - 2 * DAY)
    return depot


def closed_site(town: Town, camera: Camera) -> Authorisation:
    return Authorisation(
        id=AuthorisationId(uuid4()),
        commune_id=town.commune.id,
        profile=Profile.CLOSED_SITE,
        law="règlement 2016/679, art. 6",
        act_reference="décision 7",
        act_date=(NOW - 10 * DAY).date(),
        authority="Le maire",
        purpose="propreté du dépôt",
        place="le dépôt",
        kinds=frozenset({DUMPING}),
        camera_ids=frozenset({camera.id}),
        starts_at=NOW - 10 * DAY,
        ends_at=NOW + DAY,
        recorded_at=NOW - 10 * DAY,
        recorded_by=None,
        assessment="AIPD 2026-4",
    )


async def turn(database: Database, camera: Camera, place_kind: PlaceKind, at: datetime) -> None:
    await Cameras(database, vault=VAULT).change(
        camera.id, lambda one: replace(one, place_kind=place_kind), actor=ADMIN, at=at
    )


async def tried(
    database: Database, camera_id: CameraId, *moments: datetime
) -> list[Set[EventKind]]:
    """What a trial may look for in what was recorded at these moments."""
    asked = TrialRequest(
        id=TrialId(uuid4()),
        person_id=PersonId(uuid4()),
        camera_id=camera_id,
        rules=(replace(forbidden("Dépôt"), kind=DUMPING),),
        starts_at=min(moments),
        ends_at=max(moments),
    )
    watched = await WatchedSource(database, PgBus(database), clock=lambda: NOW).of_trial(asked)
    return [watched.acts_at(at).keys() for at in moments]


async def test_what_was_recorded_is_tried_under_what_the_place_was_then(
    database: Database, depot: Camera
) -> None:
    before, while_open, since = NOW - 5 * DAY, NOW - 3 * DAY, NOW - HOUR

    assert await tried(database, depot.id, before, while_open, since) == [
        {DUMPING},
        set(),
        {DUMPING},
    ]
    assert await tried(database, depot.id, NOW - 4 * DAY, NOW - 2 * DAY) == [set(), {DUMPING}]


async def test_days_on_which_the_act_did_not_count_are_not_watched(
    database: Database, town: Town, depot: Camera
) -> None:
    (of,) = await DetectionFigures(database).of(town.commune.id, since=NOW - 10 * DAY, until=NOW)

    assert of.figures.days == pytest.approx(8.0)


async def test_a_clock_that_was_set_back_makes_nothing_of_what_came_before(
    database: Database, depot: Camera
) -> None:
    await turn(database, depot, OPEN, NOW - 9 * DAY)

    assert await tried(database, depot.id, NOW - HOUR) == [set()]
    known = (await footings_of(database, [depot.id]))[depot.id]
    assert known[-1].since > known[-2].since == NOW - 2 * DAY


async def test_what_the_former_release_changes_is_the_stricter_of_both(
    database: Database, depot: Camera
) -> None:
    await database.rows("UPDATE camera SET place_kind = 'public-road' RETURNING id")
    assert await tried(database, depot.id, NOW - HOUR, NOW - 5 * DAY) == [set(), {DUMPING}]

    await database.rows("DELETE FROM camera_footing RETURNING 1")
    assert await footings_of(database, [depot.id]) == {depot.id: (Footing(ADDED, OPEN),)}


async def test_what_was_there_before_is_never_more_than_the_register_says(
    database: Database, town: Town, depot: Camera
) -> None:
    """Of cameras whose place was changed, the time before the last change counts as public."""
    other = await town.camera(2, place_kind=CLOSED)
    footings = next(one for one in read_migrations() if one.name == "footings")
    async with database.driver() as connection:
        await connection.execute("DROP TABLE camera_footing, commune_profile")
        await connection.execute(footings.sql)

    assert await footings_of(database, [depot.id, other.id]) == {
        depot.id: (Footing(ADDED, OPEN), Footing(NOW - 2 * DAY, CLOSED)),
        other.id: (Footing(ADDED, CLOSED),),
    }
