"""Which parts of a picture a network is shown: where something moves, and not the whole of it.

A part is cut out at its own size where it fits the network, so that a small far thing is seen as
large as it is; the whole picture, shrunk to fit, would lose it and cost more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import ceil, floor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from domain.detections import Box

MARGIN = 0.2
"""Of a region's size, left around it on each side: what moves is seldom all of the thing."""
LEAST_MARGIN_PX = 16
CONTEXT = 2.4
"""How much larger than what moves a crop is: NanoDet finds a person best who fills a quarter to a
half of its small inputs (docs/design/detection.md); one who fills all of it is often missed."""
SHRUNK_MORE, MOST_SHRUNK = 1.25, 3.5
"""How much more than the whole picture a crop may be shrunk; and any at all."""
MOST_CROPS = 3


class Area(NamedTuple):
    """A part of a picture in whole pixels, all of them even: chroma is half as fine."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def bottom(self) -> int:
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of the picture, and which of the networks' sizes it is shown to."""

    area: Area
    size: tuple[int, int]

    def in_picture(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give boxes of the network's input (left, top, right, bottom, …) in the picture's pixels.

        The part lies in the middle of the input, and what surrounds it is no part of the picture.
        """
        area, (height, width) = self.area, self.size
        scale = min(height / area.height, width / area.width)
        beside = (width - round(area.width * scale)) // 2
        above = (height - round(area.height * scale)) // 2
        moved = rows.copy()
        moved[:, 0:4:2] = ((rows[:, 0:4:2] - beside) / scale).clip(0, area.width) + area.left
        moved[:, 1:4:2] = ((rows[:, 1:4:2] - above) / scale).clip(0, area.height) + area.top
        return moved


class _Span(NamedTuple):
    """What a crop is to hold, in pixels; ``focus``: how large the largest single thing is."""

    left: float
    top: float
    right: float
    bottom: float
    focus: float

    def joined(self, other: "_Span") -> "_Span":
        return _Span(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
            max(self.focus, other.focus),
        )

    @property
    def side(self) -> float:
        return max(self.right - self.left, self.bottom - self.top, CONTEXT * self.focus)


class Cutter:
    """Plans the crops of pictures of one size, for networks of some sizes, (height, width) each."""

    def __init__(self, picture: tuple[int, int], sizes: Sequence[tuple[int, int]]) -> None:
        """``picture``: width and height. ``sizes``: that for the whole picture first."""
        self._width, self._height = picture
        self._whole = sizes[0]
        self._sizes = sorted(sizes, key=_points)
        whole_shrunk = max(picture[0] / self._whole[1], picture[1] / self._whole[0])
        self._shrunk = min(MOST_SHRUNK, SHRUNK_MORE * max(1.0, whole_shrunk))

    def whole(self) -> Crop:
        """Give the whole picture."""
        return Crop(Area(0, 0, _even(self._width), _even(self._height)), self._whole)

    def around(self, regions: Sequence[Box]) -> list[Crop]:
        """Give at most ``MOST_CROPS`` crops that hold all ``regions``, the cheapest that do."""
        spans = [self._with_margin(region) for region in regions]
        while pair := self._worth_joining(spans):
            one, other = pair
            spans = [span for span in spans if span is not one and span is not other]
            spans.append(one.joined(other))
        crops = [self._crop(span) for span in spans]
        whole = self.whole()
        if sum(_points(crop.size) for crop in crops) >= 2 * _points(self._whole) or any(
            crop.area == whole.area for crop in crops
        ):
            return [whole]
        return crops

    def _with_margin(self, region: Box) -> _Span:
        left, right = region.left * self._width, region.right * self._width
        top, bottom = region.top * self._height, region.bottom * self._height
        beside = max(LEAST_MARGIN_PX, MARGIN * (right - left))
        above = max(LEAST_MARGIN_PX, MARGIN * (bottom - top))
        return _Span(
            max(0.0, left - beside),
            max(0.0, top - above),
            min(float(self._width), right + beside),
            min(float(self._height), bottom + above),
            max(right - left, bottom - top),
        )

    def _worth_joining(self, spans: Sequence[_Span]) -> tuple[_Span, _Span] | None:
        """Of all pairs, that which saves most; when there are too many, that which costs least."""
        best: tuple[int, _Span, _Span] | None = None
        for one, other in combinations(spans, 2):
            apart = _points(self._size_for(one)) + _points(self._size_for(other))
            joined = one.joined(other)
            loss = _points(self._size_for(joined)) - apart
            if self._is_large(joined) and len(spans) <= MOST_CROPS:
                continue
            if best is None or loss < best[0]:
                best = loss, one, other
        if best is None or (best[0] >= 0 and len(spans) <= MOST_CROPS):
            return None
        return best[1], best[2]

    def _size_for(self, span: _Span) -> tuple[int, int]:
        for size in self._sizes:
            if span.side <= min(size) * self._shrunk:
                return size
        return self._sizes[-1]

    def _is_large(self, span: _Span) -> bool:
        return span.side > min(self._sizes[-1]) * self._shrunk

    def _crop(self, span: _Span) -> Crop:
        size = self._size_for(span)
        # As large as the network's input at least, and of its form: nothing is enlarged.
        scale = max(1.0, span.side / min(size))
        left, width = _within(span.left, span.right, size[1] * scale, self._width)
        top, height = _within(span.top, span.bottom, size[0] * scale, self._height)
        return Crop(Area(left, top, width, height), size)


def _within(start: float, end: float, wanted: float, most: int) -> tuple[int, int]:
    """Give the even start and length of ``wanted`` pixels around a span, inside 0..``most``."""
    length = min(_even(most), 2 * ceil(wanted / 2))
    first = 2 * floor(((start + end) / 2 - length / 2) / 2)
    return min(max(0, first), _even(most) - length), length


def _even(pixels: int) -> int:
    return pixels - pixels % 2


def _points(size: tuple[int, int]) -> int:
    return size[0] * size[1]
