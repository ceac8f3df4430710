"""A wall of 16 different cameras, at small streams and at large ones: what each costs.

    python -m benchmarks.wall [--json] [--quick]

A whole town (`ilotier demo`) with eleven more cameras, made of its five clips, and an operator's
page in Chromium with a wall of 16. `small_*`: as it is, each tile takes its camera's small stream
(640x360, 0.3 Mbit/s). `large_*`: the same wall when no camera has a small one (1280x720,
1 Mbit/s). `*_streams` are the heights of the pictures that are shown, counted; `*_kbit_s` is what
the page received; `*_media_core` the part of a core that the media process took, reading the
cameras included; `cpu_ratio` and `kbit_ratio` are small to large.

Left out: what the browser takes to decode (it is on the same machine), detection, other viewers.
"""

import asyncio
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks._command import options, tell
from benchmarks._machine import cpu_s, machine
from tests.e2e.api import Api, signed_in, until
from tests.e2e.browser import chromium
from tests.e2e.control_room import ControlRoom
from tests.town import Town, running_town

TILES = 16
SHOWN_WITHIN_S = 120.0
CONNECTIONS = """(() => {
  const Plain = RTCPeerConnection;
  window.connections = new Set();
  window.RTCPeerConnection = class extends Plain {
    constructor(...given) { super(...given); window.connections.add(this); }
    close() { super.close(); window.connections.delete(this); }
  };
})()"""
RECEIVED = """async () => {
  let bytes = 0;
  for (const connection of window.connections)
    for (const report of (await connection.getStats()).values())
      if (report.type === "inbound-rtp") bytes += report.bytesReceived;
  return bytes;
}"""
HEIGHTS = """() => [...document.querySelectorAll('.picture[data-phase="live"] video.seen')]
  .map((video) => video.videoHeight)"""


async def measure(town: Town, *, seconds: float) -> dict[str, Any]:
    async with signed_in(town, "administrator") as api, chromium() as browser:
        await more_cameras(api)
        context = await browser.new_context(viewport={"width": 1920, "height": 1080})
        desk = ControlRoom(await context.new_page(), name="desk")
        await desk.page.add_init_script(CONNECTIONS)
        await desk.sign_in(town, "operator")
        await desk.press("layout-16")
        await desk.page.keyboard.press("g")
        small = await look(town, desk, height=360, seconds=seconds)
        for camera in await api.get("/cameras"):
            await api.patiently("PATCH", f"/cameras/{camera['id']}", {"sub_url": None})
        large = await look(town, desk, height=720, seconds=seconds)
    return (
        {f"small_{name}": value for name, value in small.items()}
        | {f"large_{name}": value for name, value in large.items()}
        | {
            "cpu_ratio": round(small["media_core"] / large["media_core"], 2),
            "kbit_ratio": round(small["kbit_s"] / large["kbit_s"], 2),
        }
    )


async def more_cameras(api: Api) -> None:
    """As many again as there is room for, of the same clips and under the same order."""
    cameras = await api.get("/cameras")
    [order] = await api.get("/orders")
    from_files = [camera for camera in cameras if camera["source"] == "file"]
    kept = (
        "commune_id", "source", "main_url", "sub_url", "point", "bearing_deg",
        "field_of_view_deg", "range_m", "demonstration",
    )  # fmt: skip
    for number in range(len(cameras) + 1, TILES + 1):
        like = from_files[number % len(from_files)]
        camera = {name: like[name] for name in kept}
        named = {"number": number, "name": f"Rue {number}", "order_id": order["id"]}
        await api.post("/cameras", camera | named)


async def look(town: Town, desk: ControlRoom, *, height: int, seconds: float) -> dict[str, Any]:
    """Wait until all tiles show pictures of that height, and measure from then on."""

    async def all_shown() -> bool:
        heights: list[int] = await desk.page.evaluate(HEIGHTS)
        return heights.count(height) == TILES

    await until(all_shown, within_s=SHOWN_WITHIN_S)
    media = town.pid_of("media")
    assert media is not None, "no media process runs"  # noqa: S101 a benchmark's own promise
    loop = asyncio.get_running_loop()
    began_s, took_s, bytes_ = loop.time(), cpu_s(media), await desk.page.evaluate(RECEIVED)
    await asyncio.sleep(seconds)
    took_s, bytes_ = cpu_s(media) - took_s, await desk.page.evaluate(RECEIVED) - bytes_
    passed_s = loop.time() - began_s
    heights = await desk.page.evaluate(HEIGHTS)
    return {
        "streams": {str(one): count for one, count in Counter(heights).items()},
        "kbit_s": round(bytes_ * 8 / 1000 / passed_s),
        "media_core": round(took_s / passed_s, 3),
    }


def main() -> int:
    given = options(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder, running_town(Path(folder)) as town:
        found = asyncio.run(measure(town, seconds=5.0 if given.quick else 20.0))
    tell({"benchmark": "wall", "tiles": TILES, **found, "machine": machine()}, as_json=given.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
