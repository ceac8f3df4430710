"""Reads what a network of ultralytics' form says: boxes, scores, classes, without its doubles."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.detections import Box

type Rows = NDArray[np.float32]
"""One thing a row: left, top, right, bottom in pixels of the network's input, score, class."""

LEFT, TOP, RIGHT, BOTTOM, SCORE, CLASS = range(6)
OVERLAP_OF_ONE_THING = 0.5
MOST_THINGS = 100
"""Of one picture; a street has fewer, and a network gone wild says thousands."""


class UnknownForm(ValueError):
    """What comes out of the network has no form that is known here."""


@dataclass(frozen=True, slots=True)
class OutputForm:
    """How a network says what it saw, by its metadata: class numbers wanted, and their count.

    ``ends_itself``: it has thrown away doubles already (``end2end`` in ultralytics' metadata);
    None where the metadata don't tell, and the shape has to.
    """

    wanted: Collection[int]
    classes: int
    ends_itself: bool | None = None

    def read(self, output: NDArray[np.float32], *, least_score: float) -> Rows:
        """Give the wanted things of one picture's ``output``; raise ``UnknownForm``."""
        if output.ndim != 3 or output.shape[0] != 1:
            raise UnknownForm(f"the network says {output.shape}, which is no list of boxes")
        said = output[0]
        if self.ends_itself or (self.ends_itself is None and said.shape[1] == CLASS + 1):
            return self._of_ended(said, least_score)
        if said.shape[0] == self.classes + 4:
            return self._of_raw(said, least_score)
        raise UnknownForm(f"{self.classes} classes and an output of {output.shape} don't agree")

    def _of_ended(self, said: NDArray[np.float32], least_score: float) -> Rows:
        if said.shape[1] != CLASS + 1:
            raise UnknownForm(f"a row of {said.shape[1]} numbers is no box")
        of_wanted = np.isin(said[:, CLASS].astype(np.int64), [*self.wanted])
        kept = said[of_wanted & (said[:, SCORE] >= least_score)]
        return kept[:MOST_THINGS].astype(np.float32)

    def _of_raw(self, said: NDArray[np.float32], least_score: float) -> Rows:
        wanted = np.array(sorted(self.wanted))
        scores = said[4:][wanted]  # a row a class, a column an anchor
        best = scores.max(axis=0)
        (anchors,) = np.nonzero(best >= least_score)
        if not anchors.size:
            return np.empty((0, 6), np.float32)
        x, y, width, height = said[:4, anchors]
        rows = np.stack(
            [
                x - width / 2,
                y - height / 2,
                x + width / 2,
                y + height / 2,
                best[anchors],
                wanted[scores[:, anchors].argmax(axis=0)],
            ],
            axis=1,
        ).astype(np.float32)
        return without_doubles(rows, least_score=least_score)


def without_doubles(rows: Rows, *, least_score: float = 0.0, alike: Collection[int] = ()) -> Rows:
    """Of boxes of one class that cover each other, keep the one with the best score.

    ``alike``: classes that a network takes for each other, so that a van is not a car as well.
    """
    if len(rows) < 2:
        return rows
    classes = rows[:, CLASS].astype(int)
    if alike:
        classes[np.isin(classes, [*alike])] = min(alike)
    sides = rows[:, :4].astype(np.float64)
    sides[:, RIGHT] -= sides[:, LEFT]
    sides[:, BOTTOM] -= sides[:, TOP]
    kept = cv2.dnn.NMSBoxesBatched(
        sides.tolist(),
        rows[:, SCORE].tolist(),
        classes.tolist(),
        least_score,
        OVERLAP_OF_ONE_THING,
    )
    return rows[np.asarray(kept, np.int64)[:MOST_THINGS]]


def box_of(row: NDArray[np.float32], picture: tuple[int, int]) -> Box:
    """Give where a thing of ``Rows`` is, of a picture so many pixels wide and high."""
    left, top, right, bottom = (float(side) for side in row[:SCORE])
    width, height = picture
    return Box.clipped(left / width, top / height, right / width, bottom / height)


def names_of(said: object) -> Mapping[int, str]:
    """Read a metadata's ``names``, a mapping or a list; raise ``UnknownForm``."""
    if isinstance(said, Mapping):
        return {int(number): str(name) for number, name in said.items()}
    if isinstance(said, list | tuple):
        return {number: str(name) for number, name in enumerate(said)}
    raise UnknownForm("the model does not say what its classes are called")
