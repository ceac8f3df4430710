"""Which versions and names are expected, and the one way to a private name."""

from importlib.metadata import version
from types import ModuleType
from typing import Any

import aiortc.codecs
import aiortc.rtcpeerconnection
import aiortc.rtp
import pylibsrtp
from aioice import Candidate
from aioice.ice import Connection, StunProtocol
from aiortc import (
    RTCIceTransport,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCRtpSender,
    RTCRtpTransceiver,
)
from aiortc.rtcdtlstransport import RTCDtlsTransport
from pylibsrtp import Session

TESTED = {"aiortc": "1.16.", "aioice": "0.13.", "pylibsrtp": "1.0."}
"""Release series whose private names were read and tested."""

NEEDED: dict[type, str] = {
    RTCPeerConnection: "_RTCPeerConnection__iceTransports",
    RTCRtpTransceiver: "_codecs _headerExtensions",
    RTCRtpReceiver: "_handle_rtcp_packet _send_rtcp_pli _send_rtcp_nack "
    "_RTCRtpReceiver__decoder_queue _RTCRtpReceiver__remote_streams _RTCRtpReceiver__rtcp_ssrc",
    RTCRtpSender: "_handle_rtcp_packet _next_encoded_frame _retransmit _send_keyframe _send_rtcp "
    "_ssrc _rtx_ssrc _RTCRtpSender__lsr _RTCRtpSender__lsr_time",
    RTCIceTransport: "_connection",
    RTCDtlsTransport: "_set_role _setup_srtp _send_rtp _handle_rtp_data _handle_rtcp_data "
    "_role _rtp_router _rx_srtp _tx_srtp _srtp_profiles _ssl",
    Candidate: "_network_host",
    Connection: "get_component_candidates gather_candidates request_received data_received "
    "query_consent build_request "
    "_check_list _local_username _nominated _protocols _queue _remote_candidates",
    StunProtocol: "request close send_stun send_data",
    Session: "protect protect_rtcp _srtp",
}


# Looked up in their modules each time, so that what is put in their place is used.
_NEEDED_OF_MODULES: dict[ModuleType, str] = {
    aiortc.codecs: "CODECS HEADER_EXTENSIONS",
    aiortc.rtcpeerconnection: "CODECS HEADER_EXTENSIONS is_codec_compatible find_common_codecs",
    aiortc.rtp: "DYNAMIC_PAYLOAD_TYPES",
}


class IncompatibleLibrary(RuntimeError):
    """An installed library is not of the series the relay was written against."""


def assert_internals() -> None:
    """Raise `IncompatibleLibrary` naming everything that is not as expected."""
    wrong = [
        f"{name} {version(name)} is installed, the relay was tested with {series}x"
        for name, series in TESTED.items()
        if not version(name).startswith(series)
    ]
    wrong += [
        f"{cls.__name__}.{name} is gone"
        for cls, names in NEEDED.items()
        for name in names.split()
        if not _has(cls, name)
    ]
    wrong += [
        f"pylibsrtp.lib.{name} is gone"
        for name in ("srtp_protect", "srtp_unprotect", "srtp_unprotect_rtcp")
        if not hasattr(libsrtp, name)
    ]
    wrong += [
        f"{module.__name__}.{name} is gone"
        for module, names in _NEEDED_OF_MODULES.items()
        for name in names.split()
        if not hasattr(module, name)
    ]
    if wrong:
        raise IncompatibleLibrary("; ".join(wrong))


def _has(cls: type, name: str) -> bool:
    """Tell whether its objects have ``name``, from the class or from when they are made."""
    return hasattr(cls, name) or name in private(cls).__init__.__code__.co_names


def private(thing: object) -> Any:
    """The same object, its private names not checked by mypy: `assert_internals` does it."""
    return thing


libsrtp = private(pylibsrtp).lib
ffi = private(pylibsrtp).ffi
