"""A process that records: one film replayed into many camera streams, a recorder behind them.

    python -m benchmarks._recorder FOLDER CLIP STREAMS FPS [--off]

The pictures are cut into packets once for all and handed to each stream as a camera's are, spread
over the time between two pictures. Nothing is sent and nobody watches; with `--off` nothing is
recorded either, which is what the recorder's own cost is told by. The index is not asked.
"""

import asyncio
import sys
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import av
from prometheus_client import CollectorRegistry

from domain.identifiers import CameraId, CommuneId, SegmentId, StreamId
from domain.streams import Codec
from domain.volumes import Known
from server.database.recordings import Wanted
from server.media.looking import Looker, LookMetrics
from server.media.recorder import Recorder
from server.media.volume_recorder import RecorderMetrics, RecorderOptions
from server.recordings.segments import About, Written
from webrtc import h264
from webrtc.metrics import Metrics, value
from webrtc.relay import RelayedStream

MASTER = bytes(32)
COMMUNE = CommuneId(UUID(int=1))
REPORT_EVERY_S = 1.0


class NoIndex:
    def __init__(self, plan: list[Wanted]) -> None:
        self._plan = plan

    async def wanted(self) -> list[Wanted]:
        return self._plan

    async def last_hashes(self, sources: Collection[UUID]) -> Mapping[UUID, bytes]:
        return {}

    async def note(
        self, about: About, *, volume: UUID, path: str, written: Written, closed: bool
    ) -> None: ...

    async def known(
        self, ids: Collection[SegmentId], *, commune_id: CommuneId
    ) -> Mapping[SegmentId, Known]:
        return {}

    async def follow(self, moved: Mapping[SegmentId, str], *, volume: UUID) -> None: ...

    async def take_over(self, former: UUID, *, volume: UUID) -> None: ...


def recorder_of(
    published: Callable[[StreamId], RelayedStream | None],
    *,
    plan: list[Wanted],
    folder: Path,
    metrics: RecorderMetrics,
) -> Recorder:
    """The real one, without an index; ``plan`` may grow."""
    looker = Looker(
        master=MASTER,
        host="here",
        clock=lambda: datetime.now(UTC),
        metrics=LookMetrics(CollectorRegistry()),
    )
    return Recorder(
        published=published,
        index=NoIndex(plan),
        folder=folder,
        metrics=metrics,
        options=RecorderOptions(looker=looker),
    )


async def record(folder: Path, clip: Path, count: int, fps: int, *, off: bool) -> None:
    with av.open(str(clip)) as container:
        film = [h264.packetise(bytes(p)) for p in container.demux(video=0) if p.size]
    metrics = Metrics()
    streams = [RelayedStream(StreamId(uuid4()), metrics=metrics) for _ in range(count)]
    for stream in streams:
        stream.video.begin(Codec.H264)
    plan = [Wanted(stream.id, COMMUNE, CameraId(uuid4()), 10) for stream in streams]
    by_id = {stream.id: stream for stream in streams}
    recorded = RecorderMetrics(CollectorRegistry())
    recorder = recorder_of(by_id.get, plan=[] if off else plan, folder=folder, metrics=recorded)
    async with asyncio.TaskGroup() as group:
        group.create_task(recorder.run())
        for number, stream in enumerate(streams):
            group.create_task(_replay(stream, film, fps, start_s=number / count / fps))
        while True:
            await asyncio.sleep(REPORT_EVERY_S)
            counts = [value(one) for one in (recorded.pictures, recorded.bytes, recorded.lost)]
            sys.stdout.write(" ".join(f"{one:.0f}" for one in counts) + "\n")
            sys.stdout.flush()


async def _replay(stream: RelayedStream, film: list[list[bytes]], fps: int, start_s: float) -> None:
    loop = asyncio.get_running_loop()
    due_s, number = loop.time() + start_s, 0
    while True:
        await asyncio.sleep(max(0.0, due_s - loop.time()))
        stream.video.receive_unit(film[number % len(film)], number * 90_000 // fps)
        number += 1
        due_s += 1 / fps


if __name__ == "__main__":
    asyncio.run(
        record(
            Path(sys.argv[1]),
            Path(sys.argv[2]),
            int(sys.argv[3]),
            int(sys.argv[4]),
            off="--off" in sys.argv,
        )
    )
