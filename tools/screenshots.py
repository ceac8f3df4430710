"""Take docs/screenshots/*.png from a running demonstration: each page, looked at by its size.

    make screenshots

Runs a town of its own in a temporary folder and drives Debian's Chromium: the control room at
1920x1080 by night (one picture in English), the phone at 390x844 by day and by night.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the page objects of the end-to-end test drive the pages here too

from PIL import Image  # noqa: E402 - after the path
from playwright.async_api import Browser  # noqa: E402

from tests.e2e.api import Api, signed_in, until  # noqa: E402
from tests.e2e.browser import chromium  # noqa: E402
from tests.e2e.control_room import ControlRoom  # noqa: E402
from tests.e2e.loudspeaker import bring_up, camera_with_loudspeaker, hold  # noqa: E402
from tests.e2e.phone import Phone, in_hand, moved  # noqa: E402
from tests.town import Town, running_town  # noqa: E402

FOLDER = ROOT / "docs" / "screenshots"
LARGEST = 400_000  # bytes of one picture
UNIT, HERE, THERE = "PM 40", (24.9445, 60.1690), (24.9448, 60.1692)
SENSOR = {
    "name": "Corbeille du marché",
    "sort": "bin",
    "maker": "Fictive",
    "kinds": ["overfull-bin"],
    "point": {"type": "Point", "coordinates": [24.9446, 60.1691]},
}
#: What an act of the sensor has in common with the town's own.
OF_THE_ACT = (
    "commune_id",
    "profile",
    "law",
    "authority",
    "act_reference",
    "purpose",
    "place",
    "starts_at",
    "ends_at",
)
TRIED_WITHIN_MS = 120_000  # ten minutes of recordings
#: As a field of the page says it, in the page's own time zone.
TEN_MINUTES_AGO = """() => {
  const date = new Date(Date.now() - 600_000 - new Date().getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 19);
}"""
SECTIONS = (
    "cameras",
    "authorisations",
    "devices",
    "people",
    "recordings",
    "announcements",
    "register",
    "health",
)


async def take(town: Town) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    async with chromium() as browser:
        await watch_and_patrol(town, browser)
    async with chromium() as browser:
        await the_wall(town, browser)
    async with chromium() as browser:
        await looking_back(town, browser)
    async with chromium() as browser:
        await speaking(town, browser)
    async with chromium() as browser:
        await what_was_detected(town, browser)
    async with chromium() as browser:
        await administration(town, browser)
    async with chromium() as browser:
        await rules(town, browser)


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
    await playing(desk, 1)
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
    await playing(desk, 4)
    await settled(desk)
    await shot(desk, "playback-in-step-small-screen")


async def playing(desk: ControlRoom, count: int) -> None:
    await desk.part("recorded", standing="there").nth(count - 1).wait_for()


async def all_live(room: ControlRoom) -> None:
    for tile in await room.part("tile", kind="camera").all():
        await tile.locator('[data-phase="live"]').wait_for()


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


async def what_was_detected(town: Town, browser: Browser) -> None:
    """A sensor reports, a kind cries wolf, an act is evaluated."""
    async with signed_in(town, "administrator") as office, signed_in(town, "supervisor") as room:
        commune = (await office.get("/communes"))[0]
        sensor = await office.post("/sensors", SENSOR | {"commune_id": commune["id"]})
        acts = await room.get("/authorisations")
        act = {name: acts[0][name] for name in OF_THE_ACT} | {"kinds": SENSOR["kinds"]}
        await room.post("/authorisations", act | {"sensor_ids": [sensor["id"]]})
        address = f"{town.url}/api/v1/sensors/{sensor['id']}/reports"
        await asyncio.to_thread(report, address, sensor["secret"])
        console = await control_room(browser, town, "supervisor", locale="fr-FR")
        await console.part("alert-card", kind="overfull-bin").click()
        await settled(console)
        await shot(console, "control-room-sensor")
        for _ in range(2):
            waiting = await until(lambda: of_a_camera(room), within_s=120.0)
            dismissal = {"reason": "animal-or-object", "note": "un sac poussé par le vent"}
            await room.post(f"/alerts/{waiting['id']}/dismissal", dismissal)
        for section in ("results", "sensors"):
            await console.page.goto(f"{town.url}/#/administration/{section}")
            await settled(console)
            await shot(console, f"administration-{section}")
        headers = {"Authorization": f"Bearer {room.token}"}
        answer = await console.page.request.get(
            f"{town.url}/api/v1/authorisations/{acts[0]['id']}/evaluation", headers=headers
        )
        file = await browser.new_context(viewport={"width": 1000, "height": 1400})
        page = await file.new_page()
        await page.set_content(await answer.text())
        await page.screenshot(path=FOLDER / "evaluation.png")


async def of_a_camera(room: Api) -> Any:
    """The first detected alert that waits, if there is one."""
    raised = await room.get("/alerts?state=raised")
    return next((one for one in raised if one["origin"] == "detector"), None)


def report(url: str, secret: str) -> None:
    """With the client of the guide."""
    client = ROOT / "docs" / "guide" / "report.py"
    environment = {**os.environ, "ILOTIER_SENSOR_SECRET": secret}
    command = [sys.executable, str(client), url, "overfull-bin"]
    subprocess.run(command, env=environment, check=True)


async def administration(town: Town, browser: Browser) -> None:
    office = await control_room(browser, town, "administrator", locale="fr-FR")
    for section in SECTIONS:
        await office.page.goto(f"{town.url}/#/administration/{section}")
        if await office.part(f"section-{section}").count() == 0:
            continue  # another role's
        await settled(office)
        await shot(office, f"administration-{section}")
    auditor = await control_room(browser, town, "auditor", locale="fr-FR")
    await auditor.page.goto(f"{town.url}/#/administration/register")
    await settled(auditor)
    await shot(auditor, "register")
    english = await control_room(browser, town, "operator", locale="en-GB")
    await english.part("tile", kind="camera").first.wait_for()
    await settled(english)
    await shot(english, "control-room-wall-english")


async def rules(town: Town, browser: Browser) -> None:
    """A camera's rules, and what detection sees on it."""
    desk = await control_room(browser, town, "supervisor", locale="fr-FR")
    await desk.page.goto(f"{town.url}/#/administration/cameras")
    camera = desk.part("camera-row").filter(has_text="Présence en zone interdite").first
    await camera.get_by_test_id("rules").click()
    await desk.part("zone-canvas").wait_for()
    await settled(desk)
    await shot(desk, "administration-rules")
    await desk.page.keyboard.press("Escape")
    await camera.get_by_test_id("tuning-open").click()
    await desk.press("tuning-start")
    await desk.page.wait_for_timeout(5_000)  # its network is never idle; a pace is of 20 looks
    await desk.part("tuning-rule").filter(has_text="quelque chose y est").wait_for(timeout=90_000)
    await shot(desk, "administration-tuning")
    await trial(town, browser)


