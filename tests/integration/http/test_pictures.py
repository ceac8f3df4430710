"""Single pictures: small ones to find the minute, and the exact one that is taken out."""

import asyncio
import io
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import av

from tests.integration.http.archive import MINUTE, OPERATOR, SINCE, SUPERVISOR, Archive

SECOND = timedelta(seconds=1)


def width_of(jpeg: bytes) -> int:
    with av.open(io.BytesIO(jpeg), "r", format="jpeg_pipe") as container:
        return container.streams.video[0].codec_context.width


async def get(archive: Archive, url: str, **said: Any) -> tuple[int, Mapping[str, str], bytes]:
    headers = {"Authorization": f"Bearer {OPERATOR}", **said.pop("headers", {})}
    async with archive.town.client.get(url, headers=headers, **said) as answer:
        return answer.status, answer.headers, await answer.read()


def taken_at(headers: Mapping[str, str]) -> float:
    return (datetime.fromisoformat(headers["X-Captured-At"]) - SINCE).total_seconds()


async def test_a_thumbnail_is_the_keyframe_before_a_second_and_there_is_none_in_a_gap(
    archive: Archive,
) -> None:
    await archive.film(10 * SECOND, 5)
    await archive.film(MINUTE, 4, closed=False)
    _, shown = await archive.look()
    url = f"/api/v1/playbacks/{shown['id']}/thumbnails"

    def at(second: float, width: int = 160) -> dict[str, str]:
        return {"at": (SINCE + second * SECOND).isoformat(), "width": str(width)}

    status, headers, jpeg = await get(archive, url, params=at(12.7))
    assert (status, taken_at(headers), width_of(jpeg)) == (200, 12.0, 160)
    etag = {"If-None-Match": headers["ETag"]}
    assert (await get(archive, url, params=at(12.9), headers=etag))[0] == 304
    assert (await get(archive, url, params=at(13.1), headers=etag))[0] == 200
    assert taken_at((await get(archive, url, params=at(62.5)))[1]) == 62.0

    bad = [at(5), at(30), at(601), at(12, width=8)]
    statuses = await asyncio.gather(*(get(archive, url, params=one) for one in bad))
    assert [status for status, _, _ in statuses] == [404, 404, 404, 422]


async def test_a_still_is_the_exact_picture_and_the_register_has_why_it_was_taken_out(
    archive: Archive,
) -> None:
    await archive.film(10 * SECOND, 5)
    _, shown = await archive.look(SUPERVISOR)
    url = f"/api/v1/playbacks/{shown['id']}/stills"
    said = {
        "id": "0b1fa5c2-8a4e-4b0e-9a43-1f1fd1d0a001",
        "at": (SINCE + 12.5 * SECOND).isoformat(),
        "motive": "PV 2026/118",
    }
    for _ in range(2):
        headers = {"Authorization": f"Bearer {SUPERVISOR}"}
        async with archive.town.client.post(url, headers=headers, json=said) as answer:
            assert answer.status == 200
            assert taken_at(answer.headers) == 12.48  # of 25 pictures a second
            assert width_of(await answer.read()) == 160
    refused, _ = await archive.town.ask("POST", url, token=SUPERVISOR, json=said | {"motive": "x"})
    in_a_gap = said | {"at": (SINCE + MINUTE).isoformat(), "id": None}
    missing, _ = await archive.town.ask("POST", url, token=SUPERVISOR, json=in_a_gap)
    _, looked = await archive.look()
    mine = f"/api/v1/playbacks/{looked['id']}/stills"
    forbidden, _ = await archive.town.ask("POST", mine, token=OPERATOR, json=said | {"id": None})

    assert (refused, missing, forbidden) == (422, 404, 403)
    lines = await archive.town.database.rows(
        "SELECT motive, about FROM register WHERE action = 'still-exported'"
    )
    assert [(line["motive"], line["about"]) for line in lines] == [
        ("PV 2026/118", f"still:{said['id']}")
    ]
