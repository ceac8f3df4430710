"""A tone in place of somebody's voice, and what a camera's loudspeaker said of it."""

import io
import math
import struct
import wave
from typing import Any

import av
import numpy as np
from aiortc.mediastreams import AudioStreamTrack
from av.audio.frame import AudioFrame

from tests.servers.rtsp_camera import RtspCamera

TONE_HZ = 700
CODECS = {"PCMU/8000": "pcm_mulaw", "PCMA/8000": "pcm_alaw", "MPEG4-GENERIC/16000": "aac"}


class Tone(AudioStreamTrack):
    """A tone in place of somebody's voice."""

    async def recv(self) -> AudioFrame:
        silent = await super().recv()
        assert isinstance(silent, AudioFrame)
        at = (silent.pts or 0) + np.arange(silent.samples)
        loud = 9000 * np.sin(2 * np.pi * TONE_HZ * at / silent.sample_rate)
        frame = AudioFrame.from_ndarray(loud.astype(np.int16)[None, :], "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = (
            silent.sample_rate,
            silent.pts,
            silent.time_base,
        )
        return frame


def announced(seconds: float, *, hz: int = 22_050) -> bytes:
    """A WAV file of the tone."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(hz)
        for at in range(round(seconds * hz)):
            value = 9000 * math.sin(2 * math.pi * TONE_HZ * at / hz)
            file.writeframesraw(struct.pack("<h", round(value)))
    return out.getvalue()


def pitch(camera: RtspCamera) -> float:
    """The strongest frequency of what the camera's loudspeaker has said, decoded."""
    name, _, hz = camera.loudspeaker.partition("/")
    decoder: Any = av.CodecContext.create(CODECS[camera.loudspeaker], "r")
    decoder.sample_rate, decoder.layout = int(hz), "mono"
    if name == "MPEG4-GENERIC":
        decoder.extradata = bytes.fromhex("1408")
    heard: list[Any] = []
    for packet in list(camera.heard):
        payload = packet[12:]
        if name == "MPEG4-GENERIC":
            assert payload[:2] == b"\x00\x10"
            assert int.from_bytes(payload[2:4], "big") >> 3 == len(payload) - 4
            payload = payload[4:]
        frames = decoder.decode(av.Packet(payload))
        heard += [frame.to_ndarray().reshape(-1).astype(float) for frame in frames]
    samples = np.concatenate(heard)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    spectrum[:10] = 0
    return float(np.argmax(spectrum) * int(hz) / len(samples))
