"""Talk-down: the very tone of a real peer, or of a file, arrives at a camera's loudspeaker."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.identifiers import CameraId, StreamId
from domain.streams import BadSessionDescription, SessionNotFound, StreamOffline
from domain.talks import BadAnnouncement, LoudspeakerAway, NoLoudspeaker
from server.media import CameraSource, MediaService
from server.media import talks as media_talks
from tests.component.webrtc.peers import Listener, Peer, make_clip, new_stream, running, until
from tests.component.webrtc.tones import TONE_HZ, Tone, announced, pitch
from tests.servers.rtsp_camera import RtspCamera, camera_served
from tests.stalls import stand_still
from webrtc import speech, talking
from webrtc.rtsp_client.loudspeaker import read_loudspeaker


def checked_numbers(camera: RtspCamera, step: int) -> None:
    """RTP counts on by one, and its time by one payload or by whole ones that were not sent."""
    heads = [struct.unpack("!BBHII", packet[:12]) for packet in camera.heard]
    assert {head[1] & 0x7F for head in heads} == {97}
    assert len({head[4] for head in heads}) == 1
    for before, after in pairwise(heads):
        assert (after[2] - before[2]) & 0xFFFF == 1
        assert (after[3] - before[3]) % step == 0
        assert after[3] > before[3]


@asynccontextmanager
async def filmed(
    tmp_path: Path, listener: Listener | None = None, **ways: Any
) -> AsyncIterator[tuple[RtspCamera, MediaService, StreamId]]:
    clip = make_clip(tmp_path / "a.mp4", luma=90)
    async with camera_served(clip, **ways) as camera, running(listener) as service:
        source = CameraSource(new_stream(), CameraId(uuid4()), camera.url, "csu", "a@b:c")
        service.set_sources([source])
        yield camera, service, source.stream_id


async def speaking(service: MediaService, stream: StreamId) -> tuple[Peer, UUID]:
    peer, talk = Peer(), uuid4()
    peer.pc.addTransceiver(Tone(), direction="sendonly")
    session = await service.talks.speak(stream, talk, await peer.offer())
    await peer.accept(session)
    return peer, talk


@pytest.mark.parametrize("loudspeaker", ["PCMU/8000", "MPEG4-GENERIC/16000"])
async def test_a_voice_arrives_at_the_loudspeaker_and_nothing_of_the_camera_is_heard(
    tmp_path: Path, loudspeaker: str
) -> None:
    listener = Listener()
    ways = {"username": "csu", "password": "a@b:c", "loudspeaker": loudspeaker}
    async with filmed(tmp_path, listener, **ways) as (camera, service, stream):
        peer, talk = await speaking(service, stream)
        await until(lambda: len(camera.heard) >= 15)
        service.talks.end(talk)
        ended, sounded_s, _ = await listener.wait_for("talk_ended")
        await peer.close()
        # It comes after all that was said.
        await until(lambda: any(one.startswith("TEARDOWN") for one in camera.asked))

    step = 1024 if "GENERIC" in loudspeaker else 160
    assert abs(pitch(camera) - TONE_HZ) < 25
    checked_numbers(camera, step)
    assert ended == talk
    assert sounded_s == pytest.approx(len(camera.heard) * step / int(loudspeaker[-5:].lstrip("/")))
    described = [one for one in camera.asked if one.startswith("DESCRIBE") and BACK in one]
    setups = [one for one in camera.asked if one.startswith("SETUP") and BACK in one]
    assert ["/speaker" in one for one in setups] == [True]
    assert "csu" in described[-1]  # signed in to


BACK = "Require: www.onvif.org/ver20/backchannel"


async def test_a_camera_that_takes_udp_alone_is_spoken_to_by_udp(tmp_path: Path) -> None:
    async with filmed(tmp_path, takes_tcp=False, loudspeaker="PCMA/8000") as (
        camera,
        service,
        stream,
    ):
        kept, _ = speech.take_in(announced(0.5))
        seconds = await service.talks.announce(stream, uuid4(), kept)
        await until(lambda: len(camera.heard) >= 25)

    assert seconds == pytest.approx(0.5)
    assert abs(pitch(camera) - TONE_HZ) < 25


async def test_an_announcement_sounds_whole_and_can_be_silenced(tmp_path: Path) -> None:
    listener = Listener()
    async with filmed(tmp_path, listener, loudspeaker="PCMU/8000") as (camera, service, stream):
        kept, seconds = speech.take_in(announced(0.6))
        short, long = uuid4(), uuid4()
        await service.talks.announce(stream, short, kept)
        first = await listener.wait_for("talk_ended")
        whole, said = len(camera.heard), pitch(camera)
        await service.talks.announce(stream, long, speech.take_in(announced(30.0, hz=8000))[0])
        await until(lambda: len(camera.heard) > whole)
        service.talks.end(long)
        second = await listener.wait_for("talk_ended", count=2)

    assert seconds == pytest.approx(0.6)
    assert first[:2] == (short, pytest.approx(0.6))
    assert whole == 30
    assert abs(said - TONE_HZ) < 25
    assert second[0] == long
    assert second[1] < 29


async def test_who_ends_an_announcement_before_its_first_sound_leaves_nothing_of_it_on(
    tmp_path: Path,
) -> None:
    listener, talk = Listener(), uuid4()
    async with filmed(tmp_path, listener, loudspeaker="PCMU/8000") as (camera, service, stream):
        await service.talks.announce(stream, talk, speech.take_in(announced(0.6))[0])
        service.talks.end(talk)  # in the loop turn in which its task was made
        ended = await listener.wait_for("talk_ended")
        await until(lambda: any(one.startswith("TEARDOWN") for one in camera.asked))
        with pytest.raises(SessionNotFound):
            service.talks.end(talk)

    assert ended[:2] == (talk, 0.0)
    assert camera.heard == []


async def test_who_goes_away_without_a_word_is_silent_and_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = Listener()
    async with filmed(tmp_path, listener, loudspeaker="PCMU/8000") as (camera, service, stream):
        peer, talk = await speaking(service, stream)
        await until(lambda: camera.heard)
        monkeypatch.setattr(talking, "QUIET_S", 0.5)  # not sooner: connecting takes its time
        await peer.pc.getSenders()[0].stop()  # as a page that is frozen: connected, and no packet
        ended = await listener.wait_for("talk_ended")
        await peer.close()

    assert ended[0] == talk


async def test_who_speaks_goes_on_when_the_host_had_stood_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = Listener()
    async with filmed(tmp_path, listener, loudspeaker="PCMU/8000") as (camera, service, stream):
        peer, talk = await speaking(service, stream)
        await until(lambda: camera.heard)
        stand_still(monkeypatch, 2 * talking.QUIET_S)
        heard = len(camera.heard)
        await until(lambda: len(camera.heard) > heard + 50)
        assert listener.heard[-1][0] != "talk_ended"
        service.talks.end(talk)
        await listener.wait_for("talk_ended")
        await peer.close()


async def test_what_can_not_be_spoken_through_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_talks, "MOST_TALKS", 1)
    listener = Listener()
    async with filmed(tmp_path, listener) as (camera, service, stream):
        kept, _ = speech.take_in(announced(0.2))
        with pytest.raises(NoLoudspeaker, match="offers none"):
            await service.talks.announce(stream, uuid4(), kept)
        camera.loudspeaker = "L16/8000"
        with pytest.raises(NoLoudspeaker, match="PCMU"):
            await service.talks.announce(stream, uuid4(), kept)
        camera.loudspeaker, camera.username = "PCMU/8000", "another"
        with pytest.raises(LoudspeakerAway, match="wrong-password"):
            await service.talks.announce(stream, uuid4(), kept)
        with pytest.raises(StreamOffline):
            await service.talks.announce(new_stream(), uuid4(), kept)
        with pytest.raises(BadSessionDescription):
            await service.talks.speak(stream, uuid4(), b"v=0\r\n")
        with pytest.raises(SessionNotFound):
            service.talks.end(uuid4())
        camera.username = ""
        await service.talks.announce(stream, uuid4(), kept)
        with pytest.raises(LoudspeakerAway, match="too-many-talks"):
            await service.talks.announce(stream, uuid4(), kept)

    assert listener.heard  # of what began, and of nothing that was refused
    assert len([name for name, _ in listener.heard if name == "talk_ended"]) <= 1


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no WAV"),
        (b"<html>", "no WAV"),
        (b"RIFF....WAVE", "can't be read"),
        (b"OggS" + bytes(400), "can't be read"),
        (b"\x00\x00\x00\x20ftypM4A " + bytes(64), "can't be read"),
        (announced(0), "no sound"),
        (announced(61, hz=4000), "longer than a minute"),
    ],
)
def test_what_is_no_announcement_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(BadAnnouncement, match=why):
        speech.take_in(data)


SDP = (
    "v=0\r\nm=video 0 RTP/AVP 96\r\na=sendonly\r\n"
    "m=audio 0 RTP/AVP 0\r\na=recvonly\r\na=control:ear\r\n"
    "m=audio 0 RTP/AVP 98 {formats}\r\n{lines}a=control:mouth\r\na=sendonly\r\n"
)


@pytest.mark.parametrize(
    ("formats", "lines", "codec"),
    [
        ("0", "", "pcmu"),
        ("8 0", "", "pcma"),
        ("97", "a=rtpmap:97 pcma/8000/1\r\n", "pcma"),
        ("97 0", "a=rtpmap:97 G726-32/8000\r\n", "pcmu"),
        (
            "97",
            "a=rtpmap:97 MPEG4-GENERIC/16000\r\na=fmtp:97 mode=AAC-hbr;sizeLength=13\r\n",
            "aac",
        ),
        ("97", "a=rtpmap:97 MPEG4-GENERIC/16000\r\na=fmtp:97 mode=AAC-lbr\r\n", None),
        ("97", "a=rtpmap:97 PCMU/16000\r\n", None),
    ],
)
def test_a_loudspeaker_is_read_from_what_is_marked_ours(
    formats: str, lines: str, codec: str | None
) -> None:
    body = SDP.format(formats=formats, lines=lines).encode()
    if codec is None:
        with pytest.raises(NoLoudspeaker):
            read_loudspeaker(body)
    else:
        found = read_loudspeaker(body)

        assert (found.codec, found.control) == (codec, "mouth")


async def test_late_speech_is_left_out_and_not_said_late() -> None:
    class Channel:
        def __init__(self) -> None:
            self.sent: list[bytes] = []

        def send(self, payload: bytes, timestamp: int, *, marker: bool) -> None:
            self.sent.append(payload)

    class TwentyMs:
        step, step_s, marks_all = 160, 0.02, False

    channel, encoder = Channel(), TwentyMs()
    spoken = talking.Spoken(channel, encoder)  # type: ignore[arg-type]  # of either it uses this
    spoken.put(bytes([number]) for number in range(25))
    task = asyncio.create_task(spoken.run())
    await until(lambda: len(channel.sent) == 10)
    task.cancel()
    await asyncio.wait({task})

    assert channel.sent == [bytes([number]) for number in range(15, 25)]
