"""What the port takes in for a connection, handled at once instead of by aiortc's task."""

import time
from collections.abc import Coroutine
from typing import Any

from aioice.ice import Connection
from aiortc.rtcdtlstransport import RTCDtlsTransport

from webrtc.internals.checked import IncompatibleLibrary, private


def receiving_keys(dtls: RTCDtlsTransport) -> Any:
    """The libsrtp context that removes the peer's protection; None: not connected yet."""
    session = private(dtls)._rx_srtp
    return session._srtp[0] if session is not None else None


def deliver_rtp(dtls: RTCDtlsTransport, packet: bytes) -> None:
    """Let ``packet``, its protection removed, be handled at once instead of by aiortc's task.

    What handles it is a coroutine that never waits: all it does is call, and send on UDP.
    """
    _run_now(private(dtls)._handle_rtp_data(packet, arrival_time_ms=int(time.time() * 1000)))


def deliver_rtcp(dtls: RTCDtlsTransport, packet: bytes) -> None:
    """As `deliver_rtp`, for RTCP."""
    _run_now(private(dtls)._handle_rtcp_data(packet))


def _run_now(handling: Coroutine[Any, Any, None]) -> None:
    try:
        handling.send(None)
    except StopIteration:
        return
    handling.close()
    raise IncompatibleLibrary("handling a packet has waited for something")


def end_receiving(connection: Connection) -> None:
    """Make aiortc take the connection for lost; its session ends."""
    private(connection)._queue.put_nowait(None)
