"""What the media role tells of its streams; `server/wiring/` connects it to the Bus."""

from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from domain.identifiers import StreamId
from domain.streams import Codec
from webrtc.cameras import CameraSource
from webrtc.relay import EndReason
from webrtc.rtsp import DownReason


class MediaListener(Protocol):
    """Called one at a time, in the order things happened; times are aware UTC.

    An implementation must not raise and should not take long: pictures do not wait for it, but
    the reports after it do.
    """

    async def camera_up(self, source: CameraSource, codec: Codec, at: datetime) -> None:
        """The first whole picture has come, after start or after being down."""

    async def camera_down(self, source: CameraSource, reason: DownReason, at: datetime) -> None:
        """It went down, or did not come up; told once, and again only when the reason changes."""

    async def camera_clock(self, source: CameraSource, offset: timedelta, at: datetime) -> None:
        """The camera's clock minus this host's, where its RTCP says; when it has moved by 1 s."""

    async def stream_started(self, stream_id: StreamId, session_id: UUID, at: datetime) -> None:
        """A device publishes: the first time, or again after having been away."""

    async def stream_away(self, stream_id: StreamId, at: datetime) -> None:
        """The device's session is over; the stream and its viewers wait for it to come back."""

    async def stream_ended(self, stream_id: StreamId, reason: EndReason, at: datetime) -> None:
        """A device's stream is over: ended, or away for longer than it may be."""

    async def viewer_ended(
        self, stream_id: StreamId, session_id: UUID, reason: EndReason, at: datetime
    ) -> None:
        """A viewer that was given an answer watches no more."""

    async def talk_ended(self, talk_id: UUID, sounded_s: float, at: datetime) -> None:
        """Nobody speaks through the camera any more; for how long something was heard there."""
