"""Fragmented MP4 (CMAF, ISO 14496-12): the head from FFmpeg, each fragment laid out here.

FFmpeg knows the codecs' configuration boxes, so it writes the head, from the first keyframe's own
bytes. It cuts a fragment only when the next picture comes, and PyAV can't ask it to; a fragment is
three boxes, so they are packed here, at the moment when they are to be on the disk.
"""

import io
from collections.abc import Sequence
from fractions import Fraction
from struct import Struct, pack

import av
import av.error
from av.container import OutputContainer

from domain.streams import VIDEO_CLOCK_HZ, Codec
from webrtc import av1, h264, h265, vp8
from webrtc.opening import open_limited
from webrtc.recording.following import Picture, Sound
from webrtc.relay import AUDIO_CLOCK_HZ

RECORDED = frozenset({Codec.H264, Codec.H265, Codec.VP8, Codec.VP9, Codec.AV1})
"""FFmpeg reads VP8 in MP4 ("vp08", of the binding that VP9 has), and browsers do not."""

_VIDEO, _AUDIO = 1, 2  # track numbers
_LONGEST_PICTURE = VIDEO_CLOCK_HZ  # of one whose successor is not known yet
_FIRST_PICTURE = VIDEO_CLOCK_HZ // 25
_ANNEX_B = {Codec.H264: "h264", Codec.H265: "hevc"}
"""FFmpeg's names of their byte streams."""
_FOURCC = {Codec.VP9: b"VP90", Codec.AV1: b"AV01"}
_IVF_FILE, _IVF_FRAME = Struct("<4sHH4sHHIIII"), Struct("<IQ")
_BOX = Struct(">I4s")
# ISO 14496-12 section 8.8: base is moof; the picture depends on others and is no sync sample
_DEFAULT_BASE, _DURATION, _SIZE, _FLAGS, _OFFSET = 0x020000, 0x000100, 0x000200, 0x000400, 0x000001
_SYNC, _NOT_SYNC = 0x02000000, 0x01010000
_SAMPLE = Struct(">III")


class NotRecordable(Exception):
    """A stream whose keyframe gives no head: the codec, or parameter sets that are not there."""


def head(codec: Codec, keyframe: bytes, *, with_sound: bool) -> bytes:
    """The file's first bytes (``ftyp`` and ``moov``). Raises `NotRecordable`."""
    if codec not in RECORDED:
        raise NotRecordable(f"{codec} has no place in MP4")
    if codec is Codec.VP8:
        return _vp8_head(vp8.size(keyframe), with_sound=with_sound)
    if codec in _ANNEX_B:
        source, kind = keyframe, _ANNEX_B[codec]
    else:
        source, kind = _as_ivf(_FOURCC[codec], keyframe), "ivf"
    written = io.BytesIO()
    try:
        with open_limited(io.BytesIO(source), kind=kind) as container:
            template = container.streams.video[0]
            if not template.codec_context.width:
                raise NotRecordable("the keyframe names no size")
            # Left open, it would wait for the garbage collector, which is slow to come by here.
            with av.open(written, "w", format="mp4", options={"movflags": "empty_moov"}) as out:
                video = out.add_stream_from_template(template, opaque=True)
                video.time_base = Fraction(1, VIDEO_CLOCK_HZ)
                if codec is Codec.H265:
                    video.codec_context.codec_tag = "hvc1"  # Safari plays no "hev1"
                return _begun(out, written, with_sound=with_sound)
    except (av.error.FFmpegError, IndexError) as error:
        raise NotRecordable("the keyframe can't be read") from error


def _vp8_head(size: tuple[int, int] | None, *, with_sound: bool) -> bytes:
    """FFmpeg writes VP9's alone; the two differ by their name."""
    if size is None:
        raise NotRecordable("the keyframe names no size")
    written = io.BytesIO()
    with av.open(written, "w", format="mp4", options={"movflags": "empty_moov"}) as out:
        video = out.add_stream("libvpx-vp9")
        video.width, video.height = size
        video.pix_fmt, video.time_base = "yuv420p", Fraction(1, VIDEO_CLOCK_HZ)
        return _begun(out, written, with_sound=with_sound).replace(b"vp09", b"vp08")


def _begun(out: OutputContainer, written: io.BytesIO, *, with_sound: bool) -> bytes:
    if with_sound:
        out.add_stream("libopus", rate=AUDIO_CLOCK_HZ, layout="stereo")
    out.start_encoding()
    return written.getvalue()


def signature(codec: Codec, keyframe: bytes) -> bytes:
    """What the head depends on: while it stays the same, so does the head."""
    if codec is Codec.H264:
        return h264.parameter_sets(keyframe)
    if codec is Codec.H265:
        return h265.parameter_sets(keyframe)
    if codec is Codec.VP8:
        return repr(vp8.size(keyframe)).encode()
    return head(codec, keyframe, with_sound=False)


