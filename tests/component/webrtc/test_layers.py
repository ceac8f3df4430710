"""Layers of one stream (simulcast): each its own track, and viewers on the one that suits them."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from domain.identifiers import StreamId
from domain.streams import Codec
from webrtc.metrics import Metrics
from webrtc.relay import MAX_LAYERS, EndReason, RelayedStream
from webrtc.sending import Burst
from webrtc.track import Track

KEY, DELTA = b"\x65\x88\x80", b"\x41\x9a\x80"


class Phone:
    """Publishes; keeps which layers were to give a keyframe."""

    makes_keyframes = True

    def __init__(self) -> None:
        self.asked: list[int] = []

    def request_keyframe(self, layer: int = 0) -> None:
        self.asked.append(layer)

    def end(self, reason: EndReason) -> None: ...


class Desk:
    """Watches; keeps what it was given."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, bytes]] = []
        self.changes = 0

    def deliver_video(self, burst: Burst) -> None:
        self.seen += [(burst.ssrc, packet.payload) for packet in burst.packets]

    def deliver_audio(self, burst: Burst) -> None: ...

    def layers_changed(self) -> None:
        self.changes += 1

    def end(self, reason: EndReason) -> None: ...


@pytest.fixture
def stream() -> Iterator[RelayedStream]:
    stream = RelayedStream(StreamId(uuid4()), metrics=Metrics())
    yield stream
    for layer in stream.layers:
        layer.flush()


def show(layer: Track, payload: bytes, sequence: int = 1) -> None:
    layer.receive(sequence, 3600 * sequence, True, payload)


async def test_each_viewer_gets_the_layer_it_subscribes_to(stream: RelayedStream) -> None:
    large, small = Desk(), Desk()
    stream.publish(Phone(), layers=2)
    high, low = stream.layers
    stream.subscribe(large)
    stream.subscribe(small, low)
    for layer, payload in ((high, KEY), (low, DELTA)):
        layer.begin(Codec.H264)
        show(layer, payload)

    assert high is stream.video
    assert large.seen == [(high.ssrc, KEY)]
    assert small.seen == [(low.ssrc, DELTA)]
    assert stream.viewers == {large, small}


async def test_a_viewer_between_two_layers_gets_both_and_is_counted_once(
    stream: RelayedStream,
) -> None:
    desk = Desk()
    stream.publish(Phone(), layers=2)
    high, low = stream.layers
    stream.subscribe(desk)
    stream.subscribe(desk, low)
    for layer in (high, low):
        layer.begin(Codec.H264)
        show(layer, KEY)
    assert stream.status().viewers == 1
    stream.unsubscribe(desk, high)
    show(high, DELTA, 2)
    show(low, DELTA, 2)

    assert desk.seen == [(high.ssrc, KEY), (low.ssrc, KEY), (low.ssrc, DELTA)]
    stream.unsubscribe(desk)
    assert stream.viewers == set()


async def test_a_keyframe_is_asked_for_where_it_is_wanted(stream: RelayedStream) -> None:
    phone = Phone()
    stream.publish(phone, layers=3)
    stream.request_keyframe()
    stream.request_keyframe(stream.layers[2])

    assert stream.starting_point(stream.layers[1]) is None
    assert phone.asked == [0, 2, 1]


async def test_who_watched_a_layer_that_is_gone_goes_on_with_the_highest(
    stream: RelayedStream,
) -> None:
    desk = Desk()
    stream.publish(Phone(), layers=2)
    low = stream.layers[1]
    stream.subscribe(desk, low)
    phone = Phone()
    stream.publish(phone, layers=1)
    stream.request_keyframe(low)
    stream.video.begin(Codec.H264)
    show(stream.video, KEY)

    assert stream.layers == (stream.video,)
    assert desk.changes == 1
    assert desk.seen == [(stream.video.ssrc, KEY)]
    assert phone.asked == []  # nobody sends that layer


async def test_a_layers_numbers_go_on_when_it_returns(stream: RelayedStream) -> None:
    desk = Desk()
    stream.publish(Phone(), layers=2)
    low = stream.layers[1]
    low.begin(Codec.H264)
    show(low, KEY)
    newest = low.history.newest
    stream.publish(Phone(), layers=1)
    stream.publish(Phone(), layers=2)
    stream.subscribe(desk, stream.layers[1])
    stream.layers[1].begin(Codec.H264)
    show(low, KEY, 40_000)

    assert stream.layers[1] is low
    assert low.history.newest == newest + 1
    assert desk.seen == [(low.ssrc, KEY)]


@pytest.mark.parametrize("count", [0, MAX_LAYERS + 1])
async def test_a_stream_has_one_to_three_layers(stream: RelayedStream, count: int) -> None:
    with pytest.raises(ValueError, match="layers"):
        stream.publish(Phone(), layers=count)
