"""Renders a `Play` and encodes it as cameras do: H.264 baseline, a keyframe a second."""

from collections.abc import Callable, Iterator
from functools import partial
from math import radians
from pathlib import Path

import cv2
import numpy as np

from benchmarks._sets import cars, cast, fires, things, weather
from benchmarks._sets.cast import Place
from benchmarks._sets.play import (
    Actor,
    Burning,
    Carried,
    Cloth,
    Crown,
    Ground,
    Lamp,
    Person,
    Play,
    Thing,
    Vehicle,
    Vest,
)
from server.demo.cutouts import PHASES
from server.demo.footage import STEP_M
from server.demo.painting import Spot, contact, paint, put_up, written
from server.demo.scenes import VIEW
from server.demo.stage import Front, Pixels

type _Step = tuple[float, Callable[[], None]]

SMALL, LARGE = (640, 360), (1280, 720)
FRAMES_PER_S = 10
SMALL_BITS_PER_S, LARGE_BITS_PER_S = 300_000, 1_000_000
HAND_M = 0.4
"""So far beside his foot is what somebody carries."""
NEARER: dict[type[Actor], float] = {Carried: 0.01, Vest: 0.01, Lamp: 0.02}
"""So many metres before who has them."""
VEST = (30, 110, 245)
FALL_S = 0.7
"""How long a person takes from standing to lying."""


def film(drama: Play, path: Path) -> None:
    """Render a play and write its clip."""
    size = LARGE if drama.is_large else SMALL
    bits_per_s = LARGE_BITS_PER_S if drama.is_large else SMALL_BITS_PER_S
    with written(path, size, bits_per_s, FRAMES_PER_S) as write:
        for picture in pictures(drama):
            write(picture)


def pictures(drama: Play) -> Iterator[Pixels]:
    """Draw the pictures of a play, one after the other."""
    zoom = 1.0 if drama.is_large else SMALL[0] / LARGE[0]
    here = cast.place(drama.scene, zoom)
    sky = weather.Weather(drama, here.picture.shape)
    for number in range(round(drama.seconds * FRAMES_PER_S)):
        at_s = number / FRAMES_PER_S
        frame = here.picture.copy()
        _act(frame, drama, here, zoom, at_s)
        yield sky.over(frame, at_s, number)


def _act(frame: Pixels, drama: Play, here: Place, zoom: float, at_s: float) -> None:
    acting = (_step(frame, actor, here, zoom, at_s) for actor in drama.actors)
    steps = [step for step in acting if step is not None]
    farthest = max((z for z, _ in steps), default=0.0)
    steps += [
        (front.z, partial(_repaint, frame, here, front))
        for front in here.fronts
        if front.z < farthest
    ]
    for _, draw in sorted(steps, key=lambda step: -step[0]):
        draw()


def _step(frame: Pixels, actor: Actor, here: Place, zoom: float, at_s: float) -> _Step | None:
    """Give how far away the actor is, and what draws him there; None while he is away."""
    where = _place_of(actor, at_s)
    if where is None:
        return None
    match actor:
        case Person():
            draw = partial(_walks, frame, actor, where, here, zoom, at_s)
        case Vehicle():
            draw = partial(_drives, frame, actor, where, here, zoom, at_s)
        case Burning():
            draw = partial(_burns, frame, actor, zoom, at_s)
        case Lamp():
            draw = partial(_shines, frame, actor, where, zoom, at_s)
        case Vest():
            draw = partial(_works, frame, where, zoom, at_s)
        case Crown() | Cloth():
            draw = partial(_blows, frame, actor, where, zoom, at_s)
        case Thing() | Carried():
            draw = partial(_stands, frame, actor, where, here, zoom)
    return where[1] - NEARER.get(type(actor), 0.0), draw


def _place_of(actor: Actor, at_s: float) -> Ground | None:
    if isinstance(actor, Thing | Burning):
        return actor.place if actor.from_s <= at_s < actor.until_s else None
    where = actor.way.place(at_s)
    if where is None or not isinstance(actor, Carried):
        return where
    return (where[0] + HAND_M, where[1]) if at_s < actor.until_s else None


def _burns(frame: Pixels, fire: Burning, zoom: float, at_s: float) -> None:
    x, y, metre = (one * zoom for one in VIEW.project((fire.place[0], 0, fire.place[1])))
    tall = fire.height(at_s) * metre
    fires.lay(frame, *fires.flame(at_s, fire.seed), foot=(x, y), tall=tall)
    fires.glow(frame, (x, y - 0.3 * tall), 1.2 * tall, (4, 18, 34))


