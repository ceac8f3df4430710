"""What stands in the demonstration's streets: houses, paving, trees, lamps, cars, a fence."""

import cv2
import numpy as np

from server.demo.facades import HouseFront, drawn, fence, sign
from server.demo.stage import OVERSIZE, Canvas, Colour, Stage, stripes

type Ground = tuple[tuple[float, float], ...]
"""Places on the ground: X and Z, in metres."""


def row_of_houses(stage: Stage, houses: tuple[HouseFront, ...], *, z: float, left: float) -> None:
    for house in houses:
        right = left + house.width
        stage.wall(drawn(house, stage.chance), (left, 0, z), (right, 0, z), house.height)
        eaves = [
            (left - 0.1, house.height, z),
            (right + 0.1, house.height, z),
            (right - 0.5, house.height + 1.3, z + 1),
            (left + 0.5, house.height + 1.3, z + 1),
        ]
        stage.shape(eaves, dimmed(house.wall, 0.62))
        left = right


def pools(x: Canvas, z: Canvas, lamps: tuple[tuple[float, float], ...], *, spread: float) -> Canvas:
    total = np.zeros(np.shape(x), np.float32)
    for lamp_x, lamp_z in lamps:
        with np.errstate(invalid="ignore", over="ignore"):
            far = ((x - lamp_x) ** 2 + (z - lamp_z) ** 2) / (2 * spread**2)
        total += np.where(np.isfinite(far), np.exp(-np.nan_to_num(far, posinf=80)), 0)
    return total


def paving(stage: Stage, x: Canvas, z: Canvas, *, size: float) -> Canvas:
    with np.errstate(invalid="ignore"):
        near = np.where(np.isfinite(z), z, 500.0)
        pixel_x, pixel_z = near / 900 + 0.002, near * near / 3000 + 0.004
        across = np.where(np.isfinite(x), x, 0.0)
        joints = np.maximum(
            stripes(across, size, 0.03, pixel_x), stripes(near, size * 1.5, 0.03, pixel_z)
        )
        column, row = np.floor(across / size).astype(int), np.floor(near / size / 1.5).astype(int)
    slabs = stage.chance.normal(1, 0.05, (97, 89)).astype(np.float32)
    fade = np.clip(1.2 - near / 40, 0, 1)
    tone = 1 + (slabs[column % 97, row % 89] - 1) * fade
    stains = 0.88 + 0.2 * stage.noise(240)
    laid: Canvas = (tone * stains * (1 - 0.34 * joints * fade)).astype(np.float32)
    return laid


def asphalt(stage: Stage) -> Canvas:
    grain = stage.chance.normal(1, 0.07, stage.canvas.shape[:2]).astype(np.float32)
    return cv2.GaussianBlur(grain, (0, 0), 0.9) * (0.94 + 0.12 * stage.noise(160))


def tree(
    stage: Stage,
    at: tuple[float, float],
    *,
    height: float,
    radius: float,
    dark: Colour,
    light: Colour,
) -> None:
    x, z = at
    stage.shade(disc(x + 0.2, z, radius * 0.8, 0.35), 0.35, soft=3)
    stage.post((x, 0, z), height - radius * 0.5, 0.26, (0.12, 0.16, 0.20))
    stage.crown((x, height, z), radius, dark, light, 1500)


def lamp(stage: Stage, at: tuple[float, float], *, height: float, glow: float = 0.85) -> None:
    x, z = at
    stage.post((x, 0, z), height, 0.13, (0.10, 0.10, 0.11))
    stage.post((x, 0, z), 0.5, 0.24, (0.10, 0.10, 0.11))
    head = [
        (x - 0.24, height, z),
        (x + 0.24, height, z),
        (x + 0.14, height + 0.34, z),
        (x - 0.14, height + 0.34, z),
    ]
    stage.shape(head, (0.62, 0.88, 1.0) if glow else (0.75, 0.76, 0.78))
    if glow:
        stage.glow((x, height + 0.1, z), (0.42, 0.74, 1.0), 0.42, glow)
        stage.glow((x, height + 0.1, z), (0.30, 0.55, 0.85), 1.9, glow * 0.30)


def bench(stage: Stage, at: tuple[float, float], wood: Colour) -> None:
    x, z = at
    stage.shade(disc(x, z, 1.1, 0.4), 0.5, soft=2)
    for foot in (-0.8, 0.8):
        stage.line([(x + foot, 0, z), (x + foot, 0.85, z + 0.1)], (0.08, 0.08, 0.09), 0.09)
    for level in (0.45, 0.62, 0.80):
        stage.line([(x - 1.0, level, z), (x + 1.0, level, z)], wood, 0.11)


def railing(stage: Stage, left: float, right: float, *, z: float) -> None:
    low = [(left, 0.0, z), (right, 0.0, z), (right, 0.35, z), (left, 0.35, z)]
    stage.shape(low, (0.60, 0.66, 0.72))
    for level in (0.5, 1.55):
        stage.line([(left, level, z), (right, level, z)], (0.30, 0.34, 0.18), 0.06)
    for number in range(round((right - left) / 0.3)):
        at = left + 0.3 * number
        stage.line([(at, 0.35, z), (at, 1.65, z)], (0.30, 0.34, 0.18), 0.04)


