"""A camera that is not ours: added by an administrator, moved by an operator."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect
from playwright.async_api import TimeoutError as PlaywrightTimeout

from tests.component.webrtc.peers import make_clip, until
from tests.component.webrtc.tones import announced as tone
from tests.e2e.api import signed_in
from tests.e2e.browser import CHROMIUM, chromium
from tests.e2e.control_room import ControlRoom
from tests.e2e.loudspeaker import bring_up, camera_with_loudspeaker, hold, loudest
from tests.onvif_camera import PASSWORD, USER, VirtualCamera, virtual_camera
from tests.town import Town

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(1200),  # when it is the first test, the town's start is in it
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs /usr/bin/chromium"),
]

ALL_WITHIN_S = 300.0  # about 10 on two idle cores
BIN = {
    "kind": "overfull-bin",
    "name": "Corbeille",
    "shape": "zone",
    "points": [[0.4, 0.4], [0.6, 0.4], [0.6, 0.6], [0.4, 0.6]],
}

#: An announcement of a second may be over before a busy machine has looked.
NOTE_ON_AIR = """() => {
  new MutationObserver((_, observer) => {
    if (document.querySelector('[data-testid="on-air"][data-on="true"]') === null) return;
    window.wasOnAir = true;
    observer.disconnect();
  }).observe(document.body, {subtree: true, childList: true, attributes: true});
}"""


async def test_a_camera_is_added_with_its_picture_as_proof(town: Town, tmp_path: Path) -> None:
    async with signed_in(town, "administrator") as api:
        real = next(one for one in await api.get("/cameras") if one["source"] == "rtsp")
    streams = real["main_url"], real["sub_url"]
    async with chromium() as browser, asyncio.timeout(ALL_WITHIN_S):
        page = await browser.new_page(viewport={"width": 1920, "height": 1080}, locale="fr-FR")
        office = ControlRoom(page, name="office")
        await office.open(f"{town.url}/#/administration/cameras")
        who = town.sign_ins["administrator"]
        await page.locator("input[name=sign_in]").fill(who["name"])
        await page.locator("input[name=password]").fill(who["password"])
        await office.press("sign-in-form-submit")
        await office.part("camera-row").first.wait_for()
        with virtual_camera(tmp_path, streams=streams) as camera:
            await adds(office, camera, tmp_path)
            added = office.part("camera-row").filter(has_text="VirtualCam-1")
            await added.wait_for()
            await asks_it_by_onvif_later(office, added, camera, tmp_path)

        await draws_by_keyboard_and_is_told_why_not(office, added, tmp_path)
        await takes_a_list_in_and_back(office, tmp_path)
        async with signed_in(town, "administrator") as api:
            kept = next(one for one in await api.get("/cameras") if one["name"] == "VirtualCam-1")
            await api.patiently("DELETE", f"/cameras/{kept['id']}/onvif")  # it turns no more
            await api.patiently("PUT", f"/cameras/{kept['id']}/rules", {"rules": [BIN]})
        await page.reload()
        await draws_a_rule_by_keyboard(office, added, tmp_path)
        await sees_what_detection_sees(office, tmp_path)
        office.check()
    async with signed_in(town, "administrator") as api:
        assert kept["main_url"] == real["main_url"]
        assert kept["moves"] is True
        assert kept["has_credentials"] is True
        rules = (await api.get(f"/cameras/{kept['id']}/rules"))["rules"]
        drawn = {rule["kind"]: len(rule["points"]) for rule in rules}
        assert drawn == {"overfull-bin": 4, "forbidden-zone": 3}
        await api.patiently("DELETE", f"/cameras/{kept['id']}")  # the others' town has its own


async def asks_it_by_onvif_later(
    office: ControlRoom, row: Locator, camera: VirtualCamera, evidence: Path
) -> None:
    """As one that was added by its address alone: with the password that is kept."""
    await row.get_by_test_id("camera-onvif").click()
    await office.part("onvif-form").locator("input[name=address]").fill(camera.address)
    await office.page.keyboard.press("Enter")
    keeping = office.part("onvif-keep")
    await keeping.get_by_text("se commande").wait_for()
    await office.is_accessible("a camera by ONVIF, later")
    await office.page.screenshot(path=evidence / "onvif.png")
    await office.press("onvif-keep-submit")
    await keeping.wait_for(state="detached")


async def draws_by_keyboard_and_is_told_why_not(
    office: ControlRoom, dome: Locator, evidence: Path
) -> None:
    """A mask on a camera that can be moved: drawn by keyboard, refused with the reason."""
    await dome.get_by_test_id("masks").click()
    form = office.part("masks-form")
    await office.part("zone-canvas").focus()
    for key in ("Enter", "Shift+ArrowRight", "Enter", "Shift+ArrowDown", "Enter"):
        await office.page.keyboard.press(key)
    await form.get_by_text("3 points").wait_for()
    await office.page.keyboard.press("Control+z")
    await form.get_by_text("2 points").wait_for()
    await office.page.keyboard.press("Control+y")
    await form.get_by_text("3 points").wait_for()
    await office.is_accessible("a camera's masks")
    await office.page.screenshot(path=evidence / "masks.png")
    await office.press("masks-form-submit")
    await form.get_by_text("resterait en place pendant qu’elle tourne. Réglez").wait_for()
    await office.page.keyboard.press("Escape")
    await form.wait_for(state="detached")


async def draws_a_rule_by_keyboard(office: ControlRoom, camera: Locator, evidence: Path) -> None:
    """A zone that crosses itself says where; no act covers the camera, which is said too.

    The bin's rule that is there rests for want of a reference.
    """
    await camera.get_by_test_id("rules").click()
    form, keys = office.part("rules-form"), office.page.keyboard
    await office.part("no-reference").wait_for()
    await office.is_accessible("a bin's rule without a reference")
    await office.page.screenshot(path=evidence / "bin.png")
    await office.part("add-rule").select_option("forbidden-zone")
    await office.part("add-rule").press("Enter")
    await office.part("kind-facts").get_by_text("Aucune autorisation en vigueur").wait_for()
    await expect(office.part("zone-canvas")).to_be_focused()
    down, up, right, left = (f"Shift+Arrow{way}" for way in ("Down", "Up", "Right", "Left"))
    for key in (
        "Enter",
        right,
        right,
        down,
        down,
        "Enter",
        up,
        up,
        "Enter",
        left,
        left,
        down,
        down,
    ):
        await keys.press(key)
    await keys.press("Enter")
    await office.part("rule-fault").get_by_text("se croise").wait_for()
    await office.part("rule-fault-mark").wait_for()
    await office.is_accessible("a camera's rules")
    await office.page.screenshot(path=evidence / "rules.png")
    await keys.press("Delete")  # the point that the cursor is at
    await form.get_by_text("3 points").wait_for()
    await office.press("rules-form-submit")
    # Saved; it stays open for what is left to do for the bin's rule.
    await office.part("reference-next").wait_for()
    await office.is_accessible("a bin's picture that is to be taken next")
    await office.press("rules-form-submit")
    await form.wait_for(state="detached")


async def sees_what_detection_sees(office: ControlRoom, evidence: Path) -> None:
    """The town's camera with an act in force; an administrator is shown boxes, no picture."""
    watched = office.part("camera-row").filter(has_text="Présence en zone interdite").first
    await watched.get_by_test_id("tuning-open").click()
    await office.press("tuning-start")
    await office.part("tuning-figures").wait_for()
    await office.part("tuning-rule").first.locator(".tag").wait_for()
    await office.is_accessible("what detection sees")
    await office.page.screenshot(path=evidence / "tuning.png")
    await office.page.keyboard.press("Escape")
    await office.part("tuning").wait_for(state="detached")


