"""CameraWatch: when what is detected on a camera is an event, and when that event is over."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.detections import Detection, ObjectClass
from domain.events import EventKind
from domain.identifiers import AuthorisationId, CameraId, EventId, ZoneId
from domain.zones import Zone

# Three looks at the same thing, 0.4 s at five looks a second: a reflection rarely lasts that long,
# and a person who crosses a zone of one metre takes longer.
LOOKS_TO_OPEN = 3
# A detector misses a visible person in one look of ten (docs/design/detection.md); five seconds
# with nobody are not a missed look.
QUIET_AFTER = timedelta(seconds=5)
WATCHED_CLASSES = frozenset({ObjectClass.PERSON})


@dataclass(frozen=True, slots=True)
class EventOpened:
    """Something began: of which kind, where, and what the detector claims to have seen there.

    Once its row and still are stored, `domain.facts.EventOpened` tells the listeners.
    """

    event_id: EventId
    kind: EventKind
    camera_id: CameraId
    zone_id: ZoneId | None
    authorisation_id: AuthorisationId
    opened_at: datetime
    detections: tuple[Detection, ...]


@dataclass(frozen=True, slots=True)
class EventClosed:
    """It is over: ``last_seen_at``, never before its opening, is when somebody was last there."""

    event_id: EventId
    camera_id: CameraId
    zone_id: ZoneId | None
    last_seen_at: datetime


type WatchFact = EventOpened | EventClosed


@dataclass(slots=True)
class _OpenEvent:
    event_id: EventId
    opened_at: datetime
    last_seen_at: datetime


@dataclass(slots=True)
class _ZoneWatch:
    """Presence in one forbidden zone, with at most one event open at a time."""

    zone: Zone
    looks: dict[int | None, int] = field(default_factory=dict)
    """How often each track has been seen inside since it was last seen elsewhere."""
    last_presence_at: datetime | None = None
    open: _OpenEvent | None = None


class CameraWatch:
    """Told what is seen on one camera, look after look, says when events open and close.

    Seeing nothing is information too: it closes an event after a quiet spell. Time is the frames'
    own. When it goes backwards (a camera's clock was set), counting starts again and an open event
    stays open: it closes after a quiet spell of the new time.
    """

    def __init__(
        self,
        *,
        camera: CameraId,
        zones: Sequence[Zone],
        new_event_id: Callable[[], EventId],
        looks_to_open: int = LOOKS_TO_OPEN,
        quiet_after: timedelta = QUIET_AFTER,
    ) -> None:
        self._camera = camera
        self._zones = [_ZoneWatch(zone) for zone in zones]
        self._new_event_id = new_event_id
        self._looks_to_open = looks_to_open
        self._quiet_after = quiet_after
        self._told_at: datetime | None = None

    @property
    def has_open_event(self) -> bool:
        """Tell whether an event is open in any zone."""
        return any(watch.open for watch in self._zones)

    def saw(
        self, detections: Iterable[Detection], *, at: datetime, under: AuthorisationId
    ) -> list[WatchFact]:
        """Take in one look ``at`` the camera, made ``under`` an authorisation."""
        if self._told_at is not None and at < self._told_at:
            self._start_again(at)
        self._told_at = at
        people = [one for one in detections if one.object_class in WATCHED_CLASSES]
        return [fact for watch in self._zones for fact in self._look(watch, people, at, under)]

    def stop(self) -> list[WatchFact]:
        """Close what is open: nobody looks any more, so nobody can say that it still lasts."""
        return [self._close(watch, watch.open) for watch in self._zones if watch.open]

    def _look(
        self, watch: _ZoneWatch, people: list[Detection], at: datetime, under: AuthorisationId
    ) -> Iterable[WatchFact]:
        inside = tuple(one for one in people if watch.zone.holds(one.box))
        if not inside:
            yield from self._look_at_nobody(watch, people, at)
            return
        watch.last_presence_at = at
        if watch.open:
            watch.open.last_seen_at = at
            return
        for track in {one.track for one in inside}:
            watch.looks[track] = watch.looks.get(track, 0) + 1
        if max(watch.looks.values()) >= self._looks_to_open:
            event_id = self._new_event_id()
            watch.open = _OpenEvent(event_id, opened_at=at, last_seen_at=at)
            watch.looks.clear()
            yield EventOpened(
                event_id=event_id,
                kind=EventKind.FORBIDDEN_ZONE,
                camera_id=self._camera,
                zone_id=watch.zone.id,
                authorisation_id=under,
                opened_at=at,
                detections=inside,
            )

    def _look_at_nobody(
        self, watch: _ZoneWatch, people: list[Detection], at: datetime
    ) -> Iterable[EventClosed]:
        # Somebody who is now seen outside has left; somebody not seen at all may have been missed.
        for one in people:
            watch.looks.pop(one.track, None)
        if watch.last_presence_at is None or at - watch.last_presence_at < self._quiet_after:
            return
        watch.looks.clear()
        if watch.open:
            yield self._close(watch, watch.open)

    def _close(self, watch: _ZoneWatch, event: _OpenEvent) -> EventClosed:
        watch.open = None
        return EventClosed(
            event_id=event.event_id,
            camera_id=self._camera,
            zone_id=watch.zone.id,
            last_seen_at=max(event.opened_at, event.last_seen_at),
        )

    def _start_again(self, at: datetime) -> None:
        for watch in self._zones:
            watch.looks.clear()
            if watch.last_presence_at is not None:
                watch.last_presence_at = at
