"""What detection sees, for who tunes a camera's rules: under its law, noted first, boxes alone."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientResponse

from domain.cameras import Camera
from domain.streams import StreamOffline
from server.database.presence import Process
from server.http import detect as calling
from server.http.media import Media
from tests.integration.http.conftest import Installation
from tests.integration.http.detect import CAMERA_ID, Detect, detecting
from tests.integration.http.town import TOWN
from tests.servers.media import NotedMedia
from tests.waiting import eventually

CAMERA = f"/api/v1/cameras/{CAMERA_ID}"
SUPERVISOR, ADMINISTRATOR = TOWN.token("supervisor"), TOWN.token("administrator")
SIGNED = {"Authorization": f"Bearer {SUPERVISOR}"}
LIMIT_S = 60.0
MANY = 10_000
"""People whose boxes make a line that is longer than aiohttp reads as one."""


@pytest.fixture
async def detect(town: Installation, media: NotedMedia, tmp_path: Path) -> AsyncIterator[Detect]:
    async with detecting(town, tmp_path) as one:
        yield one


async def draws(town: Installation, kind: str = "forbidden-zone") -> None:
    zone = {"kind": kind, "name": "quai", "shape": "zone", "points": [[0, 0], [1, 0], [1, 1]]}
    put = await town.ask("PUT", f"{CAMERA}/rules", token=SUPERVISOR, json={"rules": [zone]})
    assert put[0] == 200


async def notes(town: Installation) -> list[str]:
    rows = await town.database.rows("SELECT motive FROM register WHERE action = 'looks-followed'")
    return [row["motive"] for row in rows]


async def test_who_tunes_sees_boxes_and_rules_once_the_register_says_why(
    town: Installation, detect: Detect
) -> None:
    await draws(town)
    path = f"{CAMERA}/looks?motive=seuil+du+quai"
    async with asyncio.timeout(LIMIT_S), town.client.get(path, headers=SIGNED) as answer:
        assert await notes(town) == ["seuil du quai"]
        await eventually(detect.tells)
        seen = json.loads(await answer.content.readline())
    await eventually(detect.is_left)

    assert answer.status == 200
    assert seen["timestamp"] == 9000  # as the video beside it says it
    assert (seen["gate"], seen["regions"]) == ("moved", [[0.1, 0.1, 0.2, 0.2]])
    assert seen["tracks"] == [
        {"track": 4, "class": "person", "confidence": 0.81, "box": [0.1, 0.2, 0.3, 0.9]}
    ]
    (rule,) = seen["rules"]
    assert (rule["name"], rule["doing"], rule["rests"]) == ("quai", "counts", None)
    assert rule["kind"] == "forbidden-zone"
    assert rule["points"] == [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]


async def told_last(answer: ClientResponse) -> object:
    """Give the last line, once the lines have ended."""
    return json.loads([line async for line in answer.content if line.strip()][-1])


async def test_it_is_over_when_the_act_is_revoked_while_detection_goes_on(
    town: Installation, detect: Detect
) -> None:
    await draws(town)
    path = f"{CAMERA}/looks?motive=seuil"
    async with asyncio.timeout(LIMIT_S), town.client.get(path, headers=SIGNED) as answer:
        await eventually(detect.tells)
        revoked = f"/api/v1/authorisations/{TOWN.text('authorisation')}/revocation"
        assert (await town.ask("POST", revoked, token=SUPERVISOR))[0] < 300

        assert await told_last(answer) == {"over": "not-authorised"}


async def test_it_is_over_when_detection_watches_the_camera_no_more(
    town: Installation, detect: Detect
) -> None:
    await draws(town)
    path = f"{CAMERA}/looks?motive=seuil"
    async with asyncio.timeout(LIMIT_S), town.client.get(path, headers=SIGNED) as answer:
        detect.cameras.clear()

        assert await told_last(answer) == {"over": "not-watched"}


async def test_it_is_over_when_detection_says_what_is_too_long_for_a_line(
    town: Installation, detect: Detect
) -> None:
    await draws(town)
    path = f"{CAMERA}/looks?motive=seuil"
    async with asyncio.timeout(LIMIT_S), town.client.get(path, headers=SIGNED) as answer:
        await eventually(lambda: detect.tells(people=MANY))

        assert await told_last(answer) == {"over": "unavailable"}


async def test_without_an_act_for_its_rules_nobody_sees_what_a_camera_shows(
    town: Installation, detect: Detect
) -> None:
    await draws(town, kind="abandoned-object")  # the act in force names forbidden zones alone
    status, problem = await town.ask("GET", f"{CAMERA}/looks?motive=essai", token=SUPERVISOR)

    assert (status, problem["type"].rpartition("/")[2]) == (403, "not-authorised")
    assert await notes(town) == []
    assert not detect.looks.followed(CAMERA_ID)


async def test_a_camera_that_is_not_watched_says_so_and_is_not_noted(
    town: Installation, detect: Detect
) -> None:
    await draws(town)
    detect.cameras.clear()
    status, problem = await town.ask("GET", f"{CAMERA}/looks?motive=essai", token=ADMINISTRATOR)

    assert (status, problem["type"].rpartition("/")[2]) == (404, "not-watched")
    assert await notes(town) == []


async def set_lease(town: Installation, *, ends_in_s: float) -> None:
    async with town.database.transaction() as t:
        await t.execute(
            "UPDATE lease SET expires_at = now() + $2::float * interval '1 second' WHERE name = $1",
            f"camera:{CAMERA_ID}",
            ends_in_s,
        )


async def test_a_media_process_that_is_late_to_say_that_it_has_the_camera_is_waited_for(
    town: Installation, detect: Detect, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Media.of_camera

    async def said_late(self: Media, camera: Camera) -> Process:
        try:
            return await asked(self, camera)
        except StreamOffline:
            await set_lease(town, ends_in_s=60)
            raise

    monkeypatch.setattr(Media, "of_camera", said_late)
    await draws(town)
    await set_lease(town, ends_in_s=-1)
    path = f"{CAMERA}/looks?motive=seuil"
    async with asyncio.timeout(LIMIT_S), town.client.get(path, headers=SIGNED) as answer:
        assert answer.status == 200
        assert await notes(town) == ["seuil"]


async def test_one_that_has_it_no_more_is_not_waited_for_for_ever(
    town: Installation, detect: Detect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "MISSED_FOR_S", 0.0)
    await draws(town)
    await set_lease(town, ends_in_s=-1)
    status, problem = await town.ask("GET", f"{CAMERA}/looks?motive=essai", token=SUPERVISOR)

    assert (status, problem["type"].rpartition("/")[2]) == (404, "not-watched")
