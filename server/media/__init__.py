"""The media role: its service, the inner HTTP app that control calls, and its cameras."""

from server.media.app import build_app
from server.media.limits import MediaLimits
from server.media.listener import MediaListener
from server.media.neighbours import HttpNeighbours
from server.media.outside import build_outside
from server.media.service import MediaService
from webrtc.cameras import CameraSource

__all__ = [
    "CameraSource",
    "HttpNeighbours",
    "MediaLimits",
    "MediaListener",
    "MediaService",
    "build_app",
    "build_outside",
]