def clock(stage: Stage, at: tuple[float, float, float]) -> None:
    x, y, scale = stage.view.project(at)
    middle = (round(x * OVERSIZE), round(y * OVERSIZE))
    size = round(0.8 * scale * OVERSIZE)
    cv2.circle(stage.canvas, middle, round(size * 1.15), (0.24, 0.26, 0.28), -1, cv2.LINE_AA)
    cv2.circle(stage.canvas, middle, size, (0.92, 0.96, 0.98), -1, cv2.LINE_AA)
    for dx, dy, width in ((0.0, -0.75, 3), (0.48, 0.18, 4)):
        tip = (round(middle[0] + dx * size), round(middle[1] + dy * size))
        cv2.line(stage.canvas, middle, tip, (0.10, 0.10, 0.10), width, cv2.LINE_AA)


def planter(stage: Stage, at: tuple[float, float]) -> None:
    x, z = at
    stage.shade(disc(x - 0.9, z - 0.2, 1.7, 0.5), 0.4, soft=3)
    box = [(x - 1.1, 0, z), (x + 1.1, 0, z), (x + 1.2, 0.75, z), (x - 1.2, 0.75, z)]
    stage.shape(box, (0.46, 0.52, 0.58))
    stage.line([(x - 1.2, 0.75, z), (x + 1.2, 0.75, z)], (0.60, 0.66, 0.72), 0.1)
    stage.crown((x, 1.25, z), 0.95, (0.08, 0.20, 0.14), (0.30, 0.55, 0.52), 700)


def bicycle_stand(stage: Stage, at: tuple[float, float]) -> None:
    x, z = at
    hoop = [
        (x, 0, z),
        (x, 0.7, z),
        (x + 0.1, 0.8, z),
        (x + 0.4, 0.8, z),
        (x + 0.5, 0.7, z),
        (x + 0.5, 0, z),
    ]
    stage.line(hoop, (0.55, 0.60, 0.64), 0.06)


def shelter(stage: Stage, at: tuple[float, float]) -> None:
    x, z = at
    stage.shade(
        [(x - 2, 0, z), (x + 2, 0, z), (x + 0.5, 0, z - 1.4), (x - 3.5, 0, z - 1.4)], 0.3, soft=3
    )
    pane = np.full((40, 80, 3), (0.66, 0.74, 0.80), np.float32)
    before = stage.canvas.copy()
    stage.wall(pane, (x - 1.9, 0.2, z), (x + 1.9, 0.2, z), 2.0)
    stage.canvas[:] = stage.canvas * 0.45 + before * 0.55
    for foot in (-1.9, 0.0, 1.9):
        stage.line([(x + foot, 0, z), (x + foot, 2.4, z)], (0.22, 0.22, 0.24), 0.09)
    roof = [
        (x - 2.2, 2.4, z + 0.2),
        (x + 2.2, 2.4, z + 0.2),
        (x + 2.2, 2.45, z - 1.1),
        (x - 2.2, 2.45, z - 1.1),
    ]
    stage.shape(roof, (0.26, 0.26, 0.28))


def parked_car(stage: Stage, at: tuple[float, float], paint: Colour) -> None:
    """Draw a car seen from its nose, parked in a bay."""
    x, z = at
    half, deep = 0.88, 2.1
    stage.shade(disc(x, z, 1.2, 2.2), 0.6, soft=4)
    near, far = z - deep, z + deep
    roof = [
        (x - 0.62, 1.46, z + 0.9),
        (x + 0.62, 1.46, z + 0.9),
        (x + 0.66, 1.44, z - 0.2),
        (x - 0.66, 1.44, z - 0.2),
    ]
    screen = [
        (x - 0.66, 1.44, z - 0.2),
        (x + 0.66, 1.44, z - 0.2),
        (x + 0.80, 0.95, near + 0.95),
        (x - 0.80, 0.95, near + 0.95),
    ]
    bonnet = [
        (x - 0.80, 0.95, near + 0.95),
        (x + 0.80, 0.95, near + 0.95),
        (x + half, 0.78, near),
        (x - half, 0.78, near),
    ]
    front = [
        (x - half, 0.78, near),
        (x + half, 0.78, near),
        (x + half, 0.24, near),
        (x - half, 0.24, near),
    ]
    inner = -1 if x > 0 else 1
    side = [
        (x + inner * half, 0.78, near),
        (x + inner * half, 0.85, far),
        (x + inner * half, 0.26, far),
        (x + inner * half, 0.24, near),
    ]
    cabin = [
        (x + inner * 0.66, 1.44, z - 0.2),
        (x + inner * 0.62, 1.46, z + 0.9),
        (x + inner * half, 0.85, far - 0.4),
        (x + inner * half, 0.84, near + 0.9),
    ]
    for wheel in (-0.72, 0.72):
        stage.shape(
            [
                (x + wheel - 0.12, 0, near + 0.1),
                (x + wheel + 0.12, 0, near + 0.1),
                (x + wheel + 0.12, 0.5, near + 0.1),
                (x + wheel - 0.12, 0.5, near + 0.1),
            ],
            (0.07, 0.07, 0.07),
        )
    stage.shape(side, dimmed(paint, 0.62))
    stage.shape(cabin, (0.20, 0.18, 0.17))
    stage.shape(roof, dimmed(paint, 1.12))
    stage.shape(screen, (0.34, 0.31, 0.28))
    stage.shape(bonnet, dimmed(paint, 1.0))
    stage.shape(front, dimmed(paint, 0.80))
    for lamp in (-0.64, 0.64):
        stage.shape(
            [
                (x + lamp - 0.17, 0.60, near),
                (x + lamp + 0.17, 0.60, near),
                (x + lamp + 0.17, 0.74, near),
                (x + lamp - 0.17, 0.74, near),
            ],
            (0.90, 0.92, 0.92),
        )
    stage.shape(
        [
            (x - 0.38, 0.42, near),
            (x + 0.38, 0.42, near),
            (x + 0.38, 0.6, near),
            (x - 0.38, 0.6, near),
        ],
        (0.14, 0.14, 0.14),
    )


