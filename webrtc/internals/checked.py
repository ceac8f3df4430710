"""Which versions and names are expected, and the one way to a private name."""

from importlib.metadata import version
from types import ModuleType
from typing import Any

import aiortc.codecs
import aiortc.rtcpeerconnection
import aiortc.rtp
import pylibsrtp
from aioice.ice import Connection, StunProtocol
from aiortc import RTCRtpReceiver, RTCRtpSender
from aiortc.rtcdtlstransport import RTCDtlsTransport
from pylibsrtp import Session

TESTED = {"aiortc": "1.16.", "aioice": "0.13.", "pylibsrtp": "1.0."}
"""Release series whose private names were read and tested."""

_NEEDED: dict[type, str] = {
    RTCRtpReceiver: "_handle_rtcp_packet _send_rtcp_pli _send_rtcp_nack",
    RTCRtpSender: "_handle_rtcp_packet _next_encoded_frame _retransmit _send_keyframe _send_rtcp",
    RTCDtlsTransport: "_set_role _setup_srtp _send_rtp _handle_rtp_data _handle_rtcp_data",
    Connection: "get_component_candidates gather_candidates request_received data_received "
    "query_consent build_request",
    StunProtocol: "request close send_stun send_data",
    Session: "protect protect_rtcp",
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
        for cls, names in _NEEDED.items()
        for name in names.split()
        if not hasattr(cls, name)
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


def private(thing: object) -> Any:
    """The same object, its private names not checked by mypy: `assert_internals` does it."""
    return thing


libsrtp = private(pylibsrtp).lib
ffi = private(pylibsrtp).ffi
