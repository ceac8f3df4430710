"""A camera that is covered or frozen, told by what its motion gate looks at anyway."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.motion import reduced
from detectors.protocol import Luma
from detectors.view_check import TOLD_FOR, ViewChecks
from domain.identifiers import StreamId

type Place = NDArray[np.floating[Any]]

MORNING = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
LEARNT_S = 11 * 60
HEIGHT, WIDTH = 180, 320
STREET: Place = np.kron(
    np.random.default_rng(7).uniform(30, 220, (9, 16)), np.ones((HEIGHT // 9, WIDTH // 16))
)
NIGHT = 0.25 * STREET
COVERED = np.full((HEIGHT, WIDTH), 24.0)


class Watching:
    """A camera that is looked at once a second."""

    def __init__(self) -> None:
        self.at = MORNING
        self.checks = ViewChecks(lambda: self.at)
        self._stream = StreamId(uuid4())
        self._check = self.checks.of(self._stream)
        self._chance = np.random.default_rng(1)

    def films(self, place: Place, seconds: int, *, noise: float = 1.5) -> None:
        grains = [self._chance.normal(0, noise, place.shape) for _ in range(5)]
        for second in range(seconds):
            grain = np.roll(grains[second % 5], 1 + second // 5, axis=1)
            self._see((place + grain).round().clip(0, 255).astype(np.uint8))

    def stands_still(self, seconds: int) -> None:
        for _ in range(seconds):
            self._see(STREET.astype(np.uint8))

    def _see(self, luma: Luma) -> None:
        self.at += timedelta(seconds=1)
        self._check.saw(reduced(luma), self.at)

    @property
    def told(self) -> str | None:
        told = self.checks.impaired().get(str(self._stream))
        return told[0] if told else None


@pytest.mark.parametrize("noise", [0.5, 1.5, 4.0])
def test_a_covered_lens_is_told_through_the_grain_of_the_dark_and_taken_back(noise: float) -> None:
    camera = Watching()
    camera.films(STREET, LEARNT_S)

    camera.films(COVERED, 20, noise=noise)
    assert camera.told == "blinded"

    camera.films(STREET, 5)
    assert camera.told is None


def test_lights_that_go_out_leave_a_picture() -> None:
    camera = Watching()
    camera.films(STREET, LEARNT_S)

    camera.films(NIGHT, 60)

    assert camera.told is None


def test_a_frozen_picture_is_told_as_long_as_somebody_looks() -> None:
    camera = Watching()
    camera.films(STREET, 70)

    camera.stands_still(70)
    assert camera.told == "frozen"

    camera.at += TOLD_FOR + timedelta(seconds=1)  # the authorisation has ended
    assert camera.told is None
