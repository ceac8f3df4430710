"""Finding the minute, and following somebody to other cameras with one motive."""

from datetime import datetime, timedelta
from uuid import uuid4

from tests.integration.http.archive import MINUTE, OPERATOR, SINCE, SUPERVISOR, Archive
from tests.integration.http.town import NEIGHBOUR, NOW, TOWN

RECORDED = f"/api/v1/cameras/{TOWN.text('camera')}/recorded"
HOURS = {"starts_at": SINCE.isoformat(), "ends_at": NOW.isoformat()}


def minute(text: str) -> float:
    return round((datetime.fromisoformat(text) - SINCE) / MINUTE, 2)


async def test_a_timeline_says_what_is_recorded_what_is_missing_and_what_happened(
    archive: Archive,
) -> None:
    await archive.record(MINUTE, 5 * MINUTE, b"x")
    await archive.record(6 * MINUTE, 4 * MINUTE, b"x")
    await archive.record(125 * MINUTE, 5 * MINUTE, b"in the hours of the seed's hold")
    async with archive.town.database.transaction() as t:
        await t.execute("UPDATE alert SET raised_at = $1", SINCE + 7 * MINUTE)
    _, shown = await archive.town.ask("GET", RECORDED, token=OPERATOR, params=HOURS)

    spans = [
        (minute(one["starts_at"]), minute(one["ends_at"]), one["is_held"]) for one in shown["spans"]
    ]
    assert spans == [(1.0, 10.0, False), (125.0, 130.0, True)]
    assert datetime.fromisoformat(shown["spans"][0]["keep_until"]) == (
        SINCE + MINUTE + timedelta(days=3)
    )
    assert [minute(one["starts_at"]) for one in shown["gaps"]] == [0.0, 10.0, 130.0]
    assert {minute(one["at"]) for one in shown["alerts"]} == {7.0}
    assert TOWN.text("raised") in {one["id"] for one in shown["alerts"]}
    assert [one["id"] for one in shown["holds"]] == [TOWN.text("hold")]


async def test_one_motive_opens_several_sources_and_is_carried_to_the_next(
    archive: Archive,
) -> None:
    """Each has a line of its own in the register, and what can't be opened opens none."""
    await archive.film(MINUTE, 1)
    camera, stream = TOWN.text("camera"), TOWN.text("stream")
    said = {
        "starts_at": SINCE.isoformat(),
        "ends_at": (SINCE + 5 * MINUTE).isoformat(),
        "motive": "vol à l’arraché",
        "sources": [{"source": camera, "id": str(uuid4())}, {"source": stream}],
    }
    status, shown = await open_several(archive, said)
    assert status == 201
    first, second = shown["playbacks"]
    assert (first["source"], second["source"]) == (camera, stream)
    assert (len(first["segments"]), len(second["segments"])) == (1, 0)

    onward = said | {"motive": None, "continues": first["id"], "sources": [{"source": camera}]}
    _, carried = await open_several(archive, onward)
    lines = await archive.town.database.rows(
        "SELECT about, motive, data FROM register WHERE action = 'recording-viewed' "
        "ORDER BY number DESC LIMIT 3"
    )
    assert [line["about"] for line in lines] == [
        f"camera:{camera}",
        f"stream:{stream}",
        f"camera:{camera}",
    ]
    assert {line["motive"] for line in lines} == {"vol à l’arraché"}
    assert carried["playbacks"][0]["id"] in lines[0]["data"]
    assert first["id"] in lines[0]["data"]


async def test_what_cannot_be_opened_opens_none_of_them(archive: Archive) -> None:
    sources = [{"source": TOWN.text("camera")}, {"source": NEIGHBOUR.text("camera")}]
    said = {
        "starts_at": SINCE.isoformat(),
        "ends_at": (SINCE + MINUTE).isoformat(),
        "motive": "vol à l’arraché",
        "sources": sources,
    }
    count = "SELECT count(*) FROM recording_playback"
    before = await archive.town.database.value(count)
    _, mine = await archive.look(SUPERVISOR)
    refused = [
        said,
        said | {"sources": sources[:1], "motive": None},
        said | {"sources": [*sources[:1], *sources[:1]]},
        said | {"sources": sources[:1], "motive": None, "continues": mine["id"]},
        said | {"sources": [{"source": str(uuid4())} for _ in range(10)]},
    ]
    statuses = [(await open_several(archive, one))[0] for one in refused]

    assert statuses == [404, 422, 422, 404, 422]
    assert await archive.town.database.value(count) == before + 1  # the supervisor's own


async def open_several(
    archive: Archive, said: object
) -> tuple[int, dict[str, list[dict[str, str]]]]:
    return await archive.town.ask("POST", "/api/v1/playbacks", token=OPERATOR, json=said)
