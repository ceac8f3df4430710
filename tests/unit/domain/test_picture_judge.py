"""A camera that is frozen or blinded, by pictures that are decoded for analysis anyway."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.impairments import Impairment
from domain.picture_judge import PictureJudge

MORNING = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
DETAIL = 16.0


class Views:
    """A camera that is looked at once a second; ``said`` is all that was ever said of it."""

    def __init__(self) -> None:
        self.judge = PictureJudge()
        self.at = MORNING
        self.said: set[Impairment] = set()
        self._prints = count(1_000_000)

    def live(self, seconds: int, *, detail: float = DETAIL) -> None:
        self.show((detail, next(self._prints)) for _ in range(seconds))

    def show(self, looks: Iterable[tuple[float, int]]) -> None:
        for detail, print_ in looks:
            self.at += PictureJudge.EVERY
            self.judge.saw(detail, print_, self.at)
            if self.judge.impaired is not None:
                self.said.add(self.judge.impaired.what)

    @property
    def now(self) -> Impairment | None:
        return self.judge.impaired.what if self.judge.impaired is not None else None


def test_one_picture_for_a_minute_is_frozen_until_others_come() -> None:
    views = Views()
    views.live(100)
    stopped = views.at

    views.show([(DETAIL, 1), (DETAIL, 2)] * 31)  # as an encoder's two ways of saying the same

    told = views.judge.impaired
    assert told is not None
    assert (told.what, told.since) == (Impairment.FROZEN, stopped + PictureJudge.EVERY)
    views.live(2)
    assert views.now is Impairment.FROZEN
    views.live(1)
    assert views.now is None


def test_a_covered_lens_is_blinded_however_noisy_the_dark_is() -> None:
    views = Views()
    views.live(15 * 60)
    covered = views.at

    views.live(20, detail=0.9)

    told = views.judge.impaired
    assert told is not None
    assert (told.what, told.since) == (Impairment.BLINDED, covered + PictureJudge.EVERY)
    views.live(5, detail=4.0)
    assert views.now is Impairment.BLINDED
    views.live(3)
    assert views.now is None


def test_black_pictures_are_blinded_rather_than_frozen() -> None:
    views = Views()
    views.live(15 * 60)

    views.show([(0.0, 7)] * 120)

    assert views.said == {Impairment.BLINDED}


def test_what_it_has_not_seen_alive_it_says_nothing_of() -> None:
    still, loop, dark = Views(), Views(), Views()

    still.show([(DETAIL, 7)] * 600)
    loop.show((DETAIL, number % 40) for number in range(600))  # a film that is shown over and over
    dark.live(60, detail=0.3)

    assert still.said == loop.said == dark.said == set()


def test_a_quiet_place_that_is_sent_new_every_minute_and_a_half_is_not_frozen() -> None:
    views = Views()
    for print_ in range(100):
        views.show([(DETAIL, print_)] * 90)

    assert views.said == set()


def test_a_night_without_light_is_usual_where_it_is() -> None:
    views = Views()
    views.live(15 * 60, detail=1.5)

    views.live(60, detail=0.0)

    assert views.said == set()


def test_a_camera_that_turns_begins_anew_and_keeps_what_it_knows() -> None:
    views = Views()
    views.live(15 * 60)
    views.show([(DETAIL, 7)] * 50)
    views.judge.forget_place()

    views.show([(DETAIL, 7)] * 50)

    assert views.now is None
    views.live(20, detail=0.5)
    assert views.now is Impairment.BLINDED


def test_it_asks_for_a_picture_a_second_also_when_the_clock_is_set_back() -> None:
    views = Views()
    assert views.judge.is_due(views.at)
    views.live(15 * 60)

    assert not views.judge.is_due(views.at + timedelta(seconds=0.4))
    assert views.judge.is_due(views.at + timedelta(seconds=1))
    assert views.judge.is_due(views.at - timedelta(hours=1))
    views.show([(DETAIL, 7)] * 50)
    views.at -= timedelta(minutes=2)
    views.show([(DETAIL, 7)] * 50)
    assert views.now is None


@settings(max_examples=30)
@given(shares=st.lists(st.floats(0.15, 4.0), max_size=10), lasts=st.integers(1, 50))
def test_whatever_lives_is_never_called_frozen_or_blinded(shares: list[float], lasts: int) -> None:
    """Also one that gives the same picture for some seconds, again and again."""
    views = Views()
    views.live(15 * 60)
    for number, share in enumerate(shares):
        views.show([(share * DETAIL, number)] * lasts)
        views.live(10, detail=share * DETAIL)

    assert views.said == set()
