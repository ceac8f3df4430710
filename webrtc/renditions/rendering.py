"""From a camera's encoded pictures to new ones, the masks painted over in between.

Everything here blocks; `worker.py` runs it in a process of its own. What can't be masked is not
encoded: a picture leaves this file with its masks or not at all.
"""

from fractions import Fraction

import av
import av.error
from av.codec.context import ThreadType
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame

from domain.masks import BLOCK, LARGEST_BLOCK, Run, masked_blocks
from domain.streams import VIDEO_CLOCK_HZ
from webrtc.renditions.messages import Input, Outcome, Recipe, Rendered, Source

MOST_PIXELS = 4096 * 2304
KEYFRAME_EVERY = 2 * VIDEO_CLOCK_HZ
"""As most cameras are set: who joins late or cuts a recording waits no longer."""
_A_PICTURE = VIDEO_CLOCK_HZ // 25
_LONGEST_STEP = 5 * VIDEO_CLOCK_HZ
_BITS_PER_PIXEL_AND_S = 2.7
"""The most that is made: 2.5 Mbit/s of 720p, 5.6 of 1080p, whatever moves in it."""
_FILL_LUMA, _FILL_CHROMA = 44, 128  # a dark grey, alike in both ranges of values
_AS_IT_IS = frozenset({"yuv420p", "yuvj420p"})


class CannotRender(Exception):
    """The pictures are of a kind that is not rendered; the text says of which."""


class Renderer:
    """One stream's decoder, masks and encoder."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._decoder = self._open_decoder()
        self._encoder: _Encoder | None = None
        self._paint = _Paint(recipe)
        self._whole = False
        """Whether the next unit can be decoded: none was lost since a keyframe."""
        self._wants_keyframe = False

    def change(self, recipe: Recipe) -> None:
        """The next picture has these masks, and needs no other picture."""
        self._recipe, self._paint = recipe, _Paint(recipe)
        self._wants_keyframe = True

    def request_keyframe(self) -> None:
        self._wants_keyframe = True

    def take(self, unit: Source, *, late: bool = False) -> tuple[Outcome, list[Rendered]]:
        """Decode a unit, and encode what came out of it, unless ``late``.

        Raises `CannotRender`.
        """
        if unit.is_keyframe:
            self._whole = True
        if not self._whole:
            return Outcome.DAMAGED, []
        packet = av.Packet(unit.data)
        packet.pts = unit.timestamp
        try:
            frames = self._decoder.decode(packet)
        except av.error.FFmpegError:
            self._decoder, self._whole = self._open_decoder(), False
            return Outcome.DAMAGED, []
        if late:
            return Outcome.LATE, []
        return Outcome.TAKEN, [made for frame in frames for made in self._render(frame)]

    def _open_decoder(self) -> VideoCodecContext:
        decoder = av.CodecContext.create(self._recipe.source.value, "r")
        if not isinstance(decoder, VideoCodecContext):
            raise TypeError(f"{self._recipe.source} is no video codec")
        decoder.thread_type, decoder.thread_count = ThreadType.NONE, 1  # threads hold pictures back
        decoder.options = {"max_pixels": str(MOST_PIXELS)}
        return decoder

    def _render(self, decoded: VideoFrame) -> list[Rendered]:
        if decoded.width * decoded.height > MOST_PIXELS:
            raise CannotRender(f"a picture of {decoded.width}x{decoded.height}")
        timestamp = decoded.pts or 0
        frame = decoded
        if frame.format.name in _AS_IT_IS:
            frame.make_writable()  # the decoder needs what it gave to make the next one
        else:
            frame = frame.reformat(format="yuv420p")
        self._paint.over(frame)
        if self._encoder is None or not self._encoder.suits(frame):
            self._encoder = _Encoder(frame)
        wanted, self._wants_keyframe = self._wants_keyframe, False
        made = self._encoder.encode(frame, timestamp, keyframe=wanted)
        version = self._recipe.version
        return [Rendered(data, timestamp, is_keyframe, version) for data, is_keyframe in made]


class _Paint:
    """The masks of a stream, laid out anew for each size that its pictures turn out to have."""

    def __init__(self, recipe: Recipe) -> None:
        self._masks = recipe.masks
        self._block = LARGEST_BLOCK if recipe.source is Input.H265 else BLOCK
        self._size = (0, 0)
        self._runs: list[Run] = []

    def over(self, frame: VideoFrame) -> None:
        if (frame.width, frame.height) != self._size:
            self._size = (frame.width, frame.height)
            self._runs = masked_blocks(
                self._masks, width=frame.width, height=frame.height, block=self._block
            )
        for number, plane in enumerate(frame.planes):
            block = self._block if number == 0 else self._block // 2  # half of everything, in 4:2:0
            fill = bytes([_FILL_CHROMA if number else _FILL_LUMA]) * plane.width
            pixels, line = memoryview(plane), plane.line_size
            for run in self._runs:
                first, end = run.first * block, min(run.end * block, plane.width)
                for y in range(run.row * block, min((run.row + 1) * block, plane.height)):
                    pixels[y * line + first : y * line + end] = fill[: end - first]


class _Encoder:
    """H264 without B-frames, each picture out before the next goes in."""

    def __init__(self, first: VideoFrame) -> None:
        self._form = _form_of(first)
        encoder = av.CodecContext.create("libx264", "w")
        if not isinstance(encoder, VideoCodecContext):
            raise TypeError("libx264 is no video codec")
        encoder.width, encoder.height, encoder.pix_fmt = self._form
        encoder.time_base, encoder.framerate = Fraction(1, VIDEO_CLOCK_HZ), Fraction(25)
        encoder.thread_count = 1  # a camera is to cost one core at most
        encoder.color_range = first.color_range
        encoder.colorspace = first.colorspace
        most = str(round(first.width * first.height * _BITS_PER_PIXEL_AND_S))
        encoder.options = {
            "preset": "superfast",
            "tune": "zerolatency",
            "forced-idr": "1",
            "bf": "0",
            "g": "100000",  # keyframes are asked for by time, not by count and not by content
            "sc_threshold": "0",
            "crf": "23",
            "maxrate": most,
            "bufsize": most,
        }
        self._encoder = encoder
        self._pts = 0
        self._last: int | None = None
        self._keyframe_at = 0

    def suits(self, frame: VideoFrame) -> bool:
        return _form_of(frame) == self._form

    def encode(
        self, frame: VideoFrame, timestamp: int, *, keyframe: bool
    ) -> list[tuple[bytes, bool]]:
        # The encoder has times of its own, that always grow: a camera's may jump by an hour.
        step = _A_PICTURE if self._last is None else timestamp - self._last
        self._pts += step if 0 < step <= _LONGEST_STEP else _A_PICTURE
        due = self._last is None or self._pts - self._keyframe_at >= KEYFRAME_EVERY
        self._last = timestamp
        if due or keyframe:
            self._keyframe_at = self._pts
        frame.pts, frame.time_base = self._pts, Fraction(1, VIDEO_CLOCK_HZ)
        frame.pict_type = PictureType.I if due or keyframe else PictureType.NONE
        return [(bytes(packet), packet.is_keyframe) for packet in self._encoder.encode(frame)]


def _form_of(frame: VideoFrame) -> tuple[int, int, str]:
    return frame.width, frame.height, frame.format.name
