"""The demonstration's RTSP camera: real RTSP, in real time, for ever, and never left behind."""

import asyncio
import os
import signal
import sys
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

from server.demo.rtsp import RtspServer, RtspServerDied, serving

pytestmark = pytest.mark.integration

FPS, FRAMES = 10, 10
OPTIONS = {"rtsp_transport": "tcp", "timeout": "5000000"}  # microseconds


def write_clip(path: Path) -> None:
    """Write one second of H264: a bar that moves a step to the right with each picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"tune": "zerolatency"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        stream.time_base = Fraction(1, FPS)
        for index in range(FRAMES):
            picture = np.full((240, 320, 3), 40, dtype=np.uint8)
            picture[:, index * 32 : (index + 1) * 32] = 220
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("clips")
    write_clip(found / "place publique.mp4")
    return found


def bars(url: str, count: int) -> tuple[list[int], list[float]]:
    """Return where the bar is in each of ``count`` pictures, and their times in seconds."""
    with av.open(url, options=OPTIONS) as container:
        found, times = [], []
        for frame in islice(container.decode(video=0), count):
            columns = frame.to_ndarray(format="gray").mean(axis=0)
            found.append(int(columns.argmax()) // 32)
            times.append(float(frame.time or 0))
        return found, times


async def test_a_client_that_is_not_ours_sees_the_clip_go_round(folder: Path) -> None:
    async with serving(folder) as server:
        seen, times = await asyncio.to_thread(bars, server.url("place publique.mp4"), 25)

    assert seen == [index % FRAMES for index in range(25)]
    # A camera's clock goes on where the clip begins again (the first two times are those from
    # before and from after the first sender report).
    assert np.diff(times[1:]) == pytest.approx([1 / FPS] * 23, abs=0.02)


async def test_two_clients_each_get_the_clip(folder: Path) -> None:
    async with serving(folder) as server:
        url = server.url("place publique.mp4")
        both = await asyncio.gather(*(asyncio.to_thread(bars, url, 5) for _ in range(2)))

    assert [seen for seen, _ in both] == [[0, 1, 2, 3, 4]] * 2


async def test_an_unknown_clip_is_refused(folder: Path) -> None:
    async with serving(folder) as server:
        with pytest.raises(av.FFmpegError):
            await asyncio.to_thread(bars, server.url("none.mp4"), 1)


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def ended(pid: int) -> bool:
    async with asyncio.timeout(60.0):
        while is_running(pid):  # noqa: ASYNC110 - nobody tells us of a grandchild's end
            await asyncio.sleep(0.05)
    return True


async def test_the_process_ends_with_the_block_even_with_a_client(folder: Path) -> None:
    async with serving(folder) as server:
        container = await asyncio.to_thread(
            av.open, server.url("place publique.mp4"), options=OPTIONS
        )

    assert await ended(server.pid)
    container.close()


async def test_the_process_ends_when_its_parent_is_killed(folder: Path) -> None:
    program = (
        "import asyncio, pathlib, sys\n"
        "from server.demo.rtsp import serving\n"
        "async def main():\n"
        f"    async with serving(pathlib.Path({str(folder)!r})) as server:\n"
        "        print(server.pid, flush=True)\n"
        "        await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[3]
    )
    assert parent.stdout is not None
    async with asyncio.timeout(60.0):
        pid = int(await parent.stdout.readline())
    assert is_running(pid)

    os.kill(parent.pid, signal.SIGKILL)
    await parent.wait()

    assert await ended(pid)


async def test_a_server_that_cannot_start_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")

    with pytest.raises(RtspServerDied, match="status 1"):
        async with serving(tmp_path):
            pass


def test_clips_are_addressed_by_their_name() -> None:
    url = RtspServer(port=8554, pid=1).url("place publique.mp4")

    assert url == "rtsp://127.0.0.1:8554/place%20publique.mp4/play_count_0"