async def takes_a_list_in_and_back(office: ControlRoom, evidence: Path) -> None:
    await office.press("lists")
    text = "Numéro;Nom;Adresse;Lat;Lon\n901;Parc;rtsp://10.9.9.1/1;60,169;24,944\n;;;;\n902;;x;;\n"
    file = {"name": "liste.csv", "mimeType": "text/csv", "buffer": text.encode("cp1252")}
    await office.part("list-file").set_input_files(file)  # type: ignore[arg-type]  # a FilePayload
    await office.part("list-counts").filter(has_text="1 refusée").wait_for()
    await office.is_accessible("a list of cameras")
    await office.page.screenshot(path=evidence / "list.png")
    await office.press("keep-list")
    row = office.part("camera-row").filter(has_text="901 Parc")
    await row.wait_for(state="attached")
    undo = office.page.get_by_role("button", name="Annuler l’import")
    await undo.first.click()
    await undo.nth(1).click()  # of the dialog that asks once more, when it is there
    await row.wait_for(state="detached")
    await office.page.keyboard.press("Escape")


async def adds(office: ControlRoom, camera: VirtualCamera, evidence: Path) -> None:
    """By keyboard: the address, a wrong password, the right one, the picture, the place."""
    keys = office.page.keyboard
    await office.part("add").focus()
    await keys.press("Enter")
    form = office.part("find-camera")
    await form.get_by_label("Adresse").fill(camera.address)
    await keys.press("Enter")
    asking = office.part("ask-camera")
    await asking.locator("input[name=username]").fill(USER)
    await asking.locator("input[name=password]").fill("faux")
    await keys.press("Enter")
    await office.part("trouble").filter(has_text="identifiants refusés").wait_for()
    await office.is_accessible("a camera's refusal")
    await asking.locator("input[name=password]").fill(PASSWORD)
    await keys.press("Enter")
    await office.part("check-picture").wait_for()
    await office.is_accessible("a camera's picture")
    await office.page.screenshot(path=evidence / "picture.png")
    await office.part("camera-picture-submit").focus()
    await keys.press("Enter")
    placing = office.part("camera-form")
    await placing.locator("input[name=lat]").fill("60.1690")
    await placing.locator("input[name=lon]").fill("24.9445")
    await office.page.screenshot(path=evidence / "place.png")
    await keys.press("Enter")
    await placing.wait_for(state="detached")