async def trial(town: Town, browser: Browser) -> None:
    """A camera's rules, tried on what was recorded since the town began."""
    desk = await control_room(browser, town, "supervisor", locale="fr-FR")
    await desk.page.goto(f"{town.url}/#/administration/cameras")
    camera = desk.part("camera-row").filter(has_text="Présence en zone interdite").first
    await camera.get_by_test_id("rules").click()
    await desk.part("zone-canvas").wait_for()
    await desk.press("trial-open")
    minutes = desk.part("trial-form").locator("input[name=from]")
    await minutes.fill(await desk.page.evaluate(TEN_MINUTES_AGO))
    await desk.part("trial-form").locator("select[name=lasts]").select_option("10")
    await desk.press("trial-form-submit")
    await desk.part("trial-sum").wait_for(timeout=TRIED_WITHIN_MS)
    await desk.part("trial-still").scroll_into_view_if_needed()
    await settled(desk)
    await shot(desk, "administration-trial")


async def control_room(browser: Browser, town: Town, role: str, *, locale: str) -> ControlRoom:
    context = await browser.new_context(
        locale=locale,
        timezone_id="Europe/Paris",
        viewport={"width": 1920, "height": 1080},
        color_scheme="dark",
    )
    room = ControlRoom(await context.new_page(), name=role)
    await room.open(town.url)
    await room.page.locator("input[name=sign_in]").fill(town.sign_ins[role]["name"])
    await room.page.locator("input[name=password]").fill(town.sign_ins[role]["password"])
    await room.press("sign-in-form-submit")
    await room.page.locator(".console").wait_for()
    return room


