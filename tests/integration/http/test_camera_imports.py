"""Lists of cameras: looked at, taken in, again, taken back, taken out."""

from typing import Any
from uuid import uuid4

from domain.people import Role
from server.database.cameras import Cameras
from server.secrets import InstallationKey
from tests.integration.http.conftest import Installation
from tests.integration.http.town import TOWN

LISTS = f"/api/v1/communes/{TOWN.text('commune')}/camera-imports"
MANY = 1_600
HEAD = "number;name;main_url;username;password;lat;lon"


def table(count: int, *more: str) -> str:
    rows = [
        f"{1000 + n};Caméra {n};rtsp://10.1.{n // 250}.{n % 250}/1;admin;p@ss;50.63;3.06"
        for n in range(count)
    ]
    return "\n".join([HEAD, *rows, *more])


async def takes_in(
    town: Installation, text: str, *, keep: bool = True, kind: str = "csv"
) -> tuple[int, Any]:
    said = {"format": kind, "text": text, "keep": keep}
    return await town.ask("POST", LISTS, token=TOWN.token("administrator"), json=said)


async def cameras(town: Installation) -> int:
    return int(await town.database.value("SELECT count(*) FROM camera"))


async def does(town: Installation, statement: str, *values: object) -> None:
    async with town.database.transaction() as t:
        await t.execute(statement, *values)


async def test_a_large_list_is_looked_at_taken_in_and_taken_back(town: Installation) -> None:
    admin, before = TOWN.token("administrator"), await cameras(town)
    bad = ";;http://10.0.0.1/;;;95;3"
    _, looked_at = await takes_in(town, table(MANY, bad), keep=False)
    after_look = await cameras(town)
    status, report = await takes_in(town, table(MANY, bad))
    _, again = await takes_in(town, table(MANY, bad))
    kept = await cameras(town)
    undone, said = await town.ask("DELETE", f"{LISTS}/{report['import_id']}", token=admin)
    _, twice = await town.ask("DELETE", f"{LISTS}/{report['import_id']}", token=admin)

    assert looked_at["counts"] == {"new": MANY, "there": 0, "refused": 1}
    assert looked_at["lines"][-1]["faults"] == ["no-name", "bad-address", "bad-point"]
    assert looked_at["lines"][-1]["at"] == MANY + 2
    assert (after_look, status, kept) == (before, 200, before + MANY)
    assert (again["counts"]["there"], again["import_id"]) == (MANY, None)
    assert (undone, said) == (200, {"removed": MANY, "retired": 0})
    assert twice == {"removed": 0, "retired": 0}
    assert await cameras(town) == before


async def test_its_passwords_are_sealed_and_do_not_come_out(town: Installation) -> None:
    await takes_in(town, table(1))
    vault = InstallationKey.open(town.data_dir).vault
    sources = await Cameras(town.database, vault=vault).sources()
    (source,) = [one for one in sources if one.camera.number == 1000]
    path = f"/api/v1/communes/{TOWN.text('commune')}/camera-list"
    _, taken_out = await town.ask("GET", path, token=TOWN.token("administrator"))
    _, there = await takes_in(town, taken_out.decode())

    assert (source.username, source.password) == ("admin", "p@ss")
    assert source.main_url == "rtsp://10.1.0.0/1"
    assert b"p@ss" not in taken_out
    assert b"Cam\xc3\xa9ra 0" in taken_out
    assert there["counts"]["new"] == 0


async def test_what_was_looked_at_is_retired_and_what_was_recorded_stays(
    town: Installation,
) -> None:
    admin = TOWN.token("administrator")
    _, report = await takes_in(town, table(4))
    seen, recorded, masked, spoken = await town.database.rows(
        "SELECT id, main_stream_id FROM camera WHERE number BETWEEN 1000 AND 1003 ORDER BY number"
    )
    masks = f"/api/v1/cameras/{masked['id']}/masks"
    await town.ask("PUT", masks, token=admin, json={"masks": [], "after": 0})
    await does(
        town,
        "INSERT INTO recording_segment (id, commune_id, stream_id, camera_id, source, volume, path,"
        " started_at, ended_at, keep_days, keep_until, codec, with_sound, previous)"
        " VALUES ($1, $2, $3, $4, $4, $1, 'x', now(), now(), 1, now(), 'h264', false, '')",
        uuid4(),
        TOWN.commune,
        recorded["main_stream_id"],
        recorded["id"],
    )
    refused, problem = await town.ask("DELETE", f"{LISTS}/{report['import_id']}", token=admin)
    _, listed = await town.ask("GET", LISTS, token=admin)
    await does(town, "DELETE FROM recording_segment WHERE path = 'x'")
    await does(
        town,
        "INSERT INTO still (id, commune_id, camera_id, taken_at, jpeg)"
        " VALUES ($1, $2, $3, now(), 'x')",
        uuid4(),
        TOWN.commune,
        seen["id"],
    )
    await does(
        town,
        "INSERT INTO talk (id, commune_id, camera_id, person_id, holder, motive, started_at)"
        " VALUES ($1, $2, $3, $4, 'm', 'dépôt', now())",
        uuid4(),
        TOWN.commune,
        spoken["id"],
        TOWN.person(Role.OPERATOR),
    )
    _, said = await town.ask("DELETE", f"{LISTS}/{report['import_id']}", token=admin)

    assert (refused, problem["type"]) == (409, "/problems/import-recorded")
    assert listed[0]["recorded"] is True
    assert said == {"removed": 1, "retired": 3}
