"""Looker: one camera's looks, from a picture to what is followed in it.

A detector is shown only where something moves or a followed thing may have changed. What stands
still is taken to be where it was, and looked at again now and then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from detectors.crops import Area
from detectors.executor import Worker
from detectors.metrics import CROPS, LOOKS
from detectors.motion import Glance, Motion, MotionMeter
from detectors.protocol import Detector, Frame
from detectors.tracking import CameraTracker
from detectors.view_check import ViewCheck
from domain.detections import Box, Detection, PicturePoint
from domain.due import is_due

RELOOK_FOLLOWED = timedelta(seconds=10)
"""What is followed and does not move is looked at again so often: nothing hides it for ever."""
RELOOK_MISSED = timedelta(seconds=1)
"""What was followed and was not found is looked for again so often, while it is unseen."""
RELOOK_EMPTY = timedelta(seconds=30)
"""All of the picture, for what came so slowly that the gate's mean took it in."""
UNSEEN_FOR = timedelta(seconds=60)
SOUGHT_FOR = timedelta(seconds=5)
MOST_UNSEEN = 32
MOST_TRIES = 3
"""Looks in a row at something that was found once, and that nothing moves of."""
ALL_OF_IT, MOST_OF_IT = 0.99, 0.5
"""Shares of a thing's area: with so much in a crop it was looked at; in another, they are one."""
EDGE_PX = 8
"""Along a crop's edge, inside the picture: what reaches into it is cut off now and then, and what a
crop was cut for never does (`crops.LEAST_MARGIN_PX`)."""
LEFT_BY = 0.5
"""Of a thing's height or width: a followed thing that is seen so near to where an unseen one was
may be that one under another number."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look says.

    ``tracks``: what is followed and is there, also what was not looked at anew since nothing has
    moved there. ``unseen``: what was followed, is not seen any more and was not seen to leave the
    picture, with its last place, for a minute at most. ``glance``: what the gate says of the luma.
    """

    tracks: tuple[Detection, ...] = ()
    unseen: tuple[Detection, ...] = ()
    glance: Glance | None = None


@dataclass(slots=True)
class _Followed:
    detection: Detection
    looked_at: datetime
    seen_at: datetime
    moved: bool
    """When it was looked at last: then it need not be there at the next look."""

    @property
    def is_seen(self) -> bool:
        return self.seen_at == self.looked_at


