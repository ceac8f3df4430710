"""The wall by keyboard: an operator at his desk, at a second desk, and a wall computer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg
import pytest
from playwright.async_api import Browser, Locator
from playwright.async_api import Error as PlaywrightError

from server.database.embedded import running_dsn
from tests.e2e.api import signed_in, until
from tests.e2e.browser import CHROMIUM, chromium
from tests.e2e.control_room import ControlRoom
from tests.town import Town

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(1200),  # when it is the first test, the town's start is in it
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs /usr/bin/chromium"),
]

ALL_WITHIN_S = 600.0  # about 30 on two idle cores
SHOWN_WITHIN_MS = 40_000  # four pages and their pictures at once

#: Notes each phase that the picture of a tile goes through, from now on.
NOTE_PHASES = """(tile) => {
  const picture = tile.querySelector(".picture");
  window.phases = [picture.dataset.phase];
  new MutationObserver(() => window.phases.push(picture.dataset.phase))
    .observe(picture, {attributes: true, attributeFilter: ["data-phase"]});
}"""
#: Keeps what a tile says of its frozen picture: the next process may have taken it away again.
NOTE_LAST_PICTURE = """(tile) => {
  new MutationObserver((_, observer) => {
    const note = tile.querySelector('[data-testid="last-picture"]');
    const picture = tile.querySelector("video.seen");
    if (note === null || picture === null) return;
    window.lastPicture = {text: note.innerText, filter: getComputedStyle(picture).filter};
    observer.disconnect();
  }).observe(tile, {subtree: true, childList: true, attributes: true});
}"""
#: What a process says of a camera's stream with its presence.
JUDGED = """
INSERT INTO process (holder, role, started_at, seen_at, health)
SELECT 'test', 'detect', now(), now() + interval '1 hour', jsonb_build_object('impaired', said)
FROM jsonb_build_object($1::text, jsonb_build_array($2::text, now())) AS said
ON CONFLICT (holder) DO UPDATE SET health = excluded.health
"""
# A connection that is closed leaves a black picture: that one is never said to be live.
COUNT_FALSELY_LIVE = """(tile) => {
  window.falselyLive = 0;
  new MutationObserver(() => {
    const picture = tile.querySelector(".picture");
    const stream = picture?.querySelector("video.seen")?.srcObject;
    if (picture?.dataset.phase === "live" && stream?.active === false) window.falselyLive += 1;
  }).observe(tile, {subtree: true, attributes: true, attributeFilter: ["data-phase"]});
}"""
HIDE = """() => {
  Object.defineProperty(document, "visibilityState", {get: () => "hidden", configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}"""
SHOW = """() => {
  delete document.visibilityState;
  document.dispatchEvent(new Event("visibilitychange"));
}"""
WATCHING = "() => [...document.querySelectorAll('video')].filter((v) => v.srcObject).length"


async def test_the_wall_is_run_from_the_keyboard(town: Town, tmp_path: Path) -> None:
    async with chromium() as browser:
        desk = await sits_down(browser, town, "supervisor", "desk")
        async with evidence(tmp_path, browser), asyncio.timeout(ALL_WITHIN_S):
            await cameras_come_by_number_and_by_name(desk)
            await small_tiles_take_small_streams_and_change_without_a_gap(town, desk)
            await figures_are_on_a_key(desk)
            await cameras_take_turns_and_an_alert_pauses_them(desk)
            await a_second_window_stays_in_step(town, desk)
            other = await a_layout_follows_to_another_desk(browser, town, desk)
            await other.page.evaluate(HIDE)
            await a_wall_computer_is_driven(browser, town, desk)
            await what_nobody_sees_is_not_watched(other)
            await a_camera_goes_from_the_map_to_a_tile(desk)
            await a_camera_that_shows_nothing_says_so(town, desk)
            await a_camera_that_is_away_keeps_its_tile_and_its_session(town, desk)
            await a_frozen_picture_says_so_and_comes_back(town, desk)

        desk.check()


async def sits_down(browser: Browser, town: Town, role: str, name: str) -> ControlRoom:
    context = await browser.new_context(
        locale="fr-FR",
        timezone_id="Europe/Paris",
        viewport={"width": 1600, "height": 900},
        color_scheme="dark",
    )
    room = ControlRoom(await context.new_page(), name=name)
    room.page.set_default_timeout(SHOWN_WITHIN_MS)
    await room.sign_in(town, role)
    await live_in(room, room.part("tile", kind="camera").first)
    return room


async def live_in(room: ControlRoom, tile: Locator) -> None:
    await tile.locator('[data-phase="live"]').wait_for()


async def cameras_come_by_number_and_by_name(desk: ControlRoom) -> None:
    """`5` Enter into the selected tile; `/` and a part of a name that hangs: it is selected."""
    keys = desk.page.keyboard
    await desk.page.locator('[data-slot="1"][data-shown]').wait_for()  # or it is filled after all
    await desk.part("tile", slot="0").focus()
    await keys.press("ArrowRight")
    await desk.page.locator('[data-slot="1"].selected').wait_for()
    await desk.part("tile", slot="1").press("Delete")
    await desk.page.locator('[data-slot="1"].selected:not([data-shown])').wait_for()
    await keys.type("5")
    await keys.press("Enter")
    await shows(desk, 1, "5 ")
    await keys.press("ArrowLeft")  # from the tile that was filled
    await desk.page.locator('[data-slot="0"].selected:focus').wait_for()
    await keys.type("/")
    await keys.type("simon")
    await keys.press("Enter")
    await desk.page.locator('.tile.selected[aria-label*="Simonkatu"]:focus').wait_for()


async def small_tiles_take_small_streams_and_change_without_a_gap(
    town: Town, desk: ControlRoom
) -> None:
    """A tile grows and shrinks again: the other stream comes in behind the one that is seen."""
    keys, tile = desk.page.keyboard, desk.part("tile", slot="0")
    async with signed_in(town, "supervisor") as api:
        cameras = {camera["id"]: camera["streams"] for camera in await api.get("/cameras")}
    streams = cameras[await tile.get_attribute("data-shown")]
    large = tile.locator(f'.picture[data-stream="{streams["main"]}"][data-phase="live"]')
    small = tile.locator(f'.picture[data-stream="{streams["sub"]}"][data-phase="live"]')
    for _ in range(2):
        await desk.part("tile", slot="0").focus()
        await keys.press("+")
    await desk.page.locator(".wall-grid.of-16").wait_for()
    await small.wait_for()
    await tile.evaluate(NOTE_PHASES)
    await keys.press("f")
    await large.wait_for()
    await keys.press("f")
    await small.wait_for()

    # A machine that has no time may stand still; it may not show that it begins anew.
    assert "connecting" not in await desk.page.evaluate("() => window.phases")
    await keys.press("-")
    await keys.press("-")
    await desk.page.locator(".wall-grid.of-4").wait_for()


async def figures_are_on_a_key(desk: ControlRoom) -> None:
    await desk.part("tile", slot="0").focus()
    await desk.page.keyboard.press("d")
    figures = desk.part("statistics")
    await figures.get_by_text("H264").wait_for()
    await figures.get_by_text("kbit/s").wait_for()
    await figures.get_by_text("Superviseu").wait_for()  # who watches: himself
    await desk.is_accessible("wall with figures")
    await desk.page.keyboard.press("d")
    await figures.wait_for(state="detached")


async def cameras_take_turns_and_an_alert_pauses_them(desk: ControlRoom) -> None:
    """Confirming the alert lets the turns go on."""
    keys = desk.page.keyboard
    alert = desk.part("alert-card", state="raised", kind="forbidden-zone").first
    await alert.wait_for()
    await desk.part("tile", slot="0").focus()
    await keys.press("-")
    await keys.press("c")
    await desk.part("rotation", state="paused").wait_for()
    await desk.page.locator(".tile.alarmed").wait_for()
    await desk.part("tile", slot="0").focus()
    await keys.press("+")
    before = await shown_by(desk)

    async def turns() -> bool:
        await decide_what_waits(desk)  # the detector may have raised another meanwhile
        await keys.press("PageDown")  # as long as it is paused, it does nothing
        return await shown_by(desk) != before

    await until(turns, within_s=ALL_WITHIN_S)
    await keys.press("c")
    await desk.part("rotation", state="off").wait_for()


async def a_second_window_stays_in_step(town: Town, desk: ControlRoom) -> None:
    window = ControlRoom(await desk.page.context.new_page(), name="window")
    await window.open(f"{town.url}/#/only/stage/wall")
    await window.part("tile").first.wait_for()
    await desk.page.bring_to_front()
    await desk.part("tile", slot="0").focus()
    await desk.page.keyboard.press("+")
    await window.page.locator(".wall-grid.of-9").wait_for()
    await window.part("tile", slot="0").focus()
    await window.page.keyboard.press("-")
    await desk.page.locator(".wall-grid.of-4").wait_for()
    window.check()
    await window.page.close()


async def a_layout_follows_to_another_desk(
    browser: Browser, town: Town, desk: ControlRoom
) -> ControlRoom:
    """Kept by name at one desk, hung at another."""
    keys = desk.page.keyboard
    await desk.part("tile", slot="0").focus()
    await keys.press("w")
    await desk.part("wall-settings").locator("input[name=name]").first.fill("Nuit")
    await keys.press("Enter")
    await desk.part("layout").get_by_text("Nuit").wait_for()
    await desk.is_accessible("dialog of the wall")
    await keys.press("Escape")
    hung = await shown_by(desk)
    await desk.part("tile", slot="0").focus()
    await keys.press("-")  # one picture here: the machine has others to show

    other = await sits_down(browser, town, "supervisor", "other desk")
    await other.part("tile", slot="0").focus()
    await other.page.keyboard.press("-")
    await other.page.keyboard.press("w")
    await other.part("layout").get_by_text("Nuit").wait_for()
    await other.part("layout").first.focus()
    await other.page.keyboard.press("Enter")
    await other.page.locator(".wall-grid.of-4").wait_for()
    assert await shown_by(other) == hung
    await live_in(other, other.part("tile", kind="camera").first)
    return other


async def what_nobody_sees_is_not_watched(other: ControlRoom) -> None:
    await other.page.wait_for_function(f"() => ({WATCHING})() === 0")
    await other.page.evaluate(SHOW)
    await live_in(other, other.part("tile", kind="camera").first)
    other.check()
    await other.page.context.close()


async def a_wall_computer_is_driven(browser: Browser, town: Town, desk: ControlRoom) -> None:
    """A desk adds a wall, a computer opens its page, the desk hangs a camera there."""
    keys = desk.page.keyboard
    await desk.part("tile", slot="0").focus()
    await keys.press("w")
    await desk.part("wall-form").locator("input[name=name]").fill("Grand mur")
    await keys.press("Enter")
    link = desk.part("wall-screen-link").first
    address = await link.get_attribute("href")
    await keys.press("Escape")

    computer = await sits_down(browser, town, "operator", "wall computer")
    await computer.page.goto(f"{town.url}{address}")
    await computer.part("wall-screen").get_by_text("Grand mur").wait_for()
    await live_in(computer, computer.part("tile", kind="camera").first)
    await computer.is_accessible("wall computer")
    await desk.part("tile", slot="0").focus()
    await keys.press("+")
    await computer.page.locator(".wall-grid.of-4").wait_for()
    await keys.press("-")
    await computer.page.locator(".wall-grid.of-1").wait_for()
    await keys.type("4")
    await keys.press("Enter")
    await shows(computer, 0, "4 ")
    await live_in(computer, computer.part("tile", slot="0"))
    await computer.part("driver").get_by_text("piloté par").wait_for()
    computer.check()
    await computer.page.context.close()
    await desk.part("wall-choice").select_option("")
    await desk.part("tile", slot="0").focus()
    await keys.press("+")
    await desk.page.locator(".wall-grid.of-4").wait_for()


async def a_camera_goes_from_the_map_to_a_tile(desk: ControlRoom) -> None:
    """By keyboard from the map's list, and dragged to the tiles that then show themselves."""
    keys = desk.page.keyboard
    await desk.part("tile", slot="0").focus()
    await keys.press("m")
    await desk.part("map", ready="true").wait_for()
    await desk.press("map-list")
    lines = desk.page.locator(".map-list li", has=desk.part("map-hang"))
    await lines.nth(1).locator('[data-testid="map-hang"]').focus()
    await keys.press("Enter")
    await lines.nth(2).hover()
    await desk.page.mouse.down()
    await desk.page.mouse.move(800, 500, steps=5)
    await desk.part("drop-strip").wait_for()
    target = desk.page.locator('[data-slot-target="3"]')
    await target.hover()
    await desk.page.mouse.up()
    await keys.press("m")
    await shows(desk, 0, "2 ")
    await shows(desk, 3, "3 ")


async def a_camera_that_shows_nothing_says_so(town: Town, desk: ControlRoom) -> None:
    """As a process has judged it, which takes half a minute; the picture itself goes on."""
    tile = desk.part("tile", slot="0")
    await live_in(desk, tile)
    stream = await tile.locator(".picture").get_attribute("data-stream")
    dsn = await running_dsn(town.data_dir)
    assert dsn is not None
    connection = await asyncpg.connect(dsn)
    try:
        for what, said in (("frozen", "Image figée"), ("blinded", "Caméra masquée")):
            await connection.execute(JUDGED, stream, what)
            await tile.locator('[data-testid="impaired"]').get_by_text(said).wait_for()
        await desk.is_accessible("a camera that shows nothing")
        await connection.execute("DELETE FROM process WHERE holder = 'test'")
    finally:
        await connection.close()
    await tile.locator('[data-testid="impaired"]').wait_for(state="detached")


async def a_camera_that_is_away_keeps_its_tile_and_its_session(
    town: Town, desk: ControlRoom
) -> None:
    """Its address leads nowhere for a while: the last picture says since when, and goes on."""
    sessions: list[str] = []
    tile = desk.part("tile", slot="0")
    await live_in(desk, tile)  # camera 2, the one that is read by RTSP
    stream = await tile.locator(".picture").get_attribute("data-stream")
    desk.page.on("request", lambda one: sessions.append(one.url) if "/whep" in one.url else None)
    async with signed_in(town, "administrator") as api:
        camera = next(one for one in await api.get("/cameras") if one["number"] == 2)
        path = f"/cameras/{camera['id']}"
        nowhere = {"main_url": "rtsp://127.0.0.1:9/", "sub_url": "rtsp://127.0.0.1:9/"}
        await api.patiently("PATCH", path, nowhere)
        await tile.locator('[data-testid="last-picture"]').wait_for()
        await tile.get_by_text("sans image").wait_for()
        # Where nothing has time, the page gives its session up before it is told.
        before = [url for url in sessions if f"/streams/{stream}/" in url]
        there = {"main_url": camera["main_url"], "sub_url": camera["sub_url"]}
        await api.patiently("PATCH", path, there)
    await live_in(desk, tile)

    after = [url for url in sessions if f"/streams/{stream}/" in url]
    assert before or after == []


async def a_frozen_picture_says_so_and_comes_back(town: Town, desk: ControlRoom) -> None:
    tile = desk.part("tile", slot="0")
    await live_in(desk, tile)
    await tile.evaluate(NOTE_LAST_PICTURE)
    await tile.evaluate(COUNT_FALSELY_LIVE)
    town.kill("media")
    await desk.page.wait_for_function("() => window.lastPicture", timeout=60_000)
    said = await desk.page.evaluate("() => window.lastPicture")
    assert said["text"].startswith("Dernière image, depuis ")
    assert "grayscale(1)" in said["filter"]
    await live_in(desk, tile)
    assert await desk.page.evaluate("() => window.falselyLive") == 0
    # What died with the process is not there to be ended any more.
    gone = ("/whep", "/viewings/")
    desk.faults[:] = [one for one in desk.faults if not any(path in one for path in gone)]


async def shows(room: ControlRoom, slot: int, start: str) -> None:
    """Wait until that tile is of the camera whose number and name begin like this."""
    await room.page.locator(f'[data-slot="{slot}"][aria-label^="Caméra {start}"]').wait_for()


async def shown_by(room: ControlRoom) -> list[str | None]:
    tiles = await room.part("tile").all()
    return [await tile.get_attribute("data-shown") for tile in tiles]


async def decide_what_waits(desk: ControlRoom) -> None:
    """Confirm, with Enter on its card, until no alert waits; send none of them."""
    waiting = desk.part("alert-card", state="raised")
    while await waiting.count():
        alert = await waiting.first.get_attribute("data-alert")
        # On the card: while somebody looks for the first that waits, another may come before it.
        await desk.alert(alert or "").focus()
        await desk.page.keyboard.press("Enter")
        await desk.part("alert-card", alert=alert or "", state="confirmed").wait_for()
        await desk.page.keyboard.press("Escape")  # the question whom to send


@asynccontextmanager
async def evidence(folder: Path, browser: Browser) -> AsyncIterator[None]:
    """Keep what each page showed, for who reads a failure."""
    try:
        yield
    except BaseException:
        pages = [page for context in browser.contexts for page in context.pages]
        for number, page in enumerate(pages):
            with suppress(PlaywrightError):
                await page.screenshot(path=folder / f"page-{number}.png")
        raise