def _shines(frame: Pixels, lamp: Lamp, where: Ground, zoom: float, at_s: float) -> None:
    x, y, metre = (one * zoom for one in VIEW.project((where[0], lamp.height, where[1])))
    strength = lamp.strength(at_s)
    if strength <= 0:
        return
    radius = max(1.0, lamp.glow * metre * strength)
    if lamp.is_reflected:
        foot, end = (
            (column * zoom, row * zoom)
            for column, row, _ in (
                VIEW.project((where[0], up, where[1])) for up in (0.0, -lamp.height)
            )
        )
        fires.reflect(frame, foot, end, radius, lamp.colour, at_s)
    fires.glow(frame, (x, y), radius, lamp.colour)


def _works(frame: Pixels, where: Ground, zoom: float, at_s: float) -> None:
    x, z = where
    reach = 0.25 + 0.3 * np.sin(5 * at_s)
    for left, right, low, high in ((-0.24, 0.24, 0.9, 1.5), (0.24, 0.24 + max(0, reach), 1.2, 1.4)):
        ends = [VIEW.project((x + across, up, z)) for across, up in ((left, high), (right, low))]
        start, end = ([round(one * zoom) for one in (column, row)] for column, row, _ in ends)
        cv2.rectangle(frame, start, end, VEST, -1, cv2.LINE_AA)


def _blows(frame: Pixels, one: Crown | Cloth, where: Ground, zoom: float, at_s: float) -> None:
    x, y, metre = (part * zoom for part in VIEW.project((where[0], one.height, where[1])))
    if isinstance(one, Crown):
        fires.leaves(frame, (x, y), one.radius * metre, at_s, one.seed)
    else:
        size = one.size[0] * metre, one.size[1] * metre
        fires.cloth(frame, (x, y), size, VEST, at_s)


def _repaint(frame: Pixels, here: Place, front: Front) -> None:
    part, still = (one[front.rows, front.columns] for one in (frame, here.picture))
    mask = front.mask[: part.shape[0], : part.shape[1]]
    part[:] = (still * mask + part * (1 - mask)).astype(np.uint8)


def _walks(
    frame: Pixels, person: Person, where: Ground, here: Place, zoom: float, at_s: float
) -> None:
    walker = cast.walkers(zoom)[person.who]
    if np.cos(person.way.heading(at_s)) < 0:
        walker = walker.mirrored()
    moves = person.way.moves(at_s)
    phase = int(person.way.gone(at_s) / STEP_M * PHASES) % PHASES if moves else PHASES // 4
    picture, middle = walker.phases[phase], walker.foot_x * walker.phases[0].shape[1]
    x, y, metre = (one * zoom for one in VIEW.project((where[0], 0, where[1])))
    head_y = VIEW.project((where[0], person.height, where[1]))[1] * zoom
    spot = Spot(x, y + 0.02 * metre, metre, (y - head_y) / picture.shape[0])
    if person.falls_s is not None and at_s >= person.falls_s:
        fallen = min(1.0, (at_s - person.falls_s) / FALL_S)
        _lies(frame, picture, middle, spot, here, fallen)
        return
    put_up(
        frame,
        picture,
        middle,
        spot,
        light=here.light(*where),
        shadow=here.shadow,
        sun=here.sun,
        wet=here.wet,
    )


def _lies(
    frame: Pixels, picture: Pixels, middle: float, spot: Spot, here: Place, fallen: float
) -> None:
    # He turns about his feet; what lies is seen from above the ground, so flatter than it is long.
    middle_x = spot.x - 0.6 * fallen * spot.metre
    contact(frame, middle_x, spot.y, spot.metre * (1 + fallen), here.shadow)
    angle = radians(-84 * fallen**1.5)
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    flat = np.diag([1.0, 1 - 0.12 * fallen]) @ turned * spot.scale
    foot = np.array([middle, picture.shape[0]])
    at = np.array([spot.x, spot.y]) - flat @ foot
    paint(frame, picture, np.column_stack([flat, at]), (0.95, 0.97, 1.0), 1.0)


def _drives(
    frame: Pixels, vehicle: Vehicle, where: Ground, here: Place, zoom: float, at_s: float
) -> None:
    cars.draw(
        frame,
        vehicle.build,
        vehicle.paint,
        where,
        vehicle.way.heading(at_s),
        view=VIEW,
        zoom=zoom,
        light=here.light(*where),
        shadow=here.shadow,
    )


def _stands(frame: Pixels, thing: Thing | Carried, where: Ground, here: Place, zoom: float) -> None:
    x, y, metre = (one * zoom for one in VIEW.project((where[0], 0, where[1])))
    things.draw(
        frame, thing.what, thing.size, Spot(x, y, metre, 1.0), here.light(*where), here.shadow
    )
