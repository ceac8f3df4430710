"""What comes between a place and its picture: grain, rain, wind, lamps that are switched."""

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks._sets.play import Play, Sky
from server.demo.stage import Pixels

GRAINS = 6
"""Different pictures of noise; each is shown shifted, so that none comes again soon."""
GRAIN = {Sky.CLEAR: 1.6, Sky.NOISY: 5.0, Sky.RAIN: 2.4, Sky.WIND: 1.6}
"""Standard deviation of the sensor's noise, in 255ths."""
SWAY_PX = 1.5
"""How far wind moves a camera, at 640 x 360."""


class Weather:
    """The weather of one clip; the same seed gives the same."""

    def __init__(self, drama: Play, shape: tuple[int, ...]) -> None:
        self._drama = drama
        self._rows, self._columns = shape[:2]
        self._chance = np.random.default_rng(drama.seed)
        size = (self._rows, self._columns, 1)
        grains = (self._chance.normal(0, GRAIN[drama.sky], size) for _ in range(GRAINS))
        self._grains = [np.repeat(one.round().astype(np.int8), 3, axis=2) for one in grains]
        self._tone = self._chance.uniform(0.9, 1.1)
        self._rain = [self._streaks() for _ in range(4)] if drama.sky is Sky.RAIN else []

    def over(self, frame: Pixels, at_s: float, number: int) -> Pixels:
        """Give the picture as the camera takes it at that time."""
        if self._drama.sky is Sky.WIND:
            frame = self._swayed(frame, at_s)
        lit = self._brightness(at_s)
        if abs(lit - 1) > 0.01:
            frame = cv2.convertScaleAbs(frame, alpha=lit).astype(np.uint8)
        if self._drama.light.sweep is not None:
            self._headlights(frame, at_s, *self._drama.light.sweep)
        if self._rain:
            frame = cv2.add(frame, np.roll(self._rain[number % 4], 37 * number, axis=1)).astype(
                np.uint8
            )
        grain = np.roll(self._grains[number % GRAINS], 13 * number, axis=number % 2)
        return cv2.add(frame, grain, dtype=cv2.CV_8U).astype(np.uint8, copy=False)

    def _brightness(self, at_s: float) -> float:
        times, factors = zip(*self._drama.light.stops, strict=True)
        return float(np.interp(at_s, times, factors)) * self._tone

    def _swayed(self, frame: Pixels, at_s: float) -> Pixels:
        reach = SWAY_PX * self._columns / 640
        dx = reach * np.sin(2.1 * at_s + self._drama.seed) * np.sin(0.7 * at_s)
        dy = 0.5 * reach * np.sin(3.3 * at_s)
        matrix = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
        moved = cv2.warpAffine(
            frame, matrix, (self._columns, self._rows), borderMode=cv2.BORDER_REPLICATE
        )
        return moved.astype(np.uint8)

    def _streaks(self) -> NDArray[np.uint8]:
        layer = np.zeros((self._rows, self._columns, 3), np.uint8)
        for _ in range(160):
            x, y = (
                int(self._chance.integers(0, self._columns)),
                int(self._chance.integers(0, self._rows)),
            )
            length = int(self._chance.integers(8, 26) * self._rows / 360)
            grey = int(self._chance.integers(12, 44))
            cv2.line(layer, (x, y), (x + length // 6, y + length), (grey, grey, grey), 1)
        return cv2.GaussianBlur(layer, (3, 3), 0).astype(np.uint8)

    def _headlights(self, frame: Pixels, at_s: float, start_s: float, end_s: float) -> None:
        if not start_s <= at_s < end_s:
            return
        share = (at_s - start_s) / (end_s - start_s)
        x, y = (1.4 * share - 0.2) * self._columns, 0.75 * self._rows
        rows, columns = np.ogrid[: self._rows, : self._columns]
        across, down = (columns - x) / (0.16 * self._columns), (rows - y) / (0.14 * self._rows)
        glow = (90 * np.exp(-(across**2) - down**2)).astype(np.uint8)
        frame[:] = cv2.add(frame, np.repeat(glow[..., None], 3, axis=2))
