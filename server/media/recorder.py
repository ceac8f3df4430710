"""The recorder: which streams of this process are to be recorded, each on its commune's volume."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from domain.errors import Unavailable
from domain.identifiers import CommuneId, StreamId
from domain.volumes import VolumeTrouble
from server.database.recordings import Wanted
from server.media.noting import Index, Notes
from server.media.volume_recorder import RecorderMetrics, RecorderOptions, Sources, VolumeRecorder
from webrtc.relay import RelayedStream

logger = logging.getLogger(__name__)

PLAN_EVERY_S = 2.0
TRUSTED_FOR_S = 300.0
"""Without news of what is to be recorded for so long, nothing is: as with cameras' orders."""


class Recorder:
    """All recordings of a media process. Its trouble is its own: no viewer waits for a disk."""

    def __init__(
        self,
        *,
        published: Callable[[StreamId], RelayedStream | None],
        index: Index,
        folder: Path,
        metrics: RecorderMetrics,
        options: RecorderOptions,
    ) -> None:
        """``published``: a stream that comes to this very process from its camera or phone."""
        self._published, self._index, self._folder = published, index, folder
        self._metrics, self._options = metrics, options
        self._notes = Notes(index)
        self._wanted: Mapping[StreamId, Wanted] = {}
        self._since_s: dict[StreamId, float] = {}
        self._known_at_s = float("-inf")
        self.volumes: dict[CommuneId, VolumeRecorder] = {}
        metrics.streams.set_function(lambda: sum(one.streams for one in self.volumes.values()))

    async def run(self) -> None:
        """Record until cancelled; then every segment is ended, and noted where that can be."""
        async with asyncio.TaskGroup() as notes:
            # Ends after the volumes: what they say last is stored too.
            storing = notes.create_task(self._notes.run(), name="recorder notes")
            try:
                await self._record()
            finally:
                storing.cancel()

    def trouble_of(self, commune_id: CommuneId) -> VolumeTrouble:
        """Why nothing is recorded on a commune's volume."""
        volume = self.volumes.get(commune_id)
        return volume.trouble if volume else VolumeTrouble.NONE

    async def _record(self) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                await self._plan()
                for commune_id in {one.commune_id for one in self._wanted.values()}:
                    if commune_id not in self.volumes:
                        volume = self.volumes[commune_id] = self._volume(commune_id)
                        group.create_task(volume.run(), name=f"recorder {commune_id}")
                await asyncio.sleep(PLAN_EVERY_S)

    def _volume(self, commune_id: CommuneId) -> VolumeRecorder:
        return VolumeRecorder(
            self._folder / str(commune_id),
            sources=partial(self._sources_of, commune_id),
            index=self._index,
            note=self._notes.add,
            metrics=self._metrics,
            options=self._options,
        )

    async def _plan(self) -> None:
        now_s = asyncio.get_running_loop().time()
        try:
            found = await self._index.wanted()
        except Unavailable as error:
            logger.warning("no news of what to record: %s", error)
            if now_s - self._known_at_s > TRUSTED_FOR_S:
                self._wanted = {}
            return
        self._known_at_s = now_s
        self._wanted = {one.stream_id: one for one in found}
        known, wall_s = self._since_s, self._options.looker.clock().timestamp()
        self._since_s = {one.stream_id: known.get(one.stream_id, wall_s) for one in found}

    def _sources_of(self, commune_id: CommuneId) -> Sources:
        found = {}
        for stream_id, one in self._wanted.items():
            stream = self._published(stream_id) if one.commune_id == commune_id else None
            if stream is not None:
                since_s = one.since.timestamp() if one.since else self._since_s[stream_id]
                found[stream_id] = (one, stream, since_s)
        return found
