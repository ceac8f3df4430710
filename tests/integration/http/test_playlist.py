"""A playback as HLS: what a player is given begins where it says, and what is missing is said."""

import asyncio
import io
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import av
import pytest

from domain.streams import Codec
from tests.component.webrtc.encoded import FPS, STEP
from tests.integration.http.archive import MINUTE, OPERATOR, SINCE, SUPERVISOR, Archive
from tests.integration.http.town import NEIGHBOUR, TOWN

SECOND = timedelta(seconds=1)


async def playlist(archive: Archive, **said: Any) -> tuple[str, str]:
    """Its address and its text."""
    _, shown = await archive.look(**said)
    url = f"/api/v1/playbacks/{shown['id']}/index.m3u8"
    status, text = await archive.town.ask("GET", url, token=OPERATOR)
    assert status == 200
    return url, text.decode()


def said_of(text: str, tag: str) -> list[str]:
    return [line.partition(":")[2] for line in text.splitlines() if line.startswith(f"#{tag}:")]


def times_of(text: str) -> list[float]:
    """When each part begins, in seconds since the hours began, by the player's own counting."""
    at, found = SINCE, []
    for line in text.splitlines():
        if line.startswith("#EXT-X-PROGRAM-DATE-TIME:"):
            at = datetime.fromisoformat(line.partition(":")[2])
        elif line.startswith("#EXTINF:"):
            found.append((at - SINCE).total_seconds())
            at += timedelta(seconds=float(line[len("#EXTINF:") : -1]))
    return found


async def test_parts_begin_with_keyframes_and_a_hole_has_a_time_of_its_own(
    archive: Archive,
) -> None:
    await archive.film(10 * SECOND, 8)
    await archive.film(18 * SECOND, 4)
    await archive.film(5 * MINUTE, 3)
    _, text = await playlist(archive)

    assert times_of(text) == [10.0, 13.0, 16.0, 18.0, 21.0, 300.0]
    assert text.count("#EXT-X-DISCONTINUITY\n") == 2
    assert len(said_of(text, "EXT-X-MAP")) == 3
    assert said_of(text, "EXT-X-TARGETDURATION") == ["3"]
    assert text.endswith("#EXT-X-ENDLIST\n")


async def test_ffmpeg_plays_it_to_the_last_picture(archive: Archive) -> None:
    await archive.film(10 * SECOND, 5)
    await archive.film(MINUTE, 3)
    url, _ = await playlist(archive)
    address = str(archive.town.client.make_url(url))

    def play() -> int:
        options = {
            "headers": f"Authorization: Bearer {OPERATOR}\r\n",
            # The FFmpeg in PyAV 19 loses parts of any server's when it keeps its connection.
            **dict.fromkeys(("http_seekable", "http_persistent", "http_multiple"), "0"),
        }
        with av.open(address, options=options) as container:
            return sum(packet.pts is not None for packet in container.demux(video=0))

    assert await asyncio.to_thread(play) == 8 * 25


@pytest.mark.parametrize("codec", [Codec.H265, Codec.VP8])
async def test_a_player_without_h265_is_given_h264_of_it_picture_by_picture(
    archive: Archive, codec: Codec
) -> None:
    await archive.film(10 * SECOND, 4)
    await archive.film(20 * SECOND, 4, codec=codec)
    url, as_it_is = await playlist(archive)
    status, text = await archive.town.ask("GET", url, token=OPERATOR, params={"without": "h265"})
    assert status == 200

    text = text.decode()
    assert times_of(text) == times_of(as_it_is) == [10.0, 13.0, 20.0, 23.0]
    assert ("h264.mp4" in as_it_is) is (codec is Codec.VP8)  # no browser has it in MP4
    assert said_of(text, "EXT-X-MAP")[0] == said_of(as_it_is, "EXT-X-MAP")[0]
    asked = [said_of(text, "EXT-X-MAP")[1].removeprefix('URI="').removesuffix('"')]
    asked += [line for line in text.splitlines() if line.startswith("segments/") and "?" in line]
    base = url.removesuffix("index.m3u8")
    parts = [await archive.town.ask("GET", base + path, token=OPERATOR) for path in asked]
    assert [status for status, _ in parts] == [200, 200, 200]
    whole = await asyncio.to_thread(pictures_of, b"".join(part for _, part in parts))
    later = await asyncio.to_thread(pictures_of, parts[0][1] + parts[2][1])
    assert [at for at, _ in whole] == [n * STEP for n in range(4 * FPS)]
    assert (whole[0], later[0]) == ((0, True), (3 * FPS * STEP, True))
    assert [status for status, _ in await asked_wrongly(archive, base + asked[1])] == [422, 404]


