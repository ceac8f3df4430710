"""A viewer that is not ours: a bare page, `RTCPeerConnection`, `fetch`; begins anew when still."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from playwright.async_api import Page

from tests.e2e.api import until

#: A picture that stands still for this long is asked for anew, ms.
STILL_MS = 800
FLOWING = 20  # pictures in a row, a second of them

WATCH = """({path, token, stillMs}) => {
  const watch = window.watch = {pictures: [], sessions: 0, refusals: []};
  const now = () => performance.timeOrigin + performance.now();
  const video = document.createElement("video");
  Object.assign(video, {muted: true, autoplay: true});
  document.body.append(video);
  const note = () => { watch.pictures.push(now()); video.requestVideoFrameCallback(note); };
  video.requestVideoFrameCallback(note);
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const lastSeen = () => watch.pictures.at(-1) ?? 0;

  async function watchOnce() {
    const pc = new RTCPeerConnection();
    try {
      pc.addTransceiver("video", {direction: "recvonly"});
      pc.ontrack = ({track}) => { video.srcObject = new MediaStream([track]); };
      await pc.setLocalDescription();
      const answer = await fetch(path, {
        method: "POST",
        headers: {"Content-Type": "application/sdp", "Authorization": `Bearer ${token}`},
        body: pc.localDescription.sdp,
        signal: AbortSignal.timeout(5000),
      });
      if (answer.status !== 201) {
        watch.refusals.push(answer.status);
        return;
      }
      await pc.setRemoteDescription({type: "answer", sdp: await answer.text()});
      const began = now();
      watch.sessions += 1;
      while (now() - Math.max(lastSeen(), began + 2 * stillMs) < stillMs) await pause(50);
    } finally {
      pc.close();
    }
  }

  (async () => {
    for (;;) {
      await watchOnce().catch((error) => watch.refusals.push(String(error)));
      await pause(100);
    }
  })();
}"""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was shown so far; times in seconds since the epoch."""

    pictures: tuple[float, ...]
    sessions: int
    refusals: tuple[Any, ...]

    def after(self, at: float) -> int:
        """How many pictures came after ``at``."""
        return sum(picture > at for picture in self.pictures)

    def longest_without(self, since: float) -> float:
        """The longest time, in seconds, for which there was no new picture, from ``since`` on.

        The first one is counted from ``since``: what was seen before it does not help.
        """
        later = [since, *(picture for picture in self.pictures if picture > since)]
        return max((b - a for a, b in pairwise(later)), default=float("inf"))


class Watcher:
    """One stream, watched for ever in ``page``."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def watch(self, url: str, stream_id: str, token: str) -> None:
        """Watch from a page of the same origin, which has no script of its own."""
        await self._page.goto(f"{url}/healthz")
        path = f"{url}/api/v1/streams/{stream_id}/whep"
        await self._page.evaluate(WATCH, {"path": path, "token": token, "stillMs": STILL_MS})

    async def seen(self) -> Seen:
        watch = await self._page.evaluate("() => window.watch")
        return Seen(
            pictures=tuple(ms / 1000 for ms in watch["pictures"]),
            sessions=watch["sessions"],
            refusals=tuple(watch["refusals"]),
        )

    async def flows(self, *, since: float, sessions: int = 1, within_s: float) -> Seen:
        """Wait for pictures after ``since``, in at least the ``sessions``-th session."""

        async def look() -> Seen | None:
            seen = await self.seen()
            enough = seen.after(since) >= FLOWING and seen.sessions >= sessions
            return seen if enough else None

        seen = await until(look, within_s=within_s)
        assert seen is not None
        return seen
