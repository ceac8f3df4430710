"""What a viewer's receiver reports tell of its link: loss, what it takes, and what waits in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.delivery import Delivery

SIZE = 1200


class Link:
    """Sends a hundred packets a second into a link that takes so many; reports each 0.2 s."""

    def __init__(self, *, takes: float = 100.0, keeps: int = 10_000) -> None:
        self.takes, self.keeps = takes, keeps
        self.delivery = Delivery()
        self.sent = self.lost = 0
        self.now_s = 0.0
        self.queue: list[int] = []
        self.came = 65_500  # the 16 bits of a report's number come round
        self.first = self.came

    def run(self, seconds: float, *, sends: bool = True, drop_every: int = 0) -> None:
        room = 0.0
        for _ in range(round(seconds * 100)):
            self.now_s += 0.01
            now_s = self.now_s
            if sends:
                self.sent += 1
                number = self.first + self.sent
                self.delivery.sent(number, self.sent * SIZE, now_s)
                dropped = drop_every and self.sent % drop_every == 0
                if dropped or len(self.queue) >= self.keeps:
                    self.lost += 1
                else:
                    self.queue.append(number)
            room = min(1.0, room + self.takes / 100)
            while room >= 1 and self.queue:
                self.came = self.queue.pop(0)
                room -= 1
            if round(now_s * 100) % 20 == 0:
                # A receiver counts as lost what is missing below the highest it has had.
                missing = self.came - self.first - (self.sent - self.lost - len(self.queue))
                self.delivery.reported(highest=self.came & 0xFFFF, lost=missing, now_s=now_s)


def test_a_good_link_loses_nothing_and_takes_what_is_sent() -> None:
    link = Link()
    link.run(3)

    assert link.delivery.loss == 0
    assert link.delivery.behind_s == 0
    assert link.delivery.bit_per_s == pytest.approx(100 * SIZE * 8, rel=0.1)


def test_loss_is_counted_over_a_second_however_often_reports_come() -> None:
    link = Link()
    link.run(3, drop_every=10)

    assert link.delivery.loss == pytest.approx(0.1, abs=0.03)
    link.delivery.reported(highest=(link.came + 1) & 0xFFFF, lost=link.lost + 1, now_s=link.now_s)
    assert link.delivery.loss < 0.15  # of one packet, all was lost


def test_a_thin_link_shows_what_it_takes_while_it_loses_the_rest() -> None:
    link = Link()
    link.run(2)
    link.takes, link.keeps = 25, 8
    link.run(2)

    assert link.delivery.bit_per_s == pytest.approx(25 * SIZE * 8, rel=0.2)
    assert link.delivery.loss == pytest.approx(0.75, abs=0.1)
    assert 0.2 < link.delivery.behind_s < 0.5


def test_a_link_that_keeps_everything_falls_behind_before_it_loses_anything() -> None:
    link = Link(takes=50)
    link.run(2)

    assert link.delivery.loss == 0
    assert link.delivery.behind_s == pytest.approx(1.0, abs=0.2)
    assert link.delivery.bit_per_s == pytest.approx(50 * SIZE * 8, rel=0.1)


def test_the_last_packet_before_a_pause_may_be_lost_and_nothing_is_behind() -> None:
    link = Link()
    link.run(1.99)
    link.keeps = 0
    link.run(0.01)
    assert link.lost == 1
    link.run(2, sends=False)

    assert link.delivery.behind_s == 0


def test_a_viewer_whose_reports_never_move_is_not_behind() -> None:
    delivery, most_s = Delivery(), 0.0
    for step in range(1000):
        delivery.sent(step, step * SIZE, step / 100)
        if step % 20 == 0:
            delivery.reported(highest=7, lost=0, now_s=step / 100)
            most_s = max(most_s, delivery.behind_s) if step > 200 else 0.0

    assert most_s == 0
    assert delivery.loss == 0
    assert delivery.bit_per_s is None


def test_what_was_before_a_restart_does_not_count() -> None:
    link = Link()
    link.run(2, drop_every=2)
    link.delivery.restart()
    link.run(0.2)
    assert link.delivery.loss == 0
    link.run(2)

    assert link.delivery.loss == 0
    assert link.delivery.bit_per_s == pytest.approx(100 * SIZE * 8, rel=0.1)


@given(
    reports=st.lists(
        st.tuples(st.integers(0, 2**32 - 1), st.integers(-(2**23), 2**23 - 1), st.floats(0, 3)),
        max_size=60,
    ),
    numbers=st.lists(st.integers(0, 2**40), max_size=60),
)
def test_whatever_is_reported_the_figures_stay_figures(
    reports: list[tuple[int, int, float]], numbers: list[int]
) -> None:
    delivery, now_s = Delivery(), 0.0
    for index, (highest, lost, since_s) in enumerate(reports):
        now_s += since_s
        if index < len(numbers):
            delivery.sent(numbers[index], SIZE * index, now_s)
        delivery.reported(highest=highest, lost=lost, now_s=now_s)
        if index % 7 == 6:
            delivery.restart()
        assert 0 <= delivery.loss <= 1
        assert delivery.behind_s >= 0
        assert delivery.bit_per_s is None or delivery.bit_per_s >= 0
