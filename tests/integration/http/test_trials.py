"""'Try on the last hour': rules that are not saved, on what was really recorded."""

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from detectors.metrics import EVENTS_OPENED, FRAMES_DECODED
from domain.detections import Detection
from server.database.recordings import SQL as RECORDINGS
from server.http.app import utc_now
from server.recordings.segments import SUFFIX
from tests.component.films import film_file
from tests.component.watching import INTRUDER
from tests.component.webrtc.encoded import FPS
from tests.integration.http.archive import MINUTE, SINCE, Archive
from tests.integration.http.conftest import Installation
from tests.integration.http.detect import CAMERA_ID, LARGEST_FILM, Detect, detecting
from tests.integration.http.town import TOWN
from tests.servers.media import NotedMedia
from tests.waiting import eventually

TRIALS = f"/api/v1/cameras/{CAMERA_ID}/trials"
SUPERVISOR = TOWN.token("supervisor")
RULE: dict[str, Any] = {
    "id": str(uuid4()),
    "kind": "forbidden-zone",
    "name": "quai",
    "shape": "zone",
    "points": [[0, 0], [0.5, 0], [0.5, 1], [0, 1]],
}
FILMED_FROM = SINCE + MINUTE
FILMED_S = 4
SECOND = timedelta(seconds=1)


@pytest.fixture
async def detect(town: Installation, media: NotedMedia, tmp_path: Path) -> AsyncIterator[Detect]:
    async with detecting(town, tmp_path) as one:
        yield one


async def begins(town: Installation, **said: Any) -> tuple[int, Any]:
    body = {
        "rules": [RULE | said.pop("rule", {})],
        "starts_at": SINCE.isoformat(),
        "ends_at": (SINCE + 10 * MINUTE).isoformat(),
        "motive": "trop de fausses alertes",
    }
    return await town.ask("POST", TRIALS, token=SUPERVISOR, json=body | said)


async def ended(town: Installation, trial: Any) -> Any:
    async def look() -> Any:
        _, shown = await town.ask("GET", f"{TRIALS}/{trial['id']}", token=SUPERVISOR)
        return shown if shown["state"] not in ("waiting", "running") else None

    return await eventually(look)


async def entries(town: Installation) -> list[Any]:
    return list(await town.database.rows("SELECT * FROM register WHERE action = 'rules-tried'"))


async def events(town: Installation) -> int:
    found: int = await town.database.value("SELECT count(*) FROM event")
    return found


def decoded() -> float:
    return float(FRAMES_DECODED._value.get())


def in_the_first_second(at: datetime) -> list[Detection]:
    return [INTRUDER] if at < FILMED_FROM + timedelta(seconds=1) else []


async def test_what_would_have_been_an_event_is_shown_and_is_none(
    town: Installation, detect: Detect, archive: Archive
) -> None:
    detect.eye.sees = in_the_first_second
    await archive.film(MINUTE, FILMED_S)
    before, counted = await events(town), EVENTS_OPENED._value.get()
    status, begun = await begins(town)
    found = await ended(town, begun)

    assert (status, found["state"], found["problem"]) == (201, "done", "")
    (moment,) = found["moments"]
    # The third look at the same person, five a second.
    after = datetime.fromisoformat(moment["opened_at"]) - FILMED_FROM
    assert timedelta(seconds=0.3) <= after <= timedelta(seconds=0.5)
    assert (moment["boxes"], moment["rule_id"]) == ([[0.2, 0.3, 0.3, 0.8]], RULE["id"])
    assert abs(found["looked"] - 5 * FILMED_S) <= 1
    assert (found["not_covered"], found["damaged"]) == ([], [])
    path = f"{TRIALS}/{begun['id']}/moments/{moment['id']}/still"
    status, jpeg = await town.ask("GET", path, token=SUPERVISOR)
    assert (status, jpeg[:2]) == (200, b"\xff\xd8")
    assert (await events(town), EVENTS_OPENED._value.get()) == (before, counted)
    (entry,) = await entries(town)
    assert (entry["motive"], entry["about"]) == ("trop de fausses alertes", f"camera:{CAMERA_ID}")


async def test_what_really_was_an_event_is_told_beside(
    town: Installation, detect: Detect, archive: Archive
) -> None:
    await archive.film(MINUTE, FILMED_S)
    async with town.database.transaction() as t:
        for after in (MINUTE, 20 * MINUTE):  # the second is of another time
            await t.execute(
                "INSERT INTO event (id, commune_id, camera_id, kind, opened_at, authorisation_id,"
                " rule_id) VALUES ($1, $2, $3, 'forbidden-zone', $4, $5, $6)",
                uuid4(),
                TOWN.commune,
                CAMERA_ID,
                SINCE + after,
                TOWN.id("authorisation"),
                UUID(RULE["id"]),
            )
    _, begun = await begins(town)

    (fired,) = (await ended(town, begun))["fired"]
    assert (fired["rule_id"], fired["alert_state"]) == (RULE["id"], None)
    assert datetime.fromisoformat(fired["opened_at"]) == SINCE + MINUTE


