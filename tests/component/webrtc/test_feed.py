"""What one viewer is sent of a picture: every packet under one number, and none waits for long."""

import asyncio
import random
from collections import Counter
from itertools import islice, pairwise
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.identifiers import StreamId
from domain.streams import Codec
from webrtc.feed import Feed
from webrtc.history import OutputPacket
from webrtc.metrics import Metrics
from webrtc.past import Squeeze
from webrtc.relay import RelayedStream
from webrtc.renumbering import Renumbering
from webrtc.sending import Burst

KEY, DELTA = b"\x65\x88\x80", b"\x41\x9a\x80"


class Camera:
    """Publishes, and says how often it was asked for a keyframe."""

    def __init__(self, *, makes_keyframes: bool = True) -> None:
        self.asked: list[int] = []
        self.makes_keyframes = makes_keyframes

    def request_keyframe(self, layer: int = 0) -> None:
        self.asked.append(layer)

    def end(self, reason: object) -> None: ...


class Watcher:
    """A viewer with a clock set by hand, whose path takes everything: what went is kept."""

    def __init__(self, *, layers: int = 1) -> None:
        self.now_s = 100.0
        self.sent: list[OutputPacket] = []
        self.again: list[OutputPacket] = []
        self.came_again = asyncio.Semaphore(0)
        self.stream = RelayedStream(
            StreamId(uuid4()), metrics=Metrics(), clock=lambda: self.now_s + 1e9
        )
        self.camera = Camera()
        self.stream.publish(self.camera, layers=layers)
        for layer in self.stream.layers:
            layer.begin(Codec.H264)
        self.feed = Feed(self, self.stream, self, monotonic=lambda: self.now_s)
        self.stream.subscribe(self)
        self.pictures = self.told = self.lost = 0

    def deliver_video(self, burst: Burst) -> None:
        self.feed.deliver(burst)

    def deliver_audio(self, burst: Burst) -> None: ...

    def layers_changed(self) -> None:
        self.feed.layers_changed()

    def end(self, reason: object) -> None: ...

    def send(self, burst: Burst, codec: Codec | None) -> int:
        self.sent += burst.packets
        return len(burst.packets)

    def send_again(self, packet: OutputPacket, ssrc: int, codec: Codec | None) -> int:
        self.again.append(packet)
        self.came_again.release()
        return 1

    def film(self, pictures: int, *, size: int = 6, every: int = 50, step_s: float = 0.04) -> None:
        """Pictures of ``size`` packets, keyframes six times as large, time going on."""
        for _ in range(pictures):
            is_key = self.pictures % every == 0
            count = size * 6 if is_key else size
            head = KEY if is_key else DELTA
            for number, layer in enumerate(self.stream.layers):
                share = max(1, count >> (2 * number))
                payloads = [head + bytes(1197)] + [DELTA + bytes(1197)] * (share - 1)
                layer.receive_unit(payloads, self.pictures * 3600 + 77 * number)
            self.pictures += 1
            for _ in range(4):
                self.now_s += step_s / 4
                self.feed._drain()

    def lose_picture(self, *, filming: int = 0) -> bool:
        """Ask for a keyframe, as its session does; whether the past came, while it goes on."""
        start = self.feed.needs_past()
        if start is None:
            self.feed.want_keyframe()
            return False
        history = self.stream.video.history
        self.feed.begin_past(start)
        while packets := list(islice(history.since(start), 24)):
            start = packets[-1].sequence + 1
            self.feed.deliver_past(packets)
            self.film(1 if filming > 0 else 0)
            filming -= 1
        self.feed.end_past()
        return True

    def say(self, *, loss: float = 0.0, estimate: float | None = None) -> None:
        """A report: all has come but this share of what was sent since the last."""
        newest = max(self.numbers, default=0)
        self.lost += round(loss * (newest - self.told))
        self.told = newest
        self.feed.heard(
            highest=newest & 0xFFFF,
            lost=self.lost,
            last_report=0,
            delay_s=0,
            estimate_bit_per_s=estimate,
        )

    @property
    def numbers(self) -> list[int]:
        return [packet.sequence for packet in self.sent]

    def holes(self) -> int:
        return max(self.numbers) - min(self.numbers) + 1 - len(set(self.numbers))


async def test_an_ordinary_picture_goes_at_once_and_a_keyframe_in_turns() -> None:
    watcher = Watcher()
    watcher.film(1, size=12, step_s=0)
    assert len(watcher.sent) == 24  # of 72
    watcher.film(3, size=12)
    assert len(watcher.sent) == 72 + 3 * 12
    before = len(watcher.sent)
    watcher.film(1, size=12, step_s=0)

    assert len(watcher.sent) == before + 12
    assert watcher.holes() == 0
    watcher.feed.close()


