"""What is decided of a viewer's link: whatever it reports, in whatever order."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webrtc.adapting import Heard, Link, look

RATES = st.lists(st.floats(0, 8e6), min_size=1, max_size=3).map(lambda r: sorted(r, reverse=True))
LOOKS = st.lists(
    st.tuples(
        st.floats(0.2, 5),  # seconds since the look before
        st.floats(0, 40e6),
        st.floats(0, 1),
        st.none() | st.floats(0, 10),
        st.none() | st.floats(0, 40e6),
        st.integers(0, 50),
        st.none() | st.floats(0, 40e6),
        st.floats(0, 5),
    ),
    max_size=80,
)
type Looks = list[tuple[float, float, float, float | None, float | None, int, float | None, float]]


def heard_at(looks: Looks) -> list[Heard]:
    at_s, heard = 0.0, []
    for since_s, sent, loss, round_trip_s, estimate, refused, came, behind_s in looks:
        at_s += since_s
        heard.append(Heard(at_s, sent, loss, round_trip_s, estimate, refused, came, behind_s))
    return heard


def after(looks: list[Heard], rates: list[float], link: Link | None = None) -> list[Link]:
    links = [link or Link()]
    for heard in looks:
        links.append(look(links[-1], heard, rates))
    return links


def steady(
    seconds: int, *, start_s: float = 0, sent: float = 1.5e6, loss: float = 0.0, **more: float
) -> list[Heard]:
    return [Heard(start_s + i, sent, loss, **more) for i in range(seconds)]  # type: ignore[arg-type]  # floats and None


@given(looks=LOOKS, rates=RATES)
def test_whatever_is_heard_the_layer_exists_and_changes_are_apart(
    looks: Looks, rates: list[float]
) -> None:
    heard = heard_at(looks)
    links = after(heard, rates)

    changes = [b.changed_at_s for a, b in pairwise(links) if a.changed_at_s != b.changed_at_s]
    assert all(0 <= link.layer < len(rates) for link in links)
    assert all(later - earlier >= 2.0 for earlier, later in pairwise(changes))
    assert all(link.bit_per_s is None or link.bit_per_s >= 64_000 for link in links)
    assert all(link.pace_bit_per_s(rates[link.layer]) >= 64_000 for link in links)
    assert all(link.layer == len(rates) - 1 for link in links if link.reduced)
    assert all(10 <= link.patience_s <= 120 for link in links)


@given(looks=LOOKS, rates=RATES)
@settings(max_examples=30)
def test_from_wherever_a_link_that_stays_good_gets_everything_again(
    looks: Looks, rates: list[float]
) -> None:
    heard = heard_at(looks)
    bad = after(heard, rates)[-1]
    end = after(steady(900, start_s=1000, round_trip_s=0.0), rates, bad)[-1]

    assert (end.layer, end.reduced, end.bit_per_s) == (0, False, None)


@given(rates=RATES)
def test_a_link_that_stays_ruined_is_sent_least(rates: list[float]) -> None:
    link = after(steady(30, sent=2e5, loss=0.9), rates)[-1]

    assert link.reduced
    assert link.layer == len(rates) - 1


@pytest.mark.parametrize("loss", [0.0, 0.02, 0.10, 0.2])
def test_loss_without_a_longer_round_trip_is_radio_and_changes_nothing(loss: float) -> None:
    link = after(steady(60, loss=loss, round_trip_s=0.04), [1.5e6])[-1]

    assert (link.layer, link.reduced, link.bit_per_s) == (0, False, None)


def test_what_failed_is_tried_again_only_after_patience() -> None:
    links = after(steady(3, sent=1.5e6, loss=0.75), [1.5e6])
    links = after(steady(9, start_s=3, sent=2e5), [1.5e6], links[-1])
    assert links[-1].reduced
    assert links[-1].bit_per_s is not None
    assert links[-1].bit_per_s < 0.25 * 1.5e6
    tried = after(steady(10, start_s=12, sent=2e5), [1.5e6], links[-1])[-1]
    assert (tried.bit_per_s or 0) > 0.25 * 1.5e6
    failed = look(tried, Heard(22, 5e5, 0.4), [1.5e6])
    assert failed.patience_s == 20


def test_a_long_round_trip_with_a_low_estimate_is_believed_after_a_while() -> None:
    looks = steady(2, round_trip_s=0.04)
    looks += steady(5, start_s=2, round_trip_s=0.7, estimate_bit_per_s=7e5)
    links = after(looks, [1.5e6, 5e5])

    assert [link.layer for link in links[-5:]] == [0, 0, 0, 1, 1]


def test_a_machine_that_stalls_and_radio_that_loses_a_tenth_change_nothing() -> None:
    looks = [
        Heard(at, 1.5e6, 0.08 + 0.05 * (at % 2), 0.4 if at % 3 else 0.02, 9e3) for at in range(90)
    ]

    assert after(looks, [1.5e6])[-1].bit_per_s is None


@pytest.mark.parametrize("stalls_for", [1, 4])
def test_a_viewer_that_stalls_for_less_than_a_second_is_not_behind(stalls_for: int) -> None:
    looks = [Heard(at / 5, 1.5e6, behind_s=0.7 if at % 10 < stalls_for else 0) for at in range(90)]

    assert after(looks, [1.5e6])[-1].bit_per_s is None


def test_a_link_that_keeps_what_it_can_not_take_is_given_what_comes_through() -> None:
    looks = [
        Heard(at / 5, 1.5e6, received_bit_per_s=4e5, behind_s=0.2 * at, round_trip_s=0.04)
        for at in range(12)
    ]
    link = after(looks, [1.5e6])[-1]

    assert link.reduced
    assert link.bit_per_s == pytest.approx(0.85 * 4e5)


def test_a_link_full_of_what_is_sent_again_is_not_left_with_next_to_nothing() -> None:
    link = after([Heard(0, 2.2e6, 0.9, received_bit_per_s=1e5)], [1.5e6])[-1]

    assert link.reduced
    assert link.bit_per_s == pytest.approx(0.85 * 0.2 * 1.5e6)


def test_a_reduced_rate_grows_no_further_than_what_comes_through() -> None:
    takes = 4e5
    links = after([Heard(0, 1.5e6, 0.75, received_bit_per_s=takes)], [1.5e6])
    for second in range(1, 200):
        sent = links[-1].bit_per_s or 0
        came = min(sent, takes)
        behind_s = 0.15 if sent > takes else 0.0
        heard = Heard(second, sent, received_bit_per_s=came, behind_s=behind_s)
        links.append(look(links[-1], heard, [1.5e6]))

    assert all(link.reduced for link in links[1:])
    assert max(link.bit_per_s or 0 for link in links[1:]) < 1.35 * takes
    assert links[-1].bit_per_s == pytest.approx(takes, rel=0.3)


def test_a_low_estimate_alone_is_a_busy_browser_and_changes_nothing() -> None:
    looks = steady(60, round_trip_s=0.04, estimate_bit_per_s=11_000)

    assert after(looks, [1.5e6])[-1].bit_per_s is None


def test_the_layer_that_fits_is_taken_and_the_next_is_tried_after_a_while() -> None:
    rates = [1.5e6, 5e5, 1.5e5]
    thin = [Heard(3, 1.5e6, 0.5)]
    links = after(thin, rates)
    assert links[-1].layer == 1
    assert not links[-1].reduced

    good = steady(30, start_s=4, sent=5e5)
    raised = [link.heard_at_s for link in after(good, rates, links[-1]) if link.layer == 0]
    assert raised[0] is not None
    assert raised[0] - 4 >= 10


def test_an_attempt_that_fails_makes_the_next_one_wait_twice_as_long() -> None:
    rates = [1.5e6, 5e5]
    link = after([Heard(0, 1.5e6, 0.5)], rates)[-1]
    for patience in (10, 20, 40):
        assert link.patience_s == patience
        at_s = (link.heard_at_s or 0) + 1
        while link.layer:
            link = look(link, Heard(at_s, 5e5), rates)
            at_s += 1
        for _ in range(2):
            link = look(link, Heard(at_s, 1.5e6, 0.5), rates)
            at_s += 1


def test_one_bad_look_changes_nothing_and_a_ruinous_one_does_at_once() -> None:
    rates = [1.5e6]
    assert after([Heard(0, 1.5e6), Heard(1, 1.5e6, 0.4), Heard(2, 1.5e6)], rates)[-1].layer == 0
    assert after([Heard(0, 1.5e6), Heard(1, 1.5e6, 0.75)], rates)[-1].reduced


def test_a_layer_that_is_gone_is_left() -> None:
    assert look(Link(layer=2), Heard(0, 1e5), [1e6]).layer == 0
