"""A clip is taken out: what was recorded, in one film, with a text that proves what it is."""

import asyncio
import io
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import av
import pytest

from domain.manifests import BadManifest
from domain.streams import Codec
from server.http.clips import MAKER
from server.recordings.manifests import verify
from tests.integration.http.archive import HOST, MINUTE, OPERATOR, SINCE, SUPERVISOR, Archive
from tests.integration.http.town import TOWN
from tests.waiting import eventually

SECOND = timedelta(seconds=1)


def second(text: str) -> float:
    return (datetime.fromisoformat(text) - SINCE).total_seconds()


async def take(archive: Archive, token: str = SUPERVISOR, **said: Any) -> tuple[int, Any]:
    _, shown = await archive.look(token)
    body = {
        "starts_at": (SINCE + 12.5 * SECOND).isoformat(),
        "ends_at": (SINCE + 62.5 * SECOND).isoformat(),
        "motive": "PV 2026/118",
    }
    url = f"/api/v1/playbacks/{shown['id']}/clips"
    return await archive.town.ask("POST", url, token=token, json=body | said)


async def made(archive: Archive, clip_id: str) -> dict[str, Any]:
    async def over() -> dict[str, Any] | None:
        _, shown = await archive.town.ask("GET", f"/api/v1/clips/{clip_id}", token=SUPERVISOR)
        return shown if shown["state"] in ("ready", "failed") else None

    found = await eventually(over)
    assert found is not None
    return found


async def test_a_clip_is_one_film_from_the_keyframe_on_and_its_manifest_proves_it(
    archive: Archive,
) -> None:
    first = await archive.film(10 * SECOND, 5)
    await archive.film(MINUTE, 4)
    status, asked = await take(archive)
    assert status == 201
    clip = await made(archive, asked["id"])

    assert (clip["state"], clip["progress"], clip["reason"]) == ("ready", 1.0, "")
    assert not clip["few_open_it"]
    assert (second(clip["film_starts_at"]), second(clip["film_ends_at"])) == (12.0, 63.0)
    assert [one["position_s"] for one in clip["pieces"]] == [0.0, 3.0]
    assert [(second(g["starts_at"]), second(g["ends_at"])) for g in clip["gaps"]] == [(14.96, 60.0)]
    _, film = await archive.town.ask("GET", clip["url"], token=SUPERVISOR)
    part = {"Range": "bytes=4-7"}
    assert await archive.town.ask("GET", clip["url"], token=SUPERVISOR, headers=part) == (
        206,
        b"ftyp",
    )
    with av.open(io.BytesIO(film), "r", format="mp4") as container:
        assert sum(len(packet.decode()) for packet in container.demux(video=0)) == 6 * 25

    _, said = await archive.town.ask(
        "GET", f"/api/v1/clips/{clip['id']}/manifest", token=SUPERVISOR
    )
    body, signature = said["body"].encode(), bytes.fromhex(said["signature"])
    manifest = verify(body, signature, public_key=said["public_key"])
    assert (manifest.sha256, manifest.size) == (sha256(film).hexdigest(), len(film))
    assert (manifest.motive, manifest.person) == ("PV 2026/118", "supervisor ville")
    stored = await archive.town.database.value(
        "SELECT sha256 FROM recording_segment WHERE id = $1", UUID(first)
    )
    assert manifest.pieces[0].sha256 == stored.hex()
    with pytest.raises(BadManifest):
        verify(body.replace(b"118", b"119"), signature, public_key=said["public_key"])

    (path,) = archive.town.data_dir.glob("clips/*/*.ilr")
    assert film[:1000] not in path.read_bytes()
    lines = await archive.town.database.rows(
        "SELECT action, motive FROM register WHERE about = $1 ORDER BY number",
        f"clip:{clip['id']}",
    )
    assert [(line["action"], line["motive"]) for line in lines] == [
        ("clip-exported", "PV 2026/118"),
        ("clip-made", ""),
        ("clip-fetched", ""),
    ]


