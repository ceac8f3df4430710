"""A recorder in a room of its own: an index in memory, and streams whose publisher is the test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from prometheus_client import CollectorRegistry

from domain.identifiers import StreamId
from server.database.recordings import Wanted
from server.media.looking import Looker, LookMetrics
from server.media.recorder import Recorder
from server.media.volume_recorder import RecorderMetrics, RecorderOptions
from server.recordings.segments import About, Damaged, SegmentFile, Written
from server.supervision import supervise
from tests.component.recordings.conftest import MASTER
from tests.component.recordings.filming import Filming, MemoryIndex, times_of, wanted
from webrtc.relay import RelayedStream


def pictures_in(path: Path) -> int:
    """What a player would show; a file that was begun this very moment shows nothing yet."""
    with suppress(Damaged), SegmentFile(path, master=MASTER) as file:
        return len(times_of(b"".join(file.mp4()))) if file.check().pictures else 0
    return 0


class Room:
    """A recorder, an index, and the streams that are published here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = MemoryIndex()
        self.streams: dict[StreamId, RelayedStream] = {}
        self.metrics = RecorderMetrics(CollectorRegistry())
        self.died: list[str] = []

    def publish(self, filming: Filming, *, patrol: bool = False) -> Wanted:
        self.streams[filming.stream.id] = filming.stream
        one = wanted(filming.stream, patrol=patrol)
        self.index.plan.append(one)
        return one

    @asynccontextmanager
    async def recording(
        self, *, reserve_bytes: int = 0, now_s: float = 1_000_000_000.0
    ) -> AsyncIterator[Recorder]:
        """``now_s``: a wall clock of before the pictures, so that all of them are wanted."""
        recorder = Recorder(
            published=self.streams.get,
            index=self.index,
            folder=self.folder,
            metrics=self.metrics,
            options=RecorderOptions(
                looker=Looker(
                    master=MASTER,
                    host="here",
                    clock=lambda: datetime.fromtimestamp(now_s, UTC),
                    metrics=LookMetrics(CollectorRegistry()),
                ),
                reserve_bytes=reserve_bytes,
            ),
        )
        async with supervise({"recorder": recorder.run}, on_failure=lambda: self.died.append("!")):
            yield recorder
        assert not self.died

    def pictures_of(self, one: Wanted) -> int:
        """What a player would show of it by now."""
        folder = self.folder / str(one.commune_id)
        return sum(pictures_in(path) for path in folder.glob("*/*/*.ilr"))

    def shows(self, one: Wanted, pictures: int) -> bool:
        return self.pictures_of(one) == pictures

    def rows(self, one: Wanted) -> list[tuple[About, str, Written, bool]]:
        return [row for row in self.index.rows.values() if row[0].stream_id == one.stream_id]

    def path(self, one: Wanted, row: tuple[About, str, Written, bool]) -> Path:
        return self.folder / str(one.commune_id) / row[1]