async def test_a_camera_is_moved_while_a_key_is_held(town: Town, tmp_path: Path) -> None:
    with virtual_camera(tmp_path, is_open=True) as camera:
        async with chromium() as browser, asyncio.timeout(ALL_WITHIN_S):
            page = await browser.new_page(viewport={"width": 1920, "height": 1080}, locale="fr-FR")
            desk = ControlRoom(page, name="desk")
            await desk.sign_in(town, "operator")
            await desk.select_camera()
            tile = desk.part("tile", kind="camera").first
            moved = str(await tile.get_attribute("data-shown"))
            async with moving(town, moved, camera):
                await is_moved(desk, tile, camera, tmp_path)
                desk.check()
    kind, pan, _, _ = camera.head.moves[0]
    assert (kind, pan > 0) == ("move", True)


async def is_moved(desk: ControlRoom, tile: Locator, camera: VirtualCamera, evidence: Path) -> None:
    steer, page = desk.part("steer"), desk.page
    while not await steer.is_visible():  # the page hears of it in a moment
        await tile.focus()
        await page.keyboard.press("v")
        with suppress(PlaywrightTimeout):
            await steer.wait_for(timeout=1_000)
    await steer.locator(".steer-plane:focus").wait_for()
    await page.keyboard.down("ArrowRight")
    assert await asyncio.to_thread(camera.head.wait_for, "move")
    await page.keyboard.up("ArrowRight")
    assert await asyncio.to_thread(camera.head.wait_for, "stop")
    await steer.get_by_text("Vous commandez").wait_for()
    await desk.part("looking").wait_for()
    await desk.is_accessible("a camera that is moved")
    await page.screenshot(path=evidence / "steer.png")
    await goes_on_a_tour(desk, evidence)
    await desk.press("steer-leave")
    await steer.wait_for(state="detached")


