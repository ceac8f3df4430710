"""Crops: what moves is in one of them, with room around it, and they cost less than the whole."""

from hypothesis import given
from hypothesis import strategies as st

from detectors.crops import MOST_CROPS, Cutter
from domain.detections import Box

SIZES = [(416, 416), (256, 256), (192, 192)]
shares = st.floats(0, 1)
boxes = st.tuples(shares, shares, shares, shares).map(
    lambda n: Box(min(n[0], n[1]), min(n[2], n[3]), max(n[0], n[1]), max(n[2], n[3]))
)
pictures = st.tuples(st.integers(160, 3840), st.integers(120, 2160))


@given(pictures, st.lists(boxes, min_size=1, max_size=16))
def test_all_that_moves_lies_in_a_crop_and_crops_lie_in_the_picture(
    picture: tuple[int, int], regions: list[Box]
) -> None:
    width, height = picture
    crops = Cutter(picture, SIZES).around(regions)

    assert 1 <= len(crops) <= MOST_CROPS
    assert sum(crop.size[0] ** 2 for crop in crops) < 2 * 416**2
    for crop in crops:
        area = crop.area
        assert area.left >= 0
        assert area.top >= 0
        assert area.right <= width
        assert area.bottom <= height
        assert not any(side % 2 for side in area)
    for region in regions:
        assert any(
            crop.area.left <= region.left * width + 1
            and crop.area.top <= region.top * height + 1
            and crop.area.right >= region.right * width - 2
            and crop.area.bottom >= region.bottom * height - 2
            for crop in crops
        )


def test_a_walker_of_a_720p_street_is_shown_to_the_smallest_network_with_room_around() -> None:
    (crop,) = Cutter((1280, 720), SIZES).around([Box(0.5, 0.5, 0.55, 0.75)])

    assert crop.size == (192, 192)
    assert 400 < crop.area.width < 460


def test_a_far_small_thing_is_not_enlarged() -> None:
    (crop,) = Cutter((1280, 720), SIZES).around([Box(0.5, 0.5, 0.51, 0.52)])

    assert (crop.area.width, crop.area.height) == crop.size == (192, 192)


def test_two_walkers_far_apart_are_two_crops_and_close_together_one() -> None:
    cutter = Cutter((1280, 720), SIZES)
    left, right = Box(0.1, 0.5, 0.14, 0.7), Box(0.85, 0.5, 0.89, 0.7)
    beside = Box(0.16, 0.5, 0.2, 0.7)

    assert len(cutter.around([left, right])) == 2
    assert len(cutter.around([left, beside])) == 1


def test_movement_everywhere_is_a_look_at_the_whole_picture() -> None:
    cutter = Cutter((640, 360), SIZES)

    assert cutter.around([Box(0.0, 0.0, 1.0, 1.0)]) == [cutter.whole()]


def test_nothing_to_look_at_is_no_crop() -> None:
    assert Cutter((640, 360), SIZES).around([]) == []
