"""What a crop's edge cuts: who moves is shown once more with all of him, what stands is there."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from detectors.boxes import Rows
from detectors.executor import Worker
from detectors.frames import DecodedFrame
from detectors.looker import Looker
from detectors.network import Network
from detectors.person import PersonDetector
from detectors.protocol import Picture
from detectors.tracking import CameraTracker
from domain.detections import Box, ObjectClass

START = datetime(2026, 12, 1, tzinfo=UTC)
LOOK = timedelta(milliseconds=200)
WIDTH, HEIGHT = 640, 360
GROUND, COAT = 110, 220
SIZES = ((416, 416), (256, 256), (192, 192))

type Place = tuple[int, int, int, int]
"""Left, top, right, bottom in the picture's pixels."""


class Bright:
    """A network that finds what is bright, also the part of it that a crop shows."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    def of(self, size: tuple[int, int]) -> Network:
        def look(picture: Picture, least_score: float) -> Rows:
            self.asked.append(size)
            is_bright = (picture[..., 0] > 170).astype(np.uint8)
            contours = cv2.findContours(is_bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
            found = [
                (x, y, x + across, y + down, 0.8, 0)
                for x, y, across, down in map(cv2.boundingRect, contours)
            ]
            return np.array(found, np.float32).reshape(-1, 6)

        return Network(size, look)


def frame(things: Sequence[Place], number: int = 0) -> DecodedFrame:
    picture = np.full((HEIGHT, WIDTH, 3), GROUND, np.uint8)
    for left, top, right, bottom in things:
        picture[top:bottom, left:right] = COAT
    decoded = av.VideoFrame.from_ndarray(picture, "bgr24").reformat(format="yuv420p")
    return DecodedFrame(decoded, START + number * LOOK)


def share(place: Place) -> Box:
    left, top, right, bottom = place
    return Box(left / WIDTH, top / HEIGHT, right / WIDTH, bottom / HEIGHT)


@pytest.fixture
def network() -> Bright:
    return Bright()


@pytest.fixture
def detector(network: Bright) -> PersonDetector:
    return PersonDetector([network.of(size) for size in SIZES], {0: ObjectClass.PERSON}, 0.35)


def found_about(detector: PersonDetector, things: Sequence[Place], moved: Place) -> list[Box]:
    crops = detector.cutter((WIDTH, HEIGHT)).around([share(moved)])
    return [one.box for one in detector.look(frame(things), crops, [share(moved)])]


def test_who_moves_and_is_cut_is_looked_at_once_more_with_all_of_him(
    detector: PersonDetector, network: Bright
) -> None:
    tall = (200, 40, 290, 340)

    (box,) = found_about(detector, [tall], moved=(220, 50, 270, 90))

    assert len(network.asked) == 2
    assert box.top == pytest.approx(40 / HEIGHT, abs=0.02)
    assert box.bottom == pytest.approx(340 / HEIGHT, abs=0.02)


def test_what_stands_behind_who_walks_and_is_cut_is_no_reason_to_look_again(
    detector: PersonDetector, network: Bright
) -> None:
    walker, behind = (300, 150, 330, 250), (335, 140, 480, 200)

    boxes = found_about(detector, [walker, behind], moved=(296, 146, 340, 254))

    assert len(network.asked) == 1
    assert len(boxes) == 1, "what is cut has no place"


@pytest.mark.parametrize("apart_px", range(60, 110, 6))
def test_what_stands_at_a_crops_edge_is_where_it_was(
    apart_px: int, detector: PersonDetector, tmp_path_factory: pytest.TempPathFactory
) -> None:
    standing = (200, 150, 240, 240)
    with Worker.of("test") as worker:
        tracker = CameraTracker(_private(tmp_path_factory), confidence=0.35)
        eye = Looker(detector=detector, tracker=tracker, worker=worker)
        eye.look_now(frame([standing], 0))
        eye.look_now(frame([standing], 1))

        for step in range(8):
            left = 240 + apart_px + 6 * step
            seen = eye.look_now(frame([standing, (left, 150, left + 30, 240)], 2 + step))

            assert 1 in [one.track for one in seen.tracks], f"step {step}"
            assert not seen.unseen


def _private(folders: pytest.TempPathFactory) -> Path:
    return folders.getbasetemp() / "private"
