"""ViewCheck: shows what a motion gate looks at to the judge of frozen and blinded.

No picture is decoded for it, and none of a camera that is not being analysed.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import cv2
import numpy as np

from detectors.protocol import Luma
from domain.identifiers import StreamId
from domain.impairments import Impaired
from domain.picture_judge import PictureJudge

SIZE = (80, 45)
"""Points that noise is averaged away in: a covered lens in the dark is grainy, not detailed."""
TOLD_FOR = timedelta(seconds=30)
"""What is said of a camera ends so long after its last picture: nobody looks at it any more."""


class ViewCheck:
    """Of one camera, for as long as the process lives."""

    def __init__(self) -> None:
        self._judge = PictureJudge()

    def saw(self, small: Luma, at: datetime) -> None:
        """Take in the luma plane at low size, as the gate has it."""
        if self._judge.is_due(at):
            self._judge.saw(detail_of(small), hash(small.tobytes()), at)

    def turned(self) -> None:
        self._judge.forget_place()

    def impaired(self, at: datetime) -> Impaired | None:
        seen_at = self._judge.seen_at
        if seen_at is None or abs(at - seen_at) > TOLD_FOR:
            return None
        return self._judge.impaired


class ViewChecks:
    """The cameras of a process, by the stream that is looked at."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._checks: dict[StreamId, ViewCheck] = {}

    def of(self, stream_id: StreamId) -> ViewCheck:
        return self._checks.setdefault(stream_id, ViewCheck())

    def impaired(self) -> dict[str, list[str]]:
        """Give what is told with the process's presence."""
        now = self._clock()
        return {
            str(stream_id): told.told()
            for stream_id, check in self._checks.items()
            if (told := check.impaired(now)) is not None
        }


def detail_of(small: Luma) -> float:
    """How much light and dark lie beside each other in the picture, in 255ths."""
    coarse = cv2.resize(small, SIZE, interpolation=cv2.INTER_AREA).astype(np.int16)
    return float(np.abs(np.diff(coarse, axis=0)).mean() + np.abs(np.diff(coarse, axis=1)).mean())