async def asked_wrongly(archive: Archive, url: str) -> list[tuple[int, Any]]:
    """Places that are none, and another segment's."""
    path, _, _ = url.partition("?")
    places = {"start": "5", "stop": "5"}
    other = path.replace(path.split("/")[-2], str(uuid4()))
    return [
        await archive.town.ask("GET", one, token=OPERATOR, params=places) for one in (path, other)
    ]


def pictures_of(mp4: bytes) -> list[tuple[int, bool]]:
    """When each is shown, in 90 kHz; and whether it needs no other."""
    with av.open(io.BytesIO(mp4), "r") as container:
        assert container.streams.video[0].codec_context.name == "h264"
        return [(one.pts or 0, one.key_frame) for one in container.decode(video=0)]


async def test_a_segment_that_is_being_written_is_there_to_its_newest_picture(
    archive: Archive,
) -> None:
    await archive.film(-10 * SECOND, 20, closed=False)
    _, shown = await archive.look()
    _, text = await playlist(archive)

    ended = datetime.fromisoformat(shown["segments"][0]["ends_at"])
    assert (ended - SINCE).total_seconds() == 9.96
    assert times_of(text)[-1] == 8.0
    status, part = await archive.town.ask("GET", shown["segments"][0]["url"], token=OPERATOR)
    assert (status, part[4:8]) == (200, b"ftyp")


async def test_a_segment_without_cues_is_read_once_and_then_known(archive: Archive) -> None:
    await archive.film(SECOND, 4)
    async with archive.town.database.transaction() as t:
        await t.execute("UPDATE recording_segment SET cues = NULL")
    _, text = await playlist(archive)

    known = "SELECT count(*) FROM recording_segment WHERE cues IS NOT NULL"
    assert times_of(text) == [1.0, 4.0]
    assert await archive.town.database.value(known) == 1


async def test_keyframes_are_named_to_their_author_alone_and_nothing_is_no_playlist(
    archive: Archive,
) -> None:
    _, shown = await archive.look()
    url = f"/api/v1/playbacks/{shown['id']}/index.m3u8"
    status, problem = await archive.town.ask("GET", url, token=OPERATOR)
    assert (status, problem["type"]) == (404, "/problems/not-found")
    await archive.film(10 * SECOND, 5)
    for token in (SUPERVISOR, TOWN.token("auditor"), NEIGHBOUR.token("operator")):
        assert (await archive.town.ask("GET", url, token=token))[0] in (403, 404)

    url = f"/api/v1/playbacks/{shown['id']}/keyframes"
    asked = {
        "starts_at": (SINCE + 12 * SECOND).isoformat(),
        "ends_at": (SINCE + MINUTE).isoformat(),
    }
    _, times = await archive.town.ask("GET", url, token=OPERATOR, params=asked)

    named = [(datetime.fromisoformat(at) - SINCE).total_seconds() for at in times]
    assert named == [12.0, 13.0, 14.0]
    too_long = asked | {"ends_at": (SINCE + timedelta(hours=2)).isoformat()}
    status, problem = await archive.town.ask("GET", url, token=OPERATOR, params=too_long)
    assert (status, problem["type"]) == (422, "/problems/bad-hours")
