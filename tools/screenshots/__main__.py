"""Take docs/screenshots/*.png from a running demonstration: each page, looked at by its size.

    make screenshots

Runs a town of its own in a temporary folder and drives Debian's Chromium: the control room at
1920x1080 by night (one picture in English), the phone at 390x844 by day and by night.
"""

import asyncio
import tempfile
from pathlib import Path

from tests.e2e.browser import chromium
from tests.town import Town, running_town
from tools.screenshots.desk import looking_back, speaking, the_wall, watch_and_patrol
from tools.screenshots.office import administration, rules, what_was_detected
from tools.screenshots.screen import FOLDER

# Each leaves the town as the next one wants it.
PARTS = (
    watch_and_patrol,
    the_wall,
    looking_back,
    speaking,
    rules,
    what_was_detected,  # which suspends them
    administration,
)


async def take(town: Town) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        async with chromium() as browser:
            await part(town, browser)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, running_town(Path(folder)) as running:
        asyncio.run(take(running))
