"""Cameras over a network, through the whole media service: as they are, right and wrong."""

import asyncio
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from domain.identifiers import CameraId
from domain.streams import Codec
from server.media import CameraSource
from tests.component.webrtc.peers import (
    HASTY,
    PATIENT,
    Listener,
    Peer,
    luma_of,
    make_clip,
    new_stream,
    running,
    until,
    watching,
)
from tests.servers.rtsp_camera import RtspCamera, camera_served
from webrtc import converting
from webrtc.metrics import value
from webrtc.relay import RelayedStream
from webrtc.rtsp import DownReason
from webrtc.rtsp_client import client, dialogue, dials

PASSWORD = "a@b:c/d%e é"


def source_of(
    camera: RtspCamera, username: str | None = None, password: str | None = None
) -> CameraSource:
    return CameraSource(new_stream(), CameraId(uuid4()), camera.url, username, password)


async def test_a_camera_is_signed_in_to_and_its_sound_is_never_taken(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(client, "_REPORT_EVERY_S", 0.1)
    monkeypatch.setattr(dialogue, "_SHORTEST_S", 0.2)
    caplog.set_level(logging.DEBUG, logger="webrtc")
    clip, listener = make_clip(tmp_path / "a.mp4", luma=90), Listener()
    async with (
        camera_served(
            clip, username="csu", password=PASSWORD, sets_in_sdp=True, timeout_s=0
        ) as camera,
        running(listener) as service,
    ):
        source = source_of(camera, "csu", PASSWORD)
        service.set_sources([source])
        await listener.wait_for("camera_up")
        async with watching(service, source.stream_id, sound=True) as viewer:
            for _ in range(40):  # beyond the first keyframe, whose sets the SDP alone has
                assert abs(luma_of(await viewer.frame()) - 90) <= 8
        await until(lambda: camera.reports and camera.asked[-1].startswith("OPTIONS"))
        # The last one: a machine that stood still meanwhile has seen a longer one.
        await until(lambda: 0.1 < (service.camera_vitals()[0].gop_s or 0.0) < 1.9)
        stream = service.relay.get(source.stream_id)
        (vitals,) = service.camera_vitals()

    setups = [text.split(" ")[1] for text in camera.asked if text.startswith("SETUP")]
    assert setups == [camera.url + "/video"]
    assert any(text.startswith("TEARDOWN") for text in camera.asked)
    assert stream.audio.history.newest == -1
    assert vitals.up
    assert PASSWORD not in caplog.text + repr(listener.heard)


async def test_a_camera_that_takes_udp_alone_is_shown_by_udp(tmp_path: Path) -> None:
    clip, listener = make_clip(tmp_path / "a.mp4", luma=90), Listener()
    async with camera_served(clip, takes_tcp=False) as camera, running(listener) as service:
        source = source_of(camera)
        service.set_sources([source])
        await listener.wait_for("camera_up")
        async with watching(service, source.stream_id) as viewer:
            assert abs(luma_of(await viewer.frame()) - 90) <= 8

    assert [name for name, _ in listener.heard if name == "camera_down"] == []


@pytest.mark.parametrize(
    ("ways", "b_frames", "reason"),
    [
        ({"most": 26}, 0, DownReason.SILENT),  # two keyframes, and then nothing
        ({}, 2, DownReason.B_FRAMES),
        ({"says": "h265"}, 0, DownReason.GARBAGE),  # it says H265 and sends H264
        ({"username": "csu", "password": "x"}, 0, DownReason.WRONG_PASSWORD),
        ({"sounds": 4000}, 0, DownReason.TOO_MUCH),  # 16 MB/s of what nobody asked for
    ],
    ids=["silent", "b-frames", "lies", "password", "flood"],
)
async def test_what_is_wrong_is_named(
    tmp_path: Path, ways: dict[str, Any], b_frames: int, reason: DownReason
) -> None:
    clip = make_clip(tmp_path / "a.mp4", b_frames=b_frames, seconds=4)
    async with (
        camera_served(clip, **ways) as camera,
        running(
            listener := Listener(), cameras=HASTY if reason is DownReason.SILENT else PATIENT
        ) as service,
    ):
        source = source_of(camera, "csu", "wrong")
        service.set_sources([source])

        assert (await listener.wait_for("camera_down"))[1] is reason


async def test_a_resolution_may_change_while_it_plays(tmp_path: Path) -> None:
    small = make_clip(tmp_path / "a.mp4", luma=90, seconds=1)
    large = make_clip(tmp_path / "b.mp4", luma=180, seconds=1, size=(480, 360))
    async with camera_served(small, large) as camera, running(listener := Listener()) as service:
        source = source_of(camera)
        service.set_sources([source])
        await listener.wait_for("camera_up")
        async with watching(service, source.stream_id) as viewer:
            sizes = {90: (await viewer.frame_of(90)).width, 180: (await viewer.frame_of(180)).width}

    assert sizes == {90: 320, 180: 480}
    assert [name for name, _ in listener.heard if name == "camera_down"] == []


@pytest.mark.parametrize(("codec", "b_frames"), [("libx264", 2), ("libx265", 0)])
async def test_what_could_not_be_shown_is_encoded_again_where_that_is_set(
    tmp_path: Path, codec: str, b_frames: int
) -> None:
    clip = make_clip(tmp_path / "a.mp4", codec=codec, b_frames=b_frames, luma=90)
    sent = {"libx264": "h264", "libx265": "h265"}[codec]
    async with (
        camera_served(clip, codec=sent) as camera,
        running(listener := Listener()) as service,
    ):
        source = replace(source_of(camera), transcode=True)
        service.set_sources([source])
        up = await listener.wait_for("camera_up")
        async with watching(service, source.stream_id) as viewer:
            frames = [await viewer.frame() for _ in range(30)]

    assert up[1] is Codec.H264
    times = [frame.pts for frame in frames if frame.pts is not None]
    assert times == sorted(times)


async def test_h265_is_taken_in_and_checked_with_a_picture(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", codec="libx265", luma=90)
    async with camera_served(clip, codec="h265") as camera, running() as service:
        found = await service.check_camera(source_of(camera))

    assert (found.reason, found.codec) == (None, Codec.H265)
    assert found.still is not None


class Times(set[int]):
    """Those of a stream's pictures, as they come: one of two streams is some pictures behind."""

    def __init__(self, stream: RelayedStream) -> None:
        super().__init__()
        self._stream = stream

    def more(self) -> set[int]:
        units = self._stream.video.units_since_keyframe(max_age_s=60.0)
        self.update(unit.timestamp for unit in units)
        return self


async def test_h265_is_sent_to_who_has_it_and_one_h264_to_all_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(converting, "LINGERS_S", 0.1)
    clip, listener = make_clip(tmp_path / "a.mp4", codec="libx265", luma=90), Listener()
    async with camera_served(clip, codec="h265") as camera, running(listener) as service:
        source = source_of(camera)
        service.set_sources([source])
        assert (await listener.wait_for("camera_up"))[1] is Codec.H265
        base, renditions = service.relay.get(source.stream_id), service.metrics.renditions
        new = Peer()  # it offers H265, and aiortc could not decode it: no picture is sent to it
        new.pc.addTransceiver("video", direction="recvonly")
        session = await service.watch(source.stream_id, uuid4(), await new.offer())
        async with (
            watching(service, source.stream_id, codecs=("video/H264",)) as one,
            watching(service, source.stream_id, codecs=("video/H264",)) as other,
        ):
            for viewer in (one, other):
                assert abs(luma_of(await viewer.frame()) - 90) <= 8

            assert "H265/90000" in session.answer.result()
            assert session.stream is base
            assert one.session is not None
            here, there = Times(base), Times(one.session.stream)
            await until(lambda: here.more() & there.more())  # a picture has one time in both
            assert value(renditions) == 1
        await new.close()
        await until(lambda: value(renditions) == 0)  # nobody watches it any more


async def test_a_conversion_waits_for_a_viewer_whose_radio_is_slow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(converting, "LINGERS_S", 0.1)
    monkeypatch.setattr(converting, "_LOOK_EVERY_S", 0.02)
    clip, listener = make_clip(tmp_path / "a.mp4", codec="libx265", luma=90), Listener()
    async with camera_served(clip, codec="h265") as camera, running(listener) as service:
        source = source_of(camera)
        service.set_sources([source])
        await listener.wait_for("camera_up")
        slow = Peer()
        slow.pc.addTransceiver("video", direction="recvonly")
        slow.codecs("video/H264")
        session = await service.watch(source.stream_id, uuid4(), await slow.offer())
        # Its process takes longer to begin than it stays for nobody, and goes on for who comes.
        await until(lambda: session.stream.video.last_packet_s is not None)
        await slow.accept(session)

        assert abs(luma_of(await slow.frame()) - 90) <= 8

        await slow.close()
        await until(lambda: value(service.metrics.renditions) == 0)


async def test_many_that_hang_do_not_hold_up_those_that_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dials, "TURN_S", 0.1)
    monkeypatch.setattr(dials, "MOST", 4)

    async def hangs(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(hangs, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    clip, listener = make_clip(tmp_path / "a.mp4"), Listener()
    async with camera_served(clip) as camera, running(listener) as service:
        dead = [
            CameraSource(new_stream(), CameraId(uuid4()), f"rtsp://127.0.0.1:{port}/{n}")
            for n in range(60)
        ]
        there = source_of(camera)
        service.set_sources([*dead, there])
        up = await listener.wait_for("camera_up")
    server.close()

    assert up[0] == there


async def test_so_many_are_dialled_at_once_and_those_that_failed_apart() -> None:
    turns, leave = dials.Dials(), asyncio.Event()
    begun: list[str] = []

    async def dial(host: str, *, again: bool) -> None:
        async with turns.turn(host, again=again):
            begun.append(host)
            await leave.wait()

    async with asyncio.TaskGroup() as group:
        for number in range(100):
            group.create_task(dial(f"first {number}", again=False))
            group.create_task(dial(f"again {number}", again=True))
            group.create_task(dial("one host", again=False))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        first = [host for host in begun if host != "one host"]
        counts = (len(first), begun.count("one host"))
        leave.set()

    assert counts == (dials.MOST - dials.MOST_OF_A_HOST + dials.MOST_AGAIN, dials.MOST_OF_A_HOST)
    assert len(begun) == 300
