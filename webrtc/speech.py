"""Speech on its way to a loudspeaker: decoded once, and encoded once in the camera's codec.

A voice comes as Opus, an announcement as the file that was taken in. What one packet of 20 ms costs
is in `docs/design/talk-down.md`: less than handing it over to a thread would.
"""

import io
import wave
from collections.abc import Iterator
from typing import cast

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.error import FFmpegError

from domain.talks import LONGEST_ANNOUNCEMENT, BadAnnouncement
from webrtc.rtsp_client.loudspeaker import Loudspeaker, SpeechCodec

OPUS_HZ = 48_000
_MOST_GAP_HZ = OPUS_HZ // 2
"""A hole of half a second at most is filled with silence; after a longer one time begins anew."""
_ENCODERS = {
    SpeechCodec.PCMU: ("pcm_mulaw", "s16"),
    SpeechCodec.PCMA: ("pcm_alaw", "s16"),
    SpeechCodec.AAC: ("aac", "fltp"),
}
_PACKET_S, _AAC_SAMPLES, _AAC_BIT_S = 0.02, 1024, 32_000
_LAYOUTS = {1: "mono", 2: "stereo"}

KEPT_HZ = 16_000
"""An announcement is kept as WAV, mono, 16 bits: what every camera makes of it is less."""
#: What announcements come in, by how their files begin; nothing else is given to a decoder.
_CONTAINERS = {b"RIFF": "wav", b"OggS": "ogg", b"fLaC": "flac", b"ID3": "mp3", b"\xff": "mp3"}
_MP4 = b"ftyp"


class Encoder:
    """For one loudspeaker. ``step``: the samples of each payload, in the loudspeaker's clock."""

    def __init__(self, loudspeaker: Loudspeaker) -> None:
        name, sample_format = _ENCODERS[loudspeaker.codec]
        is_aac = loudspeaker.codec is SpeechCodec.AAC
        self.step = _AAC_SAMPLES if is_aac else round(_PACKET_S * loudspeaker.clock_hz)
        self.step_s = self.step / loudspeaker.clock_hz
        self.marks_all = is_aac  # RFC 3640 section 3.1: each packet holds the end of its unit
        layout = _LAYOUTS[loudspeaker.channels]
        self._resampler = AudioResampler(sample_format, layout, loudspeaker.clock_hz, self.step)
        self._codec = cast(AudioCodecContext, av.CodecContext.create(name, "w"))
        self._codec.sample_rate, self._codec.layout = loudspeaker.clock_hz, layout
        self._codec.format = sample_format
        if is_aac:
            self._codec.bit_rate = _AAC_BIT_S * loudspeaker.channels
        self._is_aac = is_aac

    def payloads(self, frame: AudioFrame | None) -> Iterator[bytes]:
        """What is whole with ``frame``; None: that was all."""
        parts: list[AudioFrame | None] = [*self._resampler.resample(frame)]
        for part in parts if frame is not None else [*parts, None]:
            if part is not None:
                part.pts = None
            for packet in self._codec.encode(part):
                data = bytes(packet)
                # RFC 3640 section 3.2.1: one unit, whose size is said in 13 of 16 bits.
                yield (
                    b"\x00\x10" + (len(data) << 3).to_bytes(2, "big") + data
                    if self._is_aac
                    else data
                )


class Voice:
    """Opus in, the camera's payloads out."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._decoder = av.CodecContext.create("libopus", "r")
        self._decoder.sample_rate, self._decoder.layout = OPUS_HZ, "stereo"
        self._decoder.format = "s16"
        self._next: int | None = None

    def payloads(self, payload: bytes, timestamp: int) -> Iterator[bytes]:
        """Of one packet, in order; what was lost before it is silence."""
        ahead = 0 if self._next is None else (timestamp - self._next) & 0xFFFFFFFF
        if ahead >= 0x80000000:
            return  # too late
        if 0 < ahead <= _MOST_GAP_HZ:
            yield from self._encoder.payloads(_silence(ahead))
        try:
            frames = self._decoder.decode(av.Packet(payload))
        except FFmpegError:
            return
        samples = 0
        for frame in frames:
            samples += frame.samples
            frame.pts = None
            yield from self._encoder.payloads(frame)
        self._next = (timestamp + samples) & 0xFFFFFFFF


def _silence(samples: int) -> AudioFrame:
    frame = AudioFrame("s16", "stereo", samples)
    frame.sample_rate = OPUS_HZ
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    return frame


def take_in(data: bytes) -> tuple[bytes, float]:
    """An uploaded announcement as it is kept, and how many seconds it lasts.

    Raises `BadAnnouncement`. It blocks.
    """
    found = [name for begin, name in _CONTAINERS.items() if data.startswith(begin)]
    container = found[0] if found else "mp4" if data[4:8] == _MP4 else None
    if container is None:
        raise BadAnnouncement("the file is no WAV, MP3, Ogg, FLAC or M4A")
    kept, most = bytearray(), int(LONGEST_ANNOUNCEMENT.total_seconds() * KEPT_HZ) * 2
    try:
        for part in _samples(data, container):
            kept += part
            if len(kept) > most:
                raise BadAnnouncement("it lasts longer than a minute")
    except FFmpegError:
        raise BadAnnouncement("the file can't be read as sound") from None
    if not kept:
        raise BadAnnouncement("the file holds no sound")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(KEPT_HZ)
        file.writeframes(bytes(kept))
    return out.getvalue(), len(kept) / 2 / KEPT_HZ


def _samples(data: bytes, container: str) -> Iterator[bytes]:
    resampler = AudioResampler("s16", "mono", KEPT_HZ)
    with av.open(io.BytesIO(data), "r", format=container) as file:
        if not file.streams.audio:
            raise BadAnnouncement("the file holds no sound")
        for frame in file.decode(file.streams.audio[0]):
            yield from (_bytes(part) for part in resampler.resample(frame))
        yield from (_bytes(part) for part in resampler.resample(None))


def _bytes(frame: AudioFrame) -> bytes:
    return bytes(frame.planes[0])[: 2 * frame.samples]


def announcement_payloads(kept: bytes, encoder: Encoder) -> list[bytes]:
    """All of an announcement as `take_in` kept it, for one loudspeaker. It blocks."""
    with wave.open(io.BytesIO(kept), "rb") as file:
        samples = file.readframes(file.getnframes())
    payloads: list[bytes] = []
    size = KEPT_HZ // 50 * 2
    for at in range(0, len(samples), size):
        part = samples[at : at + size]
        frame = AudioFrame("s16", "mono", len(part) // 2)
        frame.sample_rate = KEPT_HZ
        frame.planes[0].update(part.ljust(frame.planes[0].buffer_size, b"\x00"))
        payloads += encoder.payloads(frame)
    payloads += encoder.payloads(None)
    return payloads