class Looker:
    """One camera's eye: gate, crops, detector and tracker, with what it remembers of them."""

    def __init__(
        self,
        *,
        detector: Detector,
        tracker: CameraTracker,
        worker: Worker,
        blind: Sequence[Sequence[PicturePoint]] = (),
        check: ViewCheck | None = None,
    ) -> None:
        """``check``: is shown what the gate looks at, and outlives this eye."""
        self._check = check or ViewCheck()
        self._detector = detector
        self._tracker = tracker
        self._worker = worker
        self._meter = MotionMeter(blind)
        self._followed: dict[int, _Followed] = {}
        self._begun: tuple[Box, ...] = ()
        """Where something was found that is followed only once it is found again."""
        self._tries = 0
        self._whole_at: datetime | None = None

    async def look(self, frame: Frame) -> Seen:
        """Take in the next picture; raise ``DetectorFailed``."""
        return await self._worker.run(lambda: self.look_now(frame), begun=True)

    def forget(self) -> None:
        """Begin anew with the next picture: it may show another place."""
        self._meter.forget()
        self._check.turned()
        self._tracker.forget()
        self._followed.clear()
        self._begun, self._tries, self._whole_at = (), 0, None

    def look_now(self, frame: Frame) -> Seen:
        """Do the same in the calling thread."""
        at = frame.captured_at
        glance = self._meter.look(frame.luma(), at)
        self._check.saw(glance.small, at)
        regions = self._to_look_at(glance, at)
        is_whole = glance.motion is not Motion.LIGHT_CHANGED and (
            glance.motion is Motion.FIRST or is_due(self._whole_at, RELOOK_EMPTY, at)
        )
        LOOKS.labels("open" if regions or is_whole else "closed").inc()
        if regions or is_whole:
            self._detect(frame, regions, glance.regions, is_whole=is_whole)
            self._tries = 0 if glance.regions else self._tries + 1
        return Seen(*self._told(at), glance)

    def _to_look_at(self, glance: Glance, at: datetime) -> tuple[Box, ...]:
        """Give where a detector is to look besides the whole of the picture."""
        if glance.motion is Motion.LIGHT_CHANGED:
            return ()
        followed = [
            one.detection.box
            for one in self._followed.values()
            if self._is_to_be_looked_at(one, glance.regions, at)
        ]
        return (*glance.regions, *followed, *self._begun)

    def _is_to_be_looked_at(self, one: _Followed, moved: Sequence[Box], at: datetime) -> bool:
        if one.is_seen:
            # The mean has not taken in who walked by: once they have gone, nothing differs there.
            return (
                one.moved
                or is_due(one.looked_at, RELOOK_FOLLOWED, at)
                or _is_touched(one.detection.box, moved)
            )
        return at - one.seen_at < SOUGHT_FOR and is_due(one.looked_at, RELOOK_MISSED, at)

    def _detect(
        self, frame: Frame, regions: Sequence[Box], moved: Sequence[Box], *, is_whole: bool
    ) -> None:
        at, cutter = frame.captured_at, self._detector.cutter(frame.size)
        crops = cutter.around(regions)
        if is_whole and cutter.whole() not in crops:
            # Beside the whole, since a small thing that was found in a crop is lost in it.
            crops = [cutter.whole(), *crops]
        if cutter.whole() in crops:
            self._whole_at = at
        CROPS.inc(len(crops))
        found = self._detector.look(frame, crops, regions)
        shown = [_shown_whole(crop.area, frame.size) for crop in crops]
        # The tracker is told of everything that is there, or it would take for lost what lies
        # outside of the crops.
        elsewhere = [
            one.detection
            for one in self._followed.values()
            if one.is_seen and not _is_shown(one.detection.box, shown)
        ]
        there = [*found, *(one for one in elsewhere if not _is_among(one, found))]
        tracks = self._tracker.follow(there)
        self._take(tracks, elsewhere, shown, moved, at)
        followed = {(one.box, one.object_class) for one in tracks}
        self._begun = tuple(
            one.box
            for one in found
            if self._tries < MOST_TRIES
            and one.confidence >= self._tracker.begins_at
            and (one.box, one.object_class) not in followed
        )

    def _take(
        self,
        tracks: Sequence[Detection],
        elsewhere: Sequence[Detection],
        shown: Sequence[Box],
        moved: Sequence[Box],
        at: datetime,
    ) -> None:
        kept = {one.track for one in elsewhere}
        for number, one in self._followed.items():
            if number not in kept and any(one.detection.box.touches(part) for part in shown):
                one.looked_at = at
        for track in tracks:
            if track.track is None:
                continue
            before = self._followed.get(track.track)
            if track.track in kept and before is not None and before.detection.box == track.box:
                continue  # it was not looked at: its times stay
            self._followed[track.track] = _Followed(
                track, at, at, moved=_is_touched(track.box, moved)
            )

    def _told(self, at: datetime) -> tuple[tuple[Detection, ...], tuple[Detection, ...]]:
        """Give what is there and what is unseen; forget what was unseen for long, or has left."""
        seen = [one for one in self._followed.values() if one.is_seen]
        for number, one in list(self._followed.items()):
            if one.is_seen:
                continue
            too_long = abs(at - one.seen_at) > UNSEEN_FOR
            if too_long or _at_the_edge(one.detection.box) or _is_another_now(one, seen):
                del self._followed[number]
        unseen = [one for one in self._followed.values() if not one.is_seen]
        unseen.sort(key=lambda one: one.seen_at)
        for old in unseen[:-MOST_UNSEEN]:
            if old.detection.track is not None:
                del self._followed[old.detection.track]
        return (
            tuple(one.detection for one in seen),
            tuple(one.detection for one in unseen[-MOST_UNSEEN:]),
        )


def _is_touched(box: Box, regions: Sequence[Box]) -> bool:
    return any(box.touches(region) for region in regions)


def _shown_whole(area: Area, picture: tuple[int, int]) -> Box:
    """Give the part of a crop in which the detector finds things whole."""
    (width, height), most = picture, (picture[0] - 1, picture[1] - 1)
    return Box.clipped(
        (area.left + (EDGE_PX if area.left > 0 else 0)) / width,
        (area.top + (EDGE_PX if area.top > 0 else 0)) / height,
        (area.right - (EDGE_PX if area.right < most[0] else 0)) / width,
        (area.bottom - (EDGE_PX if area.bottom < most[1] else 0)) / height,
    )


def _is_shown(box: Box, parts: Sequence[Box]) -> bool:
    return any(box.share_in(part) >= ALL_OF_IT for part in parts)


def _is_among(one: Detection, found: Sequence[Detection]) -> bool:
    return any(
        other.object_class is one.object_class and one.box.share_in(other.box) >= MOST_OF_IT
        for other in found
    )


def _at_the_edge(box: Box) -> bool:
    """Tell whether a thing was last seen leaving the picture."""
    return box.left <= 0.01 or box.right >= 0.99 or box.top <= 0.01 or box.bottom >= 0.995


def _is_another_now(unseen: _Followed, seen: Sequence[_Followed]) -> bool:
    near = unseen.detection.box.grown(LEFT_BY)
    return any(
        one.detection.object_class is unseen.detection.object_class
        and one.looked_at > unseen.seen_at
        and one.detection.track is not None
        and unseen.detection.track is not None
        and one.detection.track > unseen.detection.track
        and one.detection.box.share_in(near) >= MOST_OF_IT
        for one in seen
    )