async def test_a_thin_link_gets_the_first_pictures_of_each_group_and_no_hole() -> None:
    watcher = Watcher()
    watcher.film(50)
    watcher.say()
    watcher.film(25)
    for _ in range(20):  # 20 s, half of every second's packets lost
        watcher.say(loss=0.75 if not watcher.feed.link.reduced else 0.0)
        watcher.film(25)
    link = watcher.feed.link
    assert link.reduced
    delays = [watcher.feed._backlog_s(watcher.now_s)]
    watcher.sent.clear()
    for _ in range(100):
        watcher.film(1)
        delays.append(watcher.feed._backlog_s(watcher.now_s))
    size = sum(len(packet.payload) for packet in watcher.sent)

    assert watcher.holes() == 0
    assert size * 8 / 4 <= 1.1 * (link.bit_per_s or 0)
    assert max(delays) <= 0.5 + 36 * 1200 * 8 / (link.bit_per_s or 1)
    keyframes = [packet for packet in watcher.sent if packet.payload[:3] == KEY]
    assert len(keyframes) == 2
    watcher.feed.close()


async def test_a_thinned_viewer_asks_for_keyframes_seldom() -> None:
    watcher = Watcher()
    watcher.film(50)
    watcher.say()
    watcher.film(25)
    for _ in range(4):
        watcher.say(loss=0.75)
        watcher.film(25)
    watcher.camera.asked.clear()
    for _ in range(80):
        watcher.feed.want_keyframe()
        watcher.film(5)  # 16 s in all

    assert 3 <= len(watcher.camera.asked) <= 5
    watcher.feed.close()


async def test_one_viewer_cannot_hold_a_publisher_at_keyframes() -> None:
    hostile, honest = Watcher(), Watcher()
    for watcher in (hostile, honest):
        watcher.film(50)
    for _ in range(300):  # 60 s
        hostile.feed.want_keyframe()
        hostile.film(5)
    honest.feed.want_keyframe()  # and again until it comes, as browsers do
    for _ in range(5):
        honest.film(4)
        honest.feed.want_keyframe()

    assert len(hostile.camera.asked) <= 4 + 60 / 2
    assert len(honest.camera.asked) == 2
    for watcher in (hostile, honest):
        watcher.feed.close()


async def test_the_lower_layer_goes_on_in_the_same_numbers_and_the_same_line_of_time() -> None:
    watcher = Watcher(layers=2)
    watcher.film(50)
    watcher.say()
    watcher.film(40)
    for loss in (0.5, 0.0):
        watcher.say(loss=loss)
        watcher.film(50)
    assert watcher.feed.layer == 1
    assert watcher.camera.asked == [1]
    watcher.film(100)
    times = [packet.timestamp for packet in watcher.sent]

    assert watcher.holes() == 0
    assert times == sorted(times)
    # The keyframe is of the same instant as the picture before it, or of one after a pause.
    steps = Counter(b - a for a, b in pairwise(times))
    assert set(steps) <= {0, 1, 3600, 180_000}
    assert steps[1] + steps[180_000] <= 2
    low = watcher.stream.layers[1]
    report, theirs = watcher.feed.report(), low.report(0)
    assert report is not None
    assert theirs is not None
    assert report[0] == theirs[0]
    assert report[1] == times[-1]  # lips and sound: the report speaks of what the viewer has

    for _ in range(20):
        watcher.say()
        watcher.film(25)
    assert watcher.feed.layer == 0
    assert watcher.holes() == 0
    watcher.feed.close()


async def test_a_layer_that_is_gone_is_left_at_the_next_keyframe() -> None:
    watcher = Watcher(layers=2)
    watcher.film(50)
    watcher.say()
    watcher.film(40)
    for loss in (0.5, 0.0):
        watcher.say(loss=loss)
        watcher.film(50)
    assert watcher.feed.layer == 1
    watcher.stream.publish(Camera(), layers=1)
    watcher.sent.clear()
    watcher.film(60)

    assert watcher.feed._source is watcher.stream.video
    assert watcher.sent[0].payload[:3] == KEY
    assert watcher.holes() == 0
    watcher.feed.close()


async def test_what_is_asked_for_again_is_what_was_sent() -> None:
    watcher = Watcher()
    start = watcher.stream.video.history
    watcher.stream.unsubscribe(watcher)
    watcher.film(40)
    watcher.feed.begin_past(start.newest - 100)
    watcher.feed.deliver_past(list(start.since(start.newest - 100)))
    watcher.stream.subscribe(watcher)
    watcher.film(40)
    sent = {packet.sequence: packet for packet in watcher.sent}
    assert len(sent) == len(watcher.sent)
    for number in sent:
        watcher.feed.send_again(number & 0xFFFF)
        watcher.now_s += 0.05
    assert watcher.again == list(sent.values())
    watcher.feed.close()