def _as_ivf(fourcc: bytes, keyframe: bytes) -> bytes:
    file = _IVF_FILE.pack(b"DKIF", 0, 32, fourcc, 0, 0, VIDEO_CLOCK_HZ, 1, 1, 0)
    return file + _IVF_FRAME.pack(len(keyframe), 0) + keyframe


class Fragments:
    """The fragments of one file, numbered, with times that count from its first picture."""

    def __init__(self, codec: Codec, first: Picture) -> None:
        self._codec, self._first = codec, first
        self._number = 0
        self._spacing = _FIRST_PICTURE
        self._sound_start: int | None = None
        self._sound_end = 0

    def fragment(
        self,
        pictures: Sequence[Picture],
        sounds: Sequence[Sound] = (),
        *,
        sound_at: tuple[int, int] | None = None,
        until: int | None = None,
    ) -> bytes:
        """``moof`` and ``mdat`` of what has come; never of nothing.

        ``sound_at``: a time of the sound and that of the pictures at the same moment; sound is
        left out until one is known. ``until``: the time of the picture with which another file
        begins, whose sound is from then on.
        """
        self._number += 1
        runs, bodies = [], []
        if pictures:
            samples, body = self._pictures(pictures)
            runs.append((_VIDEO, pictures[0].timestamp - self._first.timestamp, samples))
            bodies.append(body)
        audible = self._placed(sounds, sound_at, until)
        if audible:
            starts_at, samples, body = audible
            runs.append((_AUDIO, starts_at, samples))
            bodies.append(body)
        size = len(_moof(self._number, runs, [0] * len(runs)))
        offsets = [size + _BOX.size + sum(map(len, bodies[:n])) for n in range(len(runs))]
        media = b"".join(bodies)
        moof = _moof(self._number, runs, offsets)
        return b"".join((moof, _BOX.pack(_BOX.size + len(media), b"mdat"), media))

    def _pictures(self, pictures: Sequence[Picture]) -> tuple[list[bytes], bytes]:
        samples, bodies = [], []
        following = [picture.timestamp for picture in pictures[1:]]
        for picture, after in zip(pictures, [*following, None], strict=True):
            if after is not None:
                self._spacing = max(1, after - picture.timestamp)
            lasts = self._spacing if after is not None else min(self._spacing, _LONGEST_PICTURE)
            data = self._as_sample(picture.data)
            flags = _SYNC if picture.is_keyframe else _NOT_SYNC
            samples.append(_SAMPLE.pack(lasts, len(data), flags))
            bodies.append(data)
        return samples, b"".join(bodies)

    def _as_sample(self, data: bytes) -> bytes:
        if self._codec is Codec.H264:
            return h264.length_prefixed(data)
        if self._codec is Codec.H265:
            return h264.length_prefixed(h265.without_sets(data))  # "hvc1": they are in the head
        return data.removeprefix(av1.START_OF_PICTURE) if self._codec is Codec.AV1 else data

    def _placed(
        self, sounds: Sequence[Sound], sound_at: tuple[int, int] | None, until: int | None
    ) -> tuple[int, list[bytes], bytes] | None:
        """The sounds from the first picture on, in one line of time that never runs back."""
        if self._sound_start is None:
            if sound_at is None:
                return None
            heard, seen = sound_at
            before_s = (seen - self._first.timestamp) / VIDEO_CLOCK_HZ
            self._sound_start = heard - round(before_s * AUDIO_CLOCK_HZ)
        start = self._sound_start
        audible = [one for one in sounds if one.timestamp - start >= self._sound_end]
        if until is not None:
            end = (until - self._first.timestamp) * AUDIO_CLOCK_HZ // VIDEO_CLOCK_HZ
            audible = [one for one in audible if one.timestamp - start < end]
        if not audible:
            return None
        samples = []
        for at, one in enumerate(audible):
            lasts = one.samples
            if at + 1 < len(audible):
                lasts = max(1, audible[at + 1].timestamp - one.timestamp)
            samples.append(_SAMPLE.pack(lasts, len(one.data), _SYNC))
        last = audible[-1]
        self._sound_end = last.timestamp - start + last.samples
        return audible[0].timestamp - start, samples, b"".join(one.data for one in audible)


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return _BOX.pack(_BOX.size + len(body), kind) + body


def _moof(number: int, runs: Sequence[tuple[int, int, list[bytes]]], offsets: list[int]) -> bytes:
    tracks = [
        _box(
            b"traf",
            _box(b"tfhd", pack(">II", _DEFAULT_BASE, track)),
            _box(b"tfdt", pack(">IQ", 0x01000000, starts_at)),
            _box(
                b"trun",
                pack(">III", _OFFSET | _DURATION | _SIZE | _FLAGS, len(samples), offset),
                *samples,
            ),
        )
        for (track, starts_at, samples), offset in zip(runs, offsets, strict=True)
    ]
    return _box(b"moof", _box(b"mfhd", pack(">II", 0, number)), *tracks)