def hut(stage: Stage, at: tuple[float, float]) -> None:
    """Draw the technical hut that the yard protects."""
    x, z = at
    stage.shade(
        [(x - 1.6, 0, z), (x + 1.6, 0, z), (x + 2.0, 0, z - 0.8), (x - 1.2, 0, z - 0.8)],
        0.4,
        soft=3,
    )
    hut = HouseFront(3.2, 2.7, (0.62, 0.68, 0.70), storeys=1, bays=1, ground_floor=2.4)
    image = drawn(hut, stage.chance)
    stage.wall(image, (x - 1.6, 0, z), (x + 1.6, 0, z), 2.7)
    doors = [
        (x - 0.75, 0, z - 0.01),
        (x + 0.75, 0, z - 0.01),
        (x + 0.75, 2.15, z - 0.01),
        (x - 0.75, 2.15, z - 0.01),
    ]
    stage.shape(doors, (0.36, 0.42, 0.34))
    for slot in range(7):
        level = 0.4 + 0.2 * slot
        stage.line([(x - 0.6, level, z - 0.02), (x - 0.1, level, z - 0.02)], (0.2, 0.24, 0.2), 0.06)
        stage.line([(x + 0.1, level, z - 0.02), (x + 0.6, level, z - 0.02)], (0.2, 0.24, 0.2), 0.06)
    stage.line([(x, 0, z - 0.02), (x, 2.15, z - 0.02)], (0.18, 0.22, 0.18), 0.04)


def yard_fence(stage: Stage, yard: Ground) -> None:
    """Fence the yard behind and on its right; its left and front are open, with a red line."""
    (left, near), (right, _), (_, far), _ = yard
    for one, other in (((left, 0, far), (right, 0, far)), ((right, 0, far), (right, 0, near))):
        length = abs(one[0] - other[0]) + abs(one[2] - other[2])
        image, mask = fence(length, 2.0, (0.30, 0.40, 0.28))
        before = stage.canvas.copy()
        stage.wall(image, one, other, 2.0)
        with_fence, stage.canvas = stage.canvas, np.zeros_like(before)
        stage.wall(np.repeat(mask[..., None], 3, axis=2), one, other, 2.0)
        share = np.clip(stage.canvas, 0, 1)
        stage.canvas = before * (1 - share) + with_fence * share
    board = sign("ACCÈS INTERDIT", width=2.0, height=0.5, ground=(0.16, 0.14, 0.72), ink=(1, 1, 1))
    stage.wall(board, (2.0, 1.15, far - 0.05), (4.0, 1.15, far - 0.05), 0.5)


def mirror(stage: Stage, *, base_z: float, strength: float) -> None:
    """Let the wet ground mirror what stands behind it, more so where puddles are."""
    base = round(stage.view.project((0, 0, base_z))[1] * OVERSIZE)
    rows = stage.canvas.shape[0] - base
    above = stage.canvas[max(0, base - rows) : base][::-1]
    mirrored = np.zeros_like(stage.canvas[base:])
    mirrored[: len(above)] = above
    mirrored = cv2.GaussianBlur(mirrored, (0, 0), sigmaX=3, sigmaY=26)
    puddles = np.clip(stage.noise(300, stretch=3)[base:] * 2.2 - 0.55, 0.25, 1)
    fade = np.linspace(1.0, 0.35, rows, dtype=np.float32)[:, None]
    stage.canvas[base:] += mirrored * (puddles * fade * strength)[..., None]


def disc(x: float, z: float, width: float, depth: float) -> list[tuple[float, float, float]]:
    turns = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    return [(x + width * float(np.cos(t)), 0.0, z + depth * float(np.sin(t))) for t in turns]


def dimmed(colour: Colour, factor: float) -> Colour:
    blue, green, red = (min(1.0, one * factor) for one in colour)
    return blue, green, red