async def goes_on_a_tour(desk: ControlRoom, evidence: Path) -> None:
    """Two presets are kept, then a tour of both, started and stopped."""
    for name in ("Mairie", "École"):
        await desk.press("keep-preset")
        await desk.page.keyboard.type(name)
        await desk.page.keyboard.press("Enter")
        await desk.part("presets").locator("option", has_text=name).wait_for(state="attached")
    await desk.press("edit-tour")
    form = desk.part("tour-form")
    for name in ("Mairie", "École"):
        await form.get_by_label(name, exact=True).check()
    await desk.is_accessible("a guard tour")
    await desk.page.screenshot(path=evidence / "tour.png")
    await desk.press("tour-form-submit")
    await desk.press("own-tour")
    await desk.part("own-tour").filter(has_text="Arrêter").wait_for()
    await desk.press("own-tour")
    await desk.part("own-tour").filter(has_text="Lancer").wait_for()


@asynccontextmanager
async def moving(town: Town, camera_id: str, camera: VirtualCamera) -> AsyncIterator[None]:
    """It turns no more afterwards: the others' town has it fixed."""
    said = {"address": camera.address, "profile": "Profile_Main", "model": "m", "has_ptz": True}
    async with signed_in(town, "administrator") as api:
        await api.patiently("PUT", f"/cameras/{camera_id}/onvif", said)
        try:
            yield
        finally:
            await api.patiently("DELETE", f"/cameras/{camera_id}/onvif")


async def test_a_camera_is_spoken_through_by_announcement_and_while_a_key_is_held(
    town: Town, tmp_path: Path
) -> None:
    """Chromium's fake microphone beeps: it is heard at the loudspeaker while the key is held."""
    clip = make_clip(tmp_path / "place.mp4", luma=90)
    async with (
        camera_with_loudspeaker(town, clip) as camera,
        chromium() as browser,
        asyncio.timeout(ALL_WITHIN_S),
    ):
        page = await browser.new_page(viewport={"width": 1920, "height": 1080}, locale="fr-FR")
        desk = ControlRoom(page, name="desk")
        await desk.sign_in(town, "supervisor")
        await keeps_an_announcement(desk, town)
        await desk.press("stage-wall")
        await bring_up(desk)
        await desk.part("announcement").check()
        await desk.part("announcement-text").filter(has_text="Le parc ferme").wait_for()
        await desk.is_accessible("an announcement that is to sound")
        await page.screenshot(path=tmp_path / "talk-ask.png")
        await page.evaluate(NOTE_ON_AIR)
        await desk.press("talk-form-submit")
        await page.wait_for_function("() => window.wasOnAir")
        await desk.part("talk").wait_for(state="detached")  # by itself, when it is over
        await until(lambda: len(camera.heard) == 50)
        announced = loudest(camera)
        await is_free(town)
        camera.heard.clear()
        await page.keyboard.press("h")
        await desk.press("talk-form-submit")
        line = desk.part("on-air", on="false")
        await line.wait_for()
        await until(lambda: camera.heard)
        silent = loudest(camera)
        await hold(desk, camera)
        await desk.is_accessible("a camera that is spoken through")
        await page.screenshot(path=tmp_path / "talk-on-air.png")
        await page.keyboard.up(" ")
        await line.wait_for()
        await desk.press("end-talk")
        await desk.part("talk").wait_for(state="detached")
        desk.check()

    assert announced > 5000
    assert silent < 100


async def is_free(town: Town) -> None:
    """Nobody speaks through the camera: the media process has told the end."""
    async with signed_in(town, "supervisor") as api:
        while any(one["talker"] for one in await api.get("/cameras")):  # noqa: ASYNC110 an API is asked
            await asyncio.sleep(0.05)


async def keeps_an_announcement(office: ControlRoom, town: Town) -> None:
    await office.page.goto(f"{town.url}/#/administration/announcements")
    await office.press("add")
    form = office.part("announcement-form")
    await form.locator("input[name=name]").fill("Fermeture du parc")
    await form.locator("textarea[name=text]").fill("Le parc ferme dans dix minutes.")
    sound = {"name": "parc.wav", "mimeType": "audio/wav", "buffer": tone(1.0)}
    await form.locator("input[name=sound]").set_input_files(sound)  # type: ignore[arg-type]  # a FilePayload
    await office.press("announcement-form-submit")
    await office.part("announcement-row").filter(has_text="Le parc ferme").wait_for()
    await office.is_accessible("announcements")
