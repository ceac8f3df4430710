"""A camera over real RTSP, from a server that is not ours (PyPI aio-rtsp-toolkit)."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from domain.identifiers import CameraId
from domain.streams import Codec
from server.media import CameraSource
from tests.component.webrtc.peers import (
    Listener,
    luma_of,
    make_clip,
    new_stream,
    running,
    watching,
)
from tests.ports import free_port
from webrtc.rtsp import DownReason

pytestmark = pytest.mark.integration

SERVE = """
import asyncio, sys
from aio_rtsp_toolkit.server import serve
asyncio.run(serve(sys.argv[1], host="127.0.0.1", port=int(sys.argv[2])))
"""


@asynccontextmanager
async def rtsp_server(folder: Path, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SERVE,
        str(folder),
        str(port),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_camera_plays_dies_and_is_back_by_itself_in_the_viewers_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_clip(tmp_path / "cam.mp4", seconds=4, luma=150)
    port, stream, listener = free_port(), new_stream(), Listener()
    url = f"rtsp://127.0.0.1:{port}/cam.mp4/play_count_0"
    async with running(listener) as service:
        source = CameraSource(stream, CameraId(uuid4()), url, "csu", "secret")
        service.set_sources([source])
        await listener.wait_for("camera_down")
        async with rtsp_server(tmp_path, port) as server:
            assert (await listener.wait_for("camera_up"))[:2] == (source, Codec.H264)
            async with watching(service, stream) as viewer:
                await viewer.frame_of(150)
                server.kill()
                await listener.wait_for("camera_down", count=2)
                make_clip(tmp_path / "cam.mp4", seconds=4, luma=40)
                async with rtsp_server(tmp_path, port):
                    await listener.wait_for("camera_up", count=2)
                    frame = await viewer.frame_of(40)
                    still = await service.still(stream)

                    assert abs(luma_of(frame) - 40) <= 8
                    assert still.jpeg.startswith(b"\xff\xd8")
    downs = [values[1] for name, values in listener.heard if name == "camera_down"]
    assert downs[0] is DownReason.REFUSED  # before the server was there
    assert set(downs[1:]) <= {DownReason.ENDED, DownReason.REFUSED, DownReason.TIMED_OUT}


async def test_a_cameras_clock_is_compared_with_ours(tmp_path: Path) -> None:
    make_clip(tmp_path / "cam.mp4", seconds=4)
    port, listener = free_port(), Listener()
    url = f"rtsp://127.0.0.1:{port}/cam.mp4/play_count_0"
    async with rtsp_server(tmp_path, port), running(listener) as service:
        service.set_sources([CameraSource(new_stream(), CameraId(uuid4()), url)])
        offset = (await listener.wait_for("camera_clock"))[1]

        assert abs(offset.total_seconds()) < 60  # one machine, one clock, and it may stand still


async def test_an_unknown_stream_of_a_real_server_is_not_found(tmp_path: Path) -> None:
    port, listener = free_port(), Listener()
    async with rtsp_server(tmp_path, port), running(listener) as service:
        source = CameraSource(new_stream(), CameraId(uuid4()), f"rtsp://127.0.0.1:{port}/no.mp4")
        service.set_sources([source])
        async with asyncio.timeout(60):
            while (await listener.wait_for("camera_down"))[1] is DownReason.REFUSED:
                listener.heard.clear()

        assert listener.heard[-1][1][1] is DownReason.NOT_FOUND
