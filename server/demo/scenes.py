"""The four places that the demonstration's cameras look at, and who walks through them when."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from server.demo.facades import HouseFront, drawn, sign
from server.demo.houses import GREY_HOUSES, NIGHT_HOUSES, SHOPPING_HOUSES
from server.demo.props import (
    Ground,
    asphalt,
    bench,
    bicycle_stand,
    clock,
    disc,
    hut,
    lamp,
    mirror,
    parked_car,
    paving,
    planter,
    pools,
    railing,
    row_of_houses,
    shelter,
    tree,
    yard_fence,
)
from server.demo.stage import Colour, Front, Pixels, Stage, View, stripes

VIEW = View()

type Light = Callable[[float, float], Colour]
"""How a person at X, Z is lit: factors of blue, green and red."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A way through the scene: who, from when (s), at which speed (m/s), along which X, Z."""

    who: str
    starts_s: float
    way: Ground
    speed: float = 1.3
    height: float = 1.76


@dataclass(frozen=True, slots=True)
class Scene:
    """A place without people, what may hide them, their ways, and the zone drawn on the ground."""

    name: str
    seconds: int
    picture: Pixels
    fronts: tuple[Front, ...]
    walks: tuple[Walk, ...]
    zone: Ground
    light: Light
    shadow: float = 0.35
    """How dark a shadow is, 0..1."""
    sun: tuple[float, float] = (0.5, 0.25)
    """Where a shadow's head falls from the feet: to the right and up, in heights."""
    wet: float = 0.0
    """How much of a person the ground mirrors, 0..1."""


def square() -> Scene:
    """Draw a town square after rain, at night."""
    stage = Stage(VIEW, seed=11)
    x, z = VIEW.ground()
    lamps = ((-6.4, 12.0), (4.6, 14.5), (-1.0, 18.0), (7.4, 8.6))
    stage.sky((0.20, 0.11, 0.07), (0.42, 0.27, 0.24), clouds=0.10)
    pool = pools(x, z, lamps, spread=3.0) * 1.25 + 0.16
    tone = paving(stage, x, z, size=0.9)
    warm = np.array((0.36, 0.50, 0.66), np.float32)
    stage.floor(tone[..., None] * pool[..., None] * warm, z, haze=(0.20, 0.17, 0.17), far=55)
    row_of_houses(stage, NIGHT_HOUSES, z=21.0, left=-19.0)
    aside = HouseFront(
        15,
        9,
        (0.22, 0.22, 0.27),
        storeys=3,
        bays=5,
        lit=0.35,
        shop=(0.12, 0.16, 0.34),
        glass=(0.16, 0.12, 0.1),
        frame=(0.3, 0.3, 0.33),
    )
    stage.wall(drawn(aside, stage.chance), (-11.0, 0, 6.0), (-11.0, 0, 21.0), 9)
    for at in ((-3.4, 16.5), (2.0, 17.2)):
        tree(stage, at, height=4.4, radius=1.7, dark=(0.04, 0.07, 0.05), light=(0.16, 0.36, 0.34))
    bench(stage, (0.4, 12.6), (0.12, 0.18, 0.26))
    mirror(stage, base_z=21.0, strength=0.34)
    for at in lamps:
        lamp(stage, at, height=4.2)

    def light(px: float, pz: float) -> Colour:
        near = float(pools(np.array(px), np.array(pz), lamps, spread=3.4))
        level = 0.62 + 0.5 * min(1.0, near)
        return level * 0.86, level * 0.93, level * 1.02

    return Scene(
        name="place",
        seconds=24,
        picture=stage.finished(contrast=1.06),
        fronts=tuple(stage.fronts),
        walks=(
            Walk("cream", 0.0, ((-8.0, 7.2), (7.5, 6.6)), 1.35),
            Walk("olive", 5.5, ((8.0, 8.2), (-8.5, 7.6)), 1.3, 1.8),
            Walk("red", 14.0, ((-9.0, 9.4), (9.5, 8.4)), 1.45, 1.7),
        ),
        zone=((-2.0, 5.2), (2.0, 5.2), (2.0, 5.8), (-2.0, 5.8)),
        light=light,
        shadow=0.30,
        sun=(0.0, 0.0),
        wet=0.22,
    )


