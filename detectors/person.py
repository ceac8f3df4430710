"""Finds people and vehicles in parts of a picture, by a network that ultralytics knows."""

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from detectors.boxes import (
    BOTTOM,
    CLASS,
    LEFT,
    RIGHT,
    SCORE,
    TOP,
    Rows,
    UnknownForm,
    box_of,
    without_doubles,
)
from detectors.catalogue import Model, ModelForbidden, allowed_classes
from detectors.crops import Area, Crop, Cutter
from detectors.executor import Worker
from detectors.forms import Metadata
from detectors.loading import loaded
from detectors.metrics import INFERENCE_SECONDS
from detectors.network import Engine, Network
from detectors.protocol import DetectorFailed, Frame
from domain.detections import Box, Detection, ObjectClass

logger = logging.getLogger(__name__)

# Boxes below the wanted confidence, down to this, still keep a track alive that better ones began.
KEEPS_A_TRACK = 0.15
LARGE_VEHICLES = frozenset({ObjectClass.CAR, ObjectClass.BUS, ObjectClass.TRUCK})
CUT_WITHIN_PX = 3
"""So near to a crop's edge, inside the picture, a box is of a thing that the crop has cut."""
GROWN = 0.6
"""Of its size, what is added to a thing where it was cut, to look at it once more."""
OUTWARDS = np.array((-1, -1, 1, 1), np.float32)
"""Which way each side of a row lies."""
MOST_OF_IT = 2 / 3
"""Of what a crop was cut for: a thing that was cut and has so much of it is what moves there. What
only stands behind who walks has less."""


class PersonDetector:
    """The detector. One instance serves all cameras: it remembers nothing from frame to frame."""

    def __init__(
        self, networks: Sequence[Network], classes: Mapping[int, ObjectClass], confidence: float
    ) -> None:
        """``networks``: the same model for some sizes, that for whole pictures first."""
        self._networks = {network.size: network for network in networks}
        self._sizes = [network.size for network in networks]
        self._classes = classes
        self._alike = [number for number, one in classes.items() if one in LARGE_VEHICLES]
        self._least_score = min(KEEPS_A_TRACK, confidence)

    @classmethod
    async def load(
        cls,
        model: Model,
        path: Path,
        *,
        engine: Engine,
        cache: Path,
        worker: Worker,
        confidence: float,
        lanes: int = 1,
    ) -> Self:
        """Load ``model`` from its verified ``path``; the first time takes some seconds more.

        ``cache`` keeps what is made once: the model in the engine's form, ultralytics' settings.
        ``lanes``: how many threads will look at once. Raises ``DetectorFailed`` or
        ``ModelForbidden``.
        """
        try:
            work = partial(loaded, engine=engine, cache=cache, lanes=lanes)
            networks, classes = await worker.run(partial(work, model, path, _classes_of))
        except ModelForbidden:
            raise
        except Exception as error:  # engines raise many kinds on a broken file; each says why
            raise DetectorFailed(f"{path.name} can't be loaded: {error}") from error
        return cls(networks, classes, confidence)

    def cutter(self, picture: tuple[int, int]) -> Cutter:
        return Cutter(picture, self._sizes)

    def look(
        self, frame: Frame, crops: Sequence[Crop], about: Sequence[Box] = ()
    ) -> list[Detection]:
        """See `detectors.protocol.Detector.look`."""
        try:
            with INFERENCE_SECONDS.time():
                rows = self._rows(frame, crops, about)
        except (RuntimeError, UnknownForm) as error:  # the engines' errors are RuntimeErrors
            raise DetectorFailed(f"the detector broke on a frame: {error}") from error
        return [
            Detection(self._classes[int(row[CLASS])], float(row[SCORE]), box_of(row, frame.size))
            for row in rows
        ]

    def detect_in(self, frame: Frame) -> list[Detection]:
        """Look at the whole of a picture."""
        return self.look(frame, [self.cutter(frame.size).whole()])

    def _rows(self, frame: Frame, crops: Sequence[Crop], about: Sequence[Box]) -> Rows:
        found: list[Rows] = []
        cut: list[Box] = []
        for crop in crops:
            rows = self._rows_of(frame, crop)
            sides = _cut_sides(rows, crop.area, frame.size)
            is_cut = sides.any(axis=1)
            found.append(rows[~is_cut])
            for row, where in zip(rows[is_cut], sides[is_cut], strict=True):
                part = box_of(row, frame.size)
                if any(other.share_in(part) >= MOST_OF_IT for other in about):
                    cut.append(box_of(_grown(row, where), frame.size))
        if cut:
            # Feet that lie outside of a crop would put its owner in another place: once more, with
            # all of him. What is cut even then is larger than what was planned for, and counts.
            again = self.cutter(frame.size).around(cut)
            found += [self._rows_of(frame, crop) for crop in again[:1]]
        if not found:
            return np.empty((0, 6), np.float32)
        return without_doubles(np.concatenate(found), alike=self._alike)

    def _rows_of(self, frame: Frame, crop: Crop) -> Rows:
        """Look at one part; give what is there in pixels of the whole picture."""
        rows = self._networks[crop.size].look(frame.cut(crop.area, crop.size), self._least_score)
        return crop.in_picture(rows)


def _cut_sides(rows: Rows, area: Area, picture: tuple[int, int]) -> NDArray[np.bool_]:
    """Tell of each thing at which of its sides, in a row's order, the part's edge has cut it."""
    edges = (area.left, area.top, area.right, area.bottom)
    is_inside = (
        area.left > 0,
        area.top > 0,
        area.right < picture[0] - 1,
        area.bottom < picture[1] - 1,
    )
    outwards = rows[:, :SCORE] * OUTWARDS - np.array(edges) * OUTWARDS
    sides: NDArray[np.bool_] = (outwards >= -CUT_WITHIN_PX) & np.array(is_inside)
    return sides


def _grown(row: NDArray[np.float32], sides: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Give a thing with room for the rest of it at the ``sides`` where it was cut."""
    across, down = row[RIGHT] - row[LEFT], row[BOTTOM] - row[TOP]
    grown = row.copy()
    grown[:SCORE] += OUTWARDS * sides * GROWN * np.array((across, down, across, down))
    return grown


def _classes_of(said: Metadata) -> Mapping[int, ObjectClass]:
    classes = allowed_classes(said.names, task=said.task)
    if not classes:
        raise UnknownForm("it knows none of the classes that are looked for")
    return classes