async def test_a_thinned_viewer_is_sent_again_only_what_it_still_needs() -> None:
    watcher = Watcher()
    watcher.film(20)
    watcher.say()
    watcher.film(40)
    watcher.say(loss=0.75)
    watcher.film(60)
    sent = {packet.sequence: packet for packet in watcher.sent}
    keyframe = max(number for number, packet in sent.items() if packet.payload[:3] == KEY)
    watcher.now_s += 10
    watcher.feed._drain()
    for number in list(sent)[-150:]:
        watcher.feed.send_again(number & 0xFFFF)
        watcher.now_s += 0.2  # the link takes no more
        watcher.feed._drain()

    assert watcher.again == [packet for number, packet in sent.items() if number >= keyframe]
    watcher.feed.close()


async def test_where_packets_are_lost_by_chance_each_goes_again_twice() -> None:
    watcher = Watcher()
    watcher.film(50)
    watcher.say()
    watcher.film(50)
    watcher.say(loss=0.02)
    lost = watcher.numbers[-3:]

    for number in lost:
        watcher.feed.send_again(number & 0xFFFF)
    assert [packet.sequence for packet in watcher.again] == lost  # at once
    async with asyncio.timeout(60):
        for _ in 2 * lost:
            await watcher.came_again.acquire()
    assert [packet.sequence for packet in watcher.again] == 2 * lost

    watcher.feed.send_again(lost[0] & 0xFFFF)
    watcher.feed.close()
    await asyncio.sleep(0.02)  # longer than the second would wait
    assert len(watcher.again) == 7  # who has left is sent nothing


async def test_a_flood_of_requests_is_not_answered() -> None:
    watcher = Watcher()
    watcher.film(50)
    for _ in range(20_000):
        watcher.feed.send_again(watcher.numbers[-1] & 0xFFFF)

    assert watcher.feed.asked == 20_000
    assert 8 * sum(len(packet.payload) for packet in watcher.again) < 1.1e6
    watcher.feed.send_again(watcher.numbers[0] - 1 & 0xFFFF)
    assert watcher.again[-1].sequence == watcher.numbers[-1]  # and what was never sent, never
    watcher.feed.close()


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15)
def test_whatever_happens_no_number_goes_to_two_packets(seed: int) -> None:
    async def run() -> None:
        chance = random.Random(seed)
        watcher = Watcher(layers=chance.choice([1, 2, 3]))
        watcher.feed.as_decoded = chance.choice([None, 5])
        for _ in range(30):
            deed = chance.randrange(8)
            if deed == 0:
                watcher.say(loss=chance.random(), estimate=chance.choice([None, 1e5, 6e5, 5e6]))
                watcher.now_s += 2
            elif deed == 1:
                camera = Camera(makes_keyframes=chance.random() < 0.5)
                watcher.stream.publish(camera, layers=chance.choice([1, 2, 3]))
            elif deed == 6:
                watcher.now_s += chance.choice([0, 6])
                watcher.lose_picture(filming=chance.randrange(5))
            elif deed == 2:
                for _ in range(20):
                    watcher.feed.send_again(chance.choice(watcher.numbers or [0]) & 0xFFFF)
            else:
                watcher.film(chance.randrange(40), size=chance.choice([1, 6, 40]))
        seen: dict[int, OutputPacket] = {}
        for packet in watcher.sent + watcher.again:
            assert seen.setdefault(packet.sequence, packet) == packet
        watcher.feed.close()

    asyncio.run(run())


@given(
    times=st.lists(st.integers(0, 900_000), max_size=50),
    into=st.integers(1, 9000),
    ticks=st.integers(9000, 900_000),
)
def test_past_pictures_keep_their_order_within_the_time_they_take_to_come(
    times: list[int], into: int, ticks: int
) -> None:
    squeeze = Squeeze(900_000, into, ticks)
    packets = [OutputPacket(number, at, True, b"") for number, at in enumerate(sorted(times))]
    moved = [squeeze.apply(packet).timestamp for packet in packets]

    assert moved == sorted(moved)
    assert all(at >= 900_000 - 900_000 * into // ticks for at in moved)
    live = OutputPacket(1, 900_001, True, b"")
    assert squeeze.apply(live) is live


@given(
    deeds=st.lists(
        st.tuples(st.sampled_from("beppppp"), st.integers(0, 60), st.integers(0, 9000)),
        max_size=80,
    )
)
def test_renumbered_packets_are_never_two_under_one_number(
    deeds: list[tuple[str, int, int]],
) -> None:
    own, sent = Renumbering(newest=500, newest_timestamp=1000), dict[int, OutputPacket]()
    for index, (deed, number, time) in enumerate(deeds):
        if deed == "b":
            own.begin(number, time, timestamp_offset=0)
        elif deed == "e":
            own.end()
        else:
            packet = OutputPacket(number, time, False, b"%d" % index)
            moved = own.place(packet)
            if moved is not None:
                assert moved.sequence > 500
                assert moved.sequence not in sent
                sent[moved.sequence] = moved
