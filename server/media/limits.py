"""What wiring takes from the settings for a media service."""

from dataclasses import dataclass, field

from webrtc.rtsp import CameraTimes
from webrtc.signalling import SessionLimits


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """Seconds and counts; what all sessions share is in ``sessions``."""

    sessions: SessionLimits = field(default_factory=SessionLimits)
    cameras: CameraTimes = field(default_factory=CameraTimes)
    keep_away_s: float = 30.0
    """A device's stream and its viewers wait so long for it to come back."""
    max_viewers: int = 500
    max_publishers: int = 200
    max_connecting: int = 100
    most_renditions: int = 16
    """Each is a process of its own, and a fifth of a core at 720p25."""
    untaken_s: float | None = None
    """At an edge: a publication that no inner host fetches for so long is ended."""
