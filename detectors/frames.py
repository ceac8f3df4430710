"""DecodedFrame: a picture as the codec left it, converted only as far as somebody asks."""

from datetime import datetime

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from detectors.crops import Area
from detectors.protocol import Luma, Picture

JPEG_QUALITY = 85
GREY = 114
"""Around what does not fill a network's input: the grey that ultralytics trains with."""
FULL_RANGE = 2  # AVCOL_RANGE_JPEG: luma from 0 to 255, not from 16 to 235
BITS = 8  # of a point in a plane; pictures of H.265's Main 10 have more
QUARTERED = frozenset({"yuv420p", "yuvj420p"})


class DecodedFrame:
    """A frame, mostly yuv420p: of that, parts are cut out of the planes and converted alone."""

    def __init__(
        self, frame: VideoFrame, captured_at: datetime, *, timestamp: int | None = None
    ) -> None:
        self._frame = frame
        self.captured_at, self.timestamp = captured_at, timestamp

    @property
    def size(self) -> tuple[int, int]:
        return self._frame.width, self._frame.height

    def luma(self) -> Luma:
        """Give the Y plane, without its padding."""
        form = self._frame.format
        is_plane = form.name.startswith(("yuv", "gray")) and form.components[0].bits == BITS
        if not is_plane:
            return self._frame.to_ndarray(format="gray").astype(np.uint8, copy=False)
        return self._plane(0)

    def chroma(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]] | None:
        """Give the U and V planes, half as wide and high; None of pictures that have none such."""
        if self._frame.format.name not in QUARTERED:
            return None
        return self._plane(1), self._plane(2)

    def bgr(self) -> Picture:
        return self._frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False)

    def cut(self, area: Area, size: tuple[int, int]) -> Picture:
        scale = min(size[0] / area.height, size[1] / area.width)
        height, width = round(area.height * scale), round(area.width * scale)
        chroma = self.chroma()
        if chroma is None:
            part = _scaled(_part(self.bgr(), area), width, height)
        else:
            part = self._converted(chroma, area, width, height)
        if (height, width) == size:
            return part
        canvas = np.full((*size, 3), GREY, np.uint8)
        top, left = (size[0] - height) // 2, (size[1] - width) // 2
        canvas[top : top + height, left : left + width] = part
        return canvas

    def jpeg(self) -> bytes:
        quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
        return cv2.imencode(".jpg", self.bgr(), quality)[1].tobytes()

    def _converted(
        self,
        chroma: tuple[NDArray[np.uint8], NDArray[np.uint8]],
        area: Area,
        width: int,
        height: int,
    ) -> Picture:
        """Scale the planes' parts, then convert: the other way round touches many more points."""
        halved = Area(area.left // 2, area.top // 2, area.width // 2, area.height // 2)
        y = _scaled(_part(self._plane(0), area), width, height)
        u, v = (_scaled(_part(plane, halved), width, height) for plane in chroma)
        if int(self._frame.color_range) != FULL_RANGE and not self._is_full_range_by_name():
            y, u, v = (
                _looked_up(y, _WIDENED_LUMA),
                _looked_up(u, _WIDENED_CHROMA),
                _looked_up(v, _WIDENED_CHROMA),
            )
        converted = cv2.cvtColor(cv2.merge((y, v, u)), cv2.COLOR_YCrCb2BGR)
        return converted.astype(np.uint8, copy=False)

    def _is_full_range_by_name(self) -> bool:
        return self._frame.format.name == "yuvj420p"

    def _plane(self, number: int) -> NDArray[np.uint8]:
        plane = self._frame.planes[number]
        rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
        return rows[:, : plane.width]


def _part(plane: NDArray[np.uint8], area: Area) -> NDArray[np.uint8]:
    return plane[area.top : area.bottom, area.left : area.right]


def _scaled(plane: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    if plane.shape[:2] == (height, width):
        return plane
    scaled = cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR)
    return scaled.astype(np.uint8, copy=False)


def _looked_up(plane: NDArray[np.uint8], table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give ``table[plane]``; OpenCV looks it up in a fifth of numpy's time."""
    return cv2.LUT(plane, table).astype(np.uint8, copy=False)


def _widened(offset: float, middle: float, gain: float) -> NDArray[np.uint8]:
    values: NDArray[np.float64] = np.clip((np.arange(256) - middle) * gain + offset, 0, 255)
    return values.round().astype(np.uint8)


_WIDENED_LUMA = _widened(0, 16, 255 / 219)
_WIDENED_CHROMA = _widened(128, 128, 255 / 224)
