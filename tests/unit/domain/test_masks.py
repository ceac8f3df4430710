"""Masks: which can be decided, and what of a picture they cover."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cameras import PlaceKind
from domain.detections import PicturePoint
from domain.identifiers import PersonId
from domain.masks import (
    BLOCK,
    LARGEST_BLOCK,
    MARGIN,
    MOST_MASKS,
    InvalidMask,
    Mask,
    Masking,
    check_moves,
    is_undecided,
    masked_blocks,
)
from domain.zones import sides

NOW = datetime(2026, 11, 28, 23, 0, tzinfo=UTC)
SQUARE = Mask.drawn([[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]])
HORSESHOE = Mask.drawn(
    [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.6, 0.9], [0.6, 0.4], [0.4, 0.4], [0.4, 0.9], [0.1, 0.9]]
)


def masking(*masks: Mask, by_camera: bool = False) -> Masking:
    return Masking(
        version=1, masks=masks, by_camera=by_camera, decided_at=NOW, decided_by=PersonId(uuid4())
    )


def blocks(mask: Mask, width: int, height: int, block: int = BLOCK) -> set[tuple[int, int]]:
    runs = masked_blocks([mask], width=width, height=height, block=block)
    return {(run.row, column) for run in runs for column in range(run.first, run.end)}


def inside(mask: Mask, x: float, y: float) -> bool:
    """The even-odd rule, written once more."""
    found = False
    for a, b in sides(mask.points):
        if (a.y > y) != (b.y > y) and x < a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x):
            found = not found
    return found


@pytest.mark.parametrize(
    "points",
    [
        [[0, 0], [1, 1]],
        [[0, 0], [1.01, 0], [1, 1]],
        [[0, 0], [1, 1], [1, 0], [0, 1]],
        [[0, 0], [0.005, 0], [0, 0.005]],
        [[0, 0], [float("nan"), 0], [0, 1]],
        [[0, 0, 0], [1, 0, 0], [1, 1, 0]],
        [[i / 100, (i % 2) / 10] for i in range(65)],
    ],
)
def test_what_is_no_simple_polygon_of_the_picture_is_refused(points: list[list[float]]) -> None:
    with pytest.raises(InvalidMask):
        Mask.drawn(points)


def test_a_camera_that_masks_itself_is_given_no_masks() -> None:
    assert masking(by_camera=True).by_camera
    with pytest.raises(InvalidMask, match="masks itself"):
        masking(SQUARE, by_camera=True)


def test_a_camera_that_can_be_moved_is_given_no_masks_that_would_stay_while_it_turns() -> None:
    check_moves([SQUARE], moves=False)
    check_moves([], moves=True)
    with pytest.raises(InvalidMask, match="while it turns"):
        check_moves([SQUARE], moves=True)


def test_a_camera_has_so_many_masks_at_most() -> None:
    assert len(masking(*[SQUARE] * MOST_MASKS).masks) == MOST_MASKS
    with pytest.raises(InvalidMask):
        masking(*[SQUARE] * (MOST_MASKS + 1))


@pytest.mark.parametrize(
    ("version", "profile", "place", "undecided"),
    [
        (0, "france", PlaceKind.PUBLIC_ROAD, True),
        (1, "france", PlaceKind.PUBLIC_ROAD, False),  # looked at, whatever was decided
        (0, "france", PlaceKind.CLOSED_TO_PUBLIC, False),
        (0, "demonstration", PlaceKind.PUBLIC_ROAD, False),
    ],
)
def test_a_camera_of_the_public_road_is_undecided_until_somebody_has_looked(
    version: int, profile: str, place: PlaceKind, undecided: bool
) -> None:
    assert is_undecided(version, profile=profile, place_kind=place) is undecided


def test_without_masks_nothing_is_painted() -> None:
    assert masked_blocks([], width=1280, height=720) == []


def test_all_of_a_picture_can_be_masked_whatever_its_size() -> None:
    everything = Mask.drawn([[0, 0], [1, 0], [1, 1], [0, 1]])
    for width, height in ((1280, 720), (641, 357), (7, 3)):
        assert len(blocks(everything, width, height)) == -(-width // BLOCK) * -(-height // BLOCK)


def test_the_hollow_of_a_mask_stays_open_and_so_does_what_is_far_from_it() -> None:
    covered = blocks(HORSESHOE, 640, 480)
    assert (300 // BLOCK, 320 // BLOCK) not in covered
    assert (8 // BLOCK, 320 // BLOCK) not in covered


def test_a_side_that_is_all_but_level_is_masked_to_its_ends() -> None:
    all_but_level = Mask.drawn([(0.0, 1.0), (0.0, 5e-324), (1.0, 0.0)])
    first_row = {column for row, column in blocks(all_but_level, 64, 64) if row == 0}

    assert first_row == set(range(8))


corners = st.tuples(st.floats(0, 1), st.floats(0, 1))


@given(
    points=st.lists(corners, min_size=3, max_size=8),
    x=st.floats(0, 1, exclude_max=True),
    y=st.floats(0, 1, exclude_max=True),
    width=st.integers(16, 400),
    height=st.integers(16, 400),
    block=st.sampled_from([BLOCK, LARGEST_BLOCK]),
)
def test_no_pixel_in_a_mask_is_left(
    points: list[tuple[float, float]], x: float, y: float, width: int, height: int, block: int
) -> None:
    try:
        mask = Mask.drawn(points)
    except InvalidMask:
        return
    covered = blocks(mask, width, height, block)

    if inside(mask, x, y):
        assert (int(y * height) // block, int(x * width) // block) in covered


@given(
    number=st.integers(0, len(HORSESHOE.points) - 1),
    along=st.floats(0, 1),
    away_x=st.floats(-MARGIN + 0.1, MARGIN - 0.1),
    away_y=st.floats(-MARGIN + 0.1, MARGIN - 0.1),
)
def test_no_pixel_within_the_margin_of_an_outline_is_left(
    number: int, along: float, away_x: float, away_y: float
) -> None:
    a, b = sides(HORSESHOE.points)[number]
    at = PicturePoint(
        (a.x + (b.x - a.x) * along) * 640 + away_x, (a.y + (b.y - a.y) * along) * 480 + away_y
    )

    assert (int(at.y) // BLOCK, int(at.x) // BLOCK) in blocks(HORSESHOE, 640, 480)
