"""Real aiortc peers and media for the tests of the relay: they encode, we do not."""

import asyncio
import fractions
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import av
from aiortc import (
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCSessionDescription,
    VideoStreamTrack,
)
from aiortc.mediastreams import AudioStreamTrack, MediaStreamTrack
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from domain.identifiers import StreamId
from server.media import MediaLimits, MediaService
from server.media.fetches import Others
from webrtc import internals
from webrtc.ice import IceAddresses
from webrtc.rtsp import CameraTimes
from webrtc.signalling import PeerSession, SessionLimits

LOOPBACK = IceAddresses(bind=("127.0.0.1",))
LIMIT_S = 60.0
#: A camera is given up by who waits for that alone: a busy machine opens one slowly.
PATIENT = CameraTimes(
    connect_within_s=LIMIT_S, open_within_s=LIMIT_S, read_within_s=LIMIT_S, first_pause_s=0.1
)
HASTY = replace(PATIENT, read_within_s=1.5)


class Colour(VideoStreamTrack):
    """Pictures of one grey (``luma`` 16 to 235) that tell one publisher from another."""

    def __init__(self, luma: int) -> None:
        super().__init__()
        self.luma = luma

    async def recv(self) -> VideoFrame:
        pts, time_base = await self.next_timestamp()
        frame = picture(self.luma)
        frame.pts, frame.time_base = pts, time_base
        return frame


