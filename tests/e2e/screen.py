"""A page that is used, and everything it should not have done: each fault fails the test."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import ConsoleMessage, Locator, Page
from playwright.async_api import Error as PlaywrightError

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
SHOWN_WITHIN_MS = 45_000  # a machine that does much else needs more than an operator would wait

# Chromium reports a refusal by the policy as an event; here it becomes an error of the console.
REPORT_POLICY = """addEventListener("securitypolicyviolation", (event) => console.error(
  `policy: ${event.violatedDirective} refused ${event.blockedURI} ${event.sourceFile ?? ""}`))"""
COLOUR = """(video) => {
  const canvas = new OffscreenCanvas(1, 1), context = canvas.getContext("2d");
  context.drawImage(video, 0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
}"""
#: Refusals that a page meets in its normal life; the browser itself writes these lines. Who am I,
#: before anybody has signed in; a patrol's stream, in the moment before its first picture; many
#: pictures at once on a busy machine, which asks the page to come back; a camera that no order
#: covers, and that has to mask itself; a hole in a recording, which is seen when it is asked for;
#: and what is there and was changed.
EXPECTED = (
    (401, "/api/v1/me"),
    (409, "/whep"),
    (503, "/whep"),
    (403, "/still"),
    (422, "/masks"),
    (404, "/index.m3u8"),
    (404, "/thumbnails"),
    (422, "/thumbnails"),
    (422, ".mp4"),
)

type Colour = tuple[int, int, int]


class Screen:
    """One page, and what went wrong in it."""

    def __init__(self, page: Page, *, name: str) -> None:
        self.page = page
        self.faults: list[str] = []
        self.expected: tuple[tuple[int, str], ...] = EXPECTED
        self._name = name
        self._seen: list[str] = []
        page.set_default_timeout(SHOWN_WITHIN_MS)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self._fault(f"error: {error}"))
        page.on("crash", lambda _: self._fault("crashed"))

    async def open(self, url: str) -> None:
        await self.page.add_init_script(REPORT_POLICY)
        await self.page.goto(url)

    def part(self, test_id: str, **having: str) -> Locator:
        """The part of that test id, and of these data attributes."""
        more = "".join(f'[data-{name}="{value}"]' for name, value in having.items())
        return self.page.locator(f'[data-testid="{test_id}"]{more}')

    async def press(self, test_id: str) -> None:
        await self.part(test_id).click()

    async def is_accessible(self, where: str) -> None:
        """Note what axe finds on what is shown now."""
        self._seen.append(f"{datetime.now(UTC):%H:%M:%S} {where}")
        await self.page.evaluate(_axe_source())
        found = await self.page.evaluate("async () => (await axe.run(document)).violations")
        for violation in found:
            self._fault(f"axe on {where}: {_said(violation)}")

    async def keep_evidence(self, folder: Path) -> None:
        """Keep what is shown, and what went wrong before, for who reads a failure."""
        with suppress(PlaywrightError):
            await self.page.screenshot(path=folder / f"{self._name}.png")
        (folder / f"{self._name}.txt").write_text("\n".join(self._seen + self.faults))

    def check(self) -> None:
        """Fail when the page did anything that it should not."""
        assert self.faults == [], "\n".join(self.faults)

    def _on_console(self, message: ConsoleMessage) -> None:
        url = message.location.get("url", "")
        path = url.split("?")[0]
        is_expected = any(f" {s} " in message.text and path.endswith(p) for s, p in self.expected)
        if message.type == "error" and not is_expected:
            self._fault(f"console: {message.text} ({url})")

    def _fault(self, text: str) -> None:
        self.faults.append(f"{self._name}: {text}")


async def colour_of(video: Locator) -> Colour:
    """The mean colour of the picture that a video element shows."""
    red, green, blue = await video.evaluate(COLOUR)
    return red, green, blue


@cache
def _axe_source() -> str:
    return AXE.read_text()


def _said(violation: dict[str, Any]) -> str:
    nodes = [" ".join(map(str, node["target"])) for node in violation["nodes"][:5]]
    why = violation["nodes"][0].get("failureSummary", "").replace("\n", " ")[:300]
    return f"{violation['id']} ({violation['impact']}) {json.dumps(nodes)} {why}"
