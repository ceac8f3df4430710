"""Debian's Chromium, as an operator's desk or as a phone."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright, expect

# Without it five seconds, less than a busy machine takes for a press of a key.
expect.set_options(timeout=60_000)

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu",
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required", "--allow-loopback-in-peer-connection",
)  # fmt: skip


@asynccontextmanager
async def chromium(
    *flags: str, environment: Mapping[str, str | float | bool] | None = None
) -> AsyncIterator[Browser]:
    """A browser of its own. Its certificate checks are on: nothing is waved through."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=_merged(FLAGS, flags),
            env=dict(environment) if environment is not None else None,
        )
        try:
            yield browser
        finally:
            await browser.close()


def _merged(ours: Sequence[str], more: Sequence[str]) -> list[str]:
    return [*ours, *more]
