"""One camera's eye: the detector is shown what moves, and what stands still is still there."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from detectors.crops import Area, Crop, Cutter
from detectors.executor import Worker
from detectors.looker import Looker, Seen
from detectors.protocol import Frame, Luma, Picture
from detectors.tracking import CameraTracker
from detectors.view_check import ViewCheck
from domain.detections import Box, Detection, ObjectClass

START = datetime(2026, 12, 1, tzinfo=UTC)
LOOK = timedelta(milliseconds=200)
WIDTH, HEIGHT = 640, 360
GROUND, NIGHT, COAT = 110, 35, 210
DROPS = 60
TALL, WIDE = 90, 30


class Street:
    """A frame in which people are bright upright boxes, and those who lie flat ones.

    ``scale``: of its size; the scene is the same. ``raining``: at night, in a lamp's light.
    """

    def __init__(
        self,
        number: int,
        people: Sequence[tuple[int, int]],
        lying: bool = False,
        scale: int = 1,
        raining: bool = False,
    ) -> None:
        self.captured_at = START + number * LOOK
        self.size = (scale * WIDTH, scale * HEIGHT)
        self.timestamp = None
        chance = np.random.default_rng(number)
        luma = np.full((HEIGHT, WIDTH), NIGHT if raining else GROUND, np.int16)
        if raining:
            for x, y in zip(*(chance.integers(0, most, DROPS) for most in self.size), strict=True):
                luma[y : y + 24, x : x + 4] += 90
        for x, y in people:
            if lying:
                luma[y - WIDE : y, x : x + TALL] = COAT
            else:
                luma[y - TALL : y, x : x + WIDE] = COAT
        luma = np.kron(luma, np.ones((scale, scale), np.int16))
        noisy = luma + chance.normal(0, 3, luma.shape)
        self._luma: Luma = np.clip(noisy, 0, 255).astype(np.uint8)

    def luma(self) -> Luma:
        return self._luma

    def bgr(self) -> Picture:
        return cv2.cvtColor(self._luma, cv2.COLOR_GRAY2BGR).astype(np.uint8)

    def cut(self, area: Area, size: tuple[int, int]) -> Picture:
        raise AssertionError("the seer looks at the luma")

    def jpeg(self) -> bytes:
        return b""


class Seer:
    """A detector that finds upright bright boxes, and nobody who lies, as NanoDet does."""

    def __init__(self) -> None:
        self.shown: list[Sequence[Crop]] = []

    def cutter(self, picture: tuple[int, int]) -> Cutter:
        return Cutter(picture, [(416, 416), (256, 256), (192, 192)])

    def look(self, frame: Frame, crops: Sequence[Crop], about: Sequence[Box]) -> list[Detection]:
        self.shown.append(crops)
        width, height = frame.size
        found: dict[tuple[int, ...], Detection] = {}
        for crop in crops:
            left, top = crop.area.left, crop.area.top
            part = frame.luma()[top : crop.area.bottom, left : crop.area.right]
            bright = (cv2.GaussianBlur(part, (5, 5), 0) > 160).astype(np.uint8)
            for contour in cv2.findContours(bright, cv2.RETR_EXTERNAL, 1)[0]:
                x, y, wide, tall = cv2.boundingRect(contour)
                if tall > 1.5 * wide and tall > 40:
                    box = (left + x, top + y, left + x + wide, top + y + tall)
                    found[tuple(side // 8 for side in box)] = Detection(
                        ObjectClass.PERSON,
                        0.8,
                        Box(box[0] / width, box[1] / height, box[2] / width, box[3] / height),
                    )
        return list(found.values())


class Noting(ViewCheck):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[object] = []

    def saw(self, small: Luma, at: datetime) -> None:
        self.heard.append(small.shape)

    def turned(self) -> None:
        self.heard.append("turned")


class Scene:
    def __init__(self, private: Path, worker: Worker) -> None:
        self.seer = Seer()
        self.check = Noting()
        self.eye = Looker(
            detector=self.seer,
            tracker=CameraTracker(private, confidence=0.35),
            worker=worker,
            check=self.check,
        )
        self.number = 0

    def look(
        self,
        *people: tuple[int, int],
        lying: bool = False,
        scale: int = 1,
        raining: bool = False,
    ) -> Seen:
        self.number += 1
        return self.eye.look_now(Street(self.number, people, lying, scale, raining))


@pytest.fixture
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    with Worker.of("test") as worker:
        return Scene(tmp_path_factory.getbasetemp() / "private", worker)


def tracks(seen: Seen) -> list[int | None]:
    return [one.track for one in seen.tracks]


def test_the_first_look_is_at_the_whole_and_an_empty_street_is_not_looked_at_again(
    scene: Scene,
) -> None:
    for _ in range(50):
        assert scene.look().tracks == ()

    assert scene.seer.shown == [[scene.seer.cutter((WIDTH, HEIGHT)).whole()]]


def test_a_walker_is_followed_by_crops_alone(scene: Scene) -> None:
    scene.look()
    seen = [scene.look((100 + 12 * step, 250)) for step in range(20)]

    assert [tracks(one) for one in seen[2:]] == [[1]] * 18
    later = scene.seer.shown[1:]
    assert all(crop.area.width < WIDTH // 2 for crops in later for crop in crops)


def test_who_was_walking_is_not_said_to_be_where_a_late_look_does_not_find_them(
    scene: Scene,
) -> None:
    """Nothing differs there from the mean: it had never taken in who walked by."""
    scene.look()
    for step in range(10):
        scene.look((60 + 12 * step, 250))

    late = scene.look((540, 250))

    assert all(one.box.left > 0.5 for one in late.tracks)
    assert [one.track for one in late.unseen] == [1]


def test_who_walks_is_followed_on_while_the_camera_changes_its_size(scene: Scene) -> None:
    scene.look()
    places = [(100 + 12 * step, 250) for step in range(30)]

    seen = [scene.look(at, scale=2 if 10 <= n < 20 else 1) for n, at in enumerate(places)]

    assert [tracks(one) for one in seen[2:]] == [[1]] * 28
    assert all(one.unseen == () for one in seen)
    assert (seen[9].tracks[0].box.top, seen[29].tracks[0].box.top) == pytest.approx(
        (seen[15].tracks[0].box.top,) * 2, abs=0.02
    )


def test_who_walks_through_rain_at_night_is_followed_and_rain_is_nobody(scene: Scene) -> None:
    before = [scene.look(raining=True) for _ in range(25)]
    seen = [scene.look((100 + 12 * step, 250), raining=True) for step in range(20)]

    assert all((one.tracks, one.unseen) == ((), ()) for one in before)
    assert len(scene.seer.shown) >= 40  # rain opens the gate
    assert [tracks(one) for one in seen[2:]] == [[1]] * 18
    # However many drops move, what is shown stays bounded: three parts, and at times the whole.
    assert all(len(crops) <= 4 for crops in scene.seer.shown)


def test_what_is_followed_in_one_place_is_not_taken_to_be_at_another(scene: Scene) -> None:
    for step in range(20):
        scene.look((100 + 12 * min(step, 8), 250))

    assert tracks(scene.look((196, 250))) == [1]

    scene.eye.forget()
    there = scene.look()

    assert (there.tracks, there.unseen) == ((), ())
    assert scene.seer.shown[-1] == [scene.seer.cutter((WIDTH, HEIGHT)).whole()]


def test_who_stands_still_is_there_at_each_look_and_seldom_shown_to_the_detector(
    scene: Scene,
) -> None:
    scene.look()
    for step in range(10):
        scene.look((100 + 12 * step, 250))
    for _ in range(30):  # until the gate's mean has taken him in
        scene.look((208, 250))
    before = len(scene.seer.shown)

    seen = [scene.look((208, 250)) for _ in range(60)]

    assert [tracks(one) for one in seen] == [[1]] * 60
    assert len(scene.seer.shown) - before <= 5


def test_who_stands_still_stays_while_another_walks_elsewhere(scene: Scene) -> None:
    scene.look()
    for step in range(10):
        scene.look((50 + 5 * step, 250))
    for _ in range(40):
        scene.look((95, 250))

    seen = [scene.look((95, 250), (550 - 10 * step, 250)) for step in range(25)]

    assert all(1 in tracks(one) for one in seen)
    assert [len(one.tracks) for one in seen[3:]] == [2] * 22


def test_who_appears_and_stands_at_once_is_followed(scene: Scene) -> None:
    scene.look()
    scene.look((300, 250))

    assert [tracks(scene.look((300, 250))) for _ in range(3)][-1] == [1]


def test_who_falls_is_unseen_where_he_lies_and_is_told_for_a_minute(scene: Scene) -> None:
    scene.look()
    for step in range(15):
        scene.look((100 + 12 * step, 250))
    down = [scene.look((250, 250), lying=True) for _ in range(60)]

    assert all(one.tracks == () for one in down[2:])
    last = down[-1].unseen
    assert [one.track for one in last] == [1]
    assert last[0].box.left == pytest.approx(268 / WIDTH, abs=0.03)

    scene.number += 300  # a minute later
    assert scene.look((250, 250), lying=True).unseen == ()


def test_who_leaves_by_the_edge_is_not_unseen(scene: Scene) -> None:
    scene.look()
    for step in range(20):
        scene.look((120 - 6 * step, 250))
    gone = [scene.look() for _ in range(10)]

    assert (gone[-1].tracks, gone[-1].unseen) == ((), ())


def test_a_clock_that_is_set_back_does_not_close_the_eye(scene: Scene) -> None:
    scene.number = 100_000
    scene.look()
    scene.number = 0
    seen = [scene.look((100 + 12 * step, 250)) for step in range(10)]

    assert tracks(seen[-1]) == [1]


def test_what_the_gate_looks_at_is_checked_until_the_camera_turns(scene: Scene) -> None:
    for _ in range(3):
        scene.look()
    scene.eye.forget()

    assert scene.check.heard == [(HEIGHT // 2, WIDTH // 2)] * 3 + ["turned"]
