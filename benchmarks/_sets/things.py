"""Small things for the sets: drawn, larger than they are shown, and laid into the picture."""

from functools import cache
from typing import Any

import cv2
import numpy as np

from server.demo.painting import Spot, contact, paint
from server.demo.stage import Colour, Pixels

SIZE = 160
"""Pixels of a drawing's longer side."""


def draw(frame: Pixels, what: str, size: float, at: Spot, light: Colour, shadow: float) -> None:
    """Put a thing of ``size`` metres on the ground at a spot; its scale follows from that."""
    picture = drawing(what)
    scale = size * at.metre / picture.shape[0]
    contact(frame, at.x, at.y, size * at.metre, shadow)
    matrix = np.array(
        [
            [scale, 0, at.x - scale * picture.shape[1] / 2],
            [0, scale, at.y + 0.03 * at.metre - scale * picture.shape[0]],
        ]
    )
    paint(frame, picture, matrix, light, 1.0)


@cache
def drawing(what: str) -> Pixels:
    """Give a thing's picture with alpha."""
    canvas = np.zeros((SIZE, SIZE, 4), np.uint8)
    _DRAWN[what](canvas)
    softened: Pixels = cv2.GaussianBlur(canvas, (3, 3), 0).astype(np.uint8)
    return softened


def _suitcase(canvas: Any) -> None:
    cv2.rectangle(canvas, (62, 8), (98, 44), (40, 40, 42, 255), 6, cv2.LINE_AA)
    cv2.rectangle(canvas, (34, 40), (126, 150), (60, 34, 28, 255), -1, cv2.LINE_AA)
    for x in (52, 80, 108):
        cv2.line(canvas, (x, 48), (x, 142), (92, 62, 52, 255), 4, cv2.LINE_AA)
    for x in (44, 116):
        cv2.circle(canvas, (x, 153), 7, (22, 22, 22, 255), -1, cv2.LINE_AA)


def _backpack(canvas: Any) -> None:
    cv2.ellipse(canvas, (80, 70), (52, 60), 0, 180, 360, (38, 44, 120, 255), -1, cv2.LINE_AA)
    cv2.rectangle(canvas, (28, 70), (132, 154), (38, 44, 120, 255), -1, cv2.LINE_AA)
    cv2.rectangle(canvas, (44, 96), (116, 146), (30, 34, 92, 255), -1, cv2.LINE_AA)
    cv2.ellipse(canvas, (80, 14), (16, 12), 0, 0, 360, (30, 30, 34, 255), 5, cv2.LINE_AA)


def _carton(canvas: Any) -> None:
    cv2.rectangle(canvas, (12, 50), (148, 156), (94, 140, 178, 255), -1, cv2.LINE_AA)
    lid = np.array([(12, 50), (36, 22), (160, 22), (148, 50)], np.int32)
    cv2.fillPoly(canvas, [lid], (120, 168, 204, 255), cv2.LINE_AA)
    cv2.rectangle(canvas, (72, 50), (88, 156), (150, 186, 206, 255), -1)


def _sack(canvas: Any) -> None:
    cv2.ellipse(canvas, (80, 104), (66, 54), 0, 0, 360, (34, 32, 32, 255), -1, cv2.LINE_AA)
    cv2.ellipse(canvas, (80, 44), (18, 22), 0, 0, 360, (40, 38, 38, 255), -1, cv2.LINE_AA)
    cv2.ellipse(canvas, (58, 88), (16, 24), 30, 0, 360, (74, 70, 70, 255), -1, cv2.LINE_AA)


def _bin(canvas: Any) -> None:
    cv2.rectangle(canvas, (48, 70), (112, 156), (52, 84, 58, 255), -1, cv2.LINE_AA)
    for x in (58, 69, 80, 91, 102):
        cv2.line(canvas, (x, 78), (x, 150), (38, 62, 44, 255), 3, cv2.LINE_AA)
    cv2.rectangle(canvas, (44, 64), (116, 74), (70, 104, 78, 255), -1, cv2.LINE_AA)


def _bin_with_sacks(canvas: Any) -> None:
    cv2.ellipse(canvas, (62, 48), (30, 24), 0, 0, 360, (40, 38, 38, 255), -1, cv2.LINE_AA)
    cv2.ellipse(canvas, (100, 42), (28, 28), 0, 0, 360, (176, 176, 170, 255), -1, cv2.LINE_AA)
    cv2.ellipse(canvas, (80, 24), (20, 18), 0, 0, 360, (52, 50, 130, 255), -1, cv2.LINE_AA)
    _bin(canvas)


def _bin_with_cartons(canvas: Any) -> None:
    cv2.rectangle(canvas, (40, 30), (84, 70), (94, 140, 178, 255), -1, cv2.LINE_AA)
    cv2.rectangle(canvas, (72, 8), (124, 46), (120, 168, 204, 255), -1, cv2.LINE_AA)
    cv2.rectangle(canvas, (92, 44), (120, 70), (80, 118, 156, 255), -1, cv2.LINE_AA)
    _bin(canvas)


_DRAWN = {
    "suitcase": _suitcase,
    "backpack": _backpack,
    "carton": _carton,
    "sack": _sack,
    "bin": _bin,
    "bin with sacks": _bin_with_sacks,
    "bin with cartons": _bin_with_cartons,
}
