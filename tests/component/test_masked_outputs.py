"""What lies under a mask is in no output: each way a picture leaves is tried, with and without."""

import asyncio
import fractions
import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import av
import numpy as np
import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry

from detectors.decoding import TapClient
from detectors.executor import Worker
from domain.identifiers import CameraId, CommuneId, StreamId
from domain.masks import Mask
from server.database.recordings import Wanted
from server.edge.calling import Callees
from server.media import CameraSource, HttpNeighbours, MediaService, build_app
from server.media.looking import Looker, LookMetrics
from server.media.recorder import Recorder
from server.media.volume_recorder import RecorderMetrics, RecorderOptions
from server.recordings.joining import Joining, fragments_in
from server.supervision import supervise
from tests.component.recordings.conftest import MASTER
from tests.component.recordings.filming import MemoryIndex, mp4_of
from tests.component.webrtc.peers import LIMIT_S, Listener, new_stream, running, until, watching
from webrtc.recording.pictures import picture_at

TOKEN = "of-this-test"
LEFT, TOP, RIGHT, BOTTOM = 0.3, 0.25, 0.7, 0.75
SECRET = Mask.drawn([[LEFT, TOP], [RIGHT, TOP], [RIGHT, BOTTOM], [LEFT, BOTTOM]])
AROUND = 0.1
"""Of the picture's size: further from the mask than this, all is to be seen as it is."""

type Luma = NDArray[np.float64]


