"""Looking back by keyboard: find the minute, walk on to the next camera, hold, take out."""

import asyncio
import hashlib
import io
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import av
import pytest
from playwright.async_api import FilePayload, Locator, expect

from server.recordings.segments import SegmentFile
from server.secrets import InstallationKey
from tests.component.films import film_file
from tests.e2e.api import Api, signed_in, until
from tests.e2e.browser import CHROMIUM, chromium
from tests.e2e.control_room import ControlRoom
from tests.town import Town

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(1200),  # when it is the first test, the town's start is in it
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs /usr/bin/chromium"),
]

ALL_WITHIN_S = 1000.0  # about 30 on two idle cores
SHOWN_WITHIN_MS = 60_000
TRIED_WITHIN_MS = 400_000  # some seconds; it goes behind all else that a machine does
STEPPED_WITHIN_MS = 250_000  # a press is never lost to a slow machine: four waits of a minute each
TIME_ZONE = "Europe/Paris"
AGO, LOOKED_AT = timedelta(seconds=3), timedelta(seconds=14)
A_PICTURE = timedelta(seconds=0.5)
LONGEST_PICTURE_MS, ROUNDED_MS = 1000, 5
LONGEST_HOLE_MS = 10_000  # a busy machine leaves pictures out; behind more another file begins
#: A camera whose picture has not come, a recording whose host does not answer: too much to do.
STARVED = ((409, "/still"), (503, ".mp4"))
WITH_RULES, TRIED = "Aleksanterinkatu / Mikonkatu", timedelta(seconds=5)
MOTIVE, REQUISITION = "Recherche d’un sac volé", "PV 2026/0417, OPJ du commissariat"


async def test_an_operator_finds_the_minute_and_takes_it_out(town: Town, tmp_path: Path) -> None:
    async with chromium() as browser, signed_in(town, "supervisor") as api:
        context = await browser.new_context(
            locale="fr-FR",
            timezone_id=TIME_ZONE,
            viewport={"width": 1366, "height": 768},
            color_scheme="dark",
        )
        desk = ControlRoom(await context.new_page(), name="desk")
        desk.page.set_default_timeout(SHOWN_WITHIN_MS)
        desk.expected += STARVED
        try:
            async with asyncio.timeout(ALL_WITHIN_S):
                minute = await a_minute_that_is_recorded(api)
                await desk.sign_in(town, "supervisor")
                await the_motive_is_asked_for_once(desk)
                await the_minute_is_found(desk, minute)
                await each_picture_is_a_step(desk)
                first = await (await there(desk)).get_attribute("data-source") or ""
                camera_id = await the_neighbour_shows_the_same_second(desk)
                await its_hours_are_held_and_the_hold_is_taken_back(desk, api, camera_id)
                await a_clip_plays_and_is_what_its_hash_says(desk, tmp_path)
                await the_register_names_the_motive(api, camera_id)
                await what_was_changed_is_said_and_gone_past(desk, town, first)
                await rules_are_tried_on_it_and_on_a_film(desk, api, town, minute)
        except BaseException:
            await desk.keep_evidence(tmp_path)
            raise

        desk.check()


async def a_minute_that_is_recorded(api: Api) -> datetime:
    """Every camera has pictures from it on, for as long as is looked at."""
    cameras = [one for one in await api.get("/cameras") if one["disabled_at"] is None]

    async def found() -> datetime | None:
        now = datetime.now(UTC).replace(microsecond=0)
        since, until_ = now - AGO - LOOKED_AT, now - AGO
        hours = f"starts_at={since:%Y-%m-%dT%H:%M:%SZ}&ends_at={until_:%Y-%m-%dT%H:%M:%SZ}"
        for camera in cameras:
            said = await api.get(f"/cameras/{camera['id']}/recorded?{hours}")
            if not any(covers(span, since, until_) for span in said["spans"]):
                return None
        return since

    minute = await until(found, within_s=120)
    assert minute is not None
    return minute


def covers(span: dict[str, str], since: datetime, until_: datetime) -> bool:
    return (
        datetime.fromisoformat(span["starts_at"]) <= since
        and datetime.fromisoformat(span["ends_at"]) >= until_ - A_PICTURE
    )


async def the_motive_is_asked_for_once(desk: ControlRoom) -> None:
    await desk.part("tile", kind="camera").first.focus()
    await desk.page.keyboard.press("t")
    form = desk.part("look-back-form")
    await form.get_by_text("Autre motif").click()
    await form.locator("input[name=own]").fill(MOTIVE)
    await desk.page.keyboard.press("Enter")
    await there(desk)
    await desk.is_accessible("playback")


