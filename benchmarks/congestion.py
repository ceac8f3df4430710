"""What congestion feedback does for a publisher: a real Chromium over a link that gets thin.

    python -m benchmarks.congestion [--json] [--quick]

Chromium films a canvas (1280x720, 25 pictures/s, H264) and publishes by WHIP to a media process
of its own, through a link in this process (40 ms there and back, a buffer of 2 s). The link is
clean (50 Mbit/s) at first, then cut to 1 Mbit/s, then clean again. What came through is counted
where the link ends: the bit rate of the picture, and how long after its capture each packet came,
the browser's own queue included, less the least seen on the clean link.

The base, in the same run and interleaved: the same without transport-wide feedback and REMB (their
lines are taken out of the offer), for which the relay answers with the hints it gave before.
Medians over the rounds; the worst delay of each round too. Left out: loss that is not of a full
buffer, jitter of radio links, several publishers on one link, other browsers, simulcast.
"""

import argparse
import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

from playwright.async_api import Browser, Page, async_playwright

from benchmarks._machine import machine
from benchmarks._media import Media, media_process
from benchmarks._uplink import CLEAN_BIT_PER_S, Arrival, Link

_CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--allow-loopback-in-peer-connection",
]  # fmt: skip
_THIN_BIT_PER_S = 1e6
_WANTED_BIT_PER_S = 1.5e6
_WINDOW_S = 1.0

# A browser's fake camera fills no more than 0.5 Mbit/s: a picture as restless as a street in rain.
_PUBLISH = """async () => {
  const draw = (canvas, size) => Object.assign(canvas, size).getContext("2d");
  const grain = document.createElement("canvas"), canvas = document.createElement("canvas");
  const from = draw(grain, {width: 640, height: 360});
  const onto = draw(canvas, {width: 1280, height: 720});
  const pixels = from.createImageData(640, 360);
  for (let at = 0; at < pixels.data.length; at += 4)
    pixels.data.fill(104 + Math.random() * 48, at, at + 3), pixels.data[at + 3] = 255;
  from.putImageData(pixels, 0, 0);
  setInterval(() => onto.drawImage(grain, Math.random() * 320, Math.random() * 180, 320, 180,
    0, 0, 1280, 720), 40);
  const media = canvas.captureStream(25);
  const pc = window.pc = new RTCPeerConnection();
  const sender = pc.addTransceiver(media.getTracks()[0],
    {direction: "sendonly", sendEncodings: [{maxBitrate: 2_000_000}]});
  const codecs = RTCRtpSender.getCapabilities("video").codecs;
  sender.setCodecPreferences(codecs.filter(({mimeType}) => /h264|rtx/i.test(mimeType)));
  await pc.setLocalDescription();
  const answer = await window.signal(pc.localDescription.sdp);
  await pc.setRemoteDescription({type: "answer", sdp: answer});
}"""


@dataclass(frozen=True, slots=True)
class Form:
    """How long each state of the link lasts, and how often."""

    rounds: int
    clean_s: float
    thin_s: float
    again_s: float


_QUICK = Form(rounds=1, clean_s=5.0, thin_s=8.0, again_s=0.0)
_FULL = Form(rounds=3, clean_s=8.0, thin_s=12.0, again_s=15.0)


@dataclass(frozen=True, slots=True)
class Run:
    """One publisher's life. ``None``: not within the time there was."""

    wanted_after_s: float | None
    clean_bit_per_s: float
    thin_bit_per_s: float
    worst_delay_s: float
    late_delay_s: float
    """At the 95th percentile of the second half, when it has had time to adapt."""
    again_after_s: float | None
    dropped: int


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def page_of(browser: Browser) -> AsyncIterator[Page]:
    page = await browser.new_page()
    try:
        await page.route(
            "http://localhost/**",
            lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"),
        )
        await page.goto("http://localhost/")
        yield page
    finally:
        await page.close()


async def live(media: Media, browser: Browser, form: Form, *, feedback: bool) -> Run:
    """Publish once, over a link of its own."""
    link: Link | None = None

    async def signal(offer: str) -> str:
        nonlocal link
        lines = [line for line in offer.split("\r\n") if not line.startswith("a=candidate")]
        if not feedback:
            lines = [line for line in lines if not re.search("transport-|goog-remb", line)]
        status, answer, _ = await media.offer("\r\n".join(lines).encode(), "whip", stream=uuid4())
        if status != 201 or ("transport-cc" in answer) is not feedback:
            raise RuntimeError(f"{status}: {answer}")
        ports = re.findall(r"a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+)", answer)
        link = Link(("127.0.0.1", int(ports[0])))
        link.payload_type = int(answer.partition("m=video ")[2].split()[2])
        host, port = await link.open()
        others = [line for line in answer.split("\r\n") if not line.startswith("a=candidate")]
        at = next(i for i, line in enumerate(others) if line.startswith("a=ice-ufrag"))
        others.insert(at, f"a=candidate:1 1 udp 2130706431 {host} {port} typ host")
        return "\r\n".join(others)

    async with page_of(browser) as page:
        try:
            await page.expose_function("signal", signal)
            await page.evaluate(_PUBLISH)
            assert link is not None  # noqa: S101 the page has called `signal`
            async with asyncio.timeout(20):
                while not link.arrivals:  # noqa: ASYNC110 another process
                    await asyncio.sleep(0.01)
            marks = [link.arrivals[0].at_s]
            for seconds, bit_per_s in (
                (form.clean_s, CLEAN_BIT_PER_S),
                (form.thin_s, _THIN_BIT_PER_S),
                (form.again_s, CLEAN_BIT_PER_S),
            ):
                link.bit_per_s = bit_per_s
                marks.append(marks[-1] + seconds)
                await asyncio.sleep(marks[-1] - asyncio.get_running_loop().time())
            return _told(link, marks)
        finally:
            if link is not None:
                link.close()


