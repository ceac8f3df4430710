"""The sets that `benchmarks.events` scores: what is counted, and that a play says what is true."""

from pathlib import Path

import pytest

from benchmarks._sets.casting import MEASURED, NEGATIVE, Plays
from benchmarks._sets.filming import FRAMES_PER_S, film
from benchmarks._sets.kinds import PLAYS
from benchmarks._sets.looking import packets
from benchmarks._sets.play import Truth, Way
from benchmarks._sets.scoring import Score
from domain.rules import configured

TRUTHS = (Truth(2.0, 5.0),)


def test_an_event_told_in_time_is_found_and_one_told_twice_is_false_once() -> None:
    score = Score()

    score.take("walks in", TRUTHS, [(2.4, 0.1), (4.0, 0.1)])
    score.take("walks in", TRUTHS, [(5.2, 0.1)])
    score.take("walks by", (), [(1.0, 0.1)])
    score.take("walks by", (), [])

    found = score.figures(with_delay=True)
    assert (found["precision"], found["recall"], found["n"]) == (0.25, 0.5, 2)
    assert found["false"] == {"walks in": 2, "walks by": 1}
    assert found["missed"] == {"walks in": 1}
    assert found["hard_negatives"] == {"walks by": 2}
    assert found["delay_s_p95"] == pytest.approx(0.5)


@pytest.mark.parametrize("plays", PLAYS.values(), ids=[kind.value for kind in PLAYS])
def test_plays_of_each_kind_can_be_watched_and_say_what_is_true(plays: Plays) -> None:
    dramas = plays.cast(30)

    assert len({one.seed for one in dramas}) == 60
    assert min(one.seed for one in dramas) == MEASURED
    for one in dramas:
        configured(one.rule)
        assert bool(one.truths) == (one.seed < MEASURED + NEGATIVE)
        assert all(0 <= truth.begins_s < one.seconds for truth in one.truths)


def test_the_same_seed_is_the_same_play() -> None:
    for plays in PLAYS.values():
        assert repr(plays.cast(3, first=1)) == repr(plays.cast(3, first=1))


def test_who_walks_is_where_his_way_says() -> None:
    way = Way.at(2.0, 1.0, (0.0, 5.0), (4.0, 5.0)).stays(1.0).then(1.0, (4.0, 6.0))

    assert way.place(0.9) is None
    assert way.place(2.0) == (2.0, 5.0)
    assert way.place(3.5) == (4.0, 5.0)
    assert way.place(4.5) == (4.0, 5.5)
    assert (way.gone(9.0), way.moves(3.5), way.moves(2.0)) == (5.0, False, True)


def test_a_play_becomes_a_clip_as_cameras_send_it(tmp_path: Path) -> None:
    drama = next(iter(PLAYS.values())).cast(1, first=1)[0]

    film(drama, clip := tmp_path / "clip.mp4")

    sent = packets(clip)
    assert len(sent) == round(drama.seconds * FRAMES_PER_S)
    assert [one.is_keyframe for one in sent[: FRAMES_PER_S + 1]] == [
        True,
        *[False] * (FRAMES_PER_S - 1),
        True,
    ]
