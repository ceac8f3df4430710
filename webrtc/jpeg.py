"""One decoded picture as JPEG, in its own size or smaller."""

from fractions import Fraction

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

_QUALITY = 4  # FFmpeg's qscale: 2 is best, 31 worst; 4 is about 90 in other scales


def encode(frame: VideoFrame, *, width: int | None = None) -> bytes:
    """``width`` in pixels, the height with it; never larger than the picture."""
    if width is None or width >= frame.width:
        picture = frame.reformat(format="yuvj420p")
    else:
        height = max(2, round(frame.height * width / frame.width / 2) * 2)
        picture = frame.reformat(width=width, height=height, format="yuvj420p")
    picture.pts, picture.time_base = 0, Fraction(1, 25)
    encoder = av.CodecContext.create("mjpeg", "w")
    if not isinstance(encoder, VideoCodecContext):
        raise TypeError("mjpeg is a video codec")
    encoder.width, encoder.height = picture.width, picture.height
    encoder.pix_fmt, encoder.time_base = "yuvj420p", Fraction(1, 25)
    encoder.options = {"qmin": str(_QUALITY), "qmax": str(_QUALITY)}
    return b"".join(bytes(packet) for packet in [*encoder.encode(picture), *encoder.encode(None)])