async def test_a_clip_whose_host_is_away_waits_and_says_so_and_is_made_when_it_is_back(
    archive: Archive,
) -> None:
    await archive.film(10 * SECOND, 5)
    seen = "UPDATE recording_volume SET holder = $1 RETURNING id"
    await archive.town.database.rows(seen, "media@away/1")
    _, asked = await take(archive)

    async def hindered() -> dict[str, Any] | None:
        _, shown = await archive.town.ask("GET", f"/api/v1/clips/{asked['id']}", token=SUPERVISOR)
        return shown if shown["try_at"] else None

    clip = await eventually(hindered)
    assert clip is not None
    assert (clip["state"], clip["reason"]) == (
        "waiting",
        "the host of this recording is not there at the moment",
    )
    await archive.town.database.rows(seen, HOST)
    await archive.town.database.rows("UPDATE recording_export SET try_at = now() RETURNING id")
    archive.town.app[MAKER].wake()
    clip = await made(archive, clip["id"])
    assert (clip["state"], clip["reason"], clip["try_at"]) == ("ready", "", None)


async def test_where_the_codec_changes_a_clip_ends_and_says_so(archive: Archive) -> None:
    await archive.film(10 * SECOND, 5)
    other = await archive.film(MINUTE, 4)
    await archive.town.database.rows(
        "UPDATE recording_segment SET codec = 'vp9' WHERE id = $1 RETURNING id", UUID(other)
    )
    _, asked = await take(archive)
    clip = await made(archive, asked["id"])

    assert [one["position_s"] for one in clip["pieces"]] == [0.0]
    assert second(clip["cut_at"]) == 60.0
    # Not recorded until then; what was recorded from then on is no gap.
    assert [(second(g["starts_at"]), second(g["ends_at"])) for g in clip["gaps"]] == [(14.96, 60.0)]


async def test_a_clip_of_what_a_phone_filmed_in_vp8_says_that_few_players_open_it(
    archive: Archive,
) -> None:
    await archive.film(10 * SECOND, 4, codec=Codec.VP8)
    _, asked = await take(archive)
    clip = await made(archive, asked["id"])

    assert (clip["state"], clip["few_open_it"]) == ("ready", True)
    _, film = await archive.town.ask("GET", clip["url"], token=SUPERVISOR)
    with av.open(io.BytesIO(film), "r", format="mp4") as container:
        assert container.streams.video[0].codec_context.name == "vp8"
        assert sum(len(packet.decode()) for packet in container.demux(video=0)) == 2 * 25
    _, said = await archive.town.ask(
        "GET", f"/api/v1/clips/{clip['id']}/manifest", token=SUPERVISOR
    )
    body, signature = said["body"].encode(), bytes.fromhex(said["signature"])
    assert verify(body, signature, public_key=said["public_key"]).codec is Codec.VP8


async def test_a_changed_byte_costs_a_clip_the_pictures_up_to_the_next_keyframe_and_is_said(
    archive: Archive,
) -> None:
    spoilt = await archive.film(10 * SECOND, 6)
    await archive.spoil(spoilt, chunk=8)  # of the third second, whose keyframe is in chunk 7
    _, asked = await take(archive)
    clip = await made(archive, asked["id"])

    assert (clip["state"], clip["reason"]) == ("ready", "")
    damaged = [(second(one["starts_at"]), second(one["ends_at"])) for one in clip["damaged"]]
    assert damaged == [(12.0, 13.0)]
    assert [second(one["starts_at"]) for one in clip["pieces"]] == [13.0]
    _, film = await archive.town.ask("GET", clip["url"], token=SUPERVISOR)
    with av.open(io.BytesIO(film), "r", format="mp4") as container:
        assert sum(len(packet.decode()) for packet in container.demux(video=0)) == 3 * 25


