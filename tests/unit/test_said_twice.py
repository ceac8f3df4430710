"""What the pages know as well as the server is the same on both sides."""

import re
from datetime import timedelta
from pathlib import Path

from domain.ptz import DEADLINE
from domain.recordings import SMALLEST_GAP

CONTROL_ROOM = Path(__file__).parents[2] / "web" / "control_room"


def in_page(file: str, name: str) -> timedelta:
    """A constant of a page, in ms there."""
    text = (CONTROL_ROOM / file).read_text()
    found = re.search(rf"^const {name} = ([\d_]+);", text, re.MULTILINE)
    assert found is not None, f"{file} has no {name}"
    return timedelta(milliseconds=int(found[1]))


def test_two_repeats_may_be_lost_before_a_camera_stops_and_it_stops_within_a_second() -> None:
    again = in_page("ptz/steering.ts", "AGAIN_MS")

    assert 2 * again < DEADLINE < timedelta(seconds=1)


def test_what_a_playback_bridges_is_no_gap_of_a_timeline() -> None:
    assert in_page("playback/pieces.ts", "BRIDGED_MS") == SMALLEST_GAP
