"""One picture of a recording, decoded from the keyframe before it."""

import io
from typing import NamedTuple

import av.error
from av.video.frame import VideoFrame

from webrtc import jpeg
from webrtc.opening import open_limited


class Taken(NamedTuple):
    """``ticks``: when it is shown, in 90 kHz from the file's first picture."""

    jpeg: bytes
    ticks: int


def picture_at(mp4: bytes, *, ticks: int | None, width: int | None = None) -> Taken | None:
    """The last picture at or before ``ticks``, or the first one. Blocks: call it in a thread.

    ``mp4``: a head and fragments that begin with a keyframe. None when nothing can be decoded.
    """
    found: VideoFrame | None = None
    try:
        with open_limited(io.BytesIO(mp4), kind="mp4") as container:
            for packet in container.demux(video=0):
                for frame in packet.decode():
                    is_behind = ticks is not None and (frame.pts or 0) > ticks
                    if found is None or not is_behind:
                        found = frame
                    if ticks is None or is_behind:
                        return _taken(found, width)
    except (av.error.FFmpegError, IndexError):
        pass  # what came before the damage is still a picture
    return _taken(found, width) if found is not None else None


def _taken(frame: VideoFrame, width: int | None) -> Taken:
    return Taken(jpeg.encode(frame, width=width), frame.pts or 0)