async def there(desk: ControlRoom, **having: str) -> Locator:
    """The picture, once it shows the time of the clock."""
    picture = desk.part("recorded", standing="there", **having)
    await picture.wait_for()
    return picture


async def the_minute_is_found(desk: ControlRoom, minute: datetime) -> None:
    keys = desk.page.keyboard
    await keys.press("k")
    await desk.part("play", rate="0").wait_for()
    await keys.press("g")
    await desk.part("find-form").locator("input[name=at]").fill(local(minute))
    await keys.press("Enter")
    shown = f'[data-testid="playback-time"][data-at="{minute.timestamp() * 1000:.0f}"]'
    await desk.page.locator(shown).wait_for()
    await there(desk)


def local(at: datetime) -> str:
    """As a field of the page says it."""
    return f"{at.astimezone(ZoneInfo(TIME_ZONE)):%Y-%m-%dT%H:%M:%S}"


async def each_picture_is_a_step(desk: ControlRoom) -> None:
    """Three on and as many back: no picture is left out, and none is shown twice."""
    times = [await shown_at_ms(desk)]
    for key in (".", ".", ".", ",", ",", ","):
        await desk.part("playback").focus()
        await desk.page.keyboard.press(key)
        other = f"""() => document.querySelector('[data-testid="playback-time"]')
            .dataset.at !== "{times[-1]}" """
        await desk.page.wait_for_function(other, timeout=STEPPED_WITHIN_MS)
        times.append(await shown_at_ms(desk))
    await there(desk)

    on, back = times[1:4], times[4:]
    assert all(0 < after - before < LONGEST_HOLE_MS for before, after in pairwise(on))
    assert back[:2] == pytest.approx(on[1::-1], abs=ROUNDED_MS)
    assert back[2] <= times[0] + ROUNDED_MS < on[0]


async def shown_at_ms(desk: ControlRoom) -> int:
    return int(await desk.part("playback-time").get_attribute("data-at") or 0)


async def the_neighbour_shows_the_same_second(desk: ControlRoom) -> str:
    before = await (await there(desk)).get_attribute("data-source")
    at = await shown_at_ms(desk)
    arrow = await desk.part("neighbour").first.get_attribute("data-arrow") or ""
    await desk.part("playback").focus()
    await desk.page.keyboard.press(f"Arrow{arrow.capitalize()}")
    picture = desk.page.locator(
        f'[data-testid="recorded"][data-standing="there"]:not([data-source="{before}"])'
    )
    await picture.wait_for()

    assert await shown_at_ms(desk) == at
    return await picture.get_attribute("data-source") or ""


async def its_hours_are_held_and_the_hold_is_taken_back(
    desk: ControlRoom, api: Api, camera_id: str
) -> None:
    """The hours are marked by keys; `Z` takes back what was held by mistake."""
    keys = desk.page.keyboard
    at = await shown_at_ms(desk)
    await keys.press("i")
    await desk.part("timeline-cursor").focus()
    await keys.press("ArrowRight")
    await keys.press("o")
    await desk.part("marked").wait_for()
    for is_mistaken in (True, False):
        await keys.press("h")
        await desk.part("hold-form").locator("input[name=requisition]").fill(REQUISITION)
        await keys.press("Enter")
        await desk.page.locator(".timeline-bar.full .timeline-hold").first.wait_for()
        held = [one for one in await api.get("/holds") if one["lifted_at"] is None]
        assert [one["sources"] for one in held] == [[camera_id]]
        assert abs(datetime.fromisoformat(held[0]["starts_at"]).timestamp() * 1000 - at) <= 1000
        if is_mistaken:
            await keys.press("z")
            await desk.page.locator(".timeline-bar.full .timeline-hold").wait_for(state="detached")


async def a_clip_plays_and_is_what_its_hash_says(desk: ControlRoom, folder: Path) -> None:
    await desk.page.keyboard.press("e")
    await desk.press("clip-form-submit")
    done = desk.part("clip", state="ready")
    await done.wait_for()
    said = await done.locator('[data-testid="clip-hash"]').inner_text()
    async with desk.page.expect_download() as downloading:
        await done.locator('[data-testid="clip-file"]').click()
    file = folder / "clip.mp4"
    await (await downloading.value).save_as(file)
    content = file.read_bytes()

    assert hashlib.sha256(content).hexdigest() == said
    assert seconds_of(content) >= 5
    await desk.is_accessible("a clip")


def seconds_of(content: bytes) -> float:
    """How long it plays, to its last picture."""
    with av.open(io.BytesIO(content), "r") as opened:
        times = [frame.time for frame in opened.decode(video=0)]
    return times[-1] - times[0]


