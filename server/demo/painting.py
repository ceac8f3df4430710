"""Lays cut-outs into a picture, with their shadows, and writes pictures as cameras send them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import av
import cv2
import numpy as np
from av.video.stream import VideoStream

from server.demo.stage import Colour, Pixels


class Spot(NamedTuple):
    """Where in a frame a cut-out stands: its foot's pixel, a metre there, its own scale."""

    x: float
    y: float
    metre: float
    scale: float


def put_up(
    frame: Pixels,
    picture: Pixels,
    middle: float,
    at: Spot,
    *,
    light: Colour,
    shadow: float,
    sun: tuple[float, float],
    wet: float,
) -> None:
    """Stand a cut-out, whose foot is in column ``middle``, up on the ground of ``frame``."""
    scale, rows = at.scale, picture.shape[0]
    contact(frame, at.x, at.y, at.metre, shadow)
    if sun != (0.0, 0.0):
        right, up = sun
        fall = np.array(
            [
                [scale, -right * scale, at.x - middle * scale + right * scale * rows],
                [0, up * scale, at.y - up * scale * rows],
            ]
        )
        shaded = _layer(frame, picture[..., 3], fall)
        if shaded is not None:
            part, mask = shaded
            blurred = cv2.GaussianBlur(mask, (0, 0), 1.6).astype(np.float32)[..., None] / 255
            part[:] = (part * (1 - shadow * blurred)).astype(np.uint8)
    if wet:
        mirror = np.array([[scale, 0, at.x - middle * scale], [0, -scale, at.y + scale * rows]])
        paint(frame, picture, mirror, (0.7, 0.7, 0.7), wet)
    upright = np.array([[scale, 0, at.x - middle * scale], [0, scale, at.y - scale * rows]])
    paint(frame, picture, upright, light, 1.0)


def contact(frame: Pixels, x: float, y: float, metre: float, darkness: float) -> None:
    """Darken the ground where the feet stand."""
    wide, tall = 0.42 * metre, 0.11 * metre
    left, top = int(x - 1.6 * wide), int(y - 1.8 * tall)
    part = frame[max(0, top) : int(y + 1.8 * tall), max(0, left) : int(x + 1.6 * wide)]
    rows, columns = np.ogrid[: part.shape[0], : part.shape[1]]
    from_x, from_y = columns + max(0, left) - x, rows + max(0, top) - y
    dark = np.exp(-1.4 * ((from_x / wide) ** 2 + (from_y / tall) ** 2)).astype(np.float32)
    part[:] = (part * (1 - 1.3 * darkness * dark[..., None])).astype(np.uint8)


def paint(frame: Pixels, picture: Pixels, matrix: Any, light: Colour, share: float) -> None:
    """Lay ``picture``, moved by an affine ``matrix``, over the frame; ``share``: how densely."""
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


@contextmanager
def written(
    path: Path, size: tuple[int, int], bits_per_s: int, frames_per_s: int
) -> Iterator[Callable[[Pixels], None]]:
    """Write H.264 as cameras send it: constrained baseline, no B-frames, a keyframe a second."""
    unfinished = path.with_suffix(".part")
    with av.open(str(unfinished), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=frames_per_s)
        assert isinstance(stream, VideoStream)  # noqa: S101 - libx264 is a video codec
        (stream.width, stream.height), stream.pix_fmt = size, "yuv420p"
        stream.bit_rate = bits_per_s
        stream.options = {
            "preset": "veryfast",
            "profile": "baseline",
            "bf": "0",
            "g": str(frames_per_s),
            "keyint_min": str(frames_per_s),
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
