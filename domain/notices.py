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
    opened_at: datetime
    last_at: datetime
    ends_at: datetime


@dataclass(slots=True)
class CameraNotices:
    """Told what one camera says, says when events open and close. One open event a kind and rule.

    Time is ours: a camera's clock may be wrong, and an event must not be dated into the hours of an
    authorisation. When ours goes backwards, what is open stays open for as long as it would have.
    An event ends with the last act that allows its kind, at what was heard last under it.
    """

    camera: CameraId
    is_demonstration: bool
    new_event_id: Callable[[], EventId]
    acts: tuple[Authorisation, ...] = ()
    place_kind: PlaceKind = PlaceKind.PUBLIC_ROAD
    dropped: dict[Dropped, int] = field(default_factory=dict)
    _open: dict[tuple[EventKind, str], _Open] = field(default_factory=dict)
    _opened: dict[EventKind, deque[datetime]] = field(default_factory=dict)
    _heard_at: datetime | None = None

    def told(self, notice: Notice, *, at: datetime) -> list[WatchFact]:
        self._hear(at)
        kind, goes_on = kind_of(notice.topic), state_of(notice)
        if kind is None:
            return self._drop(Dropped.NO_KIND)
        which = kind, "/".join(f"{name}={notice.source[name]}" for name in sorted(notice.source))
        act, is_over = self._act_for(kind, at), goes_on is False or notice.operation == "Deleted"
        ends_at = at + (LONGEST if goes_on else ENDS_AFTER)
        if (running := self._open.get(which)) is not None:
            if act is None:
                return [*self._close(which, running.last_at), *self._drop(Dropped.NO_ACT)]
            running.last_at, running.ends_at = at, ends_at
            return self._close(which, at) if is_over else self._drop(Dropped.REPEATED)
        if is_over:
            return []
        return self._begin(kind, which, act, at=at, ends_at=ends_at)

    def _begin(
        self,
        kind: EventKind,
        which: tuple[EventKind, str],
        act: Authorisation | None,
        *,
        at: datetime,
        ends_at: datetime,
    ) -> list[WatchFact]:
        if len(self._open) >= MOST_OPEN:
            return self._drop(Dropped.TOO_MANY)
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
        self._open[which] = _Open(opened.event_id, at, at, ends_at)
        return [opened]

    def passes(self, *, at: datetime) -> list[WatchFact]:
        """Time goes by: close what has ended by itself, and what no act allows any more."""
        self._hear(at)
        over = [
            (which, one.last_at) for which, one in self._open.items() if self._is_over(which, at)
        ]
        return [fact for which, last in over for fact in self._close(which, last)]

    def ends(self, *, at: datetime) -> list[WatchFact]:
        """Nothing is heard of it any more: close all."""
        over = self.passes(at=at)
        return [*over, *(fact for which in [*self._open] for fact in self._close(which, at))]

    def _hear(self, at: datetime) -> None:
        """Take in what time it is; if it was set back, go on from there."""
        if self._heard_at is not None and at < self._heard_at:
            for one in self._open.values():
                one.last_at, one.ends_at = at, at + (one.ends_at - self._heard_at)
            self._opened.clear()
        self._heard_at = at

    def _is_over(self, which: tuple[EventKind, str], at: datetime) -> bool:
        return self._open[which].ends_at <= at or self._act_for(which[0], at) is None

    def _act_for(self, kind: EventKind, at: datetime) -> Authorisation | None:
        return authorisation_for(
            self.acts,
            camera=self.camera,
            kind=kind,
            at=at,
            is_demonstration=self.is_demonstration,
            place_kind=self.place_kind,
        )

    def _is_too_often(self, kind: EventKind, at: datetime) -> bool:
        """Whether one more of it is too much; else it is counted."""
        times = self._opened.setdefault(kind, deque(maxlen=MOST_OFTEN))
        if len(times) == MOST_OFTEN and at - times[0] < OFTEN_WITHIN:
            return True
        times.append(at)
        return False

    def _close(self, which: tuple[EventKind, str], last: datetime) -> list[WatchFact]:
        one = self._open.pop(which)
        return [
            EventClosed(
                event_id=one.event_id,
                camera_id=self.camera,
                rule_id=None,
                last_seen_at=max(one.opened_at, last),
            )
        ]

    def _drop(self, why: Dropped) -> list[WatchFact]:
        self.dropped[why] = self.dropped.get(why, 0) + 1
        return []
