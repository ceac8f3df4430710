"""Looking back: the motive is in the register before the first picture, and the gaps are said."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from server.database.presence import Processes
from server.http.app import utc_now
from tests.integration.http.archive import HOST, MINUTE, OPERATOR, SINCE, SUPERVISOR, Archive
from tests.integration.http.town import NEIGHBOUR, NOW, TOWN


async def test_what_is_there_is_given_in_order_with_its_gaps_and_played_by_parts(
    archive: Archive,
) -> None:
    await archive.record(6 * MINUTE, 2 * MINUTE, b"second")
    first = await archive.record(-MINUTE, 3 * MINUTE, b"first")
    await archive.record(20 * MINUTE, MINUTE, b"not asked for")

    status, shown = await archive.look()
    assert status == 201
    assert shown["segments"][0]["id"] == first
    urls = [one["url"] for one in shown["segments"]]
    said = [await archive.town.ask("GET", url, token=OPERATOR) for url in urls]
    part = await archive.town.ask("GET", urls[1], token=OPERATOR, headers={"Range": "bytes=5-7"})
    beyond = await archive.town.ask("GET", urls[1], token=OPERATOR, headers={"Range": "bytes=99-"})

    assert said == [(200, b"head first"), (200, b"head second")]
    assert part == (206, b"sec")
    assert beyond[0] == 416
    minutes = [
        [(utc(gap[name]) - SINCE) / MINUTE for name in ("starts_at", "ends_at")]
        for gap in shown["gaps"]
    ]
    assert minutes == [[2.0, 6.0], [8.0, 10.0]]


def utc(text: str) -> Any:
    return type(SINCE).fromisoformat(text)


async def test_the_register_has_the_motive_before_there_is_a_picture_to_ask_for(
    archive: Archive,
) -> None:
    await archive.record(MINUTE, MINUTE, b"x")
    for motive in ("", "  ", None):
        status, _ = await archive.look(motive=motive)
        assert status == 422
    _, shown = await archive.look()

    book = {"commune": TOWN.text("commune"), "limit": "2"}
    register = await archive.town.ask("GET", "/api/v1/register", token=SUPERVISOR, params=book)
    reading, entry = register[1]["entries"]
    assert reading["action"] == "register-read"  # this very question
    assert (entry["action"], entry["motive"]) == ("recording-viewed", "accident place de la Mairie")
    assert entry["about"] == f"camera:{TOWN.text('camera')}"
    assert entry["data"]["playback"] == shown["id"]


async def test_the_same_id_looks_at_nothing_else(archive: Archive) -> None:
    first = {"id": str(uuid4())}
    assert (await archive.look(**first))[0] == 201
    assert (await archive.look(**first))[0] == 201

    later = {"ends_at": (SINCE + 11 * MINUTE).isoformat()}
    status, problem = await archive.look(**first, **later)
    assert (status, problem["type"]) == (409, "/problems/conflict")
    assert (await archive.look(SUPERVISOR, **first))[0] == 409
    entries = "SELECT count(*) FROM register WHERE data LIKE '%' || $1 || '%'"
    assert await archive.town.database.value(entries, first["id"]) == 1


async def test_a_playback_is_its_authors_alone_and_of_its_hours_alone(archive: Archive) -> None:
    await archive.record(MINUTE, MINUTE, b"x")
    outside = await archive.record(30 * MINUTE, MINUTE, b"y")
    _, shown = await archive.look()
    url = shown["segments"][0]["url"]

    for token in (SUPERVISOR, TOWN.token("auditor"), NEIGHBOUR.token("operator")):
        status, _ = await archive.town.ask("GET", url, token=token)
        assert status in (403, 404)
    beside = url.rpartition("/")[0] + f"/{outside}.mp4"
    assert (await archive.town.ask("GET", beside, token=OPERATOR))[0] == 404
    assert (await archive.look(TOWN.token("dispatcher")))[0] == 403


async def test_hours_that_do_not_exist_are_a_gap_or_a_refusal(archive: Archive) -> None:
    _, empty = await archive.look()
    assert (empty["segments"], len(empty["gaps"])) == ([], 1)
    for ends_at in (SINCE, SINCE - MINUTE, SINCE + timedelta(hours=25)):
        status, problem = await archive.look(ends_at=ends_at.isoformat())
        assert (status, problem["type"]) == (422, "/problems/bad-hours")


async def test_what_is_past_its_hour_is_not_shown_unless_it_is_held(archive: Archive) -> None:
    """Though it is there yet: a full or broken disk, a process that stands still."""
    segment = await archive.record(MINUTE, MINUTE, b"x")
    _, shown = await archive.look()
    url = shown["segments"][0]["url"]
    past = "UPDATE recording_segment SET keep_until = started_at + interval '1 hour' WHERE id = $1"
    async with archive.town.database.transaction() as t:
        await t.execute(past, UUID(segment))

    assert (await archive.look())[1]["segments"] == []
    assert (await archive.town.ask("GET", url, token=OPERATOR))[0] == 404

    hold = {
        "commune_id": TOWN.text("commune"),
        "requisition": "PR 2026-118",
        "sources": [TOWN.text("camera")],
        "starts_at": SINCE.isoformat(),
        "ends_at": NOW.isoformat(),
    }
    placed, _ = await archive.town.ask("POST", "/api/v1/holds", token=SUPERVISOR, json=hold)
    assert placed == 201
    assert [one["id"] for one in (await archive.look())[1]["segments"]] == [segment]
    assert (await archive.town.ask("GET", url, token=OPERATOR))[0] == 200


async def test_what_was_destroyed_or_lies_on_a_host_that_is_gone_is_said(archive: Archive) -> None:
    gone = await archive.record(MINUTE, MINUTE, b"x")
    there = await archive.record(3 * MINUTE, MINUTE, b"y")
    _, shown = await archive.look()
    urls = {one["id"]: one["url"] for one in shown["segments"]}
    await archive.index.doom_oldest(archive.volume.id, TOWN.commune, bytes_wanted=1, now=utc_now())
    assert (await archive.town.ask("GET", urls[gone], token=OPERATOR))[0] == 404
    await Processes(archive.town.database).gone(HOST)

    status, problem = await archive.town.ask("GET", urls[there], token=OPERATOR)
    assert (status, problem["type"]) == (503, "/problems/unavailable")
