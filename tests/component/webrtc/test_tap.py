"""Encoded pictures for detect: only what is asked for, from a keyframe on, the newest first."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from uuid import uuid4

import av
import pytest

from domain.identifiers import CameraId, StreamId
from domain.streams import Codec, Packet, PacketBuffer
from server.media import CameraSource
from tests.component.webrtc.peers import (
    LIMIT_S,
    Listener,
    make_clip,
    new_stream,
    publishing,
    running,
    until,
)
from webrtc import tap as tap_module
from webrtc.metrics import value


class Client:
    """What a detect process does."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self._buffer, self._waiting = PacketBuffer(), list[Packet]()

    def want(self, *streams: StreamId) -> None:
        self.writer.write(json.dumps({"streams": [str(each) for each in streams]}).encode() + b"\n")

    async def packet(self) -> Packet:
        async with asyncio.timeout(LIMIT_S):
            while not self._waiting:
                self._waiting += self._buffer.feed(await self.reader.read(65536))
        return self._waiting.pop(0)


async def connect(path: Path) -> Client:
    await until(path.exists)
    return Client(*await asyncio.open_unix_connection(path))


def camera(clip: Path, stream: StreamId) -> CameraSource:
    return CameraSource(stream, CameraId(uuid4()), clip.as_uri())


async def test_only_the_wanted_stream_comes_and_it_decodes(tmp_path: Path) -> None:
    clip, listener = make_clip(tmp_path / "a.mp4"), Listener()
    wanted, other = new_stream(), new_stream()
    async with running(listener, tap_path=tmp_path / "tap") as service:
        service.set_sources([camera(clip, wanted), camera(clip, other)])
        await listener.wait_for("camera_up", count=2)
        client = await connect(tmp_path / "tap")
        client.want(wanted)
        packets = [await client.packet() for _ in range(30)]
        decoder = av.CodecContext.create("h264", "r")
        pictures = [f for p in packets for f in decoder.decode(av.Packet(p.data))]

        assert {packet.stream_id for packet in packets} == {wanted}
        assert {packet.codec for packet in packets} == {Codec.H264}
        assert packets[0].is_keyframe
        assert len(pictures) >= 25
        numbers = [packet.sequence_number for packet in packets]
        assert numbers == sorted(set(numbers))
        assert (tmp_path / "tap").stat().st_mode & 0o777 == 0o600
        client.want(other)
        async with asyncio.timeout(LIMIT_S):
            while (await client.packet()).stream_id != other:
                pass
        client.writer.close()


async def test_a_stream_wanted_before_it_exists_comes_when_it_does(tmp_path: Path) -> None:
    stream = new_stream()
    async with running(tap_path=tmp_path / "tap") as service:
        client = await connect(tmp_path / "tap")
        client.want(stream)
        async with publishing(service, stream, codec="video/VP8"):
            packet = await client.packet()

            assert (packet.codec, packet.is_keyframe) == (Codec.VP8, True)
            client.writer.close()


async def test_a_client_that_does_not_read_loses_pictures_and_resumes_at_a_keyframe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tap_module, "_MAX_PICTURES", 3)
    clip, listener, stream = make_clip(tmp_path / "a.mp4"), Listener(), new_stream()
    async with running(listener, tap_path=tmp_path / "tap") as service:
        service.set_sources([camera(clip, stream)])
        await listener.wait_for("camera_up")
        share = tap_module._Share(
            service.relay.get(stream), asyncio.Event(), service.metrics
        )  # a client that never asks for the next picture
        await until(lambda: value(service.metrics.tap_dropped) >= 30)
        await until(lambda: share._waiting)

        assert len(share._waiting) <= 3
        assert share._waiting[0].is_keyframe
        share.close()


async def test_a_detect_process_that_is_killed_in_a_picture_s_middle_is_noticed_by_nobody_else(
    tmp_path: Path,
) -> None:
    clip, listener, stream = make_clip(tmp_path / "a.mp4"), Listener(), new_stream()
    wish = json.dumps({"streams": [str(stream)]})
    detects = (
        "import os, signal, socket, sys\n"
        "tap = socket.socket(socket.AF_UNIX)\n"
        "tap.connect(sys.argv[1])\n"
        "tap.sendall(sys.argv[2].encode() + b'\\n')\n"
        "tap.recv(100)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    async with running(listener, tap_path=tmp_path / "tap") as service:
        service.set_sources([camera(clip, stream)])
        await listener.wait_for("camera_up")
        other = await connect(tmp_path / "tap")
        other.want(stream)
        await other.packet()
        killed = await asyncio.create_subprocess_exec(
            sys.executable, "-c", detects, str(tmp_path / "tap"), wish
        )
        async with asyncio.timeout(LIMIT_S):
            assert await killed.wait() == -signal.SIGKILL
        await until(lambda: value(service.metrics.tap_clients) == 1)
        numbers = [(await other.packet()).sequence_number for _ in range(30)]
        again = await connect(tmp_path / "tap")
        again.want(stream)

        assert (await again.packet()).is_keyframe
        assert numbers == sorted(set(numbers))
        again.writer.close()
        other.writer.close()


@pytest.mark.parametrize(
    "line",
    [b"not json\n", b'{"streams": "all"}\n', b'{"streams": [1]}\n', b'{"streams": ["x"]}\n',
     b"[" * 60_000 + b"\n", b"x" * 70_000 + b"\n", b'{"streams": [' + b'"a",' * 1001 + b'"a"]}\n'],
    ids=["text", "no-list", "number", "no-uuid", "deep", "long", "many"],
)  # fmt: skip
async def test_a_client_that_sends_nonsense_is_let_go(tmp_path: Path, line: bytes) -> None:
    async with running(tap_path=tmp_path / "tap") as service:
        client = await connect(tmp_path / "tap")
        client.writer.write(line)
        async with asyncio.timeout(LIMIT_S):
            try:
                rest = await client.reader.read()
            except ConnectionResetError:
                rest = b""

        assert rest == b""
        await until(lambda: value(service.metrics.tap_clients) == 0)
        client.writer.close()
        assert service.is_running
