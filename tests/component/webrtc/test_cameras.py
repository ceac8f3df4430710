"""Fixed cameras: looped files and servers that misbehave, with the reason an operator reads."""

import asyncio
import base64
import logging
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from av.video.frame import VideoFrame

from domain.identifiers import CameraId, StreamId
from domain.masks import Mask
from domain.streams import Codec, StreamNotFound, StreamOffline
from server.media import CameraSource, MediaService
from tests.component.webrtc.peers import (
    HASTY,
    Listener,
    Peer,
    luma_of,
    make_clip,
    new_stream,
    running,
    until,
    watching,
    workers,
)
from webrtc.rtsp import DownReason
from webrtc.sources import BadSource

type Connection = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def camera(url: str, stream: StreamId | None = None, **secrets: Any) -> CameraSource:
    stream = stream or new_stream()
    return CameraSource(stream, CameraId(uuid4()), url, **secrets)


@asynccontextmanager
async def answering(connection: Connection) -> AsyncIterator[str]:
    """A server on this host; its rtsp:// address."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await connection(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"rtsp://127.0.0.1:{server.sockets[0].getsockname()[1]}/cam"
    finally:
        server.close()


async def hangs_after_a_while(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: DESCRIBE\r\n\r\n")
    await reader.read()


async def hangs(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def sends_garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readline()
    writer.write(bytes(range(256)) * 40)
    await writer.drain()


async def speaks_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
    await writer.drain()


def replies(status: str, extra: str = "") -> Connection:
    """A camera that answers every request alike."""

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await reader.readuntil(b"\r\n\r\n"):
            text = request.decode()
            number = next(x for x in text.split("\r\n") if x.lower().startswith("cseq:"))
            ok = text.startswith("OPTIONS") and not extra
            line = "RTSP/1.0 200 OK" if ok else f"RTSP/1.0 {status}"
            writer.write(f"{line}\r\n{number}\r\n{extra}\r\n".encode())
            await writer.drain()

    async def until_closed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await connection(reader, writer)
        except asyncio.IncompleteReadError:
            return

    return until_closed


@pytest.mark.parametrize(
    ("connection", "reason"),
    [
        (hangs, DownReason.TIMED_OUT),
        (hangs_after_a_while, DownReason.TIMED_OUT),
        (sends_garbage, DownReason.NOT_RTSP),
        (speaks_http, DownReason.NOT_RTSP),
        (
            replies("401 Unauthorized", 'WWW-Authenticate: Basic realm="camera"\r\n'),
            DownReason.WRONG_PASSWORD,
        ),
        (replies("404 Not Found"), DownReason.NOT_FOUND),
    ],
    ids=["hangs", "hangs-later", "garbage", "http", "password", "unknown-stream"],
)
async def test_a_camera_that_misbehaves_is_down_with_its_reason(
    connection: Connection, reason: DownReason, caplog: pytest.LogCaptureFixture
) -> None:
    listener = Listener()
    caplog.set_level(logging.DEBUG)
    async with answering(connection) as url, running(listener, cameras=HASTY) as service:
        source = camera(url, username="csu", password="s3cret/!")
        service.set_sources([source])
        down = await listener.wait_for("camera_down")

        assert down[:2] == (source, reason)
        assert "s3cret" not in caplog.text + repr(listener.heard)
        assert base64.b64encode(b"csu:s3cret/!").decode() not in caplog.text


async def test_a_camera_where_nothing_listens_refuses() -> None:
    async with answering(hangs) as url:
        pass
    listener = Listener()
    async with running(listener) as service:
        service.set_sources([camera(url)])

        assert (await listener.wait_for("camera_down"))[1] is DownReason.REFUSED


async def test_a_looped_file_is_shown_in_real_time_beyond_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webrtc.stills._KEPT_S", 3600.0)
    clip, listener, stream = make_clip(tmp_path / "a.mp4", luma=90), Listener(), new_stream()
    async with running(listener) as service:
        service.set_sources([camera(clip.as_uri(), stream)])
        up = await listener.wait_for("camera_up")
        async with watching(service, stream) as viewer:
            frames = [await viewer.frame() for _ in range(60)]  # the clip has 50
            still = await service.still(stream)

            assert up[1] is Codec.H264
            assert all(abs(luma_of(frame) - 90) <= 8 for frame in frames)
            times = [frame.pts for frame in frames if frame.pts is not None]
            assert times == sorted(times)
            assert still.jpeg.startswith(b"\xff\xd8")
            assert still == await service.still(stream)  # kept for a while


async def test_a_file_that_cannot_be_shown_has_a_reason(tmp_path: Path) -> None:
    whole = make_clip(tmp_path / "whole.mp4", seconds=3)
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    junk = tmp_path / "junk.mp4"
    junk.write_bytes(b"no film " * 100)
    shuffled = make_clip(tmp_path / "b.mp4", b_frames=2)
    other = make_clip(tmp_path / "other.mp4", codec="mpeg4")
    expected = {
        cut.as_uri(): DownReason.FILE_TRUNCATED,
        junk.as_uri(): DownReason.FILE_UNREADABLE,
        (tmp_path / "none.mp4").as_uri(): DownReason.FILE_MISSING,
        shuffled.as_uri(): DownReason.B_FRAMES,
        other.as_uri(): DownReason.UNSUPPORTED_CODEC,
    }
    listener = Listener()
    async with running(listener) as service:
        service.set_sources([camera(url) for url in expected])
        await listener.wait_for("camera_down", count=len(expected))

        told = {
            values[0].url: values[1] for name, values in listener.heard if name == "camera_down"
        }
        assert told == expected


async def test_one_cameras_failure_touches_no_other(tmp_path: Path) -> None:
    clip, listener, good = make_clip(tmp_path / "a.mp4"), Listener(), new_stream()
    broken = camera((tmp_path / "none.mp4").as_uri())
    async with running(listener) as service:
        service.set_sources([camera(clip.as_uri(), good), broken])
        await listener.wait_for("camera_up")
        await listener.wait_for("camera_down")
        with pytest.raises(StreamOffline):
            await service.still(broken.stream_id)
        async with watching(service, good) as viewer:
            make_clip(tmp_path / "none.mp4")  # repaired: it comes by itself
            await listener.wait_for("camera_up", count=2)
            service.set_sources([camera(clip.as_uri(), good)])  # under another camera's id
            await until(lambda: service.relay.find(broken.stream_id) is None)
            for _ in range(5):
                await viewer.frame()
    assert [name for name, _ in listener.heard].count("camera_down") == 1


async def test_who_asks_while_a_camera_is_being_opened_is_answered_when_it_shows(
    tmp_path: Path,
) -> None:
    """Pages ask at the moment when a media process is there again, and its cameras are not yet."""
    clip, stream, peer = make_clip(tmp_path / "a.mp4"), new_stream(), Peer()
    peer.pc.addTransceiver("video", direction="recvonly")
    offer = await peer.offer()
    async with running(Listener()) as service:
        service.set_sources([camera(clip.as_uri(), stream)])
        assert service.relay.find(stream) is None
        session = await service.watch(stream, uuid4(), offer)

        assert session.stream.video.codec is Codec.H264
    await peer.close()


async def test_a_camera_that_failed_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webrtc.cameras.FIRST_PICTURE_WITHIN_S", 3600.0)
    listener, broken, peer = Listener(), camera((tmp_path / "none.mp4").as_uri()), Peer()
    peer.pc.addTransceiver("video", direction="recvonly")
    offer = await peer.offer()
    async with running(listener) as service:
        service.set_sources([broken])
        await listener.wait_for("camera_down")

        with pytest.raises(StreamOffline):
            await service.watch(broken.stream_id, uuid4(), offer)
    await peer.close()


async def test_a_camera_taken_away_ends_its_viewers(tmp_path: Path) -> None:
    clip, listener, stream = make_clip(tmp_path / "a.mp4"), Listener(), new_stream()
    async with running(listener) as service:
        service.set_sources([camera(clip.as_uri(), stream)])
        await listener.wait_for("camera_up")
        async with watching(service, stream) as viewer:
            await viewer.frame()
            service.set_sources([])
            await listener.wait_for("viewer_ended")

            with pytest.raises(StreamNotFound):
                await service.still(stream)


async def test_a_camera_is_checked_before_it_is_added(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4")
    async with running() as service, running(cameras=HASTY) as hasty, answering(hangs) as url:
        reason, codec, still = await service.check_camera(camera(clip.as_uri()))
        why_not, _, nothing = await hasty.check_camera(camera(url))

        assert (reason, codec) == (None, Codec.H264)
        assert still is not None
        assert still.jpeg.startswith(b"\xff\xd8")
        assert (why_not, nothing) == (DownReason.TIMED_OUT, None)
        assert service.status() == []


@pytest.mark.parametrize(
    "url", ["http://host/x", "rtsp:///x", "rtsp://host:0/x", "rtsp://host:99999/", "file://h/x", ""]
)
def test_an_address_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(BadSource):
        camera(url)


def test_an_address_is_shown_without_its_secrets() -> None:
    source = camera("rtsp://host:554/ch1?user=a&pw=b", username="a@b", password="c:/d?e")

    assert source.url_without_secrets() == "rtsp://host:554/ch1?user=a&pw=b"
    assert source.redacted() == "rtsp://host:554/ch1"
    assert "host" not in repr(source)


ALL = Mask.drawn([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
MASKED = 44


async def test_masks_are_set_changed_and_taken_away_while_people_watch(tmp_path: Path) -> None:
    clip, listener, stream = make_clip(tmp_path / "a.mp4", luma=180), Listener(), new_stream()
    bare = camera(clip.as_uri(), stream)
    half = Mask.drawn([[0.0, 0.5], [1.0, 0.5], [1.0, 1.0], [0.0, 1.0]])
    async with running(listener) as service:
        service.set_sources([bare])
        await listener.wait_for("camera_up")
        before = service.relay.get(stream)
        assert abs(luma_of(await _shown(service, stream)) - 180) <= 8

        service.set_sources([replace(bare, masks=(ALL,), masks_version=1)])
        await listener.wait_for("camera_up", count=2)
        masked = service.relay.get(stream)
        assert masked is not before  # nothing that has held a bare picture is asked again
        async with watching(service, stream) as viewer:
            assert abs(luma_of(await viewer.frame()) - MASKED) <= 3
            service.set_sources([replace(bare, masks=(half,), masks_version=2)])
            while luma_of(await viewer.frame()) < 160:
                pass
        assert service.relay.get(stream) is masked  # no interruption
        assert [name for name, _ in listener.heard].count("camera_up") == 2

        service.set_sources([bare])
        await listener.wait_for("camera_up", count=3)
        assert abs(luma_of(await _shown(service, stream)) - 180) <= 8


async def _shown(service: MediaService, stream: StreamId) -> VideoFrame:
    async with watching(service, stream) as viewer:
        return await viewer.frame()


async def test_a_picture_that_cannot_be_masked_is_not_shown(tmp_path: Path) -> None:
    clip, listener, stream = make_clip(tmp_path / "a.mp4"), Listener(), new_stream()
    async with running(listener, most_renditions=0) as service:
        service.set_sources([camera(clip.as_uri(), stream, masks=(ALL,), masks_version=1)])
        down = await listener.wait_for("camera_down")

        assert down[1] is DownReason.TOO_MANY_RENDITIONS
        with pytest.raises(StreamOffline):
            await service.still(stream)


async def test_b_frames_are_no_hindrance_where_the_picture_is_made_anew(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "b.mp4", b_frames=2)
    listener, stream = Listener(), new_stream()
    async with running(listener) as service:
        service.set_sources([camera(clip.as_uri(), stream, masks=(ALL,), masks_version=1)])
        up = await listener.wait_for("camera_up")
        async with watching(service, stream) as viewer:
            frames = [await viewer.frame() for _ in range(60)]  # the clip has 50

        assert up[1] is Codec.H264
        times = [frame.pts for frame in frames if frame.pts is not None]
        assert times == sorted(times)
        assert abs(luma_of(frames[-1]) - MASKED) <= 3


@pytest.mark.parametrize("reason", DownReason)
def test_every_reason_is_said_in_french_and_in_english(reason: DownReason) -> None:
    said = Path("web/shared/i18n/details.ts").read_text()
    french, _, english = said.partition("const IN_ENGLISH")

    assert f'"{reason.value}": ' in english
    assert f"^{reason.value}$" in french or reason.value.startswith("file-")


async def test_a_camera_whose_masking_dies_is_down_and_comes_back_masked(tmp_path: Path) -> None:
    clip, listener = make_clip(tmp_path / "a.mp4", luma=180), Listener()
    struck, bare = new_stream(), new_stream()
    async with running(listener) as service:
        masked = camera(clip.as_uri(), struck, masks=(ALL,), masks_version=1)
        service.set_sources([masked, camera(clip.as_uri(), bare)])
        await listener.wait_for("camera_up", count=2)
        async with watching(service, bare) as viewer:
            (worker,) = workers()
            os.kill(worker, signal.SIGKILL)
            down = await listener.wait_for("camera_down")
            await listener.wait_for("camera_up", count=3)
            await viewer.frame()

        assert down[:2] == (masked, DownReason.RENDITION_FAILED)
        assert [name for name, _ in listener.heard].count("camera_down") == 1
        assert abs(luma_of(await _shown(service, struck)) - MASKED) <= 3
