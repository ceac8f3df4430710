"""Notices: what a camera says by itself that it has seen, and when that is an event of ours.

A camera's own analysis passes the same gate as any detector's: kinds of the closed list alone,
under an authorisation in force. Anything else is dropped, and counted by why.
"""

import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.authorisations import Authorisation, authorisation_for
from domain.cameras import PlaceKind
from domain.events import EventKind
from domain.identifiers import CameraId, EventId
from domain.watching import EventClosed, EventOpened, WatchFact

#: A camera that says no end has said one by then; one that goes on is a new event after it.
ENDS_AFTER = timedelta(seconds=30)
#: A camera that never says the end of what it has begun.
LONGEST = timedelta(minutes=10)
#: Rules are a handful; a camera that names ever new ones is not believed.
MOST_OPEN = 16
#: Events of one kind that a camera may open within a time: more than a person would look at. A
#: camera that was taken over, or whose rule sees every leaf, raises no alert a second.
MOST_OFTEN, OFTEN_WITHIN = 20, timedelta(minutes=10)


class Dropped(StrEnum):
    NO_KIND = "no-kind"  # what it saw is no kind that can be authorised
    NO_ACT = "no-act"
    REPEATED = "repeated"  # of an event that is open already
    TOO_MANY = "too-many"  # beside `MOST_OPEN` that are open
    TOO_OFTEN = "too-often"  # after `MOST_OFTEN` of its kind


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification, as ONVIF's core specification 9.4 has it. ``operation``: of a property."""

    topic: str
    operation: str
    source: Mapping[str, str]
    data: Mapping[str, str]


#: By words of the last parts of a topic: those of ONVIF's analytics specification, and those that
#: makers use for the kinds of the decree.
_WORDS: tuple[tuple[str, EventKind], ...] = (
    (r"linedetector/crossed|linecrossing|tripwire", EventKind.FORBIDDEN_ZONE),
    (
        r"fielddetector/objectsinside|fielddetection|intrusion|regionentrance",
        EventKind.FORBIDDEN_ZONE,
    ),
    (r"unattended|abandoned|objectleft|leftobject", EventKind.ABANDONED_OBJECT),
    (r"wrongway|wrongdirection|counterflow|reversedirection", EventKind.WRONG_WAY),
    (r"falldetect|falldown|personfall|fallen", EventKind.PERSON_DOWN),
    (r"crowdmovement|crowdgathering|rapidmove|stampede", EventKind.CROWD_MOVEMENT),
    (r"crowddensity|crowddetect|overcrowd|densitydetect", EventKind.DENSITY),
    (r"firedetect|flamedetect|smokedetect|fireandsmoke", EventKind.FIRE),
    (r"weapondetect|gundetect", EventKind.WEAPON),
)
_KINDS = tuple((re.compile(words), kind) for words, kind in _WORDS)


def kind_of(topic: str) -> EventKind | None:
    """Give the kind that a topic is about; None for motion, faces, plates and the rest."""
    parts = [part.partition(":")[2] or part for part in topic.lower().split("/")]
    last = "/".join(re.sub(r"[^a-z]", "", part) for part in parts[-2:])
    return next((kind for words, kind in _KINDS if words.search(last)), None)


def state_of(notice: Notice) -> bool | None:
    """Whether it goes on (True) or is over (False); None for one that only happens."""
    for name, value in notice.data.items():
        if name.lower().startswith(("is", "state", "active")) or name.lower().endswith("state"):
            if value.strip().lower() in ("true", "1"):
                return True
            if value.strip().lower() in ("false", "0"):
                return False
    return None


@dataclass(slots=True)
class _Open:
    event_id: EventId
    last_at: datetime
    ends_at: datetime


@dataclass(slots=True)
class CameraNotices:
    """Told what one camera says, says when events open and close. One open event a kind and rule.

    Time is ours: a camera's clock may be wrong, and an event must not be dated into the hours of an
    authorisation.
    """

    camera: CameraId
    is_demonstration: bool
    new_event_id: Callable[[], EventId]
    acts: tuple[Authorisation, ...] = ()
    place_kind: PlaceKind = PlaceKind.PUBLIC_ROAD
    dropped: dict[Dropped, int] = field(default_factory=dict)
    _open: dict[tuple[EventKind, str], _Open] = field(default_factory=dict)
    _opened: dict[EventKind, deque[datetime]] = field(default_factory=dict)

    def told(self, notice: Notice, *, at: datetime) -> list[WatchFact]:
        kind, goes_on = kind_of(notice.topic), state_of(notice)
        if kind is None:
            return self._drop(Dropped.NO_KIND)
        which = kind, "/".join(f"{name}={notice.source[name]}" for name in sorted(notice.source))
        running = self._open.get(which)
        if goes_on is False or notice.operation == "Deleted":
            return self._close(which, at) if running is not None else []
        ends_at = at + (LONGEST if goes_on else ENDS_AFTER)
        if running is not None:
            running.last_at, running.ends_at = at, ends_at
            return self._drop(Dropped.REPEATED)
        if len(self._open) >= MOST_OPEN:
            return self._drop(Dropped.TOO_MANY)
        act = authorisation_for(
            self.acts,
            camera=self.camera,
            kind=kind,
            at=at,
            is_demonstration=self.is_demonstration,
            place_kind=self.place_kind,
        )
        if act is None or self._is_too_often(kind, at):
            return self._drop(Dropped.NO_ACT if act is None else Dropped.TOO_OFTEN)
        opened = EventOpened(
            event_id=self.new_event_id(),
            kind=kind,
            camera_id=self.camera,
            rule_id=None,
            authorisation_id=act.id,
            opened_at=at,
            shown=(),
        )
        self._open[which] = _Open(opened.event_id, at, ends_at)
        return [opened]

    def passes(self, *, at: datetime) -> list[WatchFact]:
        """Time goes by: close what has ended by itself."""
        over = [which for which, one in self._open.items() if one.ends_at <= at]
        return [fact for which in over for fact in self._close(which, at)]

    def ends(self, *, at: datetime) -> list[WatchFact]:
        """Nothing is heard of it any more: close all."""
        return [fact for which in [*self._open] for fact in self._close(which, at)]

    def _is_too_often(self, kind: EventKind, at: datetime) -> bool:
        """Whether one more of it is too much; else it is counted."""
        times = self._opened.setdefault(kind, deque(maxlen=MOST_OFTEN))
        if len(times) == MOST_OFTEN and at - times[0] < OFTEN_WITHIN:
            return True
        times.append(at)
        return False

    def _close(self, which: tuple[EventKind, str], at: datetime) -> list[WatchFact]:
        one = self._open.pop(which)
        last = min(max(one.last_at, at) if one.ends_at > at else one.last_at, at)
        return [
            EventClosed(
                event_id=one.event_id, camera_id=self.camera, rule_id=None, last_seen_at=last
            )
        ]

    def _drop(self, why: Dropped) -> list[WatchFact]:
        self.dropped[why] = self.dropped.get(why, 0) + 1
        return []
