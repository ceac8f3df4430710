"""An agent's phone: a Chromium that trusts the installation's own authority and nothing else."""

import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, BrowserContext

from tests.e2e.browser import chromium
from tests.e2e.screen import Screen
from tests.town import Town

PIN = "4321"
SIZE = {"width": 390, "height": 844}
HOLD_MS = 1_400  # the page asks for one second
RED, BLUE = (81, 90, 240), (41, 240, 110)  # Y, Cb, Cr
PICTURE = (640, 480)
FRAMES_PER_S, SECONDS_EACH = 5, 4

RINGS = """() => new Promise((resolve) => {
  const look = () => {
    if (document.querySelector('[data-testid="alert-sheet"][data-phase="ringing"]')) {
      watching.disconnect();
      requestAnimationFrame(() => resolve(Date.now()));
    }
  };
  const watching = new MutationObserver(look);
  watching.observe(document, {subtree: true, childList: true, attributes: true});
  look();
})"""


class Phone(Screen):
    """What an agent does with his thumb."""

    async def enrol(self, town: Town) -> None:
        await self.open(f"{town.https_url}/patrol/#code={town.enrolment_code}")
        await self.part("enrol-pin").fill(PIN)
        await self.part("enrol-pin-again").fill(PIN)
        await self.is_accessible("enrolment")
        await self.press("enrol")
        await self.part("checks-step").wait_for()

    async def check_everything(self) -> None:
        """Go through the checks: camera, microphone and position work."""
        for name in ("camera", "microphone", "position"):
            await self.press(f"allow-{name}")
            await self.part(f"check-{name}", state="good").wait_for()
            await self.is_accessible(f"check of the {name}")
            await self.press("check-next")
        for _ in ("notifications", "install"):
            await self.press("check-next")

    async def begin_shift(self, call_sign: str) -> None:
        await self.press(f"unit-{call_sign}")
        await self.part("shift-pin").fill(PIN)
        await self.is_accessible("beginning of the shift")
        await self.press("begin-shift")
        await self.part("on-duty").wait_for()
        await self.part("map", state="here").wait_for()

    async def film(self, reason: str) -> None:
        await self.press("film")
        await self.is_accessible("reasons for filming")
        await self.press(f"reason-{reason}")
        # A machine that is busy encodes a smaller picture, which the page calls poor.
        arrives = ':is([data-received="live"], [data-received="poor"])'
        await self.page.locator(f'[data-testid="filming"]{arrives}').wait_for()

    async def stop_filming(self) -> None:
        await self.part("stop-film").click(delay=HOLD_MS)
        await self.part("filming").wait_for(state="detached")

    async def rings(self) -> float:
        """Wait for an alert that rings; give when it was on the screen, in ms since the epoch."""
        at: float = await self.page.evaluate(RINGS)
        return at

    async def watch_alerts_camera(self) -> None:
        """Open the alert's camera until its picture moves, then go back."""
        await self.press("alert-camera")
        await self.part("watch", state="live").wait_for(state="attached")
        await self.page.wait_for_function(
            "() => document.querySelector('[data-testid=watch] video').currentTime > 1"
        )
        await self.is_accessible("a camera")
        await self.press("back")

    async def go(self) -> None:
        """Answer the alert: "J'y vais"."""
        await self.press("go")
        await self.part("call-step", step="en-route").wait_for()

    async def is_there(self) -> None:
        """Say that the unit is on the scene."""
        await self.press("on-scene")
        await self.part("call-step", step="on-scene").wait_for()

    async def done(self) -> None:
        await self.press("done")
        await self.part("alert-sheet").wait_for(state="detached")


@asynccontextmanager
async def phone(town: Town, folder: Path, *, at: tuple[float, float]) -> AsyncIterator[Phone]:
    """A phone whose camera films red and blue in turn; ``at`` is its longitude and latitude."""
    film, home = folder / "camera.y4m", folder / "home"
    film.write_bytes(red_and_blue())
    trust(town.root_certificate, home)
    environment = {**os.environ, "HOME": str(home)}
    environment.pop("XDG_CONFIG_HOME", None)
    async with chromium(f"--use-file-for-fake-video-capture={film}", environment=environment) as it:
        context = await in_hand(it, at=at)
        yield Phone(await context.new_page(), name="phone")


async def in_hand(browser: Browser, *, at: tuple[float, float]) -> BrowserContext:
    context = await browser.new_context(
        locale="fr-FR",
        timezone_id="Europe/Paris",
        viewport={"width": SIZE["width"], "height": SIZE["height"]},
        is_mobile=True,
        has_touch=True,
        permissions=["geolocation", "camera", "microphone", "notifications"],
    )
    await moved(context, at)
    return context


async def moved(context: BrowserContext, at: tuple[float, float]) -> None:
    longitude, latitude = at
    await context.set_geolocation({"longitude": longitude, "latitude": latitude, "accuracy": 8})


def trust(root: Path, home: Path) -> None:
    """Put the installation's root, and nothing else, into the NSS database of a private home."""
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    where = ("-d", f"sql:{database}")
    for words in (
        ("certutil", "-N", *where, "--empty-password"),
        ("certutil", "-A", *where, "-t", "C,,", "-n", "ilotier", "-i", str(root)),
    ):
        subprocess.run(words, check=True, timeout=30)


def red_and_blue() -> bytes:
    """A film in Y4M (yuv4mpeg(5)): red, then blue, each for some seconds, again and again."""
    width, height = PICTURE
    picture = bytearray(f"YUV4MPEG2 W{width} H{height} F{FRAMES_PER_S}:1 Ip A1:1 C420\n".encode())
    for y, cb, cr in (RED, BLUE):
        planes = [(y, width * height), (cb, width * height // 4), (cr, width * height // 4)]
        frame = b"FRAME\n" + b"".join(bytes([value]) * count for value, count in planes)
        picture += frame * (FRAMES_PER_S * SECONDS_EACH)
    return bytes(picture)