async def test_what_resists_keeps_no_clip_past_its_hour_and_no_other_from_being_made(
    archive: Archive,
) -> None:
    await archive.film(10 * SECOND, 5)
    folder = archive.town.data_dir / "clips" / TOWN.text("commune")
    resists = uuid4()
    (folder / f"{resists}.ilr").mkdir(parents=True)
    _, refused = await take(archive, id=str(resists))
    assert (await made(archive, refused["id"]))["state"] == "failed"
    _, asked = await take(archive)
    clip = await made(archive, asked["id"])
    assert clip["state"] == "ready"
    await archive.town.database.rows(
        "UPDATE recording_export SET keep_until = now() WHERE id = $1 RETURNING id",
        UUID(clip["id"]),
    )
    archive.town.app[MAKER].wake()

    path = folder / f"{clip['id']}.ilr"
    assert await eventually(lambda: asyncio.to_thread(lambda: not path.exists()))


async def test_a_film_without_its_first_byte_is_fetched_all_the_same(archive: Archive) -> None:
    await archive.film(10 * SECOND, 5)
    _, asked = await take(archive)
    clip = await made(archive, asked["id"])
    for part in ("bytes=1-999", "bytes=1000-"):
        headers = {"Range": part}
        await archive.town.ask("GET", clip["url"], token=SUPERVISOR, headers=headers)

    noted = "SELECT count(*) FROM register WHERE action = 'clip-fetched' AND about = $1"
    assert await archive.town.database.value(noted, f"clip:{clip['id']}") == 1


async def test_a_clip_goes_at_the_hour_of_its_pictures_and_the_register_says_so(
    archive: Archive,
) -> None:
    await archive.film(10 * SECOND, 5)
    _, asked = await take(archive)
    clip = await made(archive, asked["id"])
    (path,) = archive.town.data_dir.glob("clips/*/*.ilr")
    unknown = path.with_name(f"{uuid4()}.ilr")
    unknown.write_bytes(b"of a database that was lost")
    await archive.town.app[MAKER]._sweep()
    assert [path] == [*archive.town.data_dir.glob("clips/*/*.ilr")]
    # Of pictures that are kept for three days.
    assert second(clip["keep_until"]) == 10 + 3 * 24 * 3600
    async with archive.town.database.transaction() as t:
        await t.execute(
            "UPDATE recording_export SET keep_until = now() WHERE id = $1", UUID(clip["id"])
        )
    status, problem = await archive.town.ask("GET", clip["url"], token=SUPERVISOR)
    assert (status, problem["type"]) == (409, "/problems/clip-not-ready")
    archive.town.app[MAKER].wake()

    async def gone() -> bool:
        purged = "SELECT count(*) FROM register WHERE action = 'purged' AND about = $1"
        return bool(await archive.town.database.value(purged, f"clip:{clip['id']}") == 1)

    await eventually(gone)
    assert not list(archive.town.data_dir.glob("clips/*/*.ilr"))
    _, shown = await archive.town.ask("GET", f"/api/v1/clips/{clip['id']}", token=SUPERVISOR)
    assert shown["state"] == "gone"


async def test_what_is_no_clip_is_refused_or_said_to_have_failed(archive: Archive) -> None:
    await archive.film(10 * SECOND, 1)
    assert (await take(archive, OPERATOR))[0] == 403
    hours = [
        {"ends_at": (SINCE + SECOND).isoformat()},
        {"ends_at": (SINCE + 11 * MINUTE).isoformat()},
        {"motive": ""},
    ]
    assert [(await take(archive, **one))[0] for one in hours] == [422, 422, 422]

    status, asked = await take(archive, id=TOWN.text("clip"))
    assert (status, asked["type"]) == (409, "/problems/conflict")  # of another playback
    status, asked = await take(archive, ends_at=(SINCE + 30 * SECOND).isoformat())
    assert status == 201
    failed = await made(archive, asked["id"])
    assert (failed["state"], failed["size"]) == ("failed", None)
    assert "nothing is recorded" in failed["reason"]