def secret_of(width: int, height: int) -> tuple[slice, slice, NDArray[np.uint8]]:
    """Rows and columns under the mask, and the pattern there: coarse squares of black and white."""
    rows = slice(round(TOP * height), round(BOTTOM * height))
    columns = slice(round(LEFT * width), round(RIGHT * width))
    pixels = np.mgrid[0 : rows.stop - rows.start, 0 : columns.stop - columns.start]
    y, x = ((pixels + 0.5) // (height / 12)).astype(int)
    return rows, columns, np.where((x + y) % 2, 230, 20).astype(np.uint8)


def clip_of(path: Path, width: int, height: int) -> Path:
    """A still scene, 25 pictures a second: a secret in the middle of a slope of greys."""
    rows, columns, secret = secret_of(width, height)
    planes = np.full((height * 3 // 2, width), 128, np.uint8)
    planes[:height] = np.linspace(60, 180, width, dtype=np.uint8)
    planes[:height][rows, columns] = secret
    planes[height:].reshape(2, height // 2, width // 2)[:, : height // 8] = 90  # some colour
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=25)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"g": "10", "bf": "0", "preset": "ultrafast", "crf": "16"}
        for number in range(50):
            frame = VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = number, fractions.Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def luma_of(frame: VideoFrame) -> Luma:
    return frame.to_ndarray(format="gray").astype(np.float64)


def decoded(data: bytes) -> list[Luma]:
    """The pictures of a file: a JPEG's one, an MP4's all."""
    with av.open(io.BytesIO(data), "r") as container:
        return [luma_of(frame) for frame in container.decode(video=0)]


def shows_the_secret(picture: Luma) -> float:
    """How alike the picture is to the secret where the secret was: from -1 to 1."""
    rows, columns, secret = secret_of(picture.shape[1], picture.shape[0])
    seen, known = picture[rows, columns].ravel(), secret.astype(np.float64).ravel()
    if np.ptp(seen) < 12:  # one grey, but for what an encoder makes of it
        return 0.0
    return float(np.corrcoef(seen, known)[0, 1])


def shows_the_rest(picture: Luma) -> bool:
    """Whether the slope of greys is there, left of the mask."""
    margin = picture[:, : round((LEFT - AROUND) * picture.shape[1])]
    return bool(np.all(np.diff(margin.mean(axis=0)[::4]) > -2) and np.ptp(margin) > 20)


@asynccontextmanager
async def recorded(service: MediaService, stream: StreamId, folder: Path) -> AsyncIterator[Path]:
    """A recorder beside the service, until it has written; then the file it has made.

    On a machine that stands still meanwhile it begins another, as when a clock was set.
    """
    index = MemoryIndex(plan=[Wanted(stream, CommuneId(uuid4()), CameraId(uuid4()), 10)])
    looker = Looker(
        master=MASTER,
        host="here",
        clock=lambda: datetime(2026, 1, 1, tzinfo=UTC),  # before the pictures: all are wanted
        metrics=LookMetrics(CollectorRegistry()),
    )
    recorder = Recorder(
        published=service.published,
        index=index,
        folder=folder,
        metrics=RecorderMetrics(CollectorRegistry()),
        options=RecorderOptions(looker=looker),
    )
    begun: dict[Path, int] = {}

    def recorded_enough() -> list[Path]:
        sizes = {file: file.stat().st_size for file in folder.rglob("*.ilr")}
        return [file for file, size in sizes.items() if size > begun.setdefault(file, size) + 4000]

    async with supervise({"recorder": recorder.run}, on_failure=lambda: None):
        await until(recorded_enough)
    yield recorded_enough()[0]


def clip_in(mp4: bytes) -> bytes:
    """All of a recording, as it is handed over."""
    first = mp4.index(b"moof") - 4
    joining = Joining()
    film = joining.begin(mp4[:first], from_ticks=0)
    for fragment in fragments_in([mp4[first:]], bytearray()):
        film += joining.add(fragment)
    return film + joining.finish()


class Outputs(dict[str, list[Luma]]):
    """All ways out, by name, each with pictures that were taken there."""

    async def take(
        self, service: MediaService, other: MediaService, url: str, main: CameraSource, tmp: Path
    ) -> None:
        stream = main.stream_id
        async with watching(service, stream) as viewer:
            self["viewer"] = [luma_of(await viewer.frame()) for _ in range(5)]
        await service.cascade.hand_on(stream, url)
        async with watching(other, stream) as viewer:
            self["viewer of another process"] = [luma_of(await viewer.frame()) for _ in range(5)]
        self["still"] = decoded((await service.still(stream)).jpeg)
        async with recorded(service, stream, tmp / "recordings") as file:
            mp4 = await asyncio.to_thread(mp4_of, file)
        self["recording"] = decoded(mp4)
        self["clip"] = decoded(clip_in(mp4))
        for name, ticks, width in (("thumbnail", None, 160), ("still of a recording", 9_000, None)):
            taken = await asyncio.to_thread(picture_at, mp4, ticks=ticks, width=width)
            assert taken is not None
            self[name] = decoded(taken.jpeg)
        await self._look(tmp / "tap", stream)
        proof = (await service.check_camera(replace(main, stream_id=new_stream()))).still
        assert proof is not None
        self["proof of a check"] = decoded(proof.jpeg)

    async def take_small(self, service: MediaService, small: CameraSource) -> None:
        async with watching(service, small.stream_id) as viewer:
            self["sub-stream"] = [luma_of(await viewer.frame()) for _ in range(5)]

    async def _look(self, tap: Path, stream: StreamId) -> None:
        """As the detect process does: what detectors are given, and what goes with an alert."""

        async def sockets() -> set[Path]:
            return {tap}

        with Worker.of("look") as worker:
            client = TapClient(sockets, worker=worker, looks_per_s=15)
            async with supervise({"tap": client.run}, on_failure=lambda: None):
                async with asyncio.timeout(LIMIT_S):
                    frame = await anext(client.frames(stream))
        self["detection"] = [frame.luma().astype(np.float64), frame.bgr().mean(axis=2)]
        self["still of an alert"] = decoded(frame.jpeg())


async def outputs(masks: tuple[Mask, ...], tmp: Path) -> Outputs:
    found, listener = Outputs(), Listener()
    main = CameraSource(
        new_stream(),
        CameraId(uuid4()),
        clip_of(tmp / "main.mp4", 640, 360).as_uri(),
        masks=masks,
        masks_version=1,
    )
    small = clip_of(tmp / "sub.mp4", 320, 180).as_uri()
    sub = replace(main, stream_id=new_stream(), url=small)
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(ClientSession())
        services: list[Any] = []
        for name in ("tap", "other-tap"):
            neighbours = HttpNeighbours(Callees(client, internal_token=TOKEN))
            started = running(listener, neighbours=neighbours, tap_path=tmp / name)
            service = await stack.enter_async_context(started)
            server = TestServer(build_app(service, internal_token=TOKEN))
            await stack.enter_async_context(server)
            services.append((service, str(server.make_url("")).rstrip("/")))
        (service, _), (other, url) = services
        service.set_sources([main, sub])
        await listener.wait_for("camera_up", count=2)
        await found.take(service, other, url, main, tmp)
        await found.take_small(service, sub)
    return found


@pytest.mark.parametrize("masks", [(), (SECRET,)], ids=["bare", "masked"])
async def test_what_is_masked_is_in_no_output_and_what_is_not_is_in_all(
    masks: tuple[Mask, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.media.neighbours.LIMIT_S", LIMIT_S)  # on a busy machine, too
    monkeypatch.setattr("server.media.cascade.LET_GO_AFTER_S", LIMIT_S)
    found = await outputs(masks, tmp_path)

    assert len(found) == 11
    for name, pictures in found.items():
        assert pictures, name
        for picture in pictures:
            alike = shows_the_secret(picture)
            assert (alike < 0.1) if masks else (alike > 0.8), (name, alike)
            assert shows_the_rest(picture), name
