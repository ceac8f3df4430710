"""Masks: parts of a camera's picture that nobody is shown, such as homes and their entrances.

CSI L.251-3 wants no view into homes nor, specifically, of their entrances. What is masked is burnt
into the picture before it is watched, kept or analysed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, floor
from typing import ClassVar, NamedTuple, Self

from domain.cameras import PlaceKind
from domain.detections import PicturePoint
from domain.errors import Conflict, Invalid
from domain.identifiers import PersonId
from domain.zones import FEWEST_POINTS, MOST_POINTS, Fault, fault_of, sides

MOST_MASKS = 24
SMALLEST_AREA = 0.0001
"""Ten by ten pixels in 720p: smaller than any window that shows anything."""
BLOCK = 8
"""Pixels: the picture is masked by whole blocks, since cameras encode it by such blocks (H264)."""
LARGEST_BLOCK = 32
"""The same of H265, whose transforms are larger."""
MARGIN = 4
"""Pixels around a mask: a camera's deblocking filter carries what lies inside three of them out."""

SENTENCES = {
    Fault.TOO_FEW_POINTS: f"A mask needs at least {FEWEST_POINTS} points.",
    Fault.TOO_MANY_POINTS: f"A mask has at most {MOST_POINTS} points.",
    Fault.NOT_A_NUMBER: "A point of the mask is not a pair of numbers.",
    Fault.OUTSIDE_THE_PICTURE: "A point of the mask lies outside the picture.",
    Fault.SAME_POINT_TWICE: "Two points of the mask are the same.",
    Fault.CROSSES_ITSELF: "The mask's outline crosses itself.",
    Fault.TOO_SMALL: "The mask is too small to hide anything.",
}


class InvalidMask(Invalid):
    """What was drawn can't be masked as it is."""

    code: ClassVar[str] = "invalid-mask"
    title: ClassVar[str] = "This mask can't be used"


class MasksChanged(Conflict):
    """Somebody else has decided meanwhile (HTTP 409)."""

    code: ClassVar[str] = "masks-changed"
    title: ClassVar[str] = "The masks of this camera were changed meanwhile"


@dataclass(frozen=True, slots=True)
class Mask:
    """A polygon of the picture, its points in shares of width and height (0..1), closed by itself.

    Raises ``InvalidMask`` when the points don't make one simple polygon in the picture.
    """

    points: tuple[PicturePoint, ...]

    def __post_init__(self) -> None:
        if fault := fault_of(self.points, smallest_area=SMALLEST_AREA):
            raise InvalidMask(SENTENCES[fault])

    @classmethod
    def drawn(cls, points: Iterable[Sequence[float]]) -> Self:
        """Make a mask of ``[[x, y], …]`` as the page sends it; raise ``InvalidMask``."""
        pairs = tuple(tuple(point) for point in points)
        if not all(len(pair) == 2 for pair in pairs):
            raise InvalidMask(SENTENCES[Fault.NOT_A_NUMBER])
        return cls(tuple(PicturePoint(*pair) for pair in pairs))


@dataclass(frozen=True, kw_only=True)
class Masking:
    """What was decided of one camera's picture, as the ``version``-th decision (from 1 on).

    No mask and not ``by_camera``: somebody has looked, and there is nothing to hide. ``by_camera``:
    the camera burns its own masks in, as a camera that turns has to: ours would stay where they
    are while the picture moves.
    """

    version: int
    masks: tuple[Mask, ...]
    by_camera: bool
    decided_at: datetime
    decided_by: PersonId

    def __post_init__(self) -> None:
        if len(self.masks) > MOST_MASKS:
            raise InvalidMask(f"A camera has at most {MOST_MASKS} masks.")
        if self.by_camera and self.masks:
            raise InvalidMask("This camera masks itself, so it is given no masks here.")

    def says_the_same(self, other: "Masking") -> bool:
        return self.masks == other.masks and self.by_camera is other.by_camera


def check_moves(masks: Sequence[Mask], *, moves: bool) -> None:
    """Raise ``InvalidMask`` for masks on a camera that can be moved: it has to mask itself."""
    if moves and masks:
        raise InvalidMask(
            "This camera can be moved: a mask of ours would stay in its place while it turns. "
            "Set its own masks in the camera."
        )


def is_undecided(version: int, *, profile: str, place_kind: PlaceKind) -> bool:
    """Whether somebody has yet to look at what this camera sees of homes (French profile).

    ``version``: of the masking in force, 0 for none.
    """
    return version == 0 and profile == "france" and place_kind is PlaceKind.PUBLIC_ROAD


class Run(NamedTuple):
    """Blocks of one row that are masked: from ``first`` on, ``end`` not among them."""

    row: int
    first: int
    end: int


def masked_blocks(
    masks: Iterable[Mask], *, width: int, height: int, block: int = BLOCK
) -> list[Run]:
    """What of a picture of so many pixels is painted over: each block that a mask comes near to.

    A block is masked when it or the `MARGIN` around it touches a polygon, so nothing within a
    polygon, and nothing that a camera's encoder may have carried out of it, is left.
    """
    columns, rows = ceil(width / block), ceil(height / block)
    found: list[set[int]] = [set() for _ in range(rows)]
    for mask in masks:
        points = [PicturePoint(p.x * width, p.y * height) for p in mask.points]
        for row in range(rows):
            found[row].update(_along(points, row, columns, block))
            found[row].update(_within(points, row, columns, block))
    return [run for row, there in enumerate(found) for run in _runs(row, there)]


def _along(points: list[PicturePoint], row: int, columns: int, block: int) -> Iterator[int]:
    """The blocks of a row that the outline comes near to."""
    top, bottom = row * block - MARGIN, (row + 1) * block + MARGIN
    for a, b in sides(points):
        low, high = (a, b) if a.y <= b.y else (b, a)
        if high.y < top or low.y > bottom:
            continue
        at_top = _x_at(max(top, low.y), low, high) if high.y > low.y else low.x
        at_bottom = _x_at(min(bottom, high.y), low, high) if high.y > low.y else high.x
        left, right = min(at_top, at_bottom) - MARGIN, max(at_top, at_bottom) + MARGIN
        yield from range(max(0, floor(left / block)), min(columns, floor(right / block) + 1))


def _within(points: list[PicturePoint], row: int, columns: int, block: int) -> Iterator[int]:
    """The blocks of a row whose middle is inside."""
    y = (row + 0.5) * block
    crossings = sorted(_x_at(y, a, b) for a, b in sides(points) if (a.y > y) != (b.y > y))
    for left, right in zip(crossings[::2], crossings[1::2], strict=True):
        yield from range(max(0, floor(left / block)), min(columns, floor(right / block) + 1))


def _x_at(y: float, a: PicturePoint, b: PicturePoint) -> float:
    """Where a side that is not level is at a height between its ends."""
    share = (y - a.y) / (b.y - a.y)  # from 0 to 1, however little the ends differ
    return a.x + share * (b.x - a.x)


def _runs(row: int, there: set[int]) -> Iterator[Run]:
    first = end = -1
    for block in sorted(there):
        if block != end:
            if end > first:
                yield Run(row, first, end)
            first = block
        end = block + 1
    if end > first:
        yield Run(row, first, end)
