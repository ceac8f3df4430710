"""A browser that is not ours publishes and watches, by plain RTCPeerConnection."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import BrowserContext, Page, async_playwright

from domain.identifiers import CameraId, StreamId
from server.media import CameraSource, MediaService
from tests.component.webrtc.peers import (
    Listener,
    make_clip,
    new_stream,
    publishing,
    running,
    until,
    watching,
)
from tests.udp import dropped
from tests.waiting import eventually
from webrtc.metrics import value

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu",
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required", "--allow-loopback-in-peer-connection",
]  # fmt: skip

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs /usr/bin/chromium"),
]

PUBLISH = """async () => {
  const media = await navigator.mediaDevices.getUserMedia({video: {width: 1280}, audio: true});
  const pc = window.pc = new RTCPeerConnection();
  for (const track of media.getTracks()) pc.addTransceiver(track, {direction: "sendonly"});
  await pc.setLocalDescription();
  const answer = await window.signal("publish", pc.localDescription.sdp);
  await pc.setRemoteDescription({type: "answer", sdp: answer});
}"""
WATCH = """async () => {
  const pc = window.pc = new RTCPeerConnection(), media = new MediaStream();
  for (const kind of ["video", "audio"]) pc.addTransceiver(kind, {direction: "recvonly"});
  pc.ontrack = (event) => media.addTrack(event.track);
  const video = window.video = document.createElement("video");
  Object.assign(video, {muted: true, autoplay: true, srcObject: media});
  document.body.append(video);
  await pc.setLocalDescription();
  const answer = await window.signal("watch", pc.localDescription.sdp);
  await pc.setRemoteDescription({type: "answer", sdp: answer});
  await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
}"""
INBOUND = """async () => [...(await pc.getStats()).values()]
  .find((report) => report.type === "inbound-rtp" && report.kind === "video")"""
LUMA = """() => {
  const canvas = document.createElement("canvas"), context = canvas.getContext("2d");
  canvas.width = canvas.height = 1;
  context.drawImage(video, 0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data[0];
}"""


@asynccontextmanager
async def browser() -> AsyncIterator[BrowserContext]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield await chromium.new_context()
        finally:
            await chromium.close()


async def page_of(context: BrowserContext, service: MediaService, stream: StreamId) -> Page:
    """A page on localhost, where a camera may be used, whose `signal` is the media service."""

    async def signal(what: str, offer: str) -> str:
        method = service.publish if what == "publish" else service.watch
        return (await method(stream, uuid4(), offer.encode())).answer.result()

    page = await context.new_page()
    await page.route(
        "http://localhost/**",
        lambda route: route.fulfill(body="<!doctype html><body>", content_type="text/html"),
    )
    await page.expose_function("signal", signal)
    await page.goto("http://localhost/")
    return page


async def reported(
    page: Page, what: Callable[[dict[str, Any]], object], *, script: str = INBOUND
) -> dict[str, Any]:
    """What ``script`` gives, by default the picture's statistics, once ``what`` holds of it.

    Not `Page.wait_for_function`: it takes the promise that ``script`` gives for true.
    """

    async def look() -> dict[str, Any] | None:
        report: dict[str, Any] | None = await page.evaluate(script)
        return report if report is not None and what(report) else None

    report = await eventually(look, limit_s=90)
    assert report is not None
    return report


async def inbound(page: Page, least_frames: int) -> dict[str, Any]:
    """The video's statistics once so many frames were decoded."""
    return await reported(page, lambda now: now["framesDecoded"] >= least_frames)


async def test_chromium_films_and_chromium_and_aiortc_watch() -> None:
    stream, lost_here = new_stream(), dropped()
    async with running() as service, browser() as context:
        phone = await page_of(context, service, stream)
        await phone.evaluate(PUBLISH)
        await until(lambda: service.relay.get(stream).is_live)
        desk = await page_of(context, service, stream)
        await desk.evaluate(WATCH)
        async with watching(service, stream) as other:
            await other.frame()
            report = await inbound(desk, 40)

        assert report["packetsLost"] <= dropped() - lost_here
        assert report["frameWidth"] >= 320
        assert value(service.metrics.decodes.labels("viewer")) == 0
        still = await service.still(stream)
        assert still.jpeg.startswith(b"\xff\xd8")


async def test_chromium_sees_a_camera_at_once_and_in_its_own_colour(tmp_path: Path) -> None:
    clip, listener, stream = make_clip(tmp_path / "a.mp4", luma=200), Listener(), new_stream()
    lost_here = dropped()
    async with running(listener) as service, browser() as context:
        source = CameraSource(stream, CameraId(uuid4()), clip.as_uri())
        service.set_sources([source])
        await listener.wait_for("camera_up")
        desk = await page_of(context, service, stream)
        await desk.evaluate(WATCH)
        luma = await desk.evaluate(LUMA)

        assert abs(luma - (200 - 16) * 255 / 219) <= 12  # studio range to full range
        assert (await inbound(desk, 30))["packetsLost"] <= dropped() - lost_here


@pytest.mark.parametrize("codec", ["video/H264", "video/VP8"])
async def test_chromium_goes_on_when_the_publisher_is_replaced(codec: str) -> None:
    stream = new_stream()
    async with running() as service, browser() as context:
        async with publishing(service, stream, luma=40):
            desk = await page_of(context, service, stream)
            await desk.evaluate(WATCH)
            async with publishing(service, stream, luma=220, codec=codec):
                await desk.wait_for_function(f"({LUMA})() > 200", timeout=60_000)
        assert service.relay.get(stream).viewers
