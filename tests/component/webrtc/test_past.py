"""The pictures since the last keyframe, for who joins late and for who has lost its picture."""

from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pytest
from aiortc.rtp import RtpPacket
from hypothesis import given
from hypothesis import strategies as st

from domain.identifiers import CameraId
from domain.streams import Codec
from server.media import CameraSource
from tests.component.webrtc.peers import Listener, Peer, make_clip, new_stream, running, watching
from tests.component.webrtc.test_feed import KEY, Camera, Watcher
from tests.waiting import eventually
from webrtc import codecs, internals, past
from webrtc.history import History, OutputPacket
from webrtc.past import squeeze, usable_id
from webrtc.sending import rtp_header

EXTENSION = bytes.fromhex("bede0001 52000000")  # id 5: no wait at all


def filmed(camera: Camera) -> Watcher:
    watcher = Watcher()
    watcher.stream.publish(camera)
    watcher.stream.video.begin(Codec.H264)
    return watcher


async def test_a_late_viewer_shows_pictures_as_they_are_decoded_and_hardly_apart() -> None:
    watcher = filmed(Camera(makes_keyframes=False))
    watcher.stream.unsubscribe(watcher)
    watcher.feed.as_decoded = 5
    watcher.film(40)
    assert watcher.lose_picture()
    watcher.stream.subscribe(watcher)
    watcher.film(60, every=1000)

    keyframe = [packet for packet in watcher.sent if packet.extension]
    assert [packet.extension for packet in keyframe] == 36 * [EXTENSION]
    assert keyframe == watcher.sent[:36]
    times = sorted({packet.timestamp for packet in watcher.sent})
    apart = [after - before for before, after in pairwise(times)]
    assert set(apart[:39]) == {9}
    assert set(apart[-40:]) == {3600}
    assert watcher.holes() == 0
    watcher.feed.close()


async def test_with_sound_the_receiver_keeps_lips_and_sound_together() -> None:
    watcher = filmed(Camera(makes_keyframes=False))
    watcher.stream.unsubscribe(watcher)
    watcher.stream.audio.begin(Codec.OPUS)
    watcher.feed.as_decoded = 5
    watcher.film(40)
    assert watcher.lose_picture()

    assert not any(packet.extension for packet in watcher.sent)
    watcher.feed.close()


async def test_who_has_lost_its_picture_gets_the_past_under_new_numbers_and_later_times() -> None:
    watcher = filmed(Camera(makes_keyframes=False))
    watcher.film(40, every=1000)
    before = watcher.sent[-1]
    assert watcher.lose_picture(filming=3)
    watcher.film(20, every=1000)

    later = watcher.sent[watcher.sent.index(before) + 1 :]
    assert later[0].payload.startswith(KEY)
    assert later[0].sequence == before.sequence + 1
    assert later[0].timestamp > before.timestamp
    assert len({packet.timestamp for packet in later}) == 40 + 3 + 20
    assert [packet.timestamp for packet in later] == sorted(packet.timestamp for packet in later)
    assert watcher.holes() == 0
    report = watcher.feed.report()
    assert report is not None
    assert report[1] == later[-1].timestamp
    watcher.feed.close()


async def test_the_past_is_not_sent_again_at_every_request() -> None:
    watcher = filmed(Camera(makes_keyframes=False))
    watcher.film(40, every=1000)
    sent = 0
    for _ in range(100):
        watcher.film(3, every=1000)
        sent += watcher.lose_picture()

    assert sent == 3  # in 12 s
    watcher.feed.close()


async def test_a_thin_link_and_a_publisher_that_makes_keyframes_get_the_next_keyframe() -> None:
    phone = Camera(makes_keyframes=True)
    watcher = filmed(phone)
    watcher.film(40, every=1000)
    assert not watcher.lose_picture()
    assert phone.asked

    thin = filmed(Camera(makes_keyframes=False))
    thin.film(150, every=1000)
    for _ in range(4):
        thin.say(loss=0.75)
        thin.film(25, every=1000)
    assert thin.feed.link.reduced
    assert not thin.lose_picture()
    for each in (watcher, thin):
        each.feed.close()


@given(
    steps=st.lists(st.integers(450, 9000), min_size=1, max_size=300),
    spare=st.floats(1e6, 1e9),
    as_decoded=st.sampled_from([None, 1, 14]),
)
def test_the_past_keeps_its_order_and_comes_before_what_is_live(
    steps: list[int], spare: float, as_decoded: int | None
) -> None:
    history, at = History(max_packets=512, max_bytes=10**6), 10**9
    for number, step in enumerate(steps):
        at += step
        history.put(OutputPacket(number, at, True, bytes(1200)))
    squeezed = squeeze(history, 0, spare_bit_per_s=spare, as_decoded=as_decoded)
    times = [squeezed.apply(packet).timestamp for packet in history.since(0)]

    assert times == sorted(times)
    assert times[-1] <= squeezed.until
    if as_decoded is not None:
        assert len(set(times)) == len(steps)
        assert times[0] > history.newest_timestamp  # and so after all that was seen


def test_a_packet_with_its_extension_is_read_by_others() -> None:
    data = rtp_header(96, 7, 90_000, 1, True, EXTENSION) + b"picture"
    packet = RtpPacket.parse(data)

    assert (packet.payload, packet.sequence_number, packet.marker) == (b"picture", 7, 1)
    assert usable_id(14) == 14
    assert usable_id(15) is None  # the short form has no such id
    assert usable_id(None) is None


async def test_a_viewer_who_lost_its_picture_need_not_wait_for_the_cameras_next_keyframe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "RESENT_EVERY_S", 0.0)  # it has only just joined
    clip = make_clip(tmp_path / "a.mp4", seconds=30, keyframe_every=10_000, luma=77)
    listener, stream = Listener(), new_stream()
    async with running(listener) as service:
        service.set_sources([CameraSource(stream, CameraId(uuid4()), clip.as_uri())])
        await listener.wait_for("camera_up")
        async with watching(service, stream) as viewer:
            await viewer.frame_of(77)
            video = service.relay.get(stream).video
            keyframe, keyframes = (
                video.keyframe_start(max_age_s=60),
                keyframes_of(viewer, monkeypatch),
            )
            receiver = viewer.pc.getReceivers()[0]
            await internals.ask_keyframe(receiver, video.ssrc)

            await eventually(lambda: found(keyframes))
            assert video.keyframe_start(max_age_s=60) == keyframe  # the camera has made no other
            for _ in range(20):
                await viewer.frame_of(77)


def keyframes_of(viewer: Peer, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the keyframes that come to ``viewer`` from now on."""
    numbers: list[int] = []
    dtls = internals.dtls_transport(viewer.pc)
    stock = dtls._handle_rtp_data

    async def handle(data: bytes, arrival_time_ms: int) -> None:
        packet = RtpPacket.parse(data)
        if codecs.starts_keyframe(Codec.H264, packet.payload):
            numbers.append(packet.sequence_number)
        await stock(data, arrival_time_ms)

    monkeypatch.setattr(dtls, "_handle_rtp_data", handle)
    return numbers


async def found(numbers: list[int]) -> list[int]:
    return numbers
