"""Chromium at control's origin is sent to a media process with an address of its own, and sees.

First by a bare page, until the right to see is taken away; then by the wall as it is built.
"""

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Error, Page

from domain.people import Role
from tests.e2e.api import client
from tests.e2e.browser import CHROMIUM, chromium
from tests.e2e.control_room import ControlRoom
from tests.e2e.phone import trust
from tests.integration.http.town import PASSWORD, TOWN
from tests.integration.server.filmed import CUT_WITHIN_S, FilmedTown
from tests.integration.server.running import environment, ilotier
from tests.ports import free_port
from tests.waiting import eventually

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs /usr/bin/chromium"),
    pytest.mark.timeout(400),  # two processes and a browser start, on a machine that does others
]
STARTED_WITHIN_S = 120.0

WATCH = """async ({path, token}) => {
  const blocked = window.blocked = [];
  document.addEventListener("securitypolicyviolation", (event) => blocked.push(event.blockedURI));
  const pc = window.pc = new RTCPeerConnection();
  pc.addTransceiver("video", {direction: "recvonly"});
  const video = window.video = document.createElement("video");
  Object.assign(video, {muted: true, autoplay: true});
  document.body.append(video);
  pc.ontrack = ({track}) => { video.srcObject = new MediaStream([track]); };
  await pc.setLocalDescription();
  const answer = await fetch(path, {
    method: "POST",
    headers: {"Content-Type": "application/sdp", "Authorization": `Bearer ${token}`,
              "X-CSRF-Token": "as a page sends it"},
    body: pc.localDescription.sdp,
  }).catch((error) => error);
  if (answer instanceof Error) return {status: 0, said: String(answer)};
  const said = await answer.text();
  const seen = {status: answer.status, url: answer.url, redirected: answer.redirected,
                location: answer.headers.get("Location"), blocked, said};
  if (answer.status !== 201) { pc.close(); return seen; }
  await pc.setRemoteDescription({type: "answer", sdp: said});
  await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  const note = () => { window.seenAt = Date.now(); video.requestVideoFrameCallback(note); };
  video.requestVideoFrameCallback(note);
  return {...seen, width: video.videoWidth};
}"""
ASK = """async ({url, method, token}) => {
  try {
    const headers = {"Content-Type": "application/sdp"};
    if (token) headers.Authorization = `Bearer ${token}`;
    const answer = await fetch(url, {method, headers, body: method === "POST" ? "v=0" : undefined});
    return answer.status;
  } catch (error) { return String(error); }
}"""


async def test_chromium_follows_to_another_origin_and_to_no_other(
    filmed_town: FilmedTown, tmp_path: Path
) -> None:
    plain, outer, other = free_port(), free_port(), free_port()
    there = f"https://127.0.0.1:{outer}"
    env = environment(
        tmp_path,
        DATABASE_URL=filmed_town.url,
        HTTP__PORT="0",
        HTTP__PLAIN_PORT=str(plain),
        HTTP__MEDIA_URLS=f'["{there}"]',
        MEDIA__PUBLIC_URL=there,
        MEDIA__PUBLIC_HOST="127.0.0.1",
        MEDIA__PUBLIC_PORT=str(outer),
    )
    page_url, stream = f"http://127.0.0.1:{plain}", filmed_town.cameras[0].main_stream_id
    async with (
        ilotier("serve", "--role", "control", env=env),
        ilotier("serve", "--role", "media", env=env),
    ):
        await filmed_town.shared(4, limit_s=STARTED_WITHIN_S)
        trust(tmp_path / "tls" / "root.crt", tmp_path / "home")
        async with chromium(environment={"HOME": str(tmp_path / "home")}) as browser:
            page = await browser.new_page()

            async def opened() -> bool:
                with suppress(Error):  # it does not listen yet
                    answer = await page.goto(f"{page_url}/healthz")
                    return answer is not None and answer.ok
                return False

            await eventually(opened, limit_s=STARTED_WITHIN_S)
            whep = {
                "path": f"{page_url}/api/v1/streams/{stream}/whep",
                "token": TOWN.token("operator"),
            }

            async def watching() -> dict[str, Any] | None:
                seen: dict[str, Any] = await page.evaluate(WATCH, whep)
                return seen if seen["status"] == 201 else None

            seen = await eventually(watching, limit_s=STARTED_WITHIN_S)
            assert seen is not None
            assert seen["redirected"]
            assert seen["url"].startswith(f"{there}/sessions/")
            assert seen["width"] == 320
            assert seen["blocked"] == []

            # The pass was for one session; its page may not ask any other origin.
            once_more = {"url": seen["url"], "method": "POST", "token": None}
            assert await page.evaluate(ASK, once_more) in (404, "TypeError: Failed to fetch")
            elsewhere = {"url": f"https://127.0.0.1:{other}/", "method": "GET", "token": None}
            assert "TypeError" in await page.evaluate(ASK, elsewhere)
            assert await page.evaluate("() => window.blocked") == [f"https://127.0.0.1:{other}/"]

            # What came after the answer goes to control, as its Location says.
            assert seen["location"].startswith(f"{page_url}/api/v1/viewings/")
            stop = {"url": seen["location"], "method": "DELETE", "token": TOWN.token("operator")}
            assert await page.evaluate(ASK, stop) == 200
            await page.wait_for_function("() => window.pc.connectionState !== 'connected'")

            await eventually(watching, limit_s=STARTED_WITHIN_S)
            await who_loses_his_sessions_loses_the_picture(page, page_url)
            await the_wall_is_sent_there_too(browser, page_url, there)
    ended = await filmed_town.database.row(
        "SELECT count(*) FROM register WHERE action = 'viewing-ended'"
    )
    assert ended is not None
    assert ended["count"] >= 1


async def who_loses_his_sessions_loses_the_picture(page: Page, page_url: str) -> None:
    """Promised within 2 s, wherever it is watched; this machine may be busy."""
    path = f"/people/{TOWN.person(Role.OPERATOR)}/sessions"
    async with client(page_url) as administrator:
        administrator.token = TOWN.token("administrator")
        status, _ = await administrator.once("DELETE", path, None)
    assert status == 204
    revoked_at_ms = 1000 * time.time()
    await page.wait_for_function("() => window.pc.connectionState !== 'connected'")
    seen_for_s = (await page.evaluate("() => window.seenAt") - revoked_at_ms) / 1000
    assert seen_for_s <= CUT_WITHIN_S


async def the_wall_is_sent_there_too(browser: Browser, page_url: str, there: str) -> None:
    """The built page, under the policy it comes with: pictures, and nothing refused."""
    context = await browser.new_context(locale="fr-FR")
    room = ControlRoom(await context.new_page(), name="desk of another host's pictures")
    sent: list[tuple[str, int]] = []
    room.page.on("response", lambda answer: sent.append((answer.url, answer.status)))
    await room.open(f"{page_url}/#link=link-{TOWN.name}")
    for field in ("password", "again"):
        await room.page.locator(f"input[name={field}]").fill(PASSWORD)
    await room.press("link-form-submit")
    await room.part("stage-wall").wait_for()
    tile = room.part("tile", kind="camera").first
    await tile.locator('[data-phase="live"]').wait_for()

    assert 307 in {status for url, status in sent if url.startswith(page_url)}
    answered = {status for url, status in sent if url.startswith(f"{there}/sessions/")}
    assert 201 in answered
    room.check()
    await context.close()
