"""A camera's loudspeaker as it is described and set up (ONVIF Streaming, "back channel").

The sections that are asked for with `BACK_CHANNEL` and marked ``sendonly`` are the client's to send
on. No other section is set up: nothing is ever heard of a camera.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from domain.talks import NoLoudspeaker
from webrtc.rtsp_client.description import RTPMAP, Section, parameters_of, sections_in
from webrtc.rtsp_client.dialogue import Dialogue
from webrtc.rtsp_client.messages import Response

BACK_CHANNEL = "www.onvif.org/ver20/backchannel"
_UNSUPPORTED = 551  # Option not supported (RFC 2326 section 11.3.14)


class SpeechCodec(StrEnum):
    PCMU = "pcmu"
    PCMA = "pcma"
    AAC = "aac"


_STATIC = {"0": SpeechCodec.PCMU, "8": SpeechCodec.PCMA}  # RFC 3551 section 6
_CODECS = {
    "PCMU": SpeechCodec.PCMU,
    "PCMA": SpeechCodec.PCMA,
    "MPEG4-GENERIC": SpeechCodec.AAC,
}
_G711_HZ = 8000
_AAC_HZ = (8000, 16000, 22050, 24000, 32000, 44100, 48000)
_AAC_SIZES = {"sizelength": "13", "indexlength": "3", "indexdeltalength": "3"}
"""Of the high rate mode (RFC 3640 section 3.3.6), the one that cameras have."""


@dataclass(frozen=True, slots=True)
class Loudspeaker:
    """What the camera takes. ``control``: as in `Described`; ``channels``: 1 or 2."""

    codec: SpeechCodec
    payload_type: int
    clock_hz: int
    channels: int
    control: str


def read_loudspeaker(body: bytes) -> Loudspeaker:
    """The first that we can speak to, in the camera's own order. Raises `NoLoudspeaker`."""
    ours = [
        section
        for section in sections_in(body)
        if section.kind == "audio" and "sendonly" in section.attributes
    ]
    for section in ours:
        for payload_type in section.formats:
            if (found := _loudspeaker(section, payload_type)) is not None:
                return found
    raise NoLoudspeaker(
        "it takes no sound in PCMU, PCMA or AAC" if ours else "its description offers none"
    )


def _loudspeaker(section: Section, payload_type: str) -> Loudspeaker | None:
    control = section.attributes.get("control", [""])[0]
    for text in section.attributes.get("rtpmap", []):
        map_ = RTPMAP.match(text)
        if map_ is None or map_[1] != payload_type:
            continue
        codec, hz = _CODECS.get(map_[2].upper()), int(map_[3])
        channels = re.match(r"/([12])\b", text[map_.end() :])
        many = int(channels[1]) if channels else 1
        if codec is SpeechCodec.AAC:
            parameters = parameters_of(section, payload_type)
            usual = all(parameters.get(name, value) == value for name, value in _AAC_SIZES.items())
            usual &= parameters.get("mode", "AAC-hbr").lower() == "aac-hbr"
            if usual and hz in _AAC_HZ:
                return Loudspeaker(codec, int(payload_type), hz, many, control)
        elif codec is not None and hz == _G711_HZ and many == 1:
            return Loudspeaker(codec, int(payload_type), hz, 1, control)
        return None
    static = _STATIC.get(payload_type)
    return Loudspeaker(static, int(payload_type), _G711_HZ, 1, control) if static else None


class LoudspeakerDialogue(Dialogue):
    """As for a picture; ``loudspeaker`` is known once it is described. Also `NoLoudspeaker`."""

    requires = (("Require", BACK_CHANNEL),)
    loudspeaker: Loudspeaker | None = None

    def _take_description(self, body: bytes) -> str:
        self.loudspeaker = read_loudspeaker(body)
        return self.loudspeaker.control

    def _heard(self, response: Response) -> None:
        if response.status == _UNSUPPORTED:
            raise NoLoudspeaker("it knows of no back channel")
        super()._heard(response)

    def send_packet(self, data: bytes) -> None:
        """RTP of ours, on this connection."""
        self._send_interleaved(self._channels[0], data)
