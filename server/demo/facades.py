"""House fronts and signs for the demonstration's streets: flat pictures, 40 pixels a metre."""

from dataclasses import dataclass

import cv2
import numpy as np

from server.demo.stage import Canvas, Colour

SCALE = 40
"""Pixels a metre."""


@dataclass(frozen=True, slots=True)
class HouseFront:
    """A house front, in metres. ``lit``: the share of windows with a light in them."""

    width: float
    height: float
    wall: Colour
    frame: Colour = (0.85, 0.86, 0.88)
    glass: Colour = (0.42, 0.36, 0.30)
    lamp: Colour = (0.45, 0.78, 1.0)
    lit: float = 0.0
    storeys: int = 3
    bays: int = 4
    ground_floor: float = 3.4
    shop: Colour | None = None
    brick: bool = False


def drawn(front: HouseFront, chance: np.random.Generator) -> Canvas:
    """Draw a front with its windows, ledges and, if it has one, a shop window."""
    image = _wall(front, chance)
    storey = (front.height - front.ground_floor - 0.5) / max(1, front.storeys - 1)
    bay = front.width / front.bays
    for row in range(front.storeys - 1):
        bottom = front.ground_floor + 0.55 + row * storey
        _band(image, front, bottom - 0.6, 0.12)
        for column in range(front.bays):
            middle = (column + 0.5) * bay
            lit = chance.random() < front.lit
            _window(image, front, middle, bottom, min(1.3, bay * 0.5), storey * 0.62, lit, chance)
    if front.shop is not None:
        _shop(image, front, chance)
    else:
        for column in range(front.bays):
            is_door = column == front.bays // 2
            size = (1.2, 2.6) if is_door else (min(1.3, bay * 0.5), 1.6)
            bottom = 0.0 if is_door else 1.0
            _window(image, front, (column + 0.5) * bay, bottom, *size, False, chance)
    _band(image, front, front.height - 0.35, 0.35)
    return image


