"""What a viewer sees whose link loses packets or is too small, and what another then sees.

    python -m benchmarks.loss [--json] [--quick]     (as root)

A media process, a publisher (H264 1280x720, 25 pictures and 1.5 Mbit/s, a keyframe every 2 s and
never sooner) and a browser on a clean link are in one network namespace, another browser in a
second one, over a wire that loses 2 or 10 of 100 datagrams by chance (nftables) or takes a quarter
of the bit rate (token bucket, 300 ms of queue). Both browsers are Chromium; what they present is
noted with each picture's RTP time, so that the delay of a picture is the time by which it is later
than the first browser presents one as a rule: that is the base, in the same run.

A freeze is a gap of more than 300 ms between two pictures; Chromium's own count is given too. On
the thin link pictures are left out on purpose: there the delay counts. Left out: a round trip worth
the name (the wire has none), real radio, losses of the viewer's reports.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks import _links
from benchmarks._clip import BIT_PER_S, STREAM, Clip, film
from benchmarks._command import options, tell
from benchmarks._machine import machine
from benchmarks._media import Media, media_process
from benchmarks._peers import Publisher, use_address

_CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--autoplay-policy=no-user-gesture-required", "--allow-loopback-in-peer-connection",
]  # fmt: skip
_FREEZE_MS = 300
_WATCH = """async () => {
  const pc = window.pc = new RTCPeerConnection(), media = new MediaStream();
  pc.addTransceiver("video", {direction: "recvonly"});
  pc.ontrack = (event) => media.addTrack(event.track);
  const video = document.createElement("video");
  Object.assign(video, {muted: true, autoplay: true, srcObject: media});
  document.body.append(video);
  window.shown = [];
  const note = (now, frame) => {
    shown.push([performance.timeOrigin + frame.presentationTime, frame.rtpTimestamp]);
    video.requestVideoFrameCallback(note);
  };
  const first = new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  video.requestVideoFrameCallback(note);
  await pc.setLocalDescription();
  const answer = await window.signal(pc.localDescription.sdp);
  await pc.setRemoteDescription({type: "answer", sdp: answer});
  await first;
}"""
_TAKE = """async () => {
  const report = [...(await pc.getStats()).values()].find((each) => each.type === "inbound-rtp");
  const taken = window.shown;
  window.shown = [];
  return {shown: taken, report};
}"""
_COUNTED = ("freezeCount", "totalFreezesDuration", "nackCount", "pliCount", "framesDecoded")


@dataclass(frozen=True, slots=True)
class Form:
    """How long a link is left alone once it has become bad, and then looked at."""

    lossy_settle_s: float
    thin_settle_s: float
    window_s: float


_QUICK = Form(lossy_settle_s=1.0, thin_settle_s=5.0, window_s=5.0)
_FULL = Form(lossy_settle_s=2.0, thin_settle_s=15.0, window_s=20.0)


class Viewer:
    """One page that watches, and its session at the relay."""

    def __init__(self, page: Any, session: str, media: Media) -> None:
        self._page, self._session, self._media = page, session, media
        self._before: dict[str, float] = {}

    async def take(self) -> dict[str, Any]:
        """What was presented since the last time, and how the counters have moved."""
        taken = await self._page.evaluate(_TAKE)
        now = {name: float(taken["report"].get(name) or 0) for name in _COUNTED}
        moved = {name: round(now[name] - self._before.get(name, 0), 3) for name in now}
        self._before = now
        return {"shown": taken["shown"], "moved": moved}

    async def served(self) -> dict[str, Any]:
        async with self._media.http.get(f"{self._session}/statistics") as response:
            return dict(await response.json())


@asynccontextmanager
async def browsers(playwright: Any, *programs: Path) -> AsyncIterator[list[Any]]:
    launches = [
        playwright.chromium.launch(executable_path=program, args=_FLAGS) for program in programs
    ]
    launched = await asyncio.gather(*launches)
    try:
        yield launched
    finally:
        await asyncio.gather(*(browser.close() for browser in launched))


async def watch(chromium: Any, media: Media) -> Viewer:
    session = ""

    async def signal(offer: str) -> str:
        nonlocal session
        _, answer, session = await media.offer(offer.encode(), "whep", stream=media.stream)
        return answer

    page = await chromium.new_page()
    await page.route(
        "http://localhost/**",
        lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"),
    )
    await page.expose_function("signal", signal)
    await page.goto("http://localhost/")
    await page.evaluate(_WATCH)
    return Viewer(page, session, media)


def seen(clean: dict[str, Any], other: dict[str, Any], window_s: float) -> dict[str, Any]:
    """One viewer's window: pictures, gaps, and delays against the clean link."""
    shown = [at_ms for at_ms, _ in other["shown"]]
    gaps = [later - earlier for earlier, later in pairwise(shown)]
    # When the clean link presents a picture of this RTP time, as a rule.
    there = median(at_ms - rtp / 90 for at_ms, rtp in clean["shown"])
    delays = [at_ms - rtp / 90 - there for at_ms, rtp in other["shown"]]
    return {
        "pictures_per_s": round(len(shown) / window_s, 1),
        "longest_gap_ms": round(max(gaps)) if gaps else None,
        "freezes": sum(gap > _FREEZE_MS for gap in gaps),
        "delay_ms_p50": round(median(delays)) if delays else None,
        "delay_ms_p95": round(quantiles(delays, n=20, method="inclusive")[-1])
        if len(delays) > 1
        else None,
        "delay_ms_most": round(max(delays)) if delays else None,
        "chromium": other["moved"],
    }


