"""The seeded town with cameras that show a clip, and a viewer who comes back by himself."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self
from uuid import uuid4

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from domain.cameras import Camera, SourceKind
from domain.identifiers import CameraId, StreamId
from server.database.cameras import Cameras
from server.database.leases import PgLeases
from server.database.pool import Database
from server.http.app import utc_now
from server.secrets import Vault
from tests.integration.http.town import TOWN
from tests.waiting import LIMIT_S, eventually

STILL_S = 2.0  # without a new picture for this long, a viewer asks anew
AGAIN_AFTER_S = 0.2
CUT_WITHIN_S = 15.0
"""Who loses the right to see loses the picture. Promised: 2 s; the rest is for a machine that does
other things too."""


@dataclass(frozen=True)
class FilmedTown:
    """A town in the database at ``url``."""

    database: Database
    url: str
    cameras: tuple[Camera, ...]

    @classmethod
    async def of(
        cls, database: Database, url: str, *, vault: Vault, clip: Path, cameras: int
    ) -> Self:
        async with database.transaction() as t:
            await t.execute("UPDATE camera SET disabled_at = now()")
        repository = Cameras(database, vault=vault)
        like = await repository.get(CameraId(TOWN.id("camera")))
        added = []
        for number in range(1, cameras + 1):
            camera = replace(
                like,
                id=CameraId(uuid4()),
                number=100 + number,
                source=SourceKind.FILE,
                main_stream_id=StreamId(uuid4()),
                disabled_at=None,
            )
            await repository.add(
                camera,
                place="",
                main_url=clip.as_uri(),
                sub_url=None,
                credentials=None,
                actor="system",
                at=utc_now(),
            )
            added.append(camera)
        return cls(database, url, tuple(added))

    async def holders(self) -> dict[CameraId, str]:
        """Which process runs each camera now."""
        held = {
            lease.name: lease.holder
            for lease in await PgLeases(self.database, holder="nobody").held("camera:")
        }
        return {
            camera.id: held[name]
            for camera in self.cameras
            if (name := f"camera:{camera.id}") in held
        }

    async def shared(self, *parts: int, limit_s: float = LIMIT_S) -> dict[CameraId, str]:
        """Wait until so many processes run so many cameras each; give who runs which."""

        async def look() -> dict[CameraId, str] | None:
            found = await self.holders()
            each = sorted(list(found.values()).count(holder) for holder in set(found.values()))
            return found if each == sorted(parts) else None

        found = await eventually(look, limit_s=limit_s)
        assert found is not None
        return found


@dataclass
class ReturningViewer:
    """Watches one stream as the pages do: when the picture stands still, it asks anew."""

    path: str
    token: str
    tls: ssl.SSLContext | None = None
    pictures: int = 0
    seen_at_s: float = 0.0
    """When the newest picture came, on the clock of ``time.monotonic``."""
    sessions: int = 0

    async def run(self) -> None:
        connector = TCPConnector(ssl=self.tls or True)
        async with ClientSession(connector=connector, timeout=ClientTimeout(total=10.0)) as http:
            while True:
                with suppress(ClientError, TimeoutError, MediaStreamError, ConnectionError):
                    await self._watch_once(http)
                await asyncio.sleep(AGAIN_AFTER_S)

    async def _watch_once(self, http: ClientSession) -> None:
        pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        tracks: list[MediaStreamTrack] = []
        pc.on("track", tracks.append)
        try:
            pc.addTransceiver("video", direction="recvonly")
            await pc.setLocalDescription(await pc.createOffer())
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/sdp"}
            async with http.post(
                self.path, data=pc.localDescription.sdp, headers=headers
            ) as answered:
                if answered.status != 201:
                    return
                answer = RTCSessionDescription(await answered.text(), "answer")
            await pc.setRemoteDescription(answer)
            self.sessions += 1
            while True:
                async with asyncio.timeout(2 * STILL_S):
                    await tracks[0].recv()
                self.pictures, self.seen_at_s = self.pictures + 1, time.monotonic()
        finally:
            await pc.close()

    async def sees(self, *, more: int = 10, limit_s: float = LIMIT_S) -> None:
        """Wait for so many pictures more."""
        wanted = self.pictures + more

        async def seen() -> bool:
            return self.pictures >= wanted

        await eventually(seen, limit_s=limit_s)


@asynccontextmanager
async def viewer_of(
    path: str, token: str, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[ReturningViewer]:
    """One that watches until the block ends."""
    viewer = ReturningViewer(path, token, tls)
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(viewer.run())
        yield viewer
        watching.cancel()