def sign(text: str, *, width: float, height: float, ground: Colour, ink: Colour) -> Canvas:
    """Draw a board with one line of text, as large as it fits."""
    rows, columns = round(height * SCALE * 3), round(width * SCALE * 3)
    board = np.full((rows, columns, 3), [round(255 * one) for one in ground], np.uint8)
    size = round(rows * 0.6)
    face = cv2.FontFace("sans")
    blank = np.zeros_like(board)
    end = cv2.putText(blank, text, (0, rows // 2), (255, 255, 255), face, size, 600)[0]
    length = end[0]
    if length > columns * 0.92:
        size = round(size * columns * 0.92 / length)
        length = round(columns * 0.92)
    at = ((columns - length) // 2, round(rows / 2 + size * 0.36))
    colour = tuple(float(round(255 * one)) for one in ink)
    cv2.putText(board, text, at, colour, face, size, 600)
    return board.astype(np.float32) / 255


def fence(width: float, height: float, colour: Colour) -> tuple[Canvas, Canvas]:
    """Draw a wire fence and its mask: posts every 2.5 m, rails, and mesh."""
    rows, columns = round(height * SCALE * 2), round(width * SCALE * 2)
    mask = np.zeros((rows, columns), np.uint8)
    mesh = 9
    for offset in range(-rows, columns + rows, mesh):
        cv2.line(mask, (offset, 0), (offset + rows, rows), 95, 1, cv2.LINE_AA)
        cv2.line(mask, (offset, rows), (offset + rows, 0), 95, 1, cv2.LINE_AA)
    for x in range(0, columns + 1, round(2.5 * SCALE * 2)):
        cv2.rectangle(mask, (x - 3, 0), (x + 3, rows), 255, -1)
    cv2.rectangle(mask, (0, 0), (columns, 5), 255, -1)
    image = np.full((rows, columns, 3), colour, np.float32)
    return image, mask.astype(np.float32) / 255


def _wall(front: HouseFront, chance: np.random.Generator) -> Canvas:
    rows, columns = round(front.height * SCALE), round(front.width * SCALE)
    stains = cv2.resize(
        chance.random((rows // 40 + 2, columns // 40 + 2)).astype(np.float32),
        (columns, rows),
        interpolation=cv2.INTER_CUBIC,
    )
    grain = chance.normal(0, 0.012, (rows, columns)).astype(np.float32)
    tone = 0.93 + 0.1 * stains + grain
    if front.brick:
        y, x = np.mgrid[0:rows, 0:columns]
        course = y // 5
        joint = (y % 5 == 0) | ((x + 7 * (course % 2)) % 14 == 0)
        shade = chance.normal(1, 0.06, (rows // 5 + 1, columns // 14 + 2))
        tone = tone * shade[course, (x + 7 * (course % 2)) // 14]
        tone = np.where(joint, tone * 1.12, tone)
    # Light falls off towards the street.
    fall = np.linspace(1.05, 0.9, rows, dtype=np.float32)[:, None]
    image: Canvas = np.array(front.wall, np.float32) * (tone * fall)[..., None]
    return np.ascontiguousarray(image, np.float32)


def _rectangle(
    image: Canvas, left: float, bottom: float, width: float, height: float, colour: Colour
) -> None:
    rows = image.shape[0]
    one = (round(left * SCALE), rows - round((bottom + height) * SCALE))
    other = (round((left + width) * SCALE) - 1, rows - round(bottom * SCALE) - 1)
    cv2.rectangle(image, one, other, colour, -1)


def _band(image: Canvas, front: HouseFront, bottom: float, height: float) -> None:
    light = _times(front.wall, 1.12)
    _rectangle(image, 0, bottom, front.width, height, light)
    _rectangle(image, 0, bottom - 0.07, front.width, 0.07, _times(front.wall, 0.72))


def _window(
    image: Canvas,
    front: HouseFront,
    middle: float,
    bottom: float,
    width: float,
    height: float,
    lit: bool,
    chance: np.random.Generator,
) -> None:
    left = middle - width / 2
    _rectangle(image, left - 0.14, bottom - 0.1, width + 0.28, height + 0.22, front.frame)
    _rectangle(image, left, bottom, width, height, _times(front.wall, 0.35))
    pane = _times(front.lamp, chance.uniform(0.75, 1.0)) if lit else front.glass
    for half in (0, 1):
        x = left + 0.05 + half * width / 2
        _rectangle(image, x, bottom + 0.05, width / 2 - 0.1, height - 0.1, pane)
        if not lit:  # the sky in the upper half of the glass
            sky = _times(front.glass, 1.25)
            _rectangle(image, x, bottom + height * 0.5, width / 2 - 0.1, height * 0.5 - 0.05, sky)
    if lit and chance.random() < 0.6:
        curtain = _times(front.lamp, 0.6)
        _rectangle(image, left + 0.05, bottom + 0.05, width * 0.16, height - 0.1, curtain)
        _rectangle(image, left + width * 0.8, bottom + 0.05, width * 0.16, height - 0.1, curtain)
    bar = _times(front.frame, 0.9)
    _rectangle(image, left, bottom + height * 0.62, width, 0.05, bar)
    _rectangle(image, left - 0.2, bottom - 0.16, width + 0.4, 0.1, _times(front.frame, 0.85))


def _shop(image: Canvas, front: HouseFront, chance: np.random.Generator) -> None:
    assert front.shop is not None  # noqa: S101 - the caller asked only because there is one
    top = front.ground_floor - 0.1
    _rectangle(image, 0.25, 0, front.width - 0.5, top, _times(front.shop, 0.55))
    bright = front.lamp if front.lit else _times(front.glass, 1.1)
    panes = max(2, round(front.width / 2.2))
    width = (front.width - 0.9) / panes
    for number in range(panes):
        left = 0.45 + number * width
        _rectangle(image, left + 0.06, 0.45, width - 0.12, 2.0, bright)
        for _ in range(5):  # what is in the window
            x = left + chance.uniform(0.15, width - 0.5)
            tall = chance.uniform(0.2, 0.9)
            colour = _times(bright, chance.uniform(0.35, 0.8))
            _rectangle(image, x, 0.45, chance.uniform(0.12, 0.35), tall, colour)
    _rectangle(image, 0.2, 2.55, front.width - 0.4, 0.6, front.shop)
    for stripe in range(round((front.width - 0.4) / 0.5)):
        if stripe % 2:
            _rectangle(image, 0.2 + stripe * 0.5, 2.35, 0.5, 0.25, _times(front.shop, 1.35))
        else:
            _rectangle(image, 0.2 + stripe * 0.5, 2.35, 0.5, 0.25, _times(front.shop, 0.8))


def _times(colour: Colour, factor: float) -> Colour:
    blue, green, red = (min(1.0, one * factor) for one in colour)
    return blue, green, red