async def test_what_was_found_on_a_recording_goes_when_that_is_destroyed(
    town: Installation, detect: Detect, archive: Archive
) -> None:
    # Nobody in the first second: each recording has an event of its own.
    detect.eye.sees = lambda at: [INTRUDER] if (at - SINCE) % MINUTE >= SECOND else []
    gone = await archive.film(MINUTE, FILMED_S)
    await archive.film(5 * MINUTE, FILMED_S)
    _, begun = await begins(town)
    first, second = (await ended(town, begun))["moments"]
    async with town.database.transaction() as t:
        await t.execute(RECORDINGS["doom"], [UUID(gone)], SINCE, "retention")

    async def is_gone() -> Any:
        _, shown = await town.ask("GET", f"{TRIALS}/{begun['id']}", token=SUPERVISOR)
        return shown if shown["destroyed"] else None

    found = await eventually(is_gone)
    stills = [f"{TRIALS}/{begun['id']}/moments/{one['id']}/still" for one in (first, second)]

    assert [one["id"] for one in found["moments"]] == [second["id"]]
    (hours,) = found["destroyed"]
    assert datetime.fromisoformat(hours["starts_at"]) == FILMED_FROM
    assert [(await town.ask("GET", one, token=SUPERVISOR))[0] for one in stills] == [404, 200]


async def brings(town: Installation, file: bytes, **said: Any) -> tuple[int, Any]:
    """Begin a trial of a film and bring it; what the second answers, unless the first refuses."""
    film = {"name": "quai.mp4", "size": len(file), "is_of_camera": True}
    status, begun = await begins(town, **({"ends_at": None, "film": film} | said))
    if status != 201:
        return status, begun
    return await town.ask(
        "PUT",
        f"{TRIALS}/{begun['id']}/film",
        token=SUPERVISOR,
        data=file,
        headers={"Content-Type": "application/octet-stream"},
    )


async def test_a_film_is_tried_once_the_register_has_its_name_hash_and_stated_hour(
    town: Installation, detect: Detect
) -> None:
    file = film_file()
    filmed_at = SINCE + MINUTE
    detect.eye.sees = lambda at: [INTRUDER] if at < filmed_at + SECOND else []
    status, begun = await brings(town, file, starts_at=filmed_at.isoformat())
    (entry,) = await entries(town)
    found = await ended(town, begun)

    assert (status, found["state"], found["film"]) == (200, "done", "quai.mp4")
    (moment,) = found["moments"]
    assert filmed_at < datetime.fromisoformat(moment["opened_at"]) < filmed_at + SECOND
    assert datetime.fromisoformat(found["ends_at"]) == filmed_at + FILMED_S * SECOND
    assert json.loads(entry["data"])["film"] == {
        "name": "quai.mp4",
        "bytes": len(file),
        "sha256": sha256(file).hexdigest(),
    }
    assert json.loads(entry["data"])["from"] == filmed_at.isoformat()


async def test_a_film_of_hours_that_no_act_covers_or_that_is_none_is_not_tried(
    town: Installation, detect: Detect
) -> None:
    file, long_ago = film_file(), (SINCE - timedelta(days=2)).isoformat()
    before_it = await brings(town, file, starts_at=long_ago)
    other_kind = await brings(town, file, rule={"kind": "abandoned-object"})
    to_come = await brings(town, file, starts_at=(utc_now() + MINUTE).isoformat())
    unfinished = await brings(
        town, film_file(seconds=300), starts_at=(utc_now() - SECOND).isoformat()
    )
    elsewhere = {"name": "quai.mp4", "size": len(file), "is_of_camera": False}
    not_of_it = await brings(town, file, film=elsewhere)
    both = await brings(town, file, ends_at=(SINCE + MINUTE).isoformat())
    too_large = {"name": "quai.mp4", "size": LARGEST_FILM + 1, "is_of_camera": True}
    large = await brings(town, file, film=too_large)
    no_film = await brings(town, b"#EXTM3U\nfile:///etc/passwd\n")

    refusals = (before_it, other_kind, to_come, unfinished, not_of_it, both, large, no_film)
    assert [(status, said["type"].rpartition("/")[2]) for status, said in refusals] == [
        (403, "not-authorised"),
        (403, "not-authorised"),
        (422, "bad-hours"),
        (422, "bad-hours"),
        (422, "invalid"),
        (422, "bad-hours"),
        (422, "film-too-large"),
        (422, "not-a-film"),
    ]
    assert await entries(town) == []
    assert detect.eye.looked_at == []