def _told(link: Link, marks: list[float]) -> Run:
    start, cut, restored, end = marks
    clean = _between(link.arrivals, start, cut)
    thin = _between(link.arrivals, cut, restored)
    least_s = min(arrival.transit_s for arrival in clean)
    delays = [(arrival.at_s, arrival.transit_s - least_s) for arrival in thin]
    late = sorted(delay for at_s, delay in delays if at_s > (cut + restored) / 2)
    return Run(
        wanted_after_s=_reached(link.arrivals, start, cut),
        clean_bit_per_s=_rate(link.arrivals, (start + cut) / 2, cut),
        thin_bit_per_s=_rate(link.arrivals, (cut + restored) / 2, restored),
        worst_delay_s=max(delay for _, delay in delays),
        late_delay_s=late[int(0.95 * (len(late) - 1))],
        again_after_s=_reached(link.arrivals, restored, end),
        dropped=link.dropped,
    )


def _between(arrivals: list[Arrival], start: float, end: float) -> list[Arrival]:
    return [arrival for arrival in arrivals if start <= arrival.at_s < end]


def _rate(arrivals: list[Arrival], start: float, end: float) -> float:
    return sum(each.octets for each in _between(arrivals, start, end)) * 8 / (end - start)


def _reached(arrivals: list[Arrival], start: float, end: float) -> float | None:
    """Seconds until a window of `_WINDOW_S` first held the wanted bit rate, its end counting."""
    at = start + _WINDOW_S
    while at <= end:
        if _rate(arrivals, at - _WINDOW_S, at) >= _WANTED_BIT_PER_S:
            return at - start
        at += 0.1
    return None


async def measure(form: Form) -> tuple[str, dict[bool, list[Run]]]:
    runs: dict[bool, list[Run]] = {True: [], False: []}
    async with media_process() as media, chromium() as browser:
        for _ in range(form.rounds):
            for feedback in (False, True):
                runs[feedback].append(await live(media, browser, form, feedback=feedback))
        return f"Chromium {browser.version}", runs


def result(name: str, runs: dict[bool, list[Run]]) -> dict[str, Any]:
    found: dict[str, Any] = {"benchmark": "congestion", "machine": machine(), "browser": name}
    for feedback, of in runs.items():
        end = "" if feedback else "_base"
        found |= {
            f"wanted_after_s{end}": _median([run.wanted_after_s for run in of]),
            f"again_after_s{end}": _median([run.again_after_s for run in of]),
            f"clean_mbit_per_s{end}": round(median(run.clean_bit_per_s for run in of) / 1e6, 2),
            f"thin_mbit_per_s{end}": round(median(run.thin_bit_per_s for run in of) / 1e6, 2),
            f"worst_delay_ms{end}": [round(run.worst_delay_s * 1000) for run in of],
            f"worst_delay_ms_median{end}": round(median(run.worst_delay_s for run in of) * 1000),
            f"adapted_delay_ms_p95{end}": round(median(run.late_delay_s for run in of) * 1000),
            f"dropped_by_link{end}": sum(run.dropped for run in of),
        }
    found["base"] = "the same without transport-wide feedback and REMB, same run"
    found["left_out"] = "radio loss and jitter, several publishers, other browsers, simulcast"
    return found


def _median(values: list[float | None]) -> float | None:
    """None if one of the runs did not get there."""
    known = [value for value in values if value is not None]
    return round(median(known), 1) if known and len(known) == len(values) else None


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="one JSON line last on stdout")
    parser.add_argument("--quick", action="store_true", help="one short round, under 45 s")
    given = parser.parse_args()
    if not _CHROMIUM.exists():
        sys.stderr.write("needs /usr/bin/chromium\n")
        return 2
    found = result(*asyncio.run(measure(_QUICK if given.quick else _FULL)))
    for key, value in found.items():
        sys.stdout.write(f"{key}: {value}\n")
    if given.json:
        sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
