"""Looking back: the motive is in the register before the first picture, and the gaps are said."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpServer

from domain.identifiers import CameraId, SegmentId, StreamId
from domain.streams import Codec
from server.database.presence import Processes
from server.database.recordings import Recordings, SeenVolume
from server.http.app import utc_now
from server.media.reading import Readers
from server.recordings.segments import GENESIS, About, SegmentWriter
from server.recordings.volume import Volume
from tests.integration.http.conftest import Installation
from tests.integration.http.town import NEIGHBOUR, NOW, TOWN

MASTER = bytes(32)
HOST = "media@elsewhere/1"
OPERATOR, SUPERVISOR = TOWN.token("operator"), TOWN.token("supervisor")
CAMERA = f"/api/v1/cameras/{TOWN.text('camera')}/playback"
SINCE = NOW - timedelta(hours=5)
MINUTE = timedelta(minutes=1)


@dataclass
class Archive:
    """What is recorded of the town's camera, on a media host that is there."""

    town: Installation
    volume: Volume
    index: Recordings

    async def record(self, after: timedelta, lasts: timedelta, data: bytes) -> str:
        started_at = SINCE + after
        about = About(
            segment_id=SegmentId(uuid4()),
            commune_id=TOWN.commune,
            stream_id=StreamId(TOWN.id("camera-stream")),
            camera_id=CameraId(TOWN.id("camera")),
            started_at=started_at,
            keep_days=3,
            codec=Codec.H264,
            with_sound=False,
            previous=GENESIS,
        )
        path = self.volume.path_of(about)
        writer = SegmentWriter(path, about, master=MASTER)
        writer.head(b"head ")
        writer.fragment(data, newest_at=started_at + lasts, pictures=1)
        await self.index.note(
            about,
            volume=self.volume.id,
            path=self.volume.relative(path),
            written=writer.end(),
            closed=True,
        )
        return str(about.segment_id)

    async def look(self, token: str = OPERATOR, **said: Any) -> tuple[int, Any]:
        hours = {
            "starts_at": SINCE.isoformat(),
            "ends_at": (SINCE + 10 * MINUTE).isoformat(),
            "motive": "accident place de la Mairie",
        }
        return await self.town.ask("POST", CAMERA, token=token, json=hours | said)


@pytest.fixture
async def archive(town: Installation, tmp_path: Path, aiohttp_server: AiohttpServer) -> Archive:
    app = web.Application()
    Readers(tmp_path / "recordings", master=MASTER).add_to(app)
    host = await aiohttp_server(app)
    await Processes(town.database).here(
        HOST, "media", str(host.make_url("")).rstrip("/"), at=utc_now()
    )
    volume = Volume(tmp_path / "recordings" / TOWN.text("commune"))
    seen = SeenVolume(
        id=volume.id,
        commune_id=TOWN.commune,
        holder=HOST,
        bytes_free=1,
        bytes_total=2,
        full_at=None,
        trouble="",
        overdue=0,
    )
    index = Recordings(town.database)
    await index.note_volume(seen, at=utc_now())
    return Archive(town, volume, index)


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
    beside = url.rpartition("/")[0] + f"/{outside}"
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
