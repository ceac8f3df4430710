"""Parts of a decoded picture: the same colours as the whole conversion gives, and no more work."""

from datetime import UTC, datetime

import av
import cv2
import numpy as np
import pytest

from detectors.crops import Area
from detectors.frames import GREY, DecodedFrame
from detectors.protocol import Picture

AT = datetime(2026, 12, 1, tzinfo=UTC)


def street() -> Picture:
    """Smooth colours, so that halved chroma loses nothing to speak of."""
    y, x = np.mgrid[0:360, 0:640]
    planes = [x * 255 / 640, y * 255 / 360, 255 - x * 255 / 640]
    return np.stack(planes, axis=2).astype(np.uint8)


@pytest.mark.parametrize("form", ["yuv420p", "yuvj420p", "nv12", "yuv444p", "bgr24"])
def test_a_part_has_the_colours_of_the_whole(form: str) -> None:
    video = av.VideoFrame.from_ndarray(street(), "bgr24").reformat(format=form)
    frame = DecodedFrame(video, AT)
    area = Area(100, 60, 256, 192)

    part = frame.cut(area, (192, 256))

    whole = frame.bgr()[area.top : area.bottom, area.left : area.right]
    assert part.shape == (192, 256, 3)
    assert np.abs(part.astype(int) - whole).mean() < 3


def test_a_part_of_another_form_is_fitted_in_with_grey_around() -> None:
    video = av.VideoFrame.from_ndarray(street(), "bgr24").reformat(format="yuv420p")

    part = DecodedFrame(video, AT).cut(Area(0, 0, 640, 360), (416, 416))

    assert part.shape == (416, 416, 3)
    assert (part[:91] == GREY).all()
    assert (part[325:] == GREY).all()
    shrunk = cv2.resize(street(), (416, 234))
    assert np.abs(part[91:325].astype(int) - shrunk).mean() < 3


@pytest.mark.parametrize("form", ["yuv420p", "yuv420p10le", "gray10le", "nv12", "bgr24"])
def test_how_bright_a_picture_is_does_not_depend_on_its_form(form: str) -> None:
    video = av.VideoFrame.from_ndarray(street(), "bgr24").reformat(format=form)

    luma = DecodedFrame(video, AT).luma()

    # What a plane holds may lie between 16 and 235 instead of 0 and 255.
    assert luma.shape == (360, 640)
    assert np.abs(luma.astype(int) - video.to_ndarray(format="gray")).max() <= 20