def picture(luma: int, *, width: int = 320, height: int = 240) -> VideoFrame:
    frame = VideoFrame(width, height, "yuv420p")
    for plane, value in zip(frame.planes, (luma, 128, 128), strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    return frame


def luma_of(frame: VideoFrame) -> int:
    return bytes(frame.planes[0])[0]


class Listener:
    """Keeps what it is told; waits for one kind of report with a limit."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, tuple[Any, ...]]] = []
        self._more = asyncio.Event()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def hear(*values: object) -> None:
            self.heard.append((name, values))
            self._more.set()

        return hear

    async def wait_for(self, name: str, *, count: int = 1) -> tuple[Any, ...]:
        async with asyncio.timeout(LIMIT_S):
            while True:
                found = [values for kind, values in self.heard if kind == name]
                if len(found) >= count:
                    return found[count - 1]
                self._more.clear()
                await self._more.wait()


@asynccontextmanager
async def running(
    listener: Listener | None = None,
    *,
    tap_path: Path | None = None,
    keep_away_s: float = 30.0,
    connect_within_s: float = 30.0,
    slow_after_s: float = 5.0,
    max_viewers: int = 500,
    max_connecting: int = 100,
    most_renditions: int = 16,
    gone_after_s: float = 20.0,
    addresses: IceAddresses = LOOPBACK,
    cameras: CameraTimes = PATIENT,
    publisher_kbit_s: int = 4000,
    neighbours: Others | None = None,
    untaken_s: float | None = None,
) -> AsyncIterator[MediaService]:
    limits = MediaLimits(
        sessions=SessionLimits(
            addresses=addresses,
            connect_within_s=connect_within_s,
            gone_after_s=gone_after_s,
            slow_after_s=slow_after_s,
            publisher_kbit_s=publisher_kbit_s,
        ),
        cameras=cameras,
        keep_away_s=keep_away_s,
        max_viewers=max_viewers,
        max_connecting=max_connecting,
        most_renditions=most_renditions,
        untaken_s=untaken_s,
    )
    service = MediaService(
        listener=listener or Listener(), tap_path=tap_path, limits=limits, neighbours=neighbours
    )
    task = asyncio.create_task(service.run())
    await until(lambda: service.is_running)
    try:
        yield service
    finally:
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled():
            task.result()


def hurry(service: MediaService, *, connect_within_s: float) -> None:
    """Give the sessions that begin from now on so little time; who is connected has had his."""
    sessions = replace(service._limits.sessions, connect_within_s=connect_within_s)
    service._limits = replace(service._limits, sessions=sessions)


def forget_the_away(service: MediaService) -> None:
    """End, from now on, each stream that is away, however short a time."""
    service._limits = replace(service._limits, keep_away_s=0.0)


async def until(condition: Callable[[], object]) -> None:
    """Wait for something that has no event of its own."""
    async with asyncio.timeout(LIMIT_S):
        while not condition():  # noqa: ASYNC110 what is waited for has no event of its own
            await asyncio.sleep(0.02)


def workers() -> set[int]:
    """The processes of the renditions of this test."""
    mine = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    lines = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes() for pid in mine}
    return {pid for pid, line in lines.items() if b"renditions.worker" in line}


class Peer:
    """A peer connection of a client; `close` ends it as a browser does."""

    def __init__(self) -> None:
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.tracks: dict[str, MediaStreamTrack] = {}
        self.pc.on("track", lambda track: self.tracks.__setitem__(track.kind, track))
        self.session: PeerSession | None = None

    def codecs(self, *mime_types: str) -> None:
        """Offer these video codecs only."""
        capabilities = RTCRtpReceiver.getCapabilities("video")
        assert capabilities is not None
        chosen = [c for m in mime_types for c in capabilities.codecs if c.mimeType == m]
        self.pc.getTransceivers()[0].setCodecPreferences(chosen)

    async def offer(self) -> bytes:
        await self.pc.setLocalDescription(await self.pc.createOffer())
        return self.pc.localDescription.sdp.encode()

    async def accept(self, session: PeerSession) -> None:
        self.session = session
        answer = RTCSessionDescription(session.answer.result(), "answer")
        await self.pc.setRemoteDescription(answer)

    async def frame(self) -> VideoFrame:
        async with asyncio.timeout(LIMIT_S):
            frame = await self.tracks["video"].recv()
        assert isinstance(frame, VideoFrame)
        return frame

    async def frame_of(self, luma: int) -> VideoFrame:
        """The first picture of about this grey."""
        async with asyncio.timeout(LIMIT_S):
            while abs(luma_of(frame := await self.frame()) - luma) > 8:
                pass
        return frame

    async def close(self) -> None:
        await self.pc.close()

    def vanish(self) -> None:
        """Be gone without a word: no goodbye is sent, and nothing is heard."""
        for protocol in internals.ice_connection(self.pc)._protocols:
            protocol.transport.abort()


@asynccontextmanager
async def publishing(
    service: MediaService,
    stream_id: StreamId,
    *,
    luma: int = 120,
    codec: str = "video/H264",
    sound: bool = False,
    again: bool = False,
) -> AsyncIterator[Peer]:
    """``again``: it offers to repair by RTX what is lost."""
    peer = Peer()
    peer.pc.addTransceiver(Colour(luma), direction="sendonly")
    peer.codecs(codec, *(["video/rtx"] if again else []))
    if sound:
        peer.pc.addTransceiver(AudioStreamTrack(), direction="sendonly")
    try:
        await peer.accept(await service.publish(stream_id, uuid4(), await peer.offer()))
        stream = service.relay.get(stream_id)
        session: object = peer.session
        await until(lambda: stream.publisher is session and stream.is_live)
        yield peer
    finally:
        await peer.close()


@asynccontextmanager
async def watching(
    service: MediaService, stream_id: StreamId, *, sound: bool = False, codecs: Sequence[str] = ()
) -> AsyncIterator[Peer]:
    """``codecs``: those that are offered, if not all."""
    peer = Peer()
    peer.pc.addTransceiver("video", direction="recvonly")
    if codecs:
        peer.codecs(*codecs)
    if sound:
        peer.pc.addTransceiver("audio", direction="recvonly")
    try:
        await peer.accept(await service.watch(stream_id, uuid4(), await peer.offer()))
        yield peer
    finally:
        await peer.close()


def new_stream() -> StreamId:
    return StreamId(UUID(int=uuid4().int))


def make_clip(
    path: Path,
    *,
    seconds: float = 2.0,
    b_frames: int = 0,
    codec: str = "libx264",
    luma: int = 90,
    keyframe_every: int = 25,
    size: tuple[int, int] = (320, 240),
) -> Path:
    """A clip of one grey, 25 pictures per second, a keyframe each second."""
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream(codec, rate=25)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        if codec == "libx265":
            stream.options = {"preset": "ultrafast", "x265-params": "bframes=0:log-level=0"}
        if codec == "libx264":
            stream.options = {"g": str(keyframe_every), "bf": str(b_frames), "preset": "ultrafast"}
        for number in range(int(seconds * 25)):
            grey = (luma + 40 * (number % 2)) if b_frames else luma
            frame = picture(grey, width=size[0], height=size[1])
            frame.pts, frame.time_base = number, fractions.Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