async def scene(
    clean: Viewer, other: Viewer, *, settle_s: float, window_s: float
) -> dict[str, Any]:
    await asyncio.sleep(settle_s)
    await asyncio.gather(clean.take(), other.take())
    await asyncio.sleep(window_s)
    base, taken = await asyncio.gather(clean.take(), other.take())
    return {
        "viewer": seen(base, taken, window_s),
        "clean_link": seen(base, base, window_s),
        "served": await other.served(),
    }


async def measure(form: Form) -> dict[str, Any]:
    """Inside the relay's namespace."""
    from playwright.async_api import async_playwright

    use_address()
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.h264"
        film(clip, seconds=4, buffer_kbit=240)
        track = Clip(clip)
        programs = _CHROMIUM, _links.wrapped(_CHROMIUM, Path(folder))
        async with (
            media_process("benchmarks._links") as media,
            async_playwright() as playwright,
            browsers(playwright, *programs) as launched,
        ):
            publisher = Publisher(track)
            await publisher.connect(media)
            await media.until_live()
            clean, other = await asyncio.gather(*(watch(each, media) for each in launched))
            for name, percent in (("loss_2", 2), ("loss_10", 10)):
                _links.lose(percent)
                found[name] = await scene(
                    clean, other, settle_s=form.lossy_settle_s, window_s=form.window_s
                )
            _links.lose(0)
            _links.thin(BIT_PER_S // 4000)
            found["quarter"] = await scene(
                clean, other, settle_s=form.thin_settle_s, window_s=form.window_s
            )
            _links.thin(None)
            await publisher.close()
    return report(found) | {
        "largest_picture_kB": round(track.largest_bytes / 1000, 1),
        "scenes": found,
    }


def report(found: dict[str, Any]) -> dict[str, Any]:
    two, ten, quarter = found["loss_2"], found["loss_10"], found["quarter"]
    others = [each["clean_link"] for each in found.values()]
    return {
        "benchmark": "loss",
        "machine": machine(),
        "stream": STREAM,
        "links": f"network namespaces, nftables numgen, tc tbf with {_links.QUEUE_MS} ms of queue",
        "longest_gap_ms_at_2_percent": two["viewer"]["longest_gap_ms"],
        "freezes_at_2_percent": two["viewer"]["freezes"],
        "longest_gap_ms_at_10_percent": ten["viewer"]["longest_gap_ms"],
        "freezes_at_10_percent": ten["viewer"]["freezes"],
        "quarter_delay_ms_p95": quarter["viewer"]["delay_ms_p95"],
        "quarter_delay_ms_most": quarter["viewer"]["delay_ms_most"],
        "quarter_pictures_per_s": quarter["viewer"]["pictures_per_s"],
        "clean_link_longest_gap_ms": max(each["longest_gap_ms"] or 0 for each in others),
        "clean_link_nacks": sum(each["chromium"]["nackCount"] for each in others),
    }


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if not given.inside:
        lacking = _links.missing() or (None if _CHROMIUM.exists() else f"no {_CHROMIUM}")
        if lacking is not None:
            sys.stderr.write(f"{lacking}\n")
            return 2
        with _links.namespaces():
            command = ["ip", "netns", "exec", _links.RELAY, sys.executable, "-m", "benchmarks.loss"]
            return subprocess.run([*command, "--inside", *sys.argv[1:]], check=False).returncode
    result = asyncio.run(measure(_QUICK if given.quick else _FULL))
    tell(result, as_json=given.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
