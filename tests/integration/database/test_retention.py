"""Retention: what must go goes, within the law's limits, with a receipt."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from domain.analysed import Analysed
from domain.errors import Unavailable
from domain.events import EventKind
from domain.identifiers import PlaybackId, StillId, TalkId
from domain.people import Role
from domain.positions import Point, Position
from domain.recordings import Playback
from domain.talks import Talk
from mobile_api.keys import Fix
from server.analysed import store
from server.database.alerts import Alerts
from server.database.bus import PgBus
from server.database.evaluations import Evaluations
from server.database.playbacks import Playbacks
from server.database.pool import Database
from server.database.positions import Positions
from server.database.register import read_heads
from server.database.stills import NewStill
from server.database.talks import Talks
from server.http.evaluation_page import evaluation_page
from server.retention import Retention
from server.supervision import supervise
from tests.integration.database.town import ADMIN, NOW, SECOND, Town, jpeg

DAY = timedelta(days=1)
LIMIT_S = 60.0

type Made[T] = Coroutine[Any, Any, T]


def retention(
    database: Database,
    folder: Path,
    *,
    at: datetime,
    stills: timedelta = 30 * DAY,
    positions: timedelta = DAY,
    analysed: timedelta = 365 * DAY,
) -> Retention:
    return Retention(
        database,
        PgBus(database),
        stills=stills,
        positions=positions,
        analysed=analysed,
        data_dir=folder,
        clock=lambda: at,
    )


@pytest.fixture
async def used(town: Town, database: Database) -> Town:
    """An alert with a still, and a fix, of now."""
    still = NewStill(id=StillId(uuid4()), jpeg=jpeg(), taken_at=NOW)
    await Alerts(database).add(town.alert(), still=still, actor=ADMIN, at=NOW)
    phone = await town.on_shift(await town.unit("PM 1"))
    assert phone.shift is not None
    position = Position(point=Point(24.0, 60.0), fixed_at=NOW + SECOND)
    fix = Fix(id=uuid4(), position=position)
    await Positions(database).add([fix], shift=phone.shift, received_at=NOW)
    return town


async def test_nothing_goes_before_its_time(used: Town, database: Database, tmp_path: Path) -> None:
    done = await retention(database, tmp_path, at=NOW + DAY).purge()

    assert (done["stills"], done["positions"]) == (0, 0)


async def test_positions_go_after_a_day_and_stills_after_thirty_with_a_receipt(
    used: Town, database: Database, tmp_path: Path
) -> None:
    first = await retention(database, tmp_path, at=NOW + DAY + SECOND).purge()
    second = await retention(database, tmp_path, at=NOW + 30 * DAY + SECOND).purge()

    assert (first["stills"], first["positions"]) == (0, 1)
    assert (second["stills"], second["positions"]) == (1, 0)
    assert await database.value("SELECT count(*) FROM alert WHERE still_id IS NULL") == 1
    rows = await database.rows(
        "SELECT about, commune_id, data FROM register WHERE action = 'purged' ORDER BY number"
    )
    receipts = [(row["about"], row["commune_id"]) for row in rows if row["commune_id"]]
    assert receipts == [("positions", used.commune.id), ("stills", used.commune.id)]
    assert '"count":1' in rows[0]["data"]


async def test_leave_to_look_at_recordings_goes_after_thirty_days(
    used: Town, database: Database, tmp_path: Path
) -> None:
    person, camera = await used.person(Role.OPERATOR), await used.camera(9)
    playback = Playback(
        id=PlaybackId(uuid4()),
        commune_id=used.commune.id,
        source=camera.id,
        person_id=person.id,
        starts_at=NOW - DAY,
        ends_at=NOW,
        opened_at=NOW,
    )
    await Playbacks(database).open([(playback, "camera")], motive="accident", actor=ADMIN)

    early = await retention(database, tmp_path, at=NOW + 30 * DAY - SECOND).purge()
    late = await retention(database, tmp_path, at=NOW + 30 * DAY + SECOND).purge()

    assert (early["playbacks"], late["playbacks"]) == (0, 1)


async def test_who_spoke_through_a_camera_goes_after_thirty_days_and_who_speaks_stays(
    used: Town, database: Database, tmp_path: Path
) -> None:
    person, talks = await used.person(Role.OPERATOR), Talks(database)
    for number, is_over in ((1, True), (2, False)):
        talk = Talk(
            id=TalkId(uuid4()),
            camera_id=(await used.camera(number)).id,
            commune_id=used.commune.id,
            person_id=person.id,
            motive="dépôt",
            started_at=NOW,
        )
        await talks.begin(talk, announcement=None, holder="media", session_id=None, actor=ADMIN)
        if is_over:
            await talks.end(talk.id, sounded=SECOND, actor=ADMIN, at=NOW)

    early = await retention(database, tmp_path, at=NOW + 30 * DAY - SECOND).purge()
    late = await retention(database, tmp_path, at=NOW + 30 * DAY + SECOND).purge()

    assert (early["talks"], late["talks"]) == (0, 1)
    assert len(await talks.open()) == 1


async def test_a_setting_can_not_keep_stills_longer_than_the_law(
    used: Town, database: Database, tmp_path: Path
) -> None:
    late = NOW + 30 * DAY + SECOND
    greedy = retention(database, tmp_path, at=late, stills=365 * DAY, positions=365 * DAY)
    done = await greedy.purge()

    assert (done["stills"], done["positions"]) == (1, 1)


async def test_used_codes_and_ended_sessions_go(
    used: Town, database: Database, tmp_path: Path
) -> None:
    done = await retention(database, tmp_path, at=NOW + 2 * DAY).purge()

    assert done["codes"] == 1
    assert await database.value("SELECT count(*) FROM enrolment_code") == 0


async def test_it_runs_at_start_and_keeps_the_registers_head(
    used: Town, database: Database, tmp_path: Path
) -> None:
    service = retention(database, tmp_path, at=NOW + 2 * DAY)
    head, purged = asyncio.Event(), asyncio.Event()
    service.note_head = _then(service.note_head, head)  # type: ignore[method-assign]  # to be told
    service.purge = _then(service.purge, purged)  # type: ignore[method-assign]  # to be told

    def failed() -> None:
        raise AssertionError("retention died")

    async with (
        supervise({"retention": service.run}, on_failure=failed),
        asyncio.timeout(LIMIT_S),
    ):
        await head.wait()
        await purged.wait()

    assert await database.value("SELECT count(*) FROM position") == 0
    assert len(read_heads(tmp_path)) == 1


async def test_a_failure_is_an_alarm_and_not_a_death(
    used: Town, database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    service = retention(database, tmp_path, at=NOW)
    tried = asyncio.Event()

    async def unavailable() -> dict[str, int]:
        tried.set()
        raise Unavailable("the database does not answer")

    service.purge = unavailable  # type: ignore[method-assign]  # the database is away

    def failed() -> None:
        raise AssertionError("retention died")

    async with (
        supervise({"retention": service.run}, on_failure=failed),
        asyncio.timeout(LIMIT_S),
    ):
        await tried.wait()
        await asyncio.sleep(0)

    assert service.failing_since == NOW
    assert sum("can't be, trying again" in record.message for record in caplog.records) == 1


def _then[T](how: Callable[[], Made[T]], done: asyncio.Event) -> Callable[[], Made[T]]:
    async def do() -> T:
        result = await how()
        done.set()
        return result

    return do


async def test_what_was_analysed_goes_a_year_after_its_act_and_its_evaluation_says_so(
    town: Town, database: Database, tmp_path: Path
) -> None:
    camera, _, act = await town.watched_camera()
    kept, evaluations = Analysed(), Evaluations(database)
    for acts in ({EventKind.FORBIDDEN_ZONE: act.id}, {}):
        kept.picture(camera.id, acts, at=NOW)
    await store(kept, evaluations)
    year_after = act.ends_at + 365 * DAY

    early = await retention(database, tmp_path, at=year_after).purge()
    told = await evaluations.take(act.id, actor=ADMIN, at=year_after)
    late = await retention(database, tmp_path, at=year_after + SECOND).purge()
    told_late = await evaluations.take(act.id, actor=ADMIN, at=year_after + DAY)

    assert (early["analysed"], late["analysed"]) == (0, 2)
    assert (told.is_destroyed, told.watchings[0].minutes, told.pictures_outside) == (False, 1, 1)
    assert told_late.is_destroyed
    page = evaluation_page(told_late, language="fr", time_zone="Europe/Paris")
    assert "Ces chiffres ont été détruits" in page
    assert "hors de toute autorisation" not in page
    (receipt,) = await database.rows(
        "SELECT commune_id FROM register WHERE action = 'purged' AND about = 'analysed'"
    )
    assert receipt["commune_id"] == camera.commune_id
