"""A stream whose publisher is the test, an index in memory, and a way to play what was recorded."""

import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import av

from domain.errors import Unavailable
from domain.identifiers import CameraId, CommuneId, SegmentId, StreamId
from domain.streams import Codec
from domain.volumes import Claim, Known
from server.database.recordings import Wanted
from server.recordings.segments import About, SegmentFile, Written
from tests.component.recordings.conftest import MASTER
from tests.component.webrtc.encoded import STEP, film
from webrtc import h264
from webrtc.metrics import Metrics
from webrtc.relay import RelayedStream


class Filming:
    """H264 pictures, 25 a second by their times, a keyframe every tenth; a clock set by hand."""

    def __init__(self, now_s: float = 1_772_366_400.0) -> None:
        self.now_s = now_s
        self.stream = RelayedStream(StreamId(uuid4()), metrics=Metrics(), clock=lambda: self.now_s)
        self.frames = film(Codec.H264, pictures=30, gop=10)
        self.stream.video.begin(Codec.H264)
        self.shown = 0

    def show(self, count: int = 1) -> None:
        for _ in range(count):
            payloads = h264.packetise(self.frames[self.shown % len(self.frames)].data)
            self.stream.video.receive_unit(payloads, self.shown * STEP)
            self.shown += 1
            self.now_s += STEP / 90_000

    def pause(self, seconds: float) -> None:
        self.shown += round(seconds * 25)
        self.shown += -self.shown % 10  # the next picture is a keyframe
        self.now_s += seconds


def wanted(stream: RelayedStream, *, patrol: bool = False, keep_days: int = 10) -> Wanted:
    camera_id = None if patrol else CameraId(uuid4())
    return Wanted(stream.id, CommuneId(uuid4()), camera_id, keep_days)


@dataclass
class MemoryIndex:
    """What the recorder asks of the database, in memory; ``away``: it does not answer."""

    plan: list[Wanted] = field(default_factory=list)
    rows: dict[SegmentId, tuple[About, str, Written, bool]] = field(default_factory=dict)
    volumes: dict[SegmentId, UUID] = field(default_factory=dict)
    away: bool = False

    async def wanted(self) -> list[Wanted]:
        self._answer()
        return list(self.plan)

    async def last_hashes(self, sources: Collection[UUID]) -> Mapping[UUID, bytes]:
        self._answer()
        closed = sorted(
            (about.started_at, about.source, written.sha256)
            for about, _, written, is_closed in self.rows.values()
            if is_closed and about.source in sources
        )
        return {source: sha256 for _, source, sha256 in closed}

    async def note(
        self, about: About, *, volume: UUID, path: str, written: Written, closed: bool
    ) -> None:
        self._answer()
        self.rows[about.segment_id] = (about, path, written, closed)
        self.volumes[about.segment_id] = volume

    async def known(
        self, ids: Collection[SegmentId], *, commune_id: CommuneId
    ) -> Mapping[SegmentId, Known]:
        self._answer()
        return {
            one: Known(claim=Claim(volume=self.volumes[one], files=1), path=path, is_closed=closed)
            for one, (_, path, _, closed) in self.rows.items()
            if one in ids
        }

    async def follow(self, moved: Mapping[SegmentId, str], *, volume: UUID) -> None:
        raise AssertionError("nothing was moved")

    async def take_over(self, former: UUID, *, volume: UUID) -> None:
        raise AssertionError("no volume has another's files")

    def _answer(self) -> None:
        if self.away:
            raise Unavailable("the database is away")


def mp4_of(path: Path) -> bytes:
    with SegmentFile(path, master=MASTER) as file:
        return b"".join(file.mp4())


def times_of(mp4: bytes) -> list[float]:
    """When each picture is shown, decoded."""
    with av.open(io.BytesIO(mp4), "r") as container:
        frames: list[Any] = [f for packet in container.demux(video=0) for f in packet.decode()]
        return [frame.time for frame in frames]
