"""What is recorded of the town's camera, on a media host that is there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from aiohttp import web
from pytest_aiohttp.plugin import AiohttpServer

from domain.identifiers import CameraId, SegmentId, StreamId
from domain.streams import Codec
from domain.volumes import VolumeTrouble
from server.database.presence import Processes
from server.database.recordings import Recordings, SeenVolume
from server.http.app import utc_now
from server.inner import problems
from server.media.reading import Readers
from server.recordings.segments import GENESIS, About, SegmentFile, SegmentWriter
from server.recordings.volume import Volume
from server.supervision import supervise
from tests.component.webrtc.encoded import FPS, STEP, film
from tests.integration.http.town import NOW, TOWN, stays
from webrtc.metrics import Metrics
from webrtc.recording.following import Picture
from webrtc.recording.fragments import Fragments, head
from webrtc.renditions import Renditions

if TYPE_CHECKING:
    from tests.integration.http.conftest import Installation

MASTER = bytes(32)
HOST = "media@elsewhere/1"
OPERATOR, SUPERVISOR = TOWN.token("operator"), TOWN.token("supervisor")
CAMERA = f"/api/v1/cameras/{TOWN.text('camera')}/playback"
SINCE = NOW - timedelta(hours=5)
MINUTE = timedelta(minutes=1)
GOP = FPS  # a keyframe a second
_A_FRAGMENT = 10  # pictures, as the recorder's 0.4 s


@dataclass
class Archive:
    town: "Installation"
    volume: Volume
    index: Recordings

    async def record(self, after: timedelta, lasts: timedelta, data: bytes) -> str:
        """A file of which only its bytes matter; give the segment's id."""
        writer = self._begin(SINCE + after)
        writer.head(b"head ")
        writer.fragment(data, newest_at=SINCE + after + lasts, pictures=1)
        await self._note(writer, closed=True)
        return str(writer.about.segment_id)

    async def film(
        self, after: timedelta, seconds: int, *, closed: bool = True, codec: Codec = Codec.H264
    ) -> str:
        """Pictures, with a keyframe a second; the index is told as the recorder does."""
        frames = film(codec, pictures=seconds * FPS, gop=GOP)
        pictures = [
            Picture(one.data, n * STEP, one.is_keyframe, 0.0) for n, one in enumerate(frames)
        ]
        started_at = SINCE + after
        writer = self._begin(started_at, codec)
        writer.head(head(codec, pictures[0].data, with_sound=False))
        if not closed:
            await self._note(writer, closed=False)
        fragments = Fragments(codec, pictures[0])
        for gop in (pictures[n : n + GOP] for n in range(0, len(pictures), GOP)):
            for some in (gop[n : n + _A_FRAGMENT] for n in range(0, GOP, _A_FRAGMENT)):
                newest_at = started_at + timedelta(seconds=some[-1].timestamp / 90_000)
                data = fragments.fragment(some)
                writer.fragment(data, newest_at=newest_at, pictures=len(some))
        if closed:
            await self._note(writer, closed=True)
        else:
            writer.close()
        return str(writer.about.segment_id)

    async def spoil(self, segment: str, *, chunk: int) -> None:
        """Change a byte in the middle of one of its chunks; the head is the first."""
        (path,) = self.volume.root.glob(f"*/*/*-{segment}.ilr")
        with SegmentFile(path, master=MASTER) as file:
            one = file._chunks[chunk]
        with path.open("r+b") as bare:
            bare.seek(one.offset + one.size // 2)
            before = bare.read(1)
            bare.seek(-1, 1)
            bare.write(bytes([before[0] ^ 1]))

    def _begin(self, started_at: datetime, codec: Codec = Codec.H264) -> SegmentWriter:
        about = About(
            segment_id=SegmentId(uuid4()),
            commune_id=TOWN.commune,
            stream_id=StreamId(TOWN.id("camera-stream")),
            camera_id=CameraId(TOWN.id("camera")),
            started_at=started_at,
            keep_days=3,
            codec=codec,
            with_sound=False,
            previous=GENESIS,
        )
        return SegmentWriter(self.volume.path_of(about), about, master=MASTER)

    async def _note(self, writer: SegmentWriter, *, closed: bool) -> None:
        await self.index.note(
            writer.about,
            volume=self.volume.id,
            path=self.volume.relative(writer.path),
            written=writer.end() if closed else writer.written(),
            closed=closed,
        )

    async def look(self, token: str = OPERATOR, **said: Any) -> tuple[int, Any]:
        hours = {
            "starts_at": SINCE.isoformat(),
            "ends_at": (SINCE + 10 * MINUTE).isoformat(),
            "motive": "accident place de la Mairie",
        }
        return await self.town.ask("POST", CAMERA, token=token, json=hours | said)


@asynccontextmanager
async def open_archive(
    town: "Installation", folder: Path, aiohttp_server: AiohttpServer
) -> AsyncIterator[Archive]:
    app = web.Application(middlewares=[problems])
    readers = Readers(folder, master=MASTER, renditions=Renditions(metrics=Metrics(), most=1))
    readers.add_to(app)
    host = await aiohttp_server(app)
    await Processes(town.database).here(
        HOST, "media", str(host.make_url("")).rstrip("/"), at=stays()
    )
    volume = Volume(folder / TOWN.text("commune"))
    seen = SeenVolume(
        id=volume.id,
        commune_id=TOWN.commune,
        holder=HOST,
        bytes_free=1,
        bytes_total=2,
        full_at=None,
        trouble=VolumeTrouble.NONE,
        overdue=0,
    )
    index = Recordings(town.database)
    await index.note_volume(seen, at=utc_now())
    async with supervise({"readers": readers.run}, on_failure=lambda: None):
        yield Archive(town, volume, index)
