"""The control room's page, in an operator's words."""

from collections.abc import Callable

from playwright.async_api import Locator, Response

from tests.e2e.screen import Screen
from tests.town import Town


class ControlRoom(Screen):
    """An operator at his desk."""

    async def sign_in(self, town: Town, role: str) -> None:
        await self.open(town.url)
        await self.page.locator("input[name=sign_in]").fill(town.sign_ins[role]["name"])
        await self.page.locator("input[name=password]").fill(town.sign_ins[role]["password"])
        await self.press("sign-in-form-submit")
        await self.part("stage-wall").wait_for()

    def patrols_picture(self) -> Locator:
        """The video of the tile that came by itself when a patrol began to film."""
        return self.part("tile", kind="stream").locator("video")

    async def select_camera(self) -> None:
        """Select the first camera of the wall, as with a click on its picture."""
        tile = self.part("tile", kind="camera").first
        await tile.locator('[data-phase="live"]').wait_for()
        await tile.focus()

    async def raise_with_a(self, note: str) -> str:
        """Raise what the selected picture shows; give the alert's id."""
        await self.select_camera()
        await self.page.keyboard.press("a")
        form = self.part("raise-form")
        await form.locator("textarea").fill(note)
        async with self.page.expect_response(_is_post("/alerts")) as answer:
            await self.press("raise-form-submit")
        raised = await (await answer.value).json()
        return str(raised["id"])

    def alert(self, alert_id: str) -> Locator:
        return self.part("alert-card", alert=alert_id)

    async def confirm_detected(self) -> str:
        """Confirm the alert of a detector that waits; give its id."""
        waiting = self.part("alert-card", state="raised", kind="forbidden-zone").first
        alert_id = await waiting.get_attribute("data-alert")
        assert alert_id is not None
        await self.alert(alert_id).click()  # another may have come before it meanwhile
        await self.alert(alert_id).locator('[data-testid="confirm"]').click()
        await self.part("alert-card", alert=alert_id, state="confirmed").wait_for()
        return alert_id

    async def choose_only(self, alert_id: str, call_sign: str) -> None:
        """Choose that unit alone of those that are proposed."""
        candidates = self.alert(alert_id).locator('[data-testid="candidate"]')
        await candidates.first.wait_for()
        for one in await candidates.all():
            is_wanted = call_sign in (await one.inner_text())
            await one.locator("input").set_checked(is_wanted)

    async def send(self, alert_id: str) -> float:
        """Press 'send'; give when its answer was there, in ms since the epoch."""
        async with self.page.expect_response(_is_post("/sending")) as answer:
            await self.alert(alert_id).locator('[data-testid="send"]').click()
        response: Response = await answer.value
        assert response.ok
        timing = response.request.timing
        return timing["startTime"] + max(timing["responseStart"], 0.0)

    async def guide_on_map(self, call_sign: str, text: str) -> None:
        """Press on the map, choose a unit, write to it and send."""
        await self.press("stage-map")
        await self.part("map", ready="true").wait_for()
        canvas = self.part("map").locator("canvas")
        await canvas.click(button="right", position={"x": 300, "y": 260})
        menu = self.part("point-menu")
        await menu.get_by_role("button", name=call_sign).click()
        await menu.locator('[data-testid="guidance-text"]').fill(text)
        await menu.locator('[data-testid="guidance-form-submit"]').click()
        await menu.wait_for(state="detached")

    async def close_interventions(self, count: int) -> None:
        """Close, on the board, those whose units are done."""
        for closed in range(1, count + 1):
            await self.part("intervention-row", state="created").first.click()
            await self.press("close-intervention")
            await self.press("closing-form-submit")
            await self.part("intervention-row", state="closed").nth(closed - 1).wait_for()

    async def show_unit(self, call_sign: str) -> None:
        """Show everything about a unit in the context, by the map's list."""
        await self.press("stage-map")
        await self.press("map-list")
        everything = self.page.locator(".map-list")
        await everything.get_by_role("button", name=call_sign).first.click()
        await self.part("about-unit").wait_for()


def _is_post(path: str) -> Callable[[Response], bool]:
    def is_it(response: Response) -> bool:
        return response.request.method == "POST" and response.url.endswith(path)

    return is_it
