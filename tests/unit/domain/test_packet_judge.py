"""A camera that is frozen or blinded, by the sizes of its keyframes alone."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.impairments import Impairment, UsualLows
from domain.packet_judge import PacketJudge

MORNING = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
KEYFRAMES = timedelta(seconds=2)


class Film:
    """A camera whose keyframes come every two seconds, from ``MORNING`` on."""

    def __init__(self, seed: int = 1, *, every: timedelta = KEYFRAMES) -> None:
        self._every = every
        self.judge = PacketJudge()
        self.at = MORNING
        self.said: set[Impairment] = set()
        self._chance = random.Random(seed)

    def live(self, minutes: float, *, size: int = 14_000, noise: float = 0.006) -> None:
        """Show a place that lives: no two keyframes of it are alike."""
        count = int(minutes * 60 / self._every.total_seconds())
        spread = size * noise
        self.show(round(self._chance.gauss(size, spread)) for _ in range(count))

    def show(self, sizes: Iterable[int]) -> None:
        for size in sizes:
            self.at += self._every
            self.judge.keyframe(size, self.at)
            if self.judge.impaired is not None:
                self.said.add(self.judge.impaired.what)

    @property
    def now(self) -> Impairment | None:
        return self.judge.impaired.what if self.judge.impaired is not None else None


def test_a_picture_that_stands_still_to_the_byte_is_frozen_until_it_lives_again() -> None:
    film = Film()
    film.live(5)
    stopped = film.at

    film.show([14_020] * 12)

    told = film.judge.impaired
    assert told is not None
    assert told.what is Impairment.FROZEN
    assert stopped < told.since <= stopped + KEYFRAMES
    film.live(0.1)
    assert film.now is None


def test_keyframes_that_are_numbered_by_turns_are_the_same_picture() -> None:
    film = Film()
    film.live(5)

    film.show([9548, 9549] * 6)

    assert film.now is Impairment.FROZEN


def test_a_picture_of_nothing_is_blinded_until_it_shows_something() -> None:
    film = Film()
    film.live(15)
    covered = film.at

    film.live(1, size=230)

    told = film.judge.impaired
    assert told is not None
    assert (told.what, told.since) == (Impairment.BLINDED, covered + KEYFRAMES)
    film.live(0.1, size=2600)  # fingers, a gap beside the cloth
    assert film.now is Impairment.BLINDED
    film.live(0.1)
    assert film.now is None


def test_a_black_picture_is_blinded_rather_than_frozen() -> None:
    film = Film()
    film.live(15)

    film.show([124] * 30)

    assert film.said == {Impairment.BLINDED}


def test_what_it_has_not_seen_alive_it_says_nothing_of() -> None:
    frozen, loop, dark = Film(), Film(), Film()

    frozen.show([14_000] * 2000)
    loop.show([14_000, 9000] * 1000)  # a film of two keyframes, over and over
    dark.live(5)
    dark.live(30, size=200)

    assert frozen.said == loop.said == dark.said == set()


def test_one_that_was_frozen_when_it_was_met_is_known_once_it_has_lived() -> None:
    film = Film()
    film.show([14_000] * 2000)
    film.live(5)

    film.show([14_000] * 15)

    assert film.now is Impairment.FROZEN


def test_a_place_that_often_comes_again_has_to_come_again_for_longer() -> None:
    film = Film()
    film.live(2)
    for _ in range(5):
        film.show([14_000] * 6)  # five times the same as before, too short to be told
        film.live(0.5)

    film.show([14_000] * 15)
    assert film.said == set()

    film.show([14_000] * 5)
    assert film.now is Impairment.FROZEN


def test_street_lights_that_go_out_each_night_blind_nobody() -> None:
    film = Film(every=timedelta(minutes=1))
    for _ in range(3):
        film.live(13 * 60, size=14_000)  # 9 to 22
        film.live(11 * 60, size=1500, noise=0.02)

    assert film.said == set()
    film.live(13 * 60 - 25)  # on the fourth day they go out while it is still 21 o'clock
    film.live(30, size=1500, noise=0.02)
    assert film.said == set()


def test_dusk_and_fog_come_slowly() -> None:
    film = Film()
    film.live(50)
    for step in range(60):
        film.live(0.5, size=round(14_000 * 0.93**step))

    assert film.said == set()


def test_a_camera_whose_pictures_are_small_as_a_rule_is_not_called_blinded() -> None:
    film = Film()
    film.live(30, size=1500)

    film.live(2, size=100)

    assert film.said == set()


def test_keyframes_a_minute_apart_take_longer() -> None:
    film = Film()
    at = film.at
    for number in range(120):
        at += timedelta(minutes=1)
        film.judge.keyframe(14_000 + 7 * (number % 31), at)
    for _ in range(7):
        at += timedelta(minutes=1)
        film.judge.keyframe(15_000, at)

    assert film.now is Impairment.FROZEN


def test_a_clock_that_is_set_back_makes_nothing_last() -> None:
    film = Film()
    film.live(15)
    film.show([14_000] * 5)
    film.at -= timedelta(hours=2)

    film.show([14_000] * 2)

    assert film.now is None
    film.show([14_000] * 12)
    assert film.now is Impairment.FROZEN


@settings(max_examples=30)  # each is twenty minutes of a camera and more
@given(
    seed=st.integers(0, 2**32),
    size=st.integers(2500, 200_000),
    noise=st.floats(0.004, 0.2),
    scenes=st.lists(st.floats(0.35, 3.0), max_size=8),
)
def test_whatever_lives_is_never_called_frozen_or_blinded(
    seed: int, size: int, noise: float, scenes: list[float]
) -> None:
    """Scenes that change, a dome that turns, traffic: none shows a sixth of what is usual."""
    film = Film(seed)
    film.live(20, size=size, noise=noise)
    for share in scenes:
        film.live(3, size=round(size * share), noise=noise)

    assert film.said == set()


@given(
    sizes=st.lists(st.integers(0, 5_000_000), max_size=200),
    steps=st.lists(st.integers(-4000, 4000), max_size=200),
)
def test_no_sizes_and_no_times_upset_it(sizes: list[int], steps: list[int]) -> None:
    judge, at = PacketJudge(), MORNING
    for seen, (size, step) in enumerate(zip(sizes, steps, strict=False), 1):
        at += timedelta(seconds=step)
        judge.keyframe(size, at)

        assert judge.impaired is None or seen >= UsualLows.KNOWN_AFTER_MINUTES + PacketJudge.DARK
