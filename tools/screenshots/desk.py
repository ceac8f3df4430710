"""The control room at work: the wall and the map, a wall's own computer, looking back, speaking."""

from playwright.async_api import Browser

from tests.e2e.api import signed_in
from tests.e2e.control_room import ControlRoom
from tests.e2e.loudspeaker import bring_up, camera_with_loudspeaker, hold
from tests.town import Town
from tools.screenshots.phone import patrol
from tools.screenshots.screen import ROOT, all_live, control_room, settled, shot


async def watch_and_patrol(town: Town, browser: Browser) -> None:
    room = await control_room(browser, town, "supervisor", locale="fr-FR")
    await all_live(room)
    await room.part("alert-card", kind="forbidden-zone").first.wait_for()
    await shot(room, "control-room-wall")
    await patrol(browser, town, room)
    await room.press("stage-map")
    await room.part("map", ready="true").wait_for()
    await settled(room)
    await shot(room, "control-room-map")
    await room.press("stage-board")
    await shot(room, "control-room-board")


async def the_wall(town: Town, browser: Browser) -> None:
    """Figures over a picture, cameras that take turns, the dialog, the map's tiles, a computer."""
    async with signed_in(town, "operator") as api:
        await api.patiently("PUT", "/me/locale", {"locale": "en"})  # for the English pictures
    desk = await control_room(browser, town, "supervisor", locale="fr-FR")
    keys = desk.page.keyboard
    await all_live(desk)
    await desk.part("tile", slot="0").focus()
    await keys.press("c")
    await keys.press("ArrowRight")
    await keys.press("d")
    await desk.part("statistics").get_by_text("kbit/s").wait_for()
    await desk.page.wait_for_timeout(4_000)  # rates are of the time between two looks
    await shot(desk, "control-room-wall-figures")
    await keys.press("w")
    await desk.part("wall-form").locator("input[name=name]").fill("Grand mur")
    await keys.press("Enter")
    await desk.part("wall-screen-link").wait_for()
    await desk.part("layout-form").locator("input[name=name]").fill("Nuit")
    await keys.press("Enter")
    await desk.part("layout").wait_for()
    await shot(desk, "control-room-wall-settings")
    address = await desk.part("wall-screen-link").get_attribute("href")
    await keys.press("Escape")
    await desk.part("tile", slot="0").focus()
    await keys.press("d")  # the figures again off
    await desk.part("driver").wait_for()
    await keys.press("+")
    await all_live(desk)
    await shot(desk, "control-room-wall-driven")
    computer = await control_room(browser, town, "operator", locale="en-GB")
    await computer.page.goto(f"{town.url}{address}")
    await computer.part("wall-screen").wait_for()
    await computer.part("tile", kind="camera").first.wait_for()
    await all_live(computer)
    await shot(computer, "wall-computer-english")
    await keys.press("m")
    await desk.part("map", ready="true").wait_for()
    await desk.press("map-list")
    await desk.page.locator(".map-list li", has=desk.part("map-hang")).first.hover()
    await desk.page.mouse.down()
    await desk.page.mouse.move(900, 500, steps=5)
    await desk.part("drop-strip").wait_for()
    await shot(desk, "control-room-map-to-wall")
    await desk.page.mouse.up()


async def looking_back(town: Town, browser: Browser) -> None:
    """The motive, an alert's minute, cameras in step, a hold and a clip; one small screen."""
    desk = await control_room(browser, town, "supervisor", locale="fr-FR")
    keys = desk.page.keyboard
    await all_live(desk)
    await desk.part("alert-card", kind="forbidden-zone").first.click()
    await keys.press("t")
    await desk.part("look-back-form").wait_for()
    await shot(desk, "playback-motive")
    await keys.press("Enter")
    await _playing(desk, 1)
    await keys.press("k")
    await settled(desk)
    await shot(desk, "playback-alert")
    await keys.press("i")
    await keys.press("Shift+ArrowRight")
    await keys.press("o")
    await keys.press("h")
    await (
        desk.part("hold-form").locator("input[name=requisition]").fill("PV 2026/0417, OPJ Central")
    )
    await keys.press("Enter")
    await desk.page.locator(".timeline-bar.full .timeline-hold").first.wait_for()
    await keys.press("e")
    await desk.press("clip-form-submit")
    await desk.part("clip", state="ready").wait_for()
    await shot(desk, "playback-clip")
    await keys.press("Escape")
    await desk.page.set_viewport_size({"width": 1366, "height": 768})
    await desk.press("stage-wall")
    await desk.part("tile", kind="camera").first.focus()
    await keys.press("Shift+T")
    await desk.part("look-back-form").wait_for()
    await keys.press("Enter")
    await _playing(desk, 4)
    await settled(desk)
    await shot(desk, "playback-in-step-small-screen")


async def _playing(desk: ControlRoom, count: int) -> None:
    await desk.part("recorded", standing="there").nth(count - 1).wait_for()


async def speaking(town: Town, browser: Browser) -> None:
    """A voice through a camera that has a loudspeaker, while a key is held."""
    clip = ROOT / ".cache" / "demo" / "footage" / "place.mp4"
    async with camera_with_loudspeaker(town, clip) as camera:
        desk = await control_room(browser, town, "operator", locale="fr-FR")
        await bring_up(desk)
        await shot(desk, "talk-ask")
        await desk.press("talk-form-submit")
        await desk.part("on-air", on="false").wait_for()
        await hold(desk, camera)
        await shot(desk, "talk-on-air")
        await desk.page.keyboard.up(" ")
