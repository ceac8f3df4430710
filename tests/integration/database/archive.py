"""A commune's volume with its index and its keeper, whose clock is set by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from prometheus_client import CollectorRegistry

from domain.cameras import Camera
from domain.identifiers import HoldId, SegmentId
from domain.people import Role
from domain.recordings import Hold, Retention
from domain.streams import Codec
from server.database.pool import Database
from server.database.recording_clocks import RecordingClocks
from server.database.recording_rules import RecordingRules
from server.database.recordings import Recordings
from server.media.clocks import HostClocks
from server.media.keeper import Keeper, KeeperMetrics, KeeperOptions
from server.media.looking import Looker, LookMetrics
from server.recordings.segments import GENESIS, About, SegmentWriter, Written
from server.recordings.volume import Volume
from tests.integration.database.town import ADMIN, NOW, Town

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
MASTER = bytes(32)
SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(32))


class SameHost(RecordingClocks):
    """A database on the very host whose clock is set by hand: it always says the same."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        super().__init__(database)
        self._clock = clock

    async def database_clock(self) -> datetime:
        return self._clock()


@dataclass
class Archive:
    """A commune's volume, its index and its keeper, with a clock set by hand.

    ``now`` goes on as time does; `jump` sets the clock and nothing else.
    """

    database: Database
    town: Town
    camera: Camera
    rules: RecordingRules
    index: Recordings
    volume: Volume
    now: datetime = NOW
    jumped: timedelta = timedelta(0)

    def jump(self, by: timedelta) -> None:
        self.now += by
        self.jumped += by

    def clocks(self) -> HostClocks:
        up = self.now - self.jumped - NOW
        return HostClocks(wall=self.now, boot="one", steady=DAY + up, is_set=False)

    def keeper(self, *, reserve_bytes: int = 0) -> Keeper:
        return Keeper(
            self.index,
            clocks=SameHost(self.database, lambda: self.now),
            folder=self.volume.root.parent,
            metrics=KeeperMetrics(CollectorRegistry()),
            options=KeeperOptions(
                holder="media@here/1",
                reserve_bytes=reserve_bytes,
                sign=SIGNER.sign,
                read_clocks=self.clocks,
                looker=Looker(
                    master=MASTER,
                    host="here",
                    clock=lambda: self.now,
                    metrics=LookMetrics(CollectorRegistry()),
                ),
            ),
        )

    async def decide(self, days: int | None) -> None:
        person = await self.town.person(Role.ADMINISTRATOR)
        decision = Retention(commune_id=self.town.commune.id, days=days, decided_at=self.now)
        await self.rules.decide(decision, by=person.id, actor=ADMIN)

    def about(self, *, at: datetime | None = None, keep_days: int = 10) -> About:
        return About(
            segment_id=SegmentId(uuid4()),
            commune_id=self.town.commune.id,
            stream_id=self.camera.main_stream_id,
            camera_id=self.camera.id,
            started_at=at or self.now,
            keep_days=keep_days,
            codec=Codec.H264,
            with_sound=False,
            previous=GENESIS,
        )

    async def recorded(
        self, *, at: datetime | None = None, keep_days: int = 10, size: int = 1000
    ) -> Path:
        """A file of two minutes that is closed and known."""
        about = self.about(at=at, keep_days=keep_days)
        path = self.volume.path_of(about)
        writer = SegmentWriter(path, about, master=MASTER)
        writer.head(b"head")
        writer.fragment(b"x" * size, newest_at=about.started_at + 2 * MINUTE, pictures=3000)
        await self.note(about, path, writer.end(), closed=True)
        return path

    async def note(self, about: About, path: Path, written: Written, *, closed: bool) -> None:
        await self.index.note(
            about,
            volume=self.volume.id,
            path=self.volume.relative(path),
            written=written,
            closed=closed,
        )

    async def hold(self, *sources: UUID, at: datetime | None = None) -> Hold:
        person = await self.town.person(Role.SUPERVISOR)
        starts_at = at or self.now
        held = Hold(
            id=HoldId(uuid4()),
            commune_id=self.town.commune.id,
            requisition="PV 2026/118",
            sources=frozenset(sources or (self.camera.id,)),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=1),
            placed_at=self.now,
            placed_by=person.id,
        )
        return await self.rules.place(held, actor=ADMIN)
