"""A media process that takes cameras in and records them: the real service, recorder and app.

    python -m benchmarks._cameras FOLDER

Its log is empty but for warnings. `POST /cameras` gives it all its cameras at once, `POST /record`
has them recorded; the index of recordings is not asked (`benchmarks._recorder`).
"""

import asyncio
import logging
import sys
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from aiohttp import web

from benchmarks._media import TOKEN, serve_app
from benchmarks._recorder import COMMUNE, recorder_of
from domain.identifiers import CameraId, StreamId
from server.database.recordings import Wanted
from server.media import CameraSource, MediaLimits, MediaService, build_app
from server.media.volume_recorder import RecorderMetrics
from webrtc.ice import IceAddresses
from webrtc.signalling import SessionLimits


class Nobody:
    def __getattr__(self, name: str) -> Any:
        async def hear(*values: object) -> None: ...

        return hear


async def serve(folder: Path) -> None:
    """Run the service; print the port; end when stdin closes."""
    addresses = IceAddresses(bind=("127.0.0.1",))
    service = MediaService(
        listener=Nobody(), limits=MediaLimits(sessions=SessionLimits(addresses=addresses))
    )
    plan, sources = list[Wanted](), list[CameraSource]()
    recorder = recorder_of(
        service.published,
        plan=plan,
        folder=folder,
        metrics=RecorderMetrics(service.metrics.registry),
    )

    async def add_cameras(request: web.Request) -> web.Response:
        asked = await request.json()
        for stream, url in asked["cameras"].items():
            sources.append(CameraSource(StreamId(UUID(stream)), CameraId(uuid4()), url))
        service.set_sources(sources)
        return web.Response(status=204)

    async def record(request: web.Request) -> web.Response:
        plan.extend(Wanted(one.stream_id, COMMUNE, one.camera_id, 10) for one in sources)
        return web.Response(status=204)

    app = build_app(service, internal_token=TOKEN)
    app.router.add_post("/cameras", add_cameras)
    app.router.add_post("/record", record)
    async with asyncio.TaskGroup() as group:
        running = [group.create_task(service.run()), group.create_task(recorder.run())]
        await serve_app(app)
        for task in running:
            task.cancel()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(serve(Path(sys.argv[1])))
