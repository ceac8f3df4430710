"""The demonstration's clips: people walking through drawn places, rendered once at set-up.

They are drawn and say so in the picture; the people in them are cut-outs that the real detector
truly finds (tests/integration/detectors). Each clip loops without a seam.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import hypot
from pathlib import Path

import cv2
import numpy as np

from domain.detections import PicturePoint
from server.demo import cutouts, facades, houses, painting, props, scenes, stage
from server.demo.cutouts import PHASES, Walker, people, photograph
from server.demo.painting import Spot, put_up, written
from server.demo.scenes import SCENES, VIEW, Scene, Walk
from server.demo.stage import HEIGHT, WIDTH, Pixels

logger = logging.getLogger(__name__)

FRAMES_PER_S = 15
BITS_PER_S = 1_000_000
SMALL_WIDTH, SMALL_HEIGHT, SMALL_BITS_PER_S = 640, 360, 300_000
CAPTION = "IMAGE DE DÉMONSTRATION"
STEP_M = 0.72
"""How far one opening and closing of the legs carries."""
GRAIN = 1.3
"""Standard deviation of the sensor's noise, in 255ths."""

type Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Clip:
    """A rendered clip and the zone drawn in it, in shares of the picture's width and height.

    ``small`` is the same as a camera's sub-stream shows it.
    """

    name: str
    path: Path
    small: Path
    seconds: int
    zone: tuple[PicturePoint, ...]


def render_all(folder: Path, progress: Progress) -> dict[str, Clip]:
    """Render what is missing or was drawn by another version of this code, and give all clips.

    ``progress`` is told the name of each clip when it is ready. Blocks: half a minute the first
    time, at once later. Raises ``cutouts.NoPicture`` without the `detect` packages.
    """
    folder.mkdir(parents=True, exist_ok=True)
    listing, version = folder / "clips.json", _version()
    if (kept := _kept(listing, version, folder)) is not None:
        return kept
    walkers = people(_read(photograph()))
    with ThreadPoolExecutor(2) as pool:  # drawing, scaling and encoding all leave the interpreter
        clips = list(pool.map(lambda draw: _rendered(draw(), walkers, folder, progress), SCENES))
    document = {
        "version": version,
        "clips": [
            {
                "name": clip.name,
                "seconds": clip.seconds,
                "zone": [list(point) for point in clip.zone],
            }
            for clip in clips
        ],
    }
    unfinished = listing.with_suffix(".part")
    unfinished.write_text(json.dumps(document))
    unfinished.replace(listing)
    return {clip.name: clip for clip in clips}


