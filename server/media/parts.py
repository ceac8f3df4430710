"""What the media service has, and its links to other processes and edges work with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from webrtc.metrics import Metrics
from webrtc.offers import Offer
from webrtc.port import Port
from webrtc.relay import Relay
from webrtc.signalling import PeerSession, SessionLimits


@dataclass(frozen=True, kw_only=True)
class Parts:
    """``sessions``: all that are open; ``open_session`` begins one and gives it with its answer."""

    relay: Relay
    metrics: Metrics
    limits: SessionLimits
    port: Port
    sessions: dict[UUID, PeerSession]
    open_session: Callable[[PeerSession, Offer], Awaitable[PeerSession]]