async def test_one_person_has_one_trial_which_another_replaces_when_he_says_so(
    town: Installation, detect: Detect
) -> None:
    coming = {"ends_at": None, "film": {"name": "quai.mp4", "size": 9, "is_of_camera": True}}
    _, first = await begins(town, **coming)
    status, refused = await begins(town, **coming)
    instead, _ = await begins(town, **coming, replaces=True)

    assert (status, refused["type"].rpartition("/")[2]) == (409, "your-trial-runs")
    assert instead == 201
    assert (await ended(town, first))["state"] == "cancelled"


async def test_a_trial_is_shown_to_who_asked_for_it_alone(
    town: Installation, detect: Detect, archive: Archive
) -> None:
    await archive.film(MINUTE, FILMED_S)
    _, begun = await begins(town)
    await ended(town, begun)
    for who in ("administrator", "operator"):
        status, _ = await town.ask("GET", f"{TRIALS}/{begun['id']}", token=TOWN.token(who))
        assert status in (403, 404)


async def test_nothing_that_a_trial_found_is_shown_once_its_act_is_revoked(
    town: Installation, detect: Detect, archive: Archive
) -> None:
    detect.eye.sees = in_the_first_second
    await archive.film(MINUTE, FILMED_S)
    _, begun = await begins(town)
    (moment,) = (await ended(town, begun))["moments"]
    revocation = f"/api/v1/authorisations/{TOWN.text('authorisation')}/revocation"
    assert (await town.ask("POST", revocation, token=SUPERVISOR))[0] == 200
    one = f"{TRIALS}/{begun['id']}"
    _, shown = await town.ask("GET", one, token=SUPERVISOR)
    status, refused = await town.ask("GET", f"{one}/moments/{moment['id']}/still", token=SUPERVISOR)

    assert (shown["state"], shown["problem"], shown["moments"]) == ("done", "not-authorised", [])
    assert (status, refused["type"].rpartition("/")[2]) == (403, "not-authorised")


async def test_nothing_is_tried_that_no_act_covers_nor_noted(
    town: Installation, detect: Detect, archive: Archive
) -> None:
    await archive.film(MINUTE, FILMED_S)
    other_kind, refused = await begins(town, rule={"kind": "abandoned-object"})
    long_ago = SINCE - timedelta(days=2)
    before_it, _ = await begins(
        town, starts_at=long_ago.isoformat(), ends_at=(long_ago + MINUTE).isoformat()
    )
    too_long, _ = await begins(town, ends_at=(SINCE + 61 * MINUTE).isoformat())
    nothing, _ = await begins(town, starts_at=(SINCE + 5 * MINUTE).isoformat())

    assert refused["type"].rpartition("/")[2] == "not-authorised"
    assert (other_kind, before_it, too_long, nothing) == (403, 403, 422, 404)
    assert await entries(town) == []
    assert detect.eye.looked_at == []


async def test_minutes_that_no_act_covers_are_not_decoded_and_said(
    town: Installation, detect: Detect, archive: Archive
) -> None:
    begins_at = SINCE.replace(second=0) + 2 * MINUTE
    ends_at = begins_at + MINUTE
    async with town.database.transaction() as t:
        await t.execute(
            "UPDATE authorisation SET daily_from = $1, daily_until = $2, daily_time_zone = 'UTC'",
            ends_at.time(),
            begins_at.time(),
        )
    await archive.film(begins_at - timedelta(seconds=2) - SINCE, 4)
    await archive.film(begins_at + timedelta(seconds=10) - SINCE, 4)
    # Its first part begins with a picture that is not covered; its second, 3 s later, does not.
    await archive.film(ends_at - timedelta(seconds=1) - SINCE, 4)
    before = decoded()
    _, begun = await begins(town)
    found = await ended(town, begun)

    assert found["state"] == "done"
    assert decoded() - before == (2 + 1) * FPS
    (hours,) = found["not_covered"]
    assert [datetime.fromisoformat(hours[one]) for one in ("starts_at", "ends_at")] == [
        begins_at,
        ends_at,
    ]
    assert not any(begins_at <= at < ends_at for at in detect.eye.looked_at)


async def test_a_part_that_is_damaged_is_said_and_the_others_are_looked_at(
    town: Installation, detect: Detect, archive: Archive
) -> None:
    await archive.film(MINUTE, FILMED_S)
    (file,) = [path for path in archive.volume.root.rglob("*") if path.suffix == SUFFIX]
    damaged = bytearray(file.read_bytes())
    damaged[len(damaged) // 3] ^= 1
    file.write_bytes(damaged)
    await archive.film(2 * MINUTE, FILMED_S)
    _, begun = await begins(town)
    found = await ended(town, begun)

    assert found["state"] == "done"
    assert datetime.fromisoformat(found["damaged"][0]["starts_at"]) >= FILMED_FROM
    assert found["looked"] >= 5 * FILMED_S - 1
    assert max(detect.eye.looked_at) >= SINCE + 2 * MINUTE
