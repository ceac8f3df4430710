"""A file that somebody else wrote, opened: FFmpeg decodes no picture of it that is too large.

To find what the streams are it decodes their first pictures, before anybody can ask how large
those are.
"""

from typing import BinaryIO

import av
from av.container import InputContainer

from domain.streams import MOST_PIXELS


def open_limited(source: str | BinaryIO, *, kind: str | None = None) -> InputContainer:
    """`av.open`, to read; ``kind``: FFmpeg's name of the format, where it is known."""
    limit = {"max_pixels": str(MOST_PIXELS)}
    container = av.open(source, "r", format=kind, options=limit)
    for stream in container.streams.video:
        if stream.codec_context is not None:
            stream.codec_context.options = limit
    return container
