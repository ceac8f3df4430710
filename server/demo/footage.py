"""The demonstration's clips: people walking through drawn places, rendered once at set-up.

They are drawn and say so in the picture; the people in them are cut-outs that the real detector
truly finds (tests/integration/detectors). Each clip loops without a seam.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from math import hypot
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.video.stream import VideoStream

from domain.detections import PicturePoint
from server.demo import cutouts, facades, houses, props, scenes, stage
from server.demo.cutouts import PHASES, Walker, people, photograph
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
    foot_y += 0.02 * metre
    _contact(frame, foot_x, foot_y, metre, scene.shadow)
    if scene.sun != (0.0, 0.0):
        right, up = scene.sun
        rows = picture.shape[0]
        fall = np.array(
            [
                [scale, -right * scale, foot_x - middle * scale + right * scale * rows],
                [0, up * scale, foot_y - up * scale * rows],
            ]
        )
        shadow = _layer(frame, picture[..., 3], fall)
        if shadow is not None:
            part, mask = shadow
            blurred = cv2.GaussianBlur(mask, (0, 0), 1.6).astype(np.float32)[..., None] / 255
            part[:] = (part * (1 - scene.shadow * blurred)).astype(np.uint8)
    if scene.wet:
        mirror = np.array(
            [[scale, 0, foot_x - middle * scale], [0, -scale, foot_y + scale * picture.shape[0]]]
        )
        _paint(frame, picture, mirror, (0.7, 0.7, 0.7), scene.wet)
    upright = np.array(
        [[scale, 0, foot_x - middle * scale], [0, scale, foot_y - scale * picture.shape[0]]]
    )
    _paint(frame, picture, upright, scene.light(place.x, place.z), 1.0)


def _contact(frame: Pixels, x: float, y: float, metre: float, darkness: float) -> None:
    """Darken the ground where the feet stand."""
    wide, tall = 0.42 * metre, 0.11 * metre
    left, top = int(x - 1.6 * wide), int(y - 1.8 * tall)
    part = frame[max(0, top) : int(y + 1.8 * tall), max(0, left) : int(x + 1.6 * wide)]
    rows, columns = np.ogrid[: part.shape[0], : part.shape[1]]
    from_x, from_y = columns + max(0, left) - x, rows + max(0, top) - y
    dark = np.exp(-1.4 * ((from_x / wide) ** 2 + (from_y / tall) ** 2)).astype(np.float32)
    part[:] = (part * (1 - 1.3 * darkness * dark[..., None])).astype(np.uint8)


def _paint(
    frame: Pixels, picture: Pixels, matrix: Any, light: tuple[float, float, float], share: float
) -> None:
    layer = _layer(frame, picture, matrix)
    if layer is None:
        return
    part, drawn = layer
    alpha = drawn[..., 3:].astype(np.float32) * (share / 255)
    colours = np.clip(drawn[..., :3] * np.array(light, np.float32), 0, 255)
    part[:] = (part * (1 - alpha) + colours * alpha).astype(np.uint8)


def _layer(frame: Pixels, picture: Pixels, matrix: Any) -> tuple[Pixels, Any] | None:
    """Give the part of the frame that ``picture`` falls on, and the picture as it falls there."""
    rows, columns = picture.shape[:2]
    corners = np.array([[0, 0, 1], [columns, 0, 1], [0, rows, 1], [columns, rows, 1]]) @ matrix.T
    left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int) - 4, 0)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int) + 4
    part = frame[top:bottom, left:right] if right > 0 and bottom > 0 else frame[:0]
    if not part.size:
        return None
    moved = matrix - np.array([[0, 0, left], [0, 0, top]])
    size = (part.shape[1], part.shape[0])
    return part, cv2.warpAffine(picture, moved.astype(np.float32), size)


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
        _written(path, (WIDTH, HEIGHT), BITS_PER_S) as large_one,
        _written(small, (SMALL_WIDTH, SMALL_HEIGHT), SMALL_BITS_PER_S) as small_one,
    ):
        for picture in frames(scene, walkers):
            large_one(picture)
            small_one(picture)
    progress(scene.name)
    return Clip(scene.name, path, small, scene.seconds, _zone(scene))


def _paths(folder: Path, name: str) -> tuple[Path, Path]:
    return folder / f"{name}.mp4", folder / f"{name}-small.mp4"


@contextmanager
def _written(
    path: Path, size: tuple[int, int], bits_per_s: int
) -> Iterator[Callable[[Pixels], None]]:
    """Write H.264 as cameras send it: constrained baseline, no B-frames, a keyframe a second."""
    unfinished = path.with_suffix(".part")
    with av.open(str(unfinished), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FRAMES_PER_S)
        assert isinstance(stream, VideoStream)  # noqa: S101 - libx264 is a video codec
        (stream.width, stream.height), stream.pix_fmt = size, "yuv420p"
        stream.bit_rate = bits_per_s
        stream.options = {
            "preset": "veryfast",
            "profile": "baseline",
            "bf": "0",
            "g": str(FRAMES_PER_S),
            "keyint_min": str(FRAMES_PER_S),
            "sc_threshold": "0",
            "maxrate": str(bits_per_s * 5 // 4),
            "bufsize": str(bits_per_s),
            "threads": "1",
        }

        def write(picture: Pixels) -> None:
            if picture.shape[1] != size[0]:
                picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))

        yield write
        container.mux(stream.encode(None))
    unfinished.replace(path)


def _read(path: Path) -> Pixels:
    picture = cv2.imread(str(path))
    if picture is None:
        raise cutouts.NoPicture(f"{path.name} can't be read")
    return picture.astype(np.uint8, copy=False)


def _version() -> str:
    """Give a name to what the drawing code is now: another code draws other clips."""
    total = hashlib.sha256()
    for module in (cutouts, facades, houses, props, scenes, stage):
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
