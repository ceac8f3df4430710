"""What a detector may claim, and where in the picture it stands."""

import pytest

from domain.detections import Box, Detection, ObjectClass, PicturePoint


def test_only_people_and_vehicles_can_be_named() -> None:
    assert {one.value for one in ObjectClass} == {
        "person",
        "bicycle",
        "car",
        "motorcycle",
        "bus",
        "truck",
    }


def test_a_thing_stands_at_the_middle_of_its_lower_side() -> None:
    assert Box(0.25, 0.1, 0.5, 0.7).foot == PicturePoint(0.375, 0.7)


@pytest.mark.parametrize(
    "sides",
    [
        (-0.1, 0.0, 0.5, 0.5),
        (0.0, 0.0, 1.1, 0.5),
        (0.5, 0.0, 0.4, 0.5),
        (0.0, 0.6, 0.4, 0.5),
        (float("nan"), 0.0, 0.4, 0.5),
    ],
)
def test_a_box_outside_the_picture_or_inside_out_is_refused(
    sides: tuple[float, float, float, float],
) -> None:
    with pytest.raises(ValueError, match="box"):
        Box(*sides)


def test_what_is_grown_or_reaches_out_of_the_picture_ends_with_it() -> None:
    assert Box(0.25, 0.25, 0.5, 0.75).grown(0.5) == Box(0.125, 0.0, 0.625, 1.0)
    assert Box.clipped(-0.5, 0.25, 0.5, 1.5) == Box(0.0, 0.25, 0.5, 1.0)
    assert Box.clipped(1.5, 0.5, 1.25, 0.75) == Box(1.0, 0.5, 1.0, 0.75)


def test_two_boxes_have_a_share_of_one_and_a_share_of_both_in_common() -> None:
    left, right = Box(0.0, 0.0, 0.5, 1.0), Box(0.25, 0.0, 1.0, 1.0)

    assert left.share_in(right) == 0.5
    assert right.share_in(left) == pytest.approx(1 / 3)
    assert left.overlap(right) == right.overlap(left) == 0.25
    assert left.overlap(Box(0.5, 0.0, 1.0, 1.0)) == left.share_in(Box(0.5, 0.0, 1.0, 1.0)) == 0.0
    point = Box(0.25, 0.5, 0.25, 0.5)
    assert point.share_in(left) == point.overlap(point) == 0.0


@pytest.mark.parametrize("confidence", [-0.1, 1.1, float("nan")])
def test_a_confidence_outside_0_to_1_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence"):
        Detection(ObjectClass.PERSON, confidence, Box(0, 0, 1, 1))
