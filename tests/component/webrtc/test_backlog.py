"""The queue in front of a thin link, on a link that is computed: no clock, no network."""

from hypothesis import given
from hypothesis import strategies as st

from webrtc.backlog import Backlog

CEILING = 4_000_000
FRAME_S = 0.04


class Link:
    """A queue of ``bit_per_s``; a publisher that does what it is told, or does not."""

    def __init__(self, *, obeys: bool = True, start: int = 0) -> None:
        self.backlog = Backlog(ceiling_bit_per_s=CEILING)
        self.limit: int | None = None
        self.worst_s = self.now_s = 0.0
        self._free_s = 0.0
        self._obeys, self._timestamp = obeys, start

    def run(self, seconds: float, *, sends: float, link: float) -> None:
        self.worst_s = 0.0
        for _ in range(int(seconds / FRAME_S)):
            self.now_s += FRAME_S
            self._timestamp = (self._timestamp + 3600) & 0xFFFFFFFF
            rate = min(sends, self.limit or sends) if self._obeys else sends
            left = int(rate * FRAME_S / 8)
            while left > 0:  # packet by packet
                octets = min(1200, left)
                left -= octets
                self._free_s = max(self._free_s, self.now_s) + octets * 8 / link
                self.backlog.carried(octets, self._free_s)
                self.backlog.saw(self._timestamp, self._free_s)
            self.worst_s = max(self.worst_s, self._free_s - self.now_s)
            self.limit = self.backlog.limit(self._free_s)


def test_a_link_cut_to_a_third_holds_less_than_a_second_of_pictures() -> None:
    link = Link()
    link.run(10, sends=3e6, link=50e6)
    assert link.limit is None
    link.run(5, sends=3e6, link=1e6)

    assert link.worst_s < 1.0
    assert link.limit is not None


def test_a_queue_is_seen_as_it_grows_and_the_limit_lets_it_drain() -> None:
    link = Link()
    link.run(10, sends=2e6, link=50e6)
    link.run(0.4, sends=2e6, link=1e6)
    assert link.limit is not None
    assert link.limit < 1e6
    link.run(5, sends=2e6, link=1e6)

    assert link.worst_s < 0.6


def test_a_network_that_only_stalls_is_no_backlog() -> None:
    backlog, limit = Backlog(ceiling_bit_per_s=CEILING), None
    for number in range(1, 500):
        captured_s = number * FRAME_S
        stall_ends_s = captured_s - captured_s % 2 + 0.24  # each two seconds
        now_s = max(captured_s, stall_ends_s)
        backlog.carried(5000, now_s)
        backlog.saw(number * 3600, now_s)
        limit = backlog.limit(now_s) or limit

    assert limit is None


def test_when_the_link_is_back_the_limit_goes() -> None:
    link = Link()
    link.run(10, sends=3e6, link=50e6)
    link.run(5, sends=3e6, link=1e6)
    link.run(10, sends=3e6, link=50e6)

    assert link.limit is None


def test_a_timestamp_that_wraps_is_no_backlog() -> None:
    link = Link(start=2**32 - 20 * 3600)
    link.run(20, sends=3e6, link=50e6)

    assert link.limit is None


def test_the_queue_of_a_publisher_that_does_not_obey_leaves_a_least_rate() -> None:
    link = Link(obeys=False)
    link.run(5, sends=3e6, link=50e6)
    link.run(30, sends=3e6, link=1e6)

    assert link.limit is not None
    assert 300_000 <= link.limit <= 1_400_000  # cut again once a quarter of it does not get through


def test_an_encoder_that_has_no_time_is_no_full_link() -> None:
    backlog, limit, late_s = Backlog(ceiling_bit_per_s=CEILING), None, 0.0
    for number in range(1, 500):
        late_s = 0.0 if number % 6 == 0 else late_s + 0.045  # up to 225 ms, each later
        for packet in range(5):
            now_s = number * 0.1 + late_s + packet * 0.003
            backlog.carried(1200, now_s)
            backlog.saw(number * 9000, now_s)
        limit = backlog.limit(now_s) or limit

    assert limit is None


def test_one_large_picture_is_no_backlog() -> None:
    backlog, limit = Backlog(ceiling_bit_per_s=CEILING), None
    for number in range(1, 500):
        late_s = 0.4 if number % 50 in (0, 1) else 0.0  # a keyframe, and the picture behind it
        now_s = number * FRAME_S + late_s
        backlog.carried(5000, now_s)
        backlog.saw(number * 3600, now_s)
        limit = backlog.limit(now_s) or limit

    assert limit is None


@given(
    st.lists(
        st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 1500), st.floats(0, 5)), max_size=200
    )
)
def test_whatever_timestamps_come_the_limit_stays_within_its_bounds(
    packets: list[tuple[int, int, float]],
) -> None:
    backlog, now_s = Backlog(ceiling_bit_per_s=CEILING), 100.0
    for timestamp, octets, gap_s in packets:
        now_s += gap_s
        backlog.carried(octets, now_s)
        backlog.saw(timestamp, now_s)
        limit = backlog.limit(now_s)
        assert limit is None or 300_000 <= limit <= CEILING
