"""What the relay negotiates beyond aiortc's own tables: codecs, feedback, header extensions.

aiortc knows VP8 and two profiles of H264, which it can encode. What is only forwarded is listed
here; `internals.extend_tables` puts it where aiortc looks.
"""

from collections.abc import Iterator

from aiortc.rtcrtpparameters import (
    ParametersDict,
    RTCRtcpFeedback,
    RTCRtpCodecParameters,
    RTCRtpHeaderExtensionParameters,
)

TRANSPORT_SEQUENCE = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
RID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
PLAYOUT_DELAY = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
TRANSPORT_CC = RTCRtcpFeedback(type="transport-cc")
REMB = RTCRtcpFeedback(type="goog-remb")


def _h264(profile_level: str) -> tuple[str, ParametersDict]:
    return "video/H264", {
        "level-asymmetry-allowed": "1",
        "packetization-mode": "1",
        "profile-level-id": profile_level,
    }


_FORWARDED: list[tuple[str, ParametersDict]] = [
    ("video/VP9", {"profile-id": "0"}),
    ("video/AV1", {"profile": "0"}),
    _h264("4d001f"),  # main
    _h264("64001f"),  # high
    _h264("640c1f"),  # constrained high
    # Of cameras, to whoever has it: main profile (RFC 7798 section 7.1).
    ("video/H265", {"profile-id": "1", "tier-flag": "0", "level-id": "150", "tx-mode": "SRST"}),
]
_FIRST_PAYLOAD_TYPE = 103
"""aiortc's own end at 102; an offer's are taken over, so these are for our own offers alone."""

PAYLOAD_TYPES = frozenset(range(35, 64)) | frozenset(range(96, 128))
"""No RTCP type (RFC 5761, RFC 8843). Browsers have run out of 96 to 127, aiortc knows no more."""

# The profile decides whether two ends mean one codec; left out, it is what stands behind it.
_PROFILES = {
    "video/vp9": ("profile-id", "0"),
    "video/av1": ("profile", "0"),
    "video/h265": ("profile-id", "1"),
}


def video_codecs() -> Iterator[RTCRtpCodecParameters]:
    """Each followed by its RTX (RFC 4588)."""
    for number, (mime_type, parameters) in enumerate(_FORWARDED):
        payload_type = _FIRST_PAYLOAD_TYPE + 2 * number
        yield RTCRtpCodecParameters(
            mimeType=mime_type,
            clockRate=90_000,
            payloadType=payload_type,
            rtcpFeedback=[
                RTCRtcpFeedback(type="nack"),
                RTCRtcpFeedback(type="nack", parameter="pli"),
                REMB,
            ],
            parameters=parameters,
        )
        yield RTCRtpCodecParameters(
            mimeType="video/rtx",
            clockRate=90_000,
            payloadType=payload_type + 1,
            parameters={"apt": payload_type},
        )


def header_extensions(kind: str) -> list[RTCRtpHeaderExtensionParameters]:
    """Their ids are for our own offers; aiortc's own end at 3."""
    uris = [TRANSPORT_SEQUENCE]
    if kind == "video":
        uris += [RID, REPAIRED_RID, PLAYOUT_DELAY]
    return [
        RTCRtpHeaderExtensionParameters(id=number, uri=uri) for number, uri in enumerate(uris, 4)
    ]


def takes_feedback(codec: RTCRtpCodecParameters) -> bool:
    return codec.name in ("opus", "H264", "VP8", "VP9", "AV1", "H265")


def same_profile(a: RTCRtpCodecParameters, b: RTCRtpCodecParameters) -> bool:
    """Whether two VP9, AV1 or H265 codecs mean the same; for others, yes."""
    return _profile(a) == _profile(b)


def _profile(codec: RTCRtpCodecParameters) -> str:
    name, left_out = _PROFILES.get(codec.mimeType.lower(), ("", ""))
    return str(codec.parameters.get(name, left_out)) if name else ""
