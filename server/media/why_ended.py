"""Why a phone's stream was just ended by us: told to its page in place of the next answer."""

import asyncio

from domain.identifiers import StreamId
from domain.streams import PictureUnreadable, SentTooFast
from webrtc.relay import EndReason

TOLD_WITHIN_S = 10.0
"""A page that has not come back by then has given up."""


class WhyEnded:
    def __init__(self) -> None:
        self._too_fast: dict[StreamId, float] = {}  # until when it is not taken back
        self._unreadable: dict[StreamId, float] = {}  # until when it is told so, once

    def note(self, stream_id: StreamId, reason: EndReason) -> None:
        if reason is EndReason.TOO_FAST:
            self._too_fast = _noted(self._too_fast, stream_id, SentTooFast.retry_after_s)
        elif reason is EndReason.FAILED:
            self._unreadable = _noted(self._unreadable, stream_id, TOLD_WITHIN_S)

    def check(self, stream_id: StreamId) -> None:
        """Raises `SentTooFast`, and `PictureUnreadable` once."""
        now_s = asyncio.get_running_loop().time()
        if self._too_fast.get(stream_id, 0.0) > now_s:
            raise SentTooFast("it sent four times what it was told it may")
        if self._unreadable.pop(stream_id, 0.0) > now_s:
            raise PictureUnreadable("its stream was ended; it may come back at once")


def _noted(
    noted: dict[StreamId, float], stream_id: StreamId, seconds: float
) -> dict[StreamId, float]:
    now_s = asyncio.get_running_loop().time()
    still = {one: until for one, until in noted.items() if until > now_s}
    return still | {stream_id: now_s + seconds}
