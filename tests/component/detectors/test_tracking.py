"""Tracks: one tracker for each camera, numbered from 1, by places alone."""

from pathlib import Path

import pytest

from detectors.tracking import CameraTracker
from domain.detections import Box, Detection, ObjectClass


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("private")


def walker(x: float, *, confidence: float = 0.7) -> Detection:
    return Detection(ObjectClass.PERSON, confidence, Box(x - 0.03, 0.4, x + 0.03, 0.7))


def tracks(tracker: CameraTracker, *detections: Detection) -> list[int | None]:
    return [one.track for one in tracker.follow(detections)]


def test_a_walker_keeps_his_number_from_look_to_look(private: Path) -> None:
    tracker = CameraTracker(private, confidence=0.35)

    # 1.5 m/s at five looks a second: half a box's width from one look to the next.
    numbers = [tracks(tracker, walker(0.1 + 0.03 * look)) for look in range(20)]

    assert numbers == [[1]] * 20


def test_two_cameras_count_each_from_one(private: Path) -> None:
    one, other = (CameraTracker(private, confidence=0.35) for _ in range(2))

    assert tracks(one, walker(0.2)) == [1]
    assert tracks(other, walker(0.8)) == [1]


def test_what_is_given_back_is_what_was_seen_with_a_number(private: Path) -> None:
    tracker = CameraTracker(private, confidence=0.35)
    seen = walker(0.5)

    (followed,) = tracker.follow([seen])

    assert followed.box == seen.box
    assert followed.confidence == seen.confidence


def test_a_faint_box_carries_a_track_but_never_begins_one(private: Path) -> None:
    tracker = CameraTracker(private, confidence=0.35)

    assert tracks(tracker, walker(0.5, confidence=0.2)) == []
    assert tracks(tracker, walker(0.5)) == []  # once may be a reflection
    assert tracks(tracker, walker(0.5)) == [1]
    assert tracks(tracker, walker(0.51, confidence=0.2)) == [1]


def test_seeing_nothing_is_taken_in(private: Path) -> None:
    tracker = CameraTracker(private, confidence=0.35)
    tracks(tracker, walker(0.5))

    assert tracks(tracker) == []
    assert tracks(tracker, walker(0.5)) == [1]