def school() -> Scene:
    """Draw the street before a school's gate, on a bright morning."""
    stage = Stage(VIEW, seed=23)
    x, z = VIEW.ground()
    stage.sky((0.90, 0.66, 0.42), (0.97, 0.90, 0.82), clouds=0.75)
    pavement, road = paving(stage, x, z, size=0.6) * 0.74, asphalt(stage) * 0.40
    kerbs = ((9.4, 9.75), (13.2, 13.55))
    is_road = (z > 9.75) & (z < 13.2)
    tone = np.where(is_road, road, pavement)
    for near, far in kerbs:
        tone = np.where((z >= near) & (z <= far), 0.80, tone)
    is_crossing = is_road & (np.abs(x + 0.2) < 2.2)
    bars = stripes(x, 1.0, 0.5, z * z / 3000 + 0.01)
    tone = np.where(is_crossing, np.maximum(tone, bars * 0.86), tone)
    colours = tone[..., None] * np.array((0.96, 0.98, 1.0), np.float32)
    stage.floor(colours, z, haze=(0.86, 0.84, 0.80), far=90)
    grass = (z > 17.2) & (z < 21.9) & (np.abs(x) > 2.6) & (np.abs(x) < 13)
    blades = (0.72 + 0.4 * stage.noise(9))[..., None] * np.array((0.22, 0.48, 0.36), np.float32)
    stage.canvas[:] = np.where(grass[..., None], blades, stage.canvas)
    for across in (-15.0, -9.5, 11.0, 16.0):
        tree(
            stage,
            (across, 27.0),
            height=6.5,
            radius=2.9,
            dark=(0.10, 0.22, 0.12),
            light=(0.36, 0.62, 0.50),
        )
    brick = HouseFront(
        26,
        8.6,
        (0.36, 0.46, 0.68),
        storeys=2,
        bays=9,
        ground_floor=4.0,
        brick=True,
        glass=(0.62, 0.52, 0.42),
        frame=(0.92, 0.93, 0.93),
    )
    stage.wall(drawn(brick, stage.chance), (-13.0, 0, 22.0), (13.0, 0, 22.0), 8.6)
    board = sign("ÉCOLE", width=4.2, height=0.9, ground=(0.88, 0.90, 0.92), ink=(0.45, 0.25, 0.12))
    stage.wall(board, (-2.1, 3.35, 21.9), (2.1, 3.35, 21.9), 0.9)
    for left, right in ((-13.0, -2.2), (2.2, 13.0)):
        railing(stage, left, right, z=16.8)
    for across in (-2.2, 2.2):
        stage.post((across, 0, 16.8), 2.3, 0.35, (0.44, 0.52, 0.66))
    for at in ((-7.2, 15.2), (7.4, 15.2)):
        tree(stage, at, height=4.6, radius=1.9, dark=(0.10, 0.26, 0.14), light=(0.42, 0.74, 0.62))
        stage.shade(disc(at[0] + 1.2, at[1] - 0.2, 2.0, 0.9), 0.42, soft=3)
    stage.shade([(-13, 0, 22), (13, 0, 22), (13, 0, 20.4), (-13, 0, 20.4)], 0.3, soft=3)
    for across in (-4.6, -3.0, 2.6, 4.2):
        stage.shade(disc(across + 0.35, 8.85, 0.45, 0.1), 0.35, soft=2)
        stage.post((across, 0, 8.9), 0.95, 0.13, (0.25, 0.22, 0.20))
    return Scene(
        name="ecole",
        seconds=22,
        picture=stage.finished(contrast=1.04),
        fronts=tuple(stage.fronts),
        walks=(
            Walk("olive", 1.0, ((7.5, 6.8), (-7.5, 6.4)), 1.4),
            Walk("brown", 5.0, ((-7.5, 7.6), (8.0, 7.8)), 1.25, 1.8),
            Walk("cream", 11.0, ((-7.0, 6.1), (7.5, 6.6)), 1.5, 1.72),
        ),
        zone=((-2.4, 9.9), (2.0, 9.9), (2.0, 13.1), (-2.4, 13.1)),
        light=lambda px, pz: (0.97, 0.99, 1.02),
        shadow=0.45,
    )


