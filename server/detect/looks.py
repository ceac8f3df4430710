"""Looks: what the gate and the detector see on a camera, while somebody tunes its rules.

Nothing is kept: a look that nobody has taken when the next one comes is gone. While nobody tunes a
camera, nothing is even written down of it.
"""

import asyncio
import json
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from detectors.motion import Glance
from domain.detections import Box, Detection
from domain.errors import TooMany
from domain.identifiers import CameraId
from domain.looks import Look
from domain.watching import RuleState
from domain.zones import Zone

MOST_FOLLOWERS = 4
"""Of one camera; each is a person at a page."""
RATE_OVER = 20
"""Looks over which their rate is told."""


class Newest:
    """The newest look of one camera, for one who follows it."""

    def __init__(self) -> None:
        self._line: bytes | None = None
        self._came = asyncio.Event()

    def put(self, line: bytes) -> None:
        """Take the place of a look that was not taken."""
        self._line = line
        self._came.set()

    async def take(self) -> bytes:
        """Wait for a look, and give it once."""
        await self._came.wait()
        self._came.clear()
        line, self._line = self._line, None
        return line or b""


class Looks:
    """Tells those who follow a camera of its looks (`server.pipeline.Onlookers`)."""

    def __init__(self) -> None:
        self._followers: dict[CameraId, list[Newest]] = {}
        self._times: dict[CameraId, deque[datetime]] = {}

    def followed(self, camera_id: CameraId) -> bool:
        """Tell whether anybody follows a camera now."""
        return camera_id in self._followers

    @contextmanager
    def follow(self, camera_id: CameraId) -> Iterator[Newest]:
        """Follow a camera's looks for the block. Raises ``TooMany``."""
        followers = self._followers.setdefault(camera_id, [])
        if len(followers) >= MOST_FOLLOWERS:
            raise TooMany("this camera is being tuned at other desks", retry_after_s=10)
        followers.append(newest := Newest())
        try:
            yield newest
        finally:
            followers.remove(newest)
            if not followers:
                del self._followers[camera_id]
                self._times.pop(camera_id, None)

    def looked(
        self,
        camera_id: CameraId,
        look: Look,
        rules: Sequence[RuleState],
        glance: Glance | None,
    ) -> None:
        """Tell of a look; ``glance``: what the motion gate says of it, where a rule asked."""
        followers = self._followers.get(camera_id)
        if not followers:
            return
        told = {
            "at": look.at.isoformat(),
            # As a browser's video has it: 32 bits (RFC 3550 section 5.1).
            "timestamp": None if look.timestamp is None else look.timestamp & 0xFFFFFFFF,
            "per_s": self._rate(camera_id, look.at),
            "gate": glance.motion.value if glance else None,
            "regions": [_sides(region) for region in glance.regions] if glance else [],
            "tracks": [_seen(one) for one in look.tracks],
            "unseen": [_seen(one) for one in look.unseen],
            "left_things": [_sides(one.box) for one in look.left_things],
            "preset": look.preset,
            "flames": [
                {"share": round(one.strength, 2), "box": _sides(one.box)} for one in look.flames
            ],
            "findings": [
                {"label": one.label, "share": round(one.confidence, 2), "box": _sides(one.box)}
                for one in look.findings
            ],
            "rules": [_rule(one, look) for one in rules],
        }
        line = json.dumps(told, ensure_ascii=False).encode() + b"\n"
        for newest in followers:
            newest.put(line)

    def _rate(self, camera_id: CameraId, at: datetime) -> float | None:
        times = self._times.setdefault(camera_id, deque(maxlen=RATE_OVER))
        if times and at < times[-1]:
            times.clear()  # the camera's clock was set back
        times.append(at)
        spell = (times[-1] - times[0]) / timedelta(seconds=1)
        return round((len(times) - 1) / spell, 1) if spell > 0 else None


def _seen(one: Detection) -> dict[str, object]:
    return {
        "track": one.track,
        "class": one.object_class.value,
        "confidence": round(one.confidence, 2),
        "box": _sides(one.box),
    }


def _rule(one: RuleState, look: Look) -> dict[str, object]:
    """As it is watched, which is not always as it was last saved."""
    shape = one.rule.shape
    changed = look.changes.get(one.rule.id)
    return {
        "id": str(one.rule.id),
        "name": one.rule.name,
        "kind": one.rule.kind.value,
        "shape": "zone" if isinstance(shape, Zone) else "line",
        "points": [[round(point.x, 4), round(point.y, 4)] for point in shape.points],
        "doing": one.doing.value,
        "rests": one.rests,
        "changed": None if changed is None else round(changed, 2),
    }


def _sides(box: Box) -> list[float]:
    return [round(side, 4) for side in (box.left, box.top, box.right, box.bottom)]
