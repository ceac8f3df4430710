"""What some browsers can't show, made H264: trouble with one stream is no other's."""

import asyncio
from asyncio.subprocess import Process
from uuid import uuid4

import pytest

from domain.identifiers import StreamId
from domain.streams import Codec
from tests.component.webrtc.peers import until
from webrtc import converting
from webrtc.converting import MOST_WAITING, MOST_WAITING_BYTES, Conversions, Waiting
from webrtc.metrics import Metrics
from webrtc.relay import EndReason, Relay
from webrtc.renditions import Renditions, Source, rendition
from webrtc.sending import Burst


class Watcher:
    """Is told why it ends."""

    ended: EndReason | None = None

    def deliver_video(self, burst: Burst) -> None: ...

    def deliver_audio(self, burst: Burst) -> None: ...

    def layers_changed(self) -> None: ...

    def end(self, reason: EndReason) -> None:
        self.ended = reason


async def test_who_loses_the_last_place_to_another_ends_alone() -> None:
    metrics, watcher = Metrics(), Watcher()
    relay, renditions = Relay(metrics=metrics), Renditions(metrics=metrics, most=1)
    conversions = Conversions(relay=relay, renditions=renditions, metrics=metrics)
    running = asyncio.create_task(conversions.run())
    await until(lambda: conversions._group is not None)
    conversions.of(relay.open_for_camera(StreamId(uuid4()))).subscribe(watcher)
    renditions.take_place()  # a camera with masks, before the other's process is started
    await until(lambda: watcher.ended is not None)

    assert watcher.ended is EndReason.FAILED
    assert not running.done()
    running.cancel()
    await asyncio.wait({running})


async def test_who_comes_while_one_is_being_ended_is_given_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(converting, "LINGERS_S", 0.0)
    monkeypatch.setattr(converting, "_LOOK_EVERY_S", 0.01)
    ending, may_end, end = asyncio.Event(), asyncio.Event(), rendition._end

    async def ends_slowly(worker: Process) -> None:
        ending.set()
        await may_end.wait()
        await end(worker)

    monkeypatch.setattr(rendition, "_end", ends_slowly)
    metrics = Metrics()
    relay, renditions = Relay(metrics=metrics), Renditions(metrics=metrics, most=2)
    conversions = Conversions(relay=relay, renditions=renditions, metrics=metrics)
    running = asyncio.create_task(conversions.run())
    await until(lambda: conversions._group is not None)
    stream = relay.open_for_camera(StreamId(uuid4()))
    stream.video.begin(Codec.H265)
    first = conversions.of(stream)
    await ending.wait()  # nobody has come

    assert conversions.of(stream) is not first
    may_end.set()
    running.cancel()
    await asyncio.wait({running})


def test_large_pictures_on_their_way_to_be_made_h264_are_bounded_in_bytes() -> None:
    waiting, data = Waiting(), bytes(1024 * 1024)
    waiting.put(Source(data, 0, is_keyframe=True))
    for n in range(1, 40):
        waiting.put(Source(data, n, is_keyframe=False))
        assert waiting.bytes <= MOST_WAITING_BYTES

    assert len(waiting) == 0  # what was dropped is needed by all that follow
    waiting.put(Source(data, 40, is_keyframe=True))
    waiting.put(Source(data, 41, is_keyframe=False))
    assert [waiting.take().timestamp, waiting.take().timestamp] == [40, 41]
    assert waiting.bytes == 0


def test_pictures_that_follow_what_was_dropped_are_not_made_h264_before_a_keyframe() -> None:
    waiting = Waiting()
    for n in range(MOST_WAITING + 5):
        waiting.put(Source(b"unit", n, is_keyframe=n == 0))

    assert len(waiting) == 0
