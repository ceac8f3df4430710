"""How soon a viewer who joins sees a picture: a real browser where there is one, else aiortc.

The film has a keyframe every 2 s and its publisher ignores keyframe requests; viewers join at
every age of the last keyframe. Time runs from the click (before the offer is made) to the first
picture the browser presents.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.mediastreams import MediaStreamTrack

from benchmarks._media import Media
from benchmarks._peers import h264_only

_CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu",
    "--autoplay-policy=no-user-gesture-required", "--allow-loopback-in-peer-connection",
]  # fmt: skip
_JOIN = """async () => {
  const start = performance.now();
  const pc = new RTCPeerConnection(), media = new MediaStream();
  pc.addTransceiver("video", {direction: "recvonly"});
  pc.ontrack = (event) => media.addTrack(event.track);
  const video = document.createElement("video");
  Object.assign(video, {muted: true, autoplay: true, srcObject: media});
  document.body.append(video);
  const shown = new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  await pc.setLocalDescription();
  const answer = await window.signal(pc.localDescription.sdp);
  await pc.setRemoteDescription({type: "answer", sdp: answer});
  await shown;
  const took = performance.now() - start;
  pc.close();
  video.remove();
  return took;
}"""
_FIRST_WITHIN_S = 20.0


async def first_frames_ms(media: Media, joins: int) -> tuple[str, list[float]]:
    """With what it was measured, and each time."""
    found: list[float] = []
    async with _viewer(media) as (what, join):
        for number in range(joins + 1):
            await asyncio.sleep(number * 0.618 % 0.3)  # another age of the keyframe each time
            async with asyncio.timeout(_FIRST_WITHIN_S):
                found.append(await join())
    return what, found[1:]  # the first join loads the browser's decoder


@asynccontextmanager
async def _viewer(media: Media) -> AsyncIterator[tuple[str, Any]]:
    if not _CHROMIUM.exists():  # noqa: ASYNC240 once, before anything is measured
        yield "aiortc", lambda: _join_with_aiortc(media)
        return
    from playwright.async_api import async_playwright

    async def signal(offer: str) -> str:
        _, answer, _ = await media.offer(offer.encode(), "whep", stream=media.stream)
        return answer

    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
        try:
            page = await chromium.new_page()
            await page.route(
                "http://localhost/**",
                lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"),
            )
            await page.expose_function("signal", signal)
            await page.goto("http://localhost/")
            yield f"Chromium {chromium.version}", lambda: page.evaluate(_JOIN)
        finally:
            await chromium.close()


async def _join_with_aiortc(media: Media) -> float:
    start_s = time.perf_counter()
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    arrived: asyncio.Queue[MediaStreamTrack] = asyncio.Queue(1)
    pc.on("track", arrived.put_nowait)
    pc.addTransceiver("video", direction="recvonly").setCodecPreferences(h264_only())
    try:
        await media.connect(pc, "whep")
        await (await arrived.get()).recv()
        return 1000 * (time.perf_counter() - start_s)
    finally:
        await pc.close()