async def the_register_names_the_motive(api: Api, camera_id: str) -> None:
    commune = (await api.get("/cameras"))[0]["commune_id"]
    rows: list[dict[str, Any]] = (await api.get(f"/register?commune={commune}&limit=100"))[
        "entries"
    ]
    viewed = [one for one in rows if one["action"] == "recording-viewed"]

    assert any(one["about"] == f"camera:{camera_id}" for one in viewed)
    assert {one["motive"] for one in viewed} == {MOTIVE}


async def what_was_changed_is_said_and_gone_past(
    desk: ControlRoom, town: Town, camera_id: str
) -> None:
    """A byte of the first camera's file, to which one goes back."""
    changed_at = await shown_at_ms(desk) + LOOKED_AT / timedelta(milliseconds=2)
    await asyncio.to_thread(change_a_byte, town, camera_id, changed_at)
    await desk.page.keyboard.press("Escape")
    await desk.part("clip-dialog").wait_for(state="detached")
    await desk.part("playback").focus()
    await desk.page.keyboard.press("Backspace")
    await there(desk, source=camera_id)
    await desk.page.locator(".timeline-bar.full .timeline-damaged").wait_for()
    await desk.page.keyboard.press("l")
    await desk.page.wait_for_function(
        """(at) => Number(document.querySelector('[data-testid="playback-time"]').dataset.at) > at
            && document.querySelector('[data-testid="recorded"][data-standing="there"]')""",
        arg=changed_at + LONGEST_PICTURE_MS,
    )


def change_a_byte(town: Town, camera_id: str, at_ms: float) -> None:
    master = InstallationKey.open(town.data_dir).recordings
    for path in sorted(town.data_dir.glob(f"recordings/*/{camera_id}/*/*.ilr"), reverse=True):
        with SegmentFile(path, master=master) as file:
            if file.about.started_at.timestamp() * 1000 < at_ms:
                changed = next(n for n in range(1, 10_000) if newest_at_ms(file, n) > at_ms)
                one = file._chunks[changed]
                break
    with path.open("r+b") as bare:
        bare.seek(one.offset + one.size - 1)
        before = bare.read(1)
        bare.seek(-1, 1)
        bare.write(bytes([before[0] ^ 1]))


def newest_at_ms(file: SegmentFile, chunk: int) -> float:
    """A fragment begins with the time of its newest picture, in microseconds."""
    return int.from_bytes(file.plain(chunk)[:8], "big") / 1000


async def rules_are_tried_on_it_and_on_a_film(
    desk: ControlRoom, api: Api, town: Town, minute: datetime
) -> None:
    """What is there when it is over is shown, without looking for it."""
    camera = next(one for one in await api.get("/cameras") if one["name"] == WITH_RULES)
    await desk.page.goto(f"{town.url}/#/administration/cameras")
    await desk.part("camera-row").filter(has_text=WITH_RULES).get_by_test_id("rules").press("Enter")
    await desk.part("trial-open").press("Enter")
    form, sum_ = desk.part("trial-form"), desk.part("trial-sum")
    await form.locator("select[name=lasts]").select_option("10")
    moment = form.locator("input[name=from]")
    await moment.fill(local(await newest_recorded(api, camera["id"], since=minute) - TRIED))
    await moment.press("Enter")
    await expect(sum_).to_be_in_viewport(timeout=TRIED_WITHIN_MS)
    await desk.is_accessible("a trial on recordings")

    await form.locator("select[name=source]").select_option("film")
    film = FilePayload(name="quai.mp4", mimeType="video/mp4", buffer=film_file())
    await form.locator("input[name=film]").set_input_files(film)
    await moment.fill(local(minute))
    await desk.part("trial-of-camera").press("Space")
    await desk.part("trial-of-camera").press("Enter")
    await desk.part("trial-film").get_by_text("quai.mp4").wait_for(timeout=TRIED_WITHIN_MS)
    await expect(sum_).to_be_in_viewport(timeout=TRIED_WITHIN_MS)
    await desk.is_accessible("a trial on a film")


async def newest_recorded(api: Api, camera_id: str, *, since: datetime) -> datetime:
    async def found() -> datetime | None:
        # None of an open recording while its host is too busy to say what is in it.
        now = datetime.now(UTC)
        hours = f"starts_at={since:%Y-%m-%dT%H:%M:%SZ}&ends_at={now:%Y-%m-%dT%H:%M:%SZ}"
        said = await api.get(f"/cameras/{camera_id}/recorded?{hours}")
        ends = [datetime.fromisoformat(span["ends_at"]) for span in said["spans"]]
        return max(ends, default=None)

    newest = await until(found, within_s=300)
    assert newest is not None
    return newest
