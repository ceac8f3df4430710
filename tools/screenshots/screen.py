"""A page that pictures are taken of: opened, signed in to, waited for, kept small."""

import asyncio
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser

from tests.e2e.control_room import ControlRoom
from tests.e2e.phone import Phone
from tests.town import Town

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "screenshots"
LARGEST = 400_000  # bytes of one picture


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


async def all_live(room: ControlRoom) -> None:
    for tile in await room.part("tile", kind="camera").all():
        await tile.locator('[data-phase="live"]').wait_for()


async def settled(screen: ControlRoom | Phone) -> None:
    """Wait until the network is quiet: tiles and stills are there."""
    await screen.page.wait_for_load_state("networkidle")
    await screen.page.wait_for_timeout(1_500)  # the map fades its tiles in


async def shot(screen: ControlRoom | Phone, name: str) -> None:
    path = FOLDER / f"{name}.png"
    await screen.page.screenshot(path=path, animations="disabled")
    size = await asyncio.to_thread(_fit, path)
    print(f"{path.relative_to(ROOT)}  {size // 1000} kB")


def _fit(path: Path) -> int:
    """Write a picture with fewer colours until it is small enough; give its size in bytes."""
    whole = Image.open(path).convert("RGB")
    for colours in (256, 128, 64, 32):
        if path.stat().st_size <= LARGEST:
            break
        few = whole.quantize(colours, dither=Image.Dither.NONE)
        few.save(path, optimize=True)
    return path.stat().st_size