async def patrol(browser: Browser, town: Town, room: ControlRoom) -> None:
    """A phone from enrolment to guidance; the room does its part."""
    context = await in_hand(browser, at=HERE)
    phone = Phone(await context.new_page(), name="phone")
    await phone.open(f"{town.url}/patrol/#code={town.enrolment_code}")
    await phone.part("enrol-pin").wait_for()
    await day_and_night(phone, "phone-enrolment")
    await phone.part("enrol-pin").fill("4321")
    await phone.part("enrol-pin-again").fill("4321")
    await phone.press("enrol")
    await phone.part("checks-step").wait_for()
    await day_and_night(phone, "phone-checks")
    await phone.check_everything()
    await phone.press(f"unit-{UNIT}")
    await phone.part("shift-pin").fill("4321")
    await day_and_night(phone, "phone-shift")
    await phone.press("begin-shift")
    await phone.part("map", state="here").wait_for()
    await map_by_day_and_night(phone, "phone-map")
    await phone.press("film")
    await day_and_night(phone, "phone-reasons")
    await phone.press("reason-persons-threatened")
    await room.patrols_picture().wait_for()
    await room.press("receive")
    await phone.part("reception", received="true").wait_for()
    await day_and_night(phone, "phone-filming")
    await shot(room, "control-room-patrol")
    await phone.stop_filming()
    alert_id = await room.confirm_detected()
    await room.choose_only(alert_id, UNIT)
    await shot(room, "control-room-sending")
    await room.send(alert_id)
    await phone.rings()
    await map_by_day_and_night(phone, "phone-alert")
    await phone.go()
    await moved(context, THERE)
    await map_by_day_and_night(phone, "phone-on-the-way")
    await room.guide_on_map(UNIT, "Par la cour, il sort côté gare.")
    await phone.part("guidance-card").wait_for()
    await map_by_day_and_night(phone, "phone-guidance")
    await phone.press("read")


async def day_and_night(phone: Phone, name: str) -> None:
    for theme in ("day", "night"):
        await phone.page.evaluate("(t) => { document.documentElement.dataset.theme = t }", theme)
        await shot(phone, f"{name}-{theme}")


async def map_by_day_and_night(phone: Phone, name: str) -> None:
    """The map is drawn anew when the agent chooses; a page's own attribute does not reach it."""
    for theme, word in (("day", "Jour"), ("night", "Nuit")):
        await phone.part("home").locator('[data-testid="more"]').click()
        await phone.part("more-page").get_by_role("button", name=word).click()
        await phone.press("back")
        await settled(phone)
        await shot(phone, f"{name}-{theme}")


async def settled(screen: ControlRoom | Phone) -> None:
    """Wait until the network is quiet: tiles and stills are there."""
    await screen.page.wait_for_load_state("networkidle")
    await screen.page.wait_for_timeout(1_500)  # the map fades its tiles in


async def shot(screen: ControlRoom | Phone, name: str) -> None:
    path = FOLDER / f"{name}.png"
    await screen.page.screenshot(path=path, animations="disabled")
    size = await asyncio.to_thread(fit, path)
    print(f"{path.relative_to(ROOT)}  {size // 1000} kB")


def fit(path: Path) -> int:
    """Write a picture with fewer colours until it is small enough; give its size in bytes."""
    whole = Image.open(path).convert("RGB")
    for colours in (256, 128, 64, 32):
        if path.stat().st_size <= LARGEST:
            break
        few = whole.quantize(colours, dither=Image.Dither.NONE)
        few.save(path, optimize=True)
    return path.stat().st_size


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, running_town(Path(folder)) as running:
        asyncio.run(take(running))