def station() -> Scene:
    """Draw a station's forecourt in the light of the evening."""
    stage = Stage(VIEW, seed=37)
    x, z = VIEW.ground()
    stage.sky((0.66, 0.46, 0.38), (0.52, 0.72, 0.98), clouds=0.45)
    tone = paving(stage, x, z, size=1.0) * 0.72
    bands = stripes(x, 4.0, 0.35, z * z / 3000 + 0.01)
    tone = tone * (1 - 0.28 * bands)
    stage.floor(
        tone[..., None] * np.array((0.74, 0.88, 1.0), np.float32),
        z,
        haze=(0.60, 0.74, 0.90),
        far=80,
    )
    hall = HouseFront(
        11,
        9.4,
        (0.52, 0.68, 0.82),
        storeys=2,
        bays=3,
        ground_floor=5.4,
        lit=1.0,
        glass=(0.40, 0.44, 0.5),
        lamp=(0.52, 0.80, 0.98),
    )
    wing = HouseFront(
        12,
        6.4,
        (0.46, 0.60, 0.74),
        storeys=2,
        bays=6,
        lit=0.3,
        glass=(0.42, 0.44, 0.48),
        lamp=(0.52, 0.80, 0.98),
    )
    stage.wall(drawn(wing, stage.chance), (-17.5, 0, 24.0), (-5.5, 0, 24.0), 6.4)
    stage.wall(drawn(wing, stage.chance), (5.5, 0, 24.0), (17.5, 0, 24.0), 6.4)
    stage.wall(drawn(hall, stage.chance), (-5.5, 0, 23.6), (5.5, 0, 23.6), 9.4)
    board = sign("GARE", width=3.6, height=0.95, ground=(0.30, 0.20, 0.14), ink=(0.95, 0.97, 1.0))
    stage.wall(board, (-1.8, 4.35, 23.4), (1.8, 4.35, 23.4), 0.95)
    clock(stage, (0.0, 10.4, 23.5))
    canopy = [(-6.2, 3.6, 23.5), (6.2, 3.6, 23.5), (6.6, 3.4, 20.6), (-6.6, 3.4, 20.6)]
    stage.shade([(-6.6, 0, 23.6), (6.6, 0, 23.6), (6.6, 0, 19.6), (-6.6, 0, 19.6)], 0.4, soft=4)
    stage.shape(canopy, (0.34, 0.32, 0.32))
    stage.line([(-6.6, 3.4, 20.6), (6.6, 3.4, 20.6)], (0.62, 0.66, 0.70), 0.16)
    for across in (-6.2, -2.1, 2.1, 6.2):
        stage.post((across, 0, 20.7), 3.4, 0.16, (0.40, 0.40, 0.42))
    for at in ((-9.2, 14.2), (9.4, 13.6)):
        planter(stage, at)
    for number in range(5):
        bicycle_stand(stage, (5.2 + 0.75 * number, 17.4))
    shelter(stage, (-8.2, 18.4))
    for at in ((-5.2, 11.6), (5.6, 11.2)):
        stage.shade(
            [
                (at[0], 0, at[1]),
                (at[0] + 0.1, 0, at[1]),
                (at[0] - 4.2, 0, at[1] - 1.5),
                (at[0] - 4.4, 0, at[1] - 1.4),
            ],
            0.35,
            soft=2,
        )
        lamp(stage, at, height=4.6, glow=0.18)
    return Scene(
        name="gare",
        seconds=24,
        picture=stage.finished(contrast=1.05),
        fronts=tuple(stage.fronts),
        walks=(
            Walk("dark", 0.0, ((-7.5, 6.4), (7.5, 6.8)), 1.5, 1.8),
            Walk("red", 3.0, ((8.5, 8.6), (-8.5, 7.8)), 1.35, 1.7),
            Walk("olive", 12.5, ((8.0, 6.4), (-7.5, 6.2)), 1.4),
            Walk("brown", 13.0, ((-9.5, 9.6), (10.0, 9.0)), 1.6, 1.78),
        ),
        zone=((-6.0, 19.8), (6.0, 19.8), (6.0, 21.8), (-6.0, 21.8)),
        light=lambda px, pz: (0.80, 0.90, 1.02),
        shadow=0.42,
        sun=(-0.75, 0.22),
    )


