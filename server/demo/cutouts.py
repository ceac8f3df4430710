"""The demonstration's people: cut out of a photograph that ultralytics ships, and made to walk.

No registry carries a fixed-camera clip of people (docs/design/detection.md). The photograph is
`bus.jpg` of the ultralytics package (AGPL-3.0-or-later, as this project is).
"""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

type Pixels = NDArray[np.uint8]
type Line = tuple[tuple[int, int], ...]

PHASES = 16
"""Pictures in one walking cycle, two steps."""
MARGIN = 24
EXTENDED = 60
"""How far, in pixels, legs go on under the coat, so that no gap shows when they swing."""


class NoPicture(Exception):
    """The photograph is not on this machine: the `detect` packages are not installed."""


@dataclass(frozen=True, slots=True)
class Outline:
    """Where a person is in the photograph, in its pixels: what GrabCut is told, and the joints.

    ``is_person`` and ``is_not`` are strokes with their widths. ``between`` divides the legs from
    the hem down; each leg swings by ``swing`` degrees about its hip.
    """

    box: tuple[int, int, int, int]
    is_person: tuple[tuple[Line, int], ...]
    is_not: tuple[tuple[Line, int], ...]
    neck_y: int
    hem_y: int
    between: Line
    hips: tuple[tuple[int, int], tuple[int, int]]
    swing: tuple[tuple[float, float], tuple[float, float]]


CREAM_COAT = Outline(
    box=(46, 394, 248, 906),
    is_person=(
        (((131, 420), (132, 460)), 24),
        (((110, 500), (100, 560), (130, 600), (150, 560)), 60),
        (((110, 640), (150, 660)), 60),
        (((85, 720), (80, 800), (76, 850)), 22),
        (((155, 720), (175, 790), (185, 850)), 22),
        (((75, 872), (90, 890)), 12),
        (((185, 872), (230, 884)), 14),
        (((100, 700), (150, 700)), 40),
    ),
    is_not=(
        (((125, 770), (125, 815)), 20),
        (((128, 740), (128, 820), (150, 880)), 8),
        (((50, 712), (52, 850)), 14),
        (((64, 698), (66, 734)), 12),
        (((121, 714), (126, 765)), 8),
        (((62, 735), (63, 790)), 10),
        (((60, 470), (88, 455)), 4),
        (((92, 400), (98, 440)), 8),
        (((215, 600), (205, 760)), 8),
    ),
    neck_y=468,
    hem_y=692,
    between=((130, 600), (130, 910)),
    hips=((104, 640), (150, 640)),
    swing=((0.0, 17.0), (0.0, -17.0)),
)
DARK_COAT = Outline(
    box=(220, 402, 346, 862),
    is_person=(
        (((288, 425), (290, 470)), 20),
        (((290, 510), (290, 620)), 50),
        (((262, 540), (250, 680)), 24),
        (((318, 530), (322, 680)), 18),
        (((270, 700), (262, 760), (266, 830)), 20),
        (((312, 700), (300, 740), (288, 780)), 20),
        (((272, 838), (274, 848)), 16),
        (((290, 800), (292, 808)), 6),
    ),
    is_not=(
        (((246, 412), (248, 480)), 26),
        (((340, 420), (335, 470)), 10),
        (((340, 560), (342, 620)), 8),
        (((240, 740), (238, 840)), 8),
        (((325, 760), (312, 860)), 14),
        (((232, 720), (232, 850)), 6),
        (((244, 852), (256, 860)), 6),
    ),
    neck_y=474,
    hem_y=688,
    between=((296, 600), (293, 690), (288, 745), (281, 780), (279, 818), (310, 822), (310, 870)),
    hips=((268, 640), (306, 640)),
    swing=((9.0, -9.0), (-9.0, 9.0)),
)


@dataclass(frozen=True, slots=True)
class Walker:
    """A person in all the phases of walking: pictures of equal size with alpha, feet at the bottom.

    ``foot_x`` is where the middle between the feet is, as a share of the width.
    """

    phases: tuple[Pixels, ...]
    foot_x: float

    def mirrored(self) -> "Walker":
        """Give the same person, walking the other way."""
        flipped = tuple(np.ascontiguousarray(one[:, ::-1]) for one in self.phases)
        return Walker(flipped, 1 - self.foot_x)


def photograph() -> Path:
    """Give the path of the photograph; raise ``NoPicture``. ultralytics itself is not imported."""
    found = importlib.util.find_spec("ultralytics")
    if found is None or not found.submodule_search_locations:
        raise NoPicture("ultralytics is not installed; it ships the picture of the walkers")
    return Path(found.submodule_search_locations[0]) / "assets" / "bus.jpg"


def people(picture: Pixels) -> dict[str, Walker]:
    """Cut the walkers out of the photograph, each in the coat that its name says."""
    cream = _cut(picture, CREAM_COAT)
    dark = _cut(picture, DARK_COAT)
    return {
        "cream": _walking(cream, CREAM_COAT),
        "olive": _walking(_dyed(cream, CREAM_COAT, (0.42, 0.60, 0.52)), CREAM_COAT),
        "red": _walking(_dyed(cream, CREAM_COAT, (0.34, 0.30, 0.72)), CREAM_COAT),
        "dark": _walking(dark, DARK_COAT),
        "brown": _walking(_dyed(dark, DARK_COAT, (1.1, 1.6, 2.2)), DARK_COAT),
    }


