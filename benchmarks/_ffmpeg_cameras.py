"""The base: cameras taken in by FFmpeg's RTSP demuxer, a thread for each, as Ilotier did at first.

    python -m benchmarks._ffmpeg_cameras FOLDER

Each thread demuxes, cuts the picture into packets and hands them to the event loop, which numbers
and keeps them as the relay does. Nothing is recorded, nobody watches.
"""

import asyncio
import sys
import threading
from uuid import UUID

import av
import av.error
from aiohttp import web

from benchmarks._media import serve_app
from domain.identifiers import StreamId
from domain.streams import VIDEO_CLOCK_HZ, Codec
from webrtc import h264
from webrtc.metrics import Metrics
from webrtc.relay import RelayedStream

_OPTIONS = {
    "rtsp_transport": "tcp",
    "allowed_media_types": "video",
    "timeout": "5000000",
    "analyzeduration": "500000",
}


def read(url: str, stream: RelayedStream, loop: asyncio.AbstractEventLoop) -> None:
    """Until the server is gone. Blocks."""
    try:
        with av.open(url, format="rtsp", options=_OPTIONS, timeout=(30.0, 5.0)) as container:
            video = container.streams.video[0]
            for packet in container.demux(video):
                if packet.size and packet.pts is not None:
                    at = round(packet.pts * video.time_base * VIDEO_CLOCK_HZ)
                    data = h264.packetise(bytes(packet))
                    loop.call_soon_threadsafe(stream.video.receive_unit, data, at)
    except (av.error.FFmpegError, RuntimeError):
        return


async def serve() -> None:
    metrics, streams = Metrics(), list[RelayedStream]()
    loop = asyncio.get_running_loop()

    async def add_cameras(request: web.Request) -> web.Response:
        for name, url in (await request.json())["cameras"].items():
            stream = RelayedStream(StreamId(UUID(name)), metrics=metrics)
            stream.video.begin(Codec.H264)
            streams.append(stream)
            threading.Thread(target=read, args=(url, stream, loop), daemon=True).start()
        return web.Response(status=204)

    async def live(request: web.Request) -> web.Response:
        return web.json_response(
            [
                {"id": str(one.id), "state": "live" if one.video.last_packet_s else "away"}
                for one in streams
            ]
        )

    async def text(request: web.Request) -> web.Response:
        return web.Response(body=metrics.text())

    app = web.Application()
    app.add_routes(
        [
            web.post("/cameras", add_cameras),
            web.get("/streams", live),
            web.get("/metrics", text),
        ]
    )
    await serve_app(app)


if __name__ == "__main__":
    asyncio.run(serve())
    sys.exit(0)
