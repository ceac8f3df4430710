"""A phone by day and by night, from enrolment to guidance."""

from playwright.async_api import Browser

from tests.e2e.control_room import ControlRoom
from tests.e2e.phone import Phone, in_hand, moved
from tests.town import Town
from tools.screenshots.screen import settled, shot

UNIT, HERE, THERE = "PM 40", (24.9445, 60.1690), (24.9448, 60.1692)


async def patrol(browser: Browser, town: Town, room: ControlRoom) -> None:
    """A phone from enrolment to guidance; the room does its part."""
    context = await in_hand(browser, at=HERE)
    phone = Phone(await context.new_page(), name="phone")
    await phone.open(f"{town.url}/patrol/#code={town.enrolment_code}")
    await phone.part("enrol-pin").wait_for()
    await _day_and_night(phone, "phone-enrolment")
    await phone.part("enrol-pin").fill("4321")
    await phone.part("enrol-pin-again").fill("4321")
    await phone.press("enrol")
    await phone.part("checks-step").wait_for()
    await _day_and_night(phone, "phone-checks")
    await phone.check_everything()
    await phone.press(f"unit-{UNIT}")
    await phone.part("shift-pin").fill("4321")
    await _day_and_night(phone, "phone-shift")
    await phone.press("begin-shift")
    await phone.part("map", state="here").wait_for()
    await _map_by_day_and_night(phone, "phone-map")
    await phone.press("film")
    await _day_and_night(phone, "phone-reasons")
    await phone.press("reason-persons-threatened")
    await room.patrols_picture().wait_for()
    await room.press("receive")
    await phone.part("reception", received="true").wait_for()
    await _day_and_night(phone, "phone-filming")
    await shot(room, "control-room-patrol")
    await phone.stop_filming()
    alert_id = await room.confirm_detected()
    await room.choose_only(alert_id, UNIT)
    await shot(room, "control-room-sending")
    await room.send(alert_id)
    await phone.rings()
    await _map_by_day_and_night(phone, "phone-alert")
    await phone.go()
    await moved(context, THERE)
    await _map_by_day_and_night(phone, "phone-on-the-way")
    await room.guide_on_map(UNIT, "Par la cour, il sort côté gare.")
    await phone.part("guidance-card").wait_for()
    await _map_by_day_and_night(phone, "phone-guidance")
    await phone.press("read")


async def _day_and_night(phone: Phone, name: str) -> None:
    for theme in ("day", "night"):
        await phone.page.evaluate("(t) => { document.documentElement.dataset.theme = t }", theme)
        await shot(phone, f"{name}-{theme}")


async def _map_by_day_and_night(phone: Phone, name: str) -> None:
    """The map is drawn anew when the agent chooses; a page's own attribute does not reach it."""
    for theme, word in (("day", "Jour"), ("night", "Nuit")):
        await phone.part("home").locator('[data-testid="more"]').click()
        await phone.part("more-page").get_by_role("button", name=word).click()
        await phone.press("back")
        await settled(phone)
        await shot(phone, f"{name}-{theme}")