def _cut(picture: Pixels, outline: Outline) -> Pixels:
    """Give the person with alpha, in a canvas of the outline's box and a margin."""
    left, top, right, bottom = outline.box
    canvas = cv2.copyMakeBorder(picture, MARGIN, MARGIN, MARGIN, MARGIN, cv2.BORDER_REPLICATE)[
        top : bottom + 2 * MARGIN, left : right + 2 * MARGIN
    ]
    mask = np.full(canvas.shape[:2], cv2.GC_BGD, np.uint8)
    mask[MARGIN:-MARGIN, MARGIN:-MARGIN] = cv2.GC_PR_FGD
    for strokes, meaning in ((outline.is_person, cv2.GC_FGD), (outline.is_not, cv2.GC_BGD)):
        for line, width in strokes:
            cv2.polylines(mask, [_here(line, outline)], False, meaning, width)
    cv2.setRNGSeed(1)  # GrabCut's clusters start at random
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(canvas, mask, (0, 0, 0, 0), *models, 6, cv2.GC_INIT_WITH_MASK)
    is_person = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    labels, sizes = cv2.connectedComponentsWithStats(is_person)[1:3]
    largest = 1 + int(np.argmax(sizes[1:, cv2.CC_STAT_AREA]))
    alpha = np.where(labels == largest, np.uint8(255), np.uint8(0))
    alpha = cv2.morphologyEx(alpha, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    alpha = cv2.GaussianBlur(cv2.erode(alpha, np.ones((3, 3), np.uint8)), (3, 3), 0)
    return np.dstack([canvas, alpha])


def _dyed(cut: Pixels, outline: Outline, dye: tuple[float, float, float]) -> Pixels:
    """Colour the coat: what lies between neck and hem and is neither skin nor jeans."""
    top, bottom = _row(outline.neck_y, outline), _row(outline.hem_y, outline) + 8
    coat = cut[top:bottom, :, :3].astype(np.float32)
    hue, saturation, _ = cv2.split(cv2.cvtColor(cut[top:bottom, :, :3], cv2.COLOR_BGR2HSV))
    is_skin_or_jeans = ((saturation > 90) & ((hue < 12) | (hue > 165))) | (
        (saturation > 110) & (hue > 95)
    )
    weight = cv2.GaussianBlur((~is_skin_or_jeans).astype(np.float32), (5, 5), 0)[..., None]
    dyed = np.clip(coat * np.array(dye, np.float32) + 6, 0, 255)
    result = cut.copy()
    result[top:bottom, :, :3] = (dyed * weight + coat * (1 - weight)).astype(np.uint8)
    return result


def _walking(cut: Pixels, outline: Outline) -> Walker:
    hem = _row(outline.hem_y, outline)
    height, width = cut.shape[:2]
    torso = cut.copy()
    torso[hem + 10 :, :, 3] = 0
    torso[hem - 2 : hem + 10, :, 3] = (
        torso[hem - 2 : hem + 10, :, 3] * np.linspace(1, 0, 12, dtype=np.float32)[:, None]
    ).astype(np.uint8)
    sides = np.zeros((height, width), np.uint8)
    divide = _here(outline.between, outline)
    corners = np.array([[-1, divide[-1][1]], [-1, divide[0][1]]])
    cv2.fillPoly(sides, [np.vstack([divide, corners]).astype(np.int32)], 255)
    legs = [_leg(cut, sides, hem), _leg(cut, 255 - sides, hem)]
    phases = []
    for number in range(PHASES):
        turn = 2 * pi * number / PHASES
        picture = np.zeros_like(cut)
        for leg, hip, (one, other) in zip(legs, outline.hips, outline.swing, strict=True):
            angle = (one + other) / 2 + (one - other) / 2 * cos(turn)
            pivot = _here((hip,), outline)[0]
            matrix = np.asarray(
                cv2.getRotationMatrix2D((float(pivot[0]), float(pivot[1])), angle, 1.0), np.float32
            )
            picture = _over(picture, _warped(leg, matrix))
        # The body is highest when the legs pass each other.
        lift = np.array([[1, 0, 0], [0, 1, -3 * abs(sin(turn))]], np.float32)
        phases.append(_warped(_over(picture, torso), lift))
    return _trimmed(phases)


def _warped(picture: Pixels, matrix: NDArray[np.float32]) -> Pixels:
    height, width = picture.shape[:2]
    return cv2.warpAffine(picture, matrix, (width, height)).astype(np.uint8, copy=False)


def _leg(cut: Pixels, side: Pixels, hem: int) -> Pixels:
    leg = cut.copy()
    leg[..., 3] = cv2.min(leg[..., 3], side)
    leg[:hem] = 0
    leg[hem - EXTENDED : hem] = leg[hem + 6]
    return leg


def _over(below: Pixels, above: Pixels) -> Pixels:
    """Lay one picture with alpha over another."""
    top, bottom = above[..., 3:].astype(np.float32) / 255, below[..., 3:].astype(np.float32) / 255
    alpha = top + bottom * (1 - top)
    colour = above[..., :3] * top + below[..., :3] * bottom * (1 - top)
    colour /= np.maximum(alpha, 1e-3)
    laid: Pixels = np.dstack([colour, alpha * 255]).round().astype(np.uint8)
    return laid


def _trimmed(phases: Sequence[Pixels]) -> Walker:
    seen = np.maximum.reduce([one[..., 3] for one in phases]) > 40
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    feet = np.flatnonzero(seen[rows[-1] - 12 : rows[-1] + 1].any(axis=0))
    foot_x = ((feet[0] + feet[-1]) / 2 - columns[0]) / (columns[-1] - columns[0])
    return Walker(tuple(np.ascontiguousarray(one[box]) for one in phases), float(foot_x))


def _here(line: Line, outline: Outline) -> NDArray[np.int32]:
    """Turn the photograph's pixels into the canvas's."""
    corner = (outline.box[0] - MARGIN, outline.box[1] - MARGIN)
    return np.array(line, np.int32) - np.array(corner, np.int32)


def _row(y: int, outline: Outline) -> int:
    return y - outline.box[1] + MARGIN
