"""A media process pulls a camera while it holds its lease and the law allows the picture."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import av
import numpy as np
import pytest

from domain.cameras import Camera, Order, PlaceKind, SourceKind
from domain.communes import Commune
from domain.errors import Unavailable
from domain.identifiers import CameraId, CommuneId, OrderId, StreamId
from domain.positions import Point
from server.bus import Lease
from server.database.bus import PgBus
from server.database.cameras import Cameras
from server.database.communes import Communes
from server.database.leases import TTL, PgLeases
from server.database.orders import Orders
from server.database.patrol_streams import PatrolStreams
from server.database.pool import Database
from server.database.presence import Processes
from server.database.talks import Talks
from server.database.viewings import Viewings
from server.duty import CameraDuty, Reports
from server.media import CameraSource, MediaService
from server.secrets import InstallationKey, Vault
from server.supervision import supervise
from tests.waiting import eventually
from webrtc.sources import DownReason

pytestmark = pytest.mark.integration

NOW = datetime.now(UTC)
ACTOR = "system"


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of grey H.264 without B-frames."""
    path = tmp_path_factory.mktemp("clip") / "grey.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        stream.options = {"profile": "baseline", "g": "5"}
        for shade in range(10):
            pixels = np.full((240, 320, 3), 20 * shade, dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    return path


@dataclass
class Town:
    """One commune with one camera under one order, in a database."""

    database: Database
    cameras: Cameras
    camera: Camera
    order: Order

    vault: Vault

    async def is_up(self) -> bool:
        return await self.state() is True

    async def is_down(self) -> bool:
        return await self.state() is False

    async def add_another(self) -> CameraId:
        """A second camera that shows the same clip."""
        second = replace(
            self.camera, id=CameraId(uuid4()), number=2, main_stream_id=StreamId(uuid4())
        )
        url = await self.database.value("SELECT main_url FROM camera WHERE id = $1", self.camera.id)
        await self.cameras.add(
            second, place="", main_url=url, sub_url=None, credentials=None, actor=ACTOR, at=NOW
        )
        return second.id

    async def state(self) -> bool | None:
        """Whether the camera was last said to be up; None: nothing was said yet."""
        found: bool | None = await self.database.value(
            "SELECT up FROM camera_state WHERE camera_id = $1", self.camera.id
        )
        return found


@pytest.fixture
async def town(database: Database, clip: Path, tmp_path: Path) -> Town:
    commune = Commune(id=CommuneId(uuid4()), name="Ici", centre=Point(2.0, 48.0))
    order = Order(
        id=OrderId(uuid4()),
        commune_id=commune.id,
        number="2026-1",
        starts_at=NOW - timedelta(days=1),
        ends_at=NOW + timedelta(days=365),
    )
    camera = Camera(
        id=CameraId(uuid4()),
        commune_id=commune.id,
        number=1,
        name="Place",
        source=SourceKind.FILE,
        point=Point(2.0, 48.0),
        bearing_deg=0.0,
        field_of_view_deg=60.0,
        range_m=50.0,
        place_kind=PlaceKind.PUBLIC_ROAD,
        main_stream_id=StreamId(uuid4()),
        order_id=order.id,
    )
    vault = InstallationKey.open(tmp_path).vault
    cameras = Cameras(database, vault=vault)
    await Communes(database).add(commune, actor=ACTOR, at=NOW)
    await Orders(database).add(order, actor=ACTOR, at=NOW)
    await cameras.add(
        camera,
        place="",
        main_url=clip.as_uri(),
        sub_url=None,
        credentials=None,
        actor=ACTOR,
        at=NOW,
    )
    return Town(database, cameras, camera, order, vault)


@asynccontextmanager
async def on_duty(town: Town) -> AsyncIterator[PgLeases]:
    """A media process on duty in that town; gives its leases."""
    database, bus = town.database, PgBus(town.database)
    leases = PgLeases(database, holder="media@here/1")
    reports = Reports(
        cameras=town.cameras,
        streams=PatrolStreams(database),
        viewings=Viewings(database),
        talks=Talks(database),
        actor="process:media@here/1",
    )
    service = MediaService(listener=reports)
    duty = CameraDuty(
        service=service,
        cameras=town.cameras,
        leases=leases,
        processes=Processes(database),
        bus=bus,
        reports=reports,
        clock=lambda: datetime.now(UTC),
    )
    services = {"bus": bus.run, "media": service.run, "reports": reports.run, "duty": duty.run}
    failed = asyncio.Event()
    async with supervise(services, on_failure=failed.set):
        yield leases
    assert not failed.is_set()


async def test_a_lawful_camera_is_pulled_and_said_to_be_up(town: Town) -> None:
    async with on_duty(town) as leases:
        await eventually(town.is_up)

        assert await leases.holder_of(f"camera:{town.camera.id}") == "media@here/1"
    assert await leases.holder_of(f"camera:{town.camera.id}") is None


async def test_a_camera_that_another_process_has_is_left_alone(town: Town) -> None:
    other = PgLeases(town.database, holder="media@there/1")
    assert await other.acquire(f"camera:{town.camera.id}", ttl=timedelta(minutes=5))
    second = await town.add_another()

    async with on_duty(town) as leases:
        await eventually(lambda: leases.holder_of(f"camera:{second}"))

        assert await leases.holder_of(f"camera:{town.camera.id}") == "media@there/1"
        assert await town.state() is None


async def test_a_camera_whose_order_has_ended_gives_no_picture(town: Town) -> None:
    async with on_duty(town):
        await eventually(town.is_up)

        ended = replace(town.order, ends_at=datetime.now(UTC))
        await Orders(town.database).change(town.order.id, lambda _: ended, actor=ACTOR, at=NOW)

        await eventually(town.is_down)


async def test_a_phone_that_begins_to_film_meanwhile_stops_no_duty(town: Town) -> None:
    reports = Reports(
        cameras=town.cameras,
        streams=PatrolStreams(town.database),
        viewings=Viewings(town.database),
        talks=Talks(town.database),
        actor="process:media@here/1",
    )

    class SlowLeases(PgLeases):
        async def acquire(self, name: str, *, ttl: timedelta = TTL) -> Lease | None:
            taken = await super().acquire(name, ttl=ttl)
            if len(reports.publishing) < 3:
                await reports.stream_started(StreamId(uuid4()), uuid4(), NOW)
            return taken

    await reports.stream_started(StreamId(uuid4()), uuid4(), NOW)
    service, bus = MediaService(listener=reports), PgBus(town.database)
    duty = CameraDuty(
        service=service,
        cameras=town.cameras,
        leases=SlowLeases(town.database, holder="media@here/1"),
        processes=Processes(town.database),
        bus=bus,
        reports=reports,
        clock=lambda: datetime.now(UTC),
    )
    services = {"bus": bus.run, "media": service.run, "reports": reports.run, "duty": duty.run}
    failed = asyncio.Event()
    async with supervise(services, on_failure=failed.set):
        await eventually(town.is_up)
    assert not failed.is_set()


async def test_what_could_not_be_stored_is_stored_later(town: Town) -> None:
    refusals = 2

    class Forgetful(Cameras):
        async def note_down(self, camera_id: CameraId, *, reason: str, at: datetime) -> None:
            nonlocal refusals
            if refusals:
                refusals -= 1
                raise Unavailable("the database is away")
            await super().note_down(camera_id, reason=reason, at=at)

    reports = Reports(
        cameras=Forgetful(town.database, vault=town.vault),
        streams=PatrolStreams(town.database),
        viewings=Viewings(town.database),
        talks=Talks(town.database),
        actor="process:media@here/1",
    )
    reports.main_streams = frozenset({town.camera.main_stream_id})
    source = CameraSource(town.camera.main_stream_id, town.camera.id, "rtsp://192.0.2.1/x")
    failed = asyncio.Event()
    async with supervise({"reports": reports.run}, on_failure=failed.set):
        await reports.camera_down(source, DownReason.TIMED_OUT, NOW)

        await eventually(town.is_down)
    assert refusals == 0
    assert not failed.is_set()