def frames(scene: Scene, walkers: dict[str, Walker]) -> Iterator[Pixels]:
    """Draw a scene's frames, one loop of them."""
    company = {name: _half_size(walker) for name, walker in walkers.items()}
    caption = _caption()
    chance = np.random.default_rng(scene.seconds)
    grains = [np.abs(chance.normal(0, GRAIN, (HEIGHT, WIDTH, 1))) for _ in range(6)]
    grain = [np.repeat(one.round().astype(np.uint8), 3, axis=2) for one in grains]
    for number in range(scene.seconds * FRAMES_PER_S):
        frame = scene.picture.copy()
        _act(frame, scene, company, number / FRAMES_PER_S)
        # Signs apart, since pictures hold no negative numbers.
        frame = cv2.add(frame, grain[number % 3]).astype(np.uint8, copy=False)
        frame = cv2.subtract(frame, grain[3 + number % 3]).astype(np.uint8, copy=False)
        rows, columns = caption.shape[:2]
        corner = frame[-rows - 14 : -14, 14 : 14 + columns]
        corner[:] = cv2.addWeighted(corner, 0.45, caption, 0.55, 0)
        yield frame


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a walker is at a moment: on the ground, how far along, and which way he goes."""

    x: float
    z: float
    gone: float
    goes_left: bool


def _act(frame: Pixels, scene: Scene, company: dict[str, Walker], at_s: float) -> None:
    """Put everybody into the frame, the farthest first, with what stands before them."""
    there = [(walk, place) for walk in scene.walks if (place := _place(walk, scene, at_s))]
    farthest = max((place.z for _, place in there), default=0.0)
    steps: list[tuple[float, Callable[[], None]]] = [
        (place.z, lambda walk=walk, place=place: _draw(frame, scene, company, walk, place))  # type: ignore[misc]  # defaults bind the loop's values
        for walk, place in there
    ]
    for front in scene.fronts:
        if front.z < farthest:

            def repaint(front: stage.Front = front) -> None:
                part = frame[front.rows, front.columns]
                still = scene.picture[front.rows, front.columns]
                part[:] = (still * front.mask + part * (1 - front.mask)).astype(np.uint8)

            steps.append((front.z, repaint))
    for _, step in sorted(steps, key=lambda step: -step[0]):
        step()


def _place(walk: Walk, scene: Scene, at_s: float) -> _Place | None:
    gone = (at_s - walk.starts_s) % scene.seconds * walk.speed
    left = gone
    for (x, z), (next_x, next_z) in zip(walk.way, walk.way[1:], strict=False):
        length = hypot(next_x - x, next_z - z)
        if left < length:
            share = left / length
            at = (x + (next_x - x) * share, z + (next_z - z) * share)
            return _Place(*at, gone, goes_left=next_x < x)
        left -= length
    return None


def _draw(
    frame: Pixels, scene: Scene, company: dict[str, Walker], walk: Walk, place: _Place
) -> None:
    walker = company[walk.who].mirrored() if place.goes_left else company[walk.who]
    picture = walker.phases[int(place.gone / STEP_M * PHASES) % PHASES]
    foot_x, foot_y, metre = VIEW.project((place.x, 0, place.z))
    head_y = VIEW.project((place.x, walk.height, place.z))[1]
    scale = (foot_y - head_y) / picture.shape[0]
    middle = walker.foot_x * picture.shape[1]
    # Feet sink a little below their point: the picture's lowest row is the nearer sole.
    at = Spot(foot_x, foot_y + 0.02 * metre, metre, scale)
    put_up(
        frame,
        picture,
        middle,
        at,
        light=scene.light(place.x, place.z),
        shadow=scene.shadow,
        sun=scene.sun,
        wet=scene.wet,
    )


def _half_size(walker: Walker) -> Walker:
    """Make the pictures about as large as they are shown, with care; the rest is done per frame."""
    halved = tuple(
        cv2.resize(one, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.uint8)
        for one in walker.phases
    )
    return Walker(halved, walker.foot_x)


def _caption() -> Pixels:
    face = cv2.FontFace("sans")
    image = np.full((26, 236, 3), 18, np.uint8)
    cv2.putText(image, CAPTION, (10, 19), (255, 255, 255), face, 16, 500)
    return image


def _zone(scene: Scene) -> tuple[PicturePoint, ...]:
    """Give the scene's zone as it is seen, cut off at the picture's edges."""
    seen = [VIEW.project((x, 0, z))[:2] for x, z in scene.zone]
    picture = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)
    cut = cv2.intersectConvexConvex(np.array(seen, np.float32), picture)[1]
    return tuple(
        PicturePoint(round(float(x) / WIDTH, 4), round(float(y) / HEIGHT, 4))
        for x, y in np.asarray(cut).reshape(-1, 2)
    )


def _rendered(scene: Scene, walkers: dict[str, Walker], folder: Path, progress: Progress) -> Clip:
    path, small = _paths(folder, scene.name)
    with (
        written(path, (WIDTH, HEIGHT), BITS_PER_S, FRAMES_PER_S) as large_one,
        written(small, (SMALL_WIDTH, SMALL_HEIGHT), SMALL_BITS_PER_S, FRAMES_PER_S) as small_one,
    ):
        for picture in frames(scene, walkers):
            large_one(picture)
            small_one(picture)
    progress(scene.name)
    return Clip(scene.name, path, small, scene.seconds, _zone(scene))


def _paths(folder: Path, name: str) -> tuple[Path, Path]:
    return folder / f"{name}.mp4", folder / f"{name}-small.mp4"


def _read(path: Path) -> Pixels:
    picture = cv2.imread(str(path))
    if picture is None:
        raise cutouts.NoPicture(f"{path.name} can't be read")
    return picture.astype(np.uint8, copy=False)


def _version() -> str:
    """Give a name to what the drawing code is now: another code draws other clips."""
    total = hashlib.sha256()
    for module in (cutouts, facades, houses, painting, props, scenes, stage):
        total.update(Path(str(module.__file__)).read_bytes())
    total.update(Path(__file__).read_bytes())
    return total.hexdigest()[:16]


def _kept(listing: Path, version: str, folder: Path) -> dict[str, Clip] | None:
    try:
        document = json.loads(listing.read_text())
        clips = {
            one["name"]: Clip(
                one["name"],
                *_paths(folder, one["name"]),
                int(one["seconds"]),
                tuple(PicturePoint(float(x), float(y)) for x, y in one["zone"]),
            )
            for one in document["clips"]
        }
    except (OSError, ValueError, KeyError, TypeError):
        return None
    is_whole = document["version"] == version and all(
        one.path.is_file() and one.small.is_file() for one in clips.values()
    )
    return clips if is_whole else None
