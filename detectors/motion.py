"""The motion gate: most of the time nothing moves, and nothing needs a detector."""

from datetime import datetime, timedelta
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.executor import Worker
from detectors.metrics import LOOKS
from detectors.protocol import Frame, Luma

# Starting values, from one clip (docs/design/detection.md).
SIZE = (320, 180)
BLUR = (5, 5)
MEAN_RATE = 0.05
THRESHOLD = 22
SMALLEST_CONTOUR = 30
# Lightning, a lamp switched on, infra-red: nothing walks over four fifths of a picture at once.
LIGHT_CHANGED_SHARE = 0.8


class Motion(StrEnum):
    """What a look at the luma says."""

    FIRST = "first"
    STILL = "still"
    MOVED = "moved"
    LIGHT_CHANGED = "light-changed"


class MotionMeter:
    """Compares each look with the running mean of those before it, at 320 x 180."""

    def __init__(self) -> None:
        self._mean: NDArray[np.float32] | None = None
        self._shape: tuple[int, ...] = ()

    def look(self, luma: Luma) -> Motion:
        """Take in the next look. A picture of another size starts again."""
        small = cv2.GaussianBlur(cv2.resize(luma, SIZE, interpolation=cv2.INTER_AREA), BLUR, 0)
        if self._mean is None or luma.shape != self._shape:
            self._mean, self._shape = small.astype(np.float32), luma.shape
            return Motion.FIRST
        difference = cv2.absdiff(small, cv2.convertScaleAbs(self._mean))
        changed = cv2.threshold(difference, THRESHOLD, 255, cv2.THRESH_BINARY)[1]
        if cv2.countNonZero(changed) > LIGHT_CHANGED_SHARE * changed.size:
            self._mean = small.astype(np.float32)
            return Motion.LIGHT_CHANGED
        cv2.accumulateWeighted(small, self._mean, MEAN_RATE)
        # A 3 x 3 dilation joins the pieces that noise cuts a walker into.
        joined = cv2.dilate(changed, np.ones((3, 3), np.uint8))
        contours = cv2.findContours(joined, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
        if any(cv2.contourArea(contour) > SMALLEST_CONTOUR for contour in contours):
            return Motion.MOVED
        return Motion.STILL


class MotionGate:
    """Says which frames of one camera are worth a detector's look.

    Those in which something moves; the first one; while something is being followed, one each
    ``RELOOK_FOLLOWED``, since who stands still in a zone is still there; and one each
    ``RELOOK_EMPTY``, for what came so slowly that the mean took it in.
    """

    RELOOK_FOLLOWED = timedelta(seconds=1)
    RELOOK_EMPTY = timedelta(seconds=30)

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._meter = MotionMeter()
        self._looked_at: datetime | None = None

    async def worth_a_look(self, frame: Frame, *, following: bool) -> bool:
        """Take in ``frame``; ``following`` says that the last look found something."""
        motion = await self._worker.run(lambda: self._meter.look(frame.luma()))
        is_open = motion is not Motion.LIGHT_CHANGED and (
            motion is not Motion.STILL or self._is_due(frame.captured_at, following)
        )
        LOOKS.labels("open" if is_open else "closed").inc()
        if is_open:
            self._looked_at = frame.captured_at
        return is_open

    def _is_due(self, at: datetime, following: bool) -> bool:
        delay = self.RELOOK_FOLLOWED if following else self.RELOOK_EMPTY
        # abs(): a clock set back must not keep the gate shut until it has caught up.
        return self._looked_at is None or abs(at - self._looked_at) >= delay
