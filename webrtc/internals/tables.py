"""aiortc's global tables, with what the relay forwards added."""

import aiortc.codecs
import aiortc.rtcpeerconnection
import aiortc.rtp

from webrtc import negotiable
from webrtc.internals.checked import private


def extend_tables() -> None:
    """Teach aiortc the codecs, the feedback and the header extensions that the relay forwards.

    Its tables are global: this is called once per process, and does nothing the second time.
    """
    codecs = aiortc.codecs.CODECS
    if any(codec.mimeType == "video/AV1" for codec in codecs["video"]):
        return
    codecs["video"] += negotiable.video_codecs()
    for kind in ("audio", "video"):
        aiortc.codecs.HEADER_EXTENSIONS[kind] += negotiable.header_extensions(kind)
        for codec in filter(negotiable.takes_feedback, codecs[kind]):
            codec.rtcpFeedback.append(negotiable.TRANSPORT_CC)
    private(aiortc.rtp).DYNAMIC_PAYLOAD_TYPES = negotiable.PAYLOAD_TYPES
    stock = aiortc.rtcpeerconnection.is_codec_compatible
    private(aiortc.rtcpeerconnection).is_codec_compatible = lambda a, b: (
        stock(a, b) and negotiable.same_profile(a, b)
    )
