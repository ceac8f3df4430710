"""Flames, and what shines or is orange, for the sets: drawn by rule, not from a fire's picture."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from server.demo.stage import Pixels

type Field = NDArray[np.float32]
type Point = tuple[float, float]
type Tone = tuple[int, int, int]

ROWS, COLUMNS = 96, 64
_RISES_PER_S = 1.6
"""Of a flame's own height: how fast its tongues rise."""
_HEAT = np.array(
    [(0, 0, 0), (10, 25, 120), (20, 80, 225), (40, 150, 255), (120, 220, 255), (225, 248, 255)],
    np.float32,
)
"""From nothing to white, blue first."""
REFLECTIONS = 9
LEAVES, LEAF = 160, 0.09
"""Of a crown: how many there are, and how large one is to it."""
DRIEST, GREENEST = (10, 70, 150), (70, 170, 255)
FOLDS, WAVES_PER_S = 2.5, 1.1
"""Of cloth in the wind."""


def flame(at_s: float, seed: int) -> tuple[Pixels, Field]:
    """Give a flame's colours at that time, and how far each point covers what is behind it."""
    rows, columns = np.mgrid[0:ROWS, 0:COLUMNS].astype(np.float32)
    up, across = 1 - rows / ROWS, 2 * columns / COLUMNS - 1
    noise = _risen(seed, at_s)
    sway = 0.35 * up * (noise[ROWS // 2, :].mean() + 0.5 * np.sin(7 * at_s + seed))
    height = 0.72 + 0.22 * float(_risen(seed + 1, at_s)[0, 0])
    body = 1.15 - (across - sway) ** 2 / (0.62 * (1.05 - 0.8 * up)) ** 2 - (up / height) ** 2
    heat = np.clip(body + 0.75 * noise * (0.35 + up), 0, 1).astype(np.float32)
    steps = np.arange(len(_HEAT)) / (len(_HEAT) - 1)
    colours = np.dstack([np.interp(heat, steps, _HEAT[:, n]) for n in range(3)])
    return colours.astype(np.uint8), np.clip(heat * 2.5, 0, 1).astype(np.float32)


def lay(
    frame: Pixels, colours: Pixels, cover: Field, foot: tuple[float, float], tall: float
) -> None:
    """Lay a picture of ``tall`` pixels over ``frame``, its foot's middle there."""
    height = max(2, round(tall))
    width = max(2, round(tall * cover.shape[1] / cover.shape[0]))
    left, top = round(foot[0] - width / 2), round(foot[1]) - height
    size = (width, height)
    colours = cv2.resize(colours, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    cover = cv2.resize(cover, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    rows = slice(max(0, -top), max(0, min(height, frame.shape[0] - top)))
    columns = slice(max(0, -left), max(0, min(width, frame.shape[1] - left)))
    part = frame[top + rows.start : top + rows.stop, left + columns.start : left + columns.stop]
    share = cover[rows, columns, None]
    part[:] = (part * (1 - share) + colours[rows, columns] * share).astype(np.uint8)


def glow(
    frame: Pixels, at: tuple[float, float], radius: float, colour: tuple[int, int, int]
) -> None:
    """Let a lamp shine there: its middle is overexposed, as cameras see lamps."""
    left, top = (max(0, int(one - 3 * radius)) for one in at)
    part = frame[top : max(0, int(at[1] + 3 * radius)), left : max(0, int(at[0] + 3 * radius))]
    rows, columns = np.ogrid[: part.shape[0], : part.shape[1]]
    far = ((columns + left - at[0]) ** 2 + (rows + top - at[1]) ** 2) / radius**2
    light = np.exp(-far)[..., None] * np.array(colour) * 1.6
    part[:] = np.clip(part + light, 0, 255).astype(np.uint8)


def reflect(
    frame: Pixels, foot: Point, end: Point, radius: float, colour: Tone, at_s: float
) -> None:
    """Let wet ground reflect a lamp, from below it towards the camera; rain breaks it up."""
    chance = np.random.default_rng(round(10 * at_s))
    for share in np.linspace(0, 1, REFLECTIONS):
        x, y = (a + share * (b - a) for a, b in zip(foot, end, strict=True))
        bright, aside, size = (
            chance.uniform(0.2, 0.8),
            chance.normal(0, 0.4),
            chance.uniform(0.5, 1),
        )
        tone = (round(one * bright) for one in colour)
        glow(frame, (x + aside * radius, y), size * radius, (next(tone), next(tone), next(tone)))


def leaves(frame: Pixels, at: Point, radius: float, at_s: float, seed: int) -> None:
    """Draw a crown in autumn with the sun behind it; gusts move its leaves."""
    chance = np.random.default_rng(seed)
    places = chance.normal(0, 0.42, (LEAVES, 2))
    phases, tones = chance.uniform(0, 2 * np.pi, LEAVES), chance.uniform(0, 1, LEAVES)
    gust = 0.5 + 0.5 * np.sin(0.9 * at_s + seed)
    for (x, y), phase, tone in zip(places, phases, tones, strict=True):
        swing = gust * np.sin((4 + 3 * tone) * at_s + phase)
        centre = (
            round(at[0] + radius * (x + 0.12 * swing)),
            round(at[1] + radius * (y + 0.05 * swing)),
        )
        shine = np.clip(tone + 0.35 * gust * np.sin(6 * at_s + 2 * phase), 0, 1)
        colour = np.array(DRIEST) + shine * (np.array(GREENEST) - np.array(DRIEST))
        axes = (
            max(1, round(LEAF * radius)),
            max(1, round(LEAF * radius * (0.5 + 0.4 * abs(swing)))),
        )
        cv2.ellipse(
            frame, centre, axes, np.degrees(phase), 0, 360, colour.tolist(), -1, cv2.LINE_AA
        )


def cloth(frame: Pixels, corner: Point, size: Point, colour: Tone, at_s: float) -> None:
    """Draw a cloth that hangs from its upper edge; the wind runs through it from the left."""
    width, height = (max(2, round(one)) for one in size)
    across = np.linspace(0, 1, width, dtype=np.float32)
    wave = np.sin(2 * np.pi * (FOLDS * across - WAVES_PER_S * at_s)) * (0.4 + 0.6 * across)
    gust = 0.6 + 0.4 * np.sin(1.3 * at_s)
    ends = height * (1 + 0.12 * gust * wave)
    rows = np.arange(round(1.15 * height))[:, None]
    light = 1 + 0.28 * gust * wave[None] * (rows / height)
    shown = (np.clip(light[..., None] * np.array(colour), 0, 255)).astype(np.uint8)
    left, top = round(corner[0]), round(corner[1])
    part = frame[max(0, top) : top + len(rows), max(0, left) : left + width]
    inside = (rows < ends[None])[: part.shape[0], : part.shape[1], None]
    part[:] = np.where(inside, shown[: part.shape[0], : part.shape[1]], part)


def _risen(seed: int, at_s: float) -> Field:
    """Give noise of -1 to 1, risen by that time."""
    field = _noise(seed)
    shift = round(_RISES_PER_S * at_s * ROWS)
    fast = np.roll(field, -shift, axis=0)[:ROWS]
    slow = np.roll(field, -shift // 2, axis=1)[ROWS : 2 * ROWS, :]
    return (0.65 * fast + 0.35 * slow)[:, :COLUMNS].astype(np.float32)


@cache
def _noise(seed: int) -> Field:
    chance = np.random.default_rng(seed)
    coarse = chance.normal(0, 1, (24, 8)).astype(np.float32)
    fine = chance.normal(0, 0.6, (48, 16)).astype(np.float32)
    size = (2 * COLUMNS, 3 * ROWS)
    both = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC) + cv2.resize(
        fine, size, interpolation=cv2.INTER_CUBIC
    )
    return np.tanh(both).astype(np.float32)
