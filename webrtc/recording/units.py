"""A recording's coded pictures, taken out of its MP4; and MP4 of others in their place."""

import io
from collections.abc import Sequence

import av.error
from av.bitstream import BitStreamFilterContext

from domain.streams import Codec
from webrtc.opening import open_limited
from webrtc.recording.following import Picture
from webrtc.recording.fragments import Fragments, NotRecordable, head
from webrtc.renditions import Input, Rendered, Source

__all__ = ["NotRecordable", "as_fragment", "as_head", "foreign_units"]

_AS_IN_A_STREAM = {Input.H265: "hevc_mp4toannexb", Input.VP8: "null"}


def foreign_units(mp4: bytes, *, most: int | None = None) -> tuple[Input, list[Source]]:
    """Access units in what some browsers do not play; none of what is neither H265 nor VP8.

    They are timed in 90 kHz from the file's first picture. ``mp4``: a head and fragments that
    begin with a keyframe. Blocks: call it in a thread.
    """
    found: list[Source] = []
    kind = Input.H265
    try:
        with open_limited(io.BytesIO(mp4), kind="mp4") as container:
            video = container.streams.video[0]
            named = [one for one in _AS_IN_A_STREAM if one == video.codec_context.name]
            if not named:
                return kind, []
            kind = named[0]
            with_sets = BitStreamFilterContext(_AS_IN_A_STREAM[kind], video)
            for packet in container.demux(video):
                units = with_sets.filter(packet if packet.size else None)  # which empties it
                found += [Source(bytes(one), one.pts or 0, one.is_keyframe) for one in units]
                if most is not None and len(found) >= most:
                    break
    except (av.error.FFmpegError, IndexError):
        pass  # what came before the damage can still be shown
    return kind, found[:most]


def as_head(made: Rendered) -> bytes:
    """The first bytes of a file whose pictures are made like this one. Raises `NotRecordable`."""
    return head(Codec.H264, made.data, with_sound=False)


def as_fragment(made: Sequence[Rendered]) -> bytes:
    """One fragment of them, on the line of time of the file that they were taken out of."""
    pictures = [Picture(one.data, one.timestamp, one.is_keyframe, 0.0) for one in made]
    return Fragments(Codec.H264, Picture(b"", 0, True, 0.0)).fragment(pictures)
