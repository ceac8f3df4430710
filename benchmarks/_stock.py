"""The base: aiortc's own `MediaRelay`, which decodes once and encodes for every viewer.

A process of its own with the signalling of a media process, so that the same peers measure it.
"""

import asyncio
import logging
from typing import Any

from aiohttp import web
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay
from aiortc.mediastreams import MediaStreamTrack

from benchmarks._media import serve_app
from benchmarks._peers import h264_only, use_address


class Stock:
    """One stream: who published it last, and everybody's connection."""

    def __init__(self) -> None:
        self._relay = MediaRelay()
        self._track: MediaStreamTrack | None = None
        self._stream = ""
        self._peers: set[RTCPeerConnection] = set()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/streams/{stream}/{what}", self._answer)
        app.router.add_get("/streams", self._streams)
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._peers.add(pc)
        if request.match_info["what"] == "whip":
            self._stream = request.match_info["stream"]
            pc.on("track", self._published)
        elif self._track is not None:
            # Without a buffer the newest frame is kept, as a fair base would: nothing queues up.
            pc.addTrack(self._relay.subscribe(self._track, buffered=False))
            pc.getTransceivers()[0].setCodecPreferences(h264_only())
        await pc.setRemoteDescription(RTCSessionDescription(await request.text(), "offer"))
        await pc.setLocalDescription(await pc.createAnswer())
        return web.Response(status=201, text=pc.localDescription.sdp)

    def _published(self, track: MediaStreamTrack) -> None:
        self._track = track

    async def _streams(self, request: web.Request) -> web.Response:
        state: list[dict[str, Any]] = []
        if self._track is not None:
            state = [{"id": self._stream, "state": "live"}]
        return web.json_response(state)


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    use_address()
    asyncio.run(serve_app(Stock().app()))
