"""A clip of the sets goes the whole way that a camera's pictures go, and its event is told."""

from pathlib import Path

import pytest

from benchmarks._sets.filming import film
from benchmarks._sets.kinds import PLAYS
from benchmarks._sets.looking import Screening
from detectors.executor import Worker
from domain.events import EventKind

pytestmark = pytest.mark.integration


async def test_who_walks_into_a_zone_is_told_within_the_second(
    tmp_path: Path, cache: Path, worker: Worker
) -> None:
    drama = PLAYS[EventKind.FORBIDDEN_ZONE].cast(1, first=3)[0]
    film(drama, clip := tmp_path / "clip.mp4")
    screening = await Screening.load(cache, worker, worker)

    noted = await screening.show(clip, [drama.rule])

    (opened,) = noted.opened_ones
    assert opened.kind is EventKind.FORBIDDEN_ZONE
    assert opened.still.startswith(b"\xff\xd8")
    assert drama.truths[0].begins_s < opened.at_s < drama.truths[0].begins_s + 1.0
