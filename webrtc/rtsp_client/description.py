"""What a camera says it sends (SDP, RFC 8866): its picture, and nothing of its sound.

Sound of fixed cameras is never asked for: only sections of video are read at all.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field

from domain.streams import VIDEO_CLOCK_HZ, Codec
from webrtc.sources import DownReason, SourceDown

_CODECS = {"H264": Codec.H264, "H265": Codec.H265, "HEVC": Codec.H265}
RTPMAP = re.compile(r"(\d{1,3}) ([^/\s]+)/(\d{1,9})")
_MAX_SETS, _MAX_SET_BYTES = 8, 1024


@dataclass(frozen=True, slots=True)
class Described:
    """The picture that is to be set up. ``control``: an address, or what is put behind the base.

    ``parameter_sets``: NAL units that many a camera gives here only.
    """

    codec: Codec
    payload_type: int
    control: str
    parameter_sets: tuple[bytes, ...] = ()


@dataclass(slots=True)
class Section:
    kind: str
    formats: list[str]
    attributes: dict[str, list[str]] = field(default_factory=dict)


def read(body: bytes) -> Described:
    """The first picture we can forward. Raises `SourceDown`."""
    videos = [section for section in sections_in(body) if section.kind == "video"]
    if not videos:
        raise SourceDown(DownReason.NO_VIDEO)
    for section in videos:
        described = _described(section)
        if described is not None:
            return described
    raise SourceDown(DownReason.UNSUPPORTED_CODEC)


def sections_in(body: bytes) -> list[Section]:
    found: list[Section] = []
    for line in body.decode("utf-8", "replace").splitlines():
        kind, _, value = line.partition("=")
        if kind == "m":
            fields = value.split()
            found.append(Section(fields[0] if fields else "", fields[3:]))
        elif kind == "a" and found:
            name, _, text = value.partition(":")
            found[-1].attributes.setdefault(name.lower(), []).append(text.strip())
    return found


def _described(section: Section) -> Described | None:
    for payload_type in section.formats:
        for text in section.attributes.get("rtpmap", []):
            map_ = RTPMAP.match(text)
            codec = _CODECS.get(map_[2].upper()) if map_ and map_[1] == payload_type else None
            if map_ is None or codec is None or int(map_[3]) != VIDEO_CLOCK_HZ:
                continue
            parameters = parameters_of(section, payload_type)
            if _is_interleaved(codec, parameters):
                continue
            control = section.attributes.get("control", [""])[0]
            return Described(codec, int(payload_type), control, _sets(codec, parameters))
    return None


def parameters_of(section: Section, payload_type: str) -> dict[str, str]:
    for text in section.attributes.get("fmtp", []):
        number, _, rest = text.partition(" ")
        if number == payload_type:
            pairs = (each.partition("=") for each in rest.split(";"))
            return {name.strip().lower(): value.strip() for name, _, value in pairs}
    return {}


def _is_interleaved(codec: Codec, parameters: dict[str, str]) -> bool:
    """Whether units are sent out of their order (RFC 6184 mode 2, RFC 7798's DON)."""
    if codec is Codec.H264:
        return parameters.get("packetization-mode") == "2"
    return parameters.get("sprop-max-don-diff", "0") not in ("0", "")


def _sets(codec: Codec, parameters: dict[str, str]) -> tuple[bytes, ...]:
    names = ["sprop-parameter-sets"]
    if codec is Codec.H265:
        names = ["sprop-vps", "sprop-sps", "sprop-pps"]
    texts = [each for name in names for each in parameters.get(name, "").split(",") if each]
    found = []
    for text in texts[:_MAX_SETS]:
        try:
            unit = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        except (binascii.Error, ValueError):
            continue
        if 2 < len(unit) <= _MAX_SET_BYTES:
            found.append(unit)
    return tuple(found)


def control_url(base: str, control: str) -> str:
    """The address of a section (RFC 2326 section C.1.1), put together as cameras expect it."""
    if control.lower().startswith(("rtsp://", "rtsps://")):
        return control
    if control in ("", "*"):
        return base
    return base + ("" if base.endswith("/") else "/") + control.lstrip("/")
