"""RTCP with a camera (RFC 3550): what its clock says, and our word that we are still there.

Cameras compare with nobody: their clocks are minutes or years off, and run fast or slow. Pictures
have our time, at their arrival; how far the camera's is from it is measured for those who mend it.
"""

from collections import deque
from datetime import timedelta
from struct import Struct, error, pack
from typing import NamedTuple

_SENDER = Struct("!BBHIQI")
_HEAD = Struct("!BBH")
_RECEIVER = Struct("!BBHIIIIIII")
_SENDER_REPORT, _RECEIVER_REPORT, _DESCRIPTION, _BYE = 200, 201, 202, 203
_NTP_EPOCH_S = 2_208_988_800
_CLOCK_SET_S = 1.0
_BUCKET_S, _BUCKETS = 30.0, 60
_DRIFT_AFTER_S = 120.0


class Heard(NamedTuple):
    """One compound packet. ``camera_s``: its clock, seconds since 1970; None: not told."""

    camera_s: float | None
    middle: int
    is_bye: bool


def read(data: bytes) -> Heard:
    """Total: what can't be read is passed over."""
    camera_s, middle, is_bye = None, 0, False
    at = 0
    while at + _HEAD.size <= len(data):
        _, kind, words = _HEAD.unpack_from(data, at)
        if kind == _SENDER_REPORT:
            try:
                ntp = _SENDER.unpack_from(data, at)[4]
            except error:
                break
            camera_s = ntp / 2**32 - _NTP_EPOCH_S
            middle = ntp >> 16 & 0xFFFFFFFF
        is_bye = is_bye or kind == _BYE
        at += 4 + 4 * words
    return Heard(camera_s, middle, is_bye)


def report(
    own: int, ssrc: int, *, highest: int, lost: int, heard_middle: int, heard_ago_s: float
) -> bytes:
    """A receiver report: some cameras end a session whose client gives none."""
    ago = min(0xFFFFFFFF, int(heard_ago_s * 65536)) if heard_middle else 0
    block = (own, ssrc, min(lost, 0x7FFFFF), highest & 0xFFFFFFFF, 0, heard_middle, ago)
    name = b"ilotier"
    chunk = pack("!IBB", own, 1, len(name)) + name
    chunk += bytes(4 - len(chunk) % 4)
    said = _HEAD.pack(0x81, _DESCRIPTION, len(chunk) // 4) + chunk
    return _RECEIVER.pack(0x81, _RECEIVER_REPORT, 7, *block) + said


class CameraClock:
    """How far a camera's clock is ahead of ours, and how fast it runs away. Time is passed in."""

    def __init__(self) -> None:
        self.offset: timedelta | None = None
        self._buckets: deque[tuple[float, float]] = deque(maxlen=_BUCKETS)
        self._newest: tuple[float, float] | None = None

    def heard(self, camera_s: float, now_s: float) -> None:
        """``now_s``: our clock, since 1970."""
        ahead_s = camera_s - now_s
        self.offset = timedelta(seconds=ahead_s)
        if self._newest is not None and abs(ahead_s - self._newest[1]) > _CLOCK_SET_S:
            self._buckets.clear()
        self._newest = (now_s, ahead_s)
        # Of each half minute the report that was on its way for the shortest.
        if self._buckets and now_s - self._buckets[-1][0] < _BUCKET_S:
            began_s, best_s = self._buckets[-1]
            self._buckets[-1] = (began_s, max(best_s, ahead_s))
        else:
            self._buckets.append((now_s, ahead_s))

    @property
    def drift_ppm(self) -> float | None:
        """Microseconds a second; positive: it runs fast. None: not known yet."""
        if len(self._buckets) < 2:
            return None
        (from_s, before_s), (to_s, after_s) = self._buckets[0], self._buckets[-1]
        if to_s - from_s < _DRIFT_AFTER_S:
            return None
        return (after_s - before_s) / (to_s - from_s) * 1e6
