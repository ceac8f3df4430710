"""Administration, and what detection does: sensors, results, an evaluation, rules, a trial."""

import asyncio
import os
import subprocess
import sys
from typing import Any

from playwright.async_api import Browser

from tests.e2e.api import Api, signed_in, until
from tests.town import Town
from tools.screenshots.screen import FOLDER, ROOT, control_room, settled, shot

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


async def what_was_detected(town: Town, browser: Browser) -> None:
    """A sensor reports, a kind cries wolf, an act is evaluated."""
    async with signed_in(town, "administrator") as office, signed_in(town, "supervisor") as room:
        commune = (await office.get("/communes"))[0]
        sensor = await office.post("/sensors", SENSOR | {"commune_id": commune["id"]})
        acts = await room.get("/authorisations")
        act = {name: acts[0][name] for name in OF_THE_ACT} | {"kinds": SENSOR["kinds"]}
        await room.post("/authorisations", act | {"sensor_ids": [sensor["id"]]})
        address = f"{town.url}/api/v1/sensors/{sensor['id']}/reports"
        await asyncio.to_thread(_report, address, sensor["secret"])
        console = await control_room(browser, town, "supervisor", locale="fr-FR")
        await console.part("alert-card", kind="overfull-bin").click()
        await settled(console)
        await shot(console, "control-room-sensor")
        for _ in range(2):
            waiting = await until(lambda: _of_a_camera(room), within_s=120.0)
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


async def _of_a_camera(room: Api) -> Any:
    """The first detected alert that waits, if there is one."""
    raised = await room.get("/alerts?state=raised")
    return next((one for one in raised if one["origin"] == "detector"), None)


def _report(url: str, secret: str) -> None:
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
    await _trial(town, browser)


async def _trial(town: Town, browser: Browser) -> None:
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