def car_park() -> Scene:
    """Draw a car park under a grey sky, with a fenced yard that nobody may enter."""
    stage = Stage(VIEW, seed=53)
    x, z = VIEW.ground()
    stage.sky((0.78, 0.72, 0.68), (0.90, 0.88, 0.87), clouds=0.55)
    surface = asphalt(stage) * 0.46 * (0.86 + 0.2 * stage.noise(420))
    pixel = z * z / 3000 + 0.01
    bays = stripes(x, 2.6, 0.12, pixel) * ((z > 13.5) & (z < 18.5) & (x < 3.2))
    tone = np.maximum(surface, bays * 0.82)
    in_yard = (x > YARD[0][0]) & (z > YARD[0][1]) & (z < YARD[2][1]) & (x < YARD[1][0])
    across = np.where(np.isfinite(z), x + np.where(np.isfinite(z), z, 0), 0)
    hatch = stripes(across, 1.1, 0.28, pixel) * in_yard
    colours = tone[..., None] * np.array((0.98, 0.99, 1.0), np.float32)
    yellow = np.array((0.16, 0.66, 0.88), np.float32)
    colours = colours * (1 - 0.72 * hatch[..., None]) + yellow * 0.72 * hatch[..., None]
    edge = in_yard & ~((x > YARD[0][0] + 0.14) & (z > YARD[0][1] + 0.11))
    colours = np.where(edge[..., None], np.array((0.18, 0.16, 0.74), np.float32), colours)
    stage.floor(colours, z, haze=(0.84, 0.83, 0.82), far=90)
    row_of_houses(stage, GREY_HOUSES, z=36.0, left=-28.0)
    for number in range(11):
        at = -21.0 + 4.1 * number
        tree(
            stage,
            (at, 29.0 + number % 3),
            height=5.2,
            radius=2.6,
            dark=(0.10, 0.18, 0.11),
            light=(0.34, 0.52, 0.44),
        )
    paints = (
        (0.55, 0.30, 0.16),
        (0.86, 0.86, 0.87),
        (0.16, 0.14, 0.60),
        (0.30, 0.30, 0.31),
        (0.72, 0.70, 0.66),
    )
    for number, paint in enumerate(paints):
        parked_car(stage, (-11.7 + 2.6 * (number + number // 2), 16.2), paint)
    hut(stage, (4.6, 14.4))
    yard_fence(stage, YARD)
    lamp(stage, (-4.0, 11.8), height=5.4, glow=0.0)
    return Scene(
        name="parking",
        seconds=25,
        picture=stage.finished(contrast=1.05),
        fronts=tuple(stage.fronts),
        walks=(
            Walk("dark", 2.0, ((-7.0, 6.8), (3.3, 6.3), (3.3, 7.4), (-8.0, 8.0)), 1.35, 1.8),
            Walk("olive", 15.0, ((-9.5, 9.6), (-2.0, 10.6), (-9.5, 11.6)), 1.5),
        ),
        zone=YARD,
        light=lambda px, pz: (0.92, 0.94, 0.96),
        shadow=0.32,
        sun=(0.12, 0.06),
    )


def avenue() -> Scene:
    """Draw an avenue with its carriageway, its trees and its shops, at noon."""
    stage = Stage(VIEW, seed=71)
    x, z = VIEW.ground()
    stage.sky((0.92, 0.74, 0.52), (0.98, 0.94, 0.88), clouds=0.6)
    tone, surface = paving(stage, x, z, size=0.8) * 0.72, asphalt(stage) * 0.42
    pixel = z * z / 3000 + 0.01
    is_road = (z > 9.6) & (z < 19.0)
    dashes = stripes(z - 14.3, 100.0, 0.16, pixel) * (stripes(x, 5.0, 2.6, pixel) > 0)
    tone = np.where(is_road, np.maximum(surface, dashes * 0.84), tone)
    for kerb in (9.6, 19.0):
        tone = np.where(np.abs(z - kerb) < 0.16, 0.78, tone)
    stage.floor(
        tone[..., None] * np.array((0.96, 0.98, 1.0), np.float32),
        z,
        haze=(0.88, 0.87, 0.85),
        far=90,
    )
    row_of_houses(stage, SHOPPING_HOUSES, z=24.0, left=-21.0)
    for number in range(6):
        tree(
            stage,
            (-15.5 + 6.2 * number, 20.6),
            height=5.4,
            radius=2.0,
            dark=(0.10, 0.25, 0.14),
            light=(0.40, 0.70, 0.60),
        )
    for number, paint in enumerate(((0.86, 0.84, 0.80), (0.50, 0.24, 0.12))):
        parked_car(stage, (-7.4 + 16.4 * number, 16.6), paint)
    for across in (-6.0, -2.0, 2.0, 6.0):
        stage.shade(disc(across + 0.4, 9.1, 0.5, 0.1), 0.35, soft=2)
        stage.post((across, 0, 9.15), 0.95, 0.13, (0.20, 0.26, 0.20))
    bench(stage, (-3.9, 8.75), (0.20, 0.32, 0.46))
    return Scene(
        name="avenue",
        seconds=23,
        picture=stage.finished(contrast=1.04),
        fronts=tuple(stage.fronts),
        walks=(
            Walk("red", 0.5, ((-7.5, 7.0), (7.5, 6.6)), 1.45, 1.7),
            Walk("brown", 4.0, ((8.5, 7.8), (-8.5, 7.6)), 1.3, 1.8),
            Walk("olive", 13.0, ((7.5, 6.5), (-7.5, 6.8)), 1.5),
        ),
        zone=((-3.0, 9.8), (3.0, 9.8), (3.0, 18.8), (-3.0, 18.8)),
        light=lambda px, pz: (0.97, 0.99, 1.02),
        shadow=0.42,
        sun=(0.35, 0.14),
    )


YARD: Ground = ((1.0, 5.35), (5.6, 5.35), (5.6, 11.2), (1.0, 11.2))
SCENES: tuple[Callable[[], Scene], ...] = (car_park, station, square, avenue, school)
