"""Frames to detections to events: the detect process's work. Start reading here.

A camera's frames pass four gates in this order: the law (is there an authorisation for this camera,
this kind and this moment?), motion and the detector (together the eye, `detectors/looker.py`), the
watch. What comes out at the end is an event, which control turns into an alert that a human
confirms or dismisses.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol
from uuid import uuid4

from detectors.looker import Seen
from detectors.measures import Measured
from detectors.metrics import AUTHORISED, FRAMES_REFUSED, UNAUTHORISED
from detectors.motion import Glance
from detectors.protocol import Frame
from domain.analysed import Analysed
from domain.authorisations import Authorisation, acts_for
from domain.cameras import PlaceKind
from domain.detections import Detection, ObjectClass
from domain.errors import Unavailable
from domain.events import EventKind
from domain.footings import Footing, footing_at
from domain.identifiers import CameraId, EventId, RuleId, StreamId
from domain.looks import Finding, Look, Sight
from domain.masks import Mask
from domain.ptz import PresetIn, at_no_preset
from domain.references import Reference
from domain.resting import Acts
from domain.rules import Rule, labels_of
from domain.watching import (
    CameraWatch,
    EventClosed,
    EventOpened,
    RuleState,
    WatchFact,
)
from server.clock_readings import ClockReading

logger = logging.getLogger(__name__)

type Clock = Callable[[], datetime]

SEEN_BY_THE_EYE = frozenset({Sight.TRACKS})
NOBODY, NOTHING = Seen(), Measured()
BLIND_AFTER_S = 30.0
"""An open event is closed when no frame has come for so long: nobody can say that it lasts."""
CLOSING_LIMIT_S = 2.0
"""How long a camera that stops may take to have its last facts stored."""
FIRST_DELAY_S, LONGEST_DELAY_S = 1.0, 30.0


@dataclass(frozen=True, slots=True)
class Watched:
    """A camera that may be worth watching: its picture, its rules, and the acts that name it.

    ``stream_id`` is the sub-stream's if the camera has one. ``is_demonstration``: its source is a
    file or it is marked as a demonstration camera; fictional acts count for such cameras alone.
    ``masks``: what of its picture nobody is shown, and nothing looks for motion in.
    ``footings``: for pictures that were recorded, what it was when; none: what it is now counts.
    ``suspended``: kinds that cried wolf on it, and are not looked for whatever the acts say.
    """

    camera_id: CameraId
    stream_id: StreamId
    is_demonstration: bool
    rules: tuple[Rule, ...]
    authorisations: tuple[Authorisation, ...]
    masks: tuple[Mask, ...] = ()
    place_kind: PlaceKind = PlaceKind.PUBLIC_ROAD
    references: tuple[Reference, ...] = ()
    footings: tuple[Footing, ...] = ()
    suspended: frozenset[EventKind] = frozenset()

    def acts_at(self, at: datetime) -> Acts:
        """Give the kinds that its rules look for ``at`` that moment, each with its act."""
        return self._acts(self._due(at) - self.suspended, at)

    def suspended_at(self, at: datetime) -> Acts:
        """Give the kinds that it would look for then, were they not suspended."""
        return self._acts(self._due(at) & self.suspended, at)

    def allowed_at(self, at: datetime) -> Acts:
        """Give the kinds of its rules that may be looked for, whatever the rules' own hours."""
        return self._acts({rule.kind for rule in self.rules} - self.suspended, at)

    def _due(self, at: datetime) -> frozenset[EventKind]:
        return frozenset(rule.kind for rule in self.rules if rule.is_due(at))

    def _acts(self, kinds: Set[EventKind], at: datetime) -> Acts:
        was = footing_at(self.footings, at) if self.footings else self
        acts = acts_for(
            self.authorisations,
            kinds,
            camera=self.camera_id,
            at=at,
            is_demonstration=was.is_demonstration,
            place_kind=was.place_kind,
        )
        return {kind: act.id for kind, act in acts.items()}


@dataclass(frozen=True, slots=True)
class Listed:
    """All cameras that may be worth watching, as they were when it was ``asked``."""

    watched: Sequence[Watched]
    asked: ClockReading


class EventSink(Protocol):
    """Where events go. Told the same event twice, it changes nothing the second time.

    ``Unavailable`` says that it could not be stored just now; it will be tried again.
    """

    async def opened(self, event: EventOpened, still: bytes) -> None:
        """Store the event and its still, a JPEG with nothing drawn on it."""
        ...

    async def closed(self, event: EventClosed) -> None: ...

    async def referenced(self, reference: Reference) -> None:
        """Store a reference that was taken."""
        ...


class Eye(Protocol):
    """What looks at one camera, and remembers what it saw there; cameras have one each."""

    async def look(self, frame: Frame) -> Seen:
        """Say what is in the next ``frame``; raise ``DetectorFailed``."""
        ...

    def forget(self) -> None:
        """Begin anew: the next frame shows another place."""
        ...


class Onlookers(Protocol):
    """Who tunes a camera's rules just now; while nobody does, it costs nothing."""

    def looked(
        self,
        camera_id: CameraId,
        look: Look,
        rules: Sequence[RuleState],
        glance: Glance | None,
    ) -> None:
        """Hear of a look, of what the rules are doing after it, and of the motion gate."""
        ...


class Measures(Protocol):
    async def take(
        self, frame: Frame, sights: frozenset[Sight], due: Set[RuleId] = frozenset()
    ) -> Measured:
        """Measure what ``sights`` name, and nothing else; of zones, those of the rules ``due``."""
        ...


class Inquiry(Protocol):
    async def ask(
        self, frame: Frame, people: Sequence[Detection], labels: Set[str]
    ) -> tuple[Finding, ...]:
        """Ask the models that the operator has supplied, for ``labels`` and no others."""
        ...


class CameraPipeline[F: Frame]:
    """One camera's way from frames to events."""

    def __init__(
        self,
        *,
        watched: Watched,
        frames: AsyncIterator[F],
        eye: Eye,
        measures: Measures,
        sink: EventSink,
        clock: Clock,
        analysed: Analysed,
        inquiry: Inquiry | None = None,
        labels: Set[str] = frozenset(),
        preset_in: PresetIn = at_no_preset,
        onlookers: Onlookers | None = None,
        present_acts: Callable[[datetime], Acts] | None = None,
    ) -> None:
        """``labels``: what ``inquiry`` may be asked for; None: no model was supplied.

        ``present_acts``: what has to allow a look at the moment of looking; by default the same
        as for the picture's moment. Recorded pictures are looked at out of a rule's own hours.
        """
        self._present_acts = present_acts or watched.acts_at
        self._analysed = analysed
        self._inquiry, self._labels = inquiry, labels
        self._watched = watched
        self._frames = frames
        self._eye = eye
        self._measures = measures
        self._sink = sink
        self._clock = clock
        self._preset_in = preset_in
        self._preset: str | None = None
        self._onlookers = onlookers
        self._turn = asyncio.Lock()
        self._looked = asyncio.Event()
        self._watch = CameraWatch(
            camera=watched.camera_id,
            rules=watched.rules,
            new_event_id=lambda: EventId(uuid4()),
            labels=labels,
            referenced=frozenset(one.rule_id for one in watched.references if one.picture),
            suspended=watched.suspended,
        )

    async def run(self) -> None:
        """Look at the camera until its frames end or this is cancelled; then close what is open."""
        try:
            async with asyncio.TaskGroup() as tasks:
                blind = tasks.create_task(self._notice_blindness())
                async for frame in self._frames:
                    async with self._turn:
                        await self._look_at(frame)
                    self._looked.set()
                blind.cancel()
        finally:
            with suppress(TimeoutError, Unavailable):
                async with asyncio.timeout(CLOSING_LIMIT_S):
                    for fact in self._watch.stop():
                        await self._tell(fact)

    async def _look_at(self, frame: F) -> None:
        at, acts = frame.captured_at, self._acts_for(frame)
        if not acts:
            FRAMES_REFUSED.inc()
            return
        self._count(frame, acts)
        preset = await self._turned(frame)
        sights = self._watch.sights(acts, at=at, preset=preset)
        seen = await self._eye.look(frame) if Sight.TRACKS in sights else NOBODY
        # A look waits for its turn, and an act may have ended meanwhile: what was seen counts, and
        # nothing more is looked for.
        acts_still = self._acts_for(frame)
        sights = self._watch.sights(acts_still, at=at, preset=preset)
        measured = NOTHING
        if not sights <= SEEN_BY_THE_EYE:
            due = self._watch.due(acts_still, at=at, preset=preset)
            measured = await self._measures.take(frame, sights, due)
        for reference in measured.references:
            await self._stored(partial(self._sink.referenced, reference))
        width, height = frame.size
        look = Look(
            at=at,
            timestamp=frame.timestamp,
            tracks=seen.tracks,
            unseen=seen.unseen,
            left_things=measured.left_things,
            changes=measured.changes,
            flames=measured.flames,
            findings=await self._ask(frame, seen, sights, acts_still),
            aspect=width / height,
            preset=preset,
            labels=self._labels,
        )
        # Of what is suspended nothing was looked for; its act says that this alone is why.
        for fact in self._watch.saw(look, {**acts, **self._watched.suspended_at(at)}):
            await self._publish(fact, frame)
        if self._onlookers is not None:
            rules = self._watch.states(look)
            self._onlookers.looked(self._watched.camera_id, look, rules, seen.glance)

    async def _turned(self, frame: F) -> str | None:
        """Give the preset of ``frame``; what was seen at another is not there any more."""
        preset = self._preset_in(self._watched.camera_id, frame.captured_at)
        if preset != self._preset:
            self._preset = preset
            self._eye.forget()
            await self._measures.take(frame, frozenset())
        return preset

    async def _ask(
        self, frame: F, seen: Seen, sights: Set[Sight], acts: Acts
    ) -> tuple[Finding, ...]:
        if self._inquiry is None or Sight.FINDINGS not in sights:
            return ()
        followed = (*seen.tracks, *seen.unseen)
        people = [one for one in followed if one.object_class is ObjectClass.PERSON]
        return await self._inquiry.ask(frame, people, labels_of(acts))

    def _acts_for(self, frame: F) -> Acts:
        # Both the moment of the picture and the present: a frame that waited past the end of the
        # act isn't looked at any more, and one taken before its beginning never is.
        present = self._present_acts(self._clock())
        then = self._watched.acts_at(frame.captured_at)
        return {kind: act for kind, act in then.items() if kind in present}

    def _count(self, frame: F, acts: Acts) -> None:
        # Asked again, here where the looking begins: were the gate above ever passed by, the
        # series "no" would say so.
        then = self._watched.acts_at(frame.captured_at)
        (AUTHORISED if then else UNAUTHORISED).inc()
        looked_for = {kind: act for kind, act in then.items() if kind in acts}
        self._analysed.picture(self._watched.camera_id, looked_for, at=frame.captured_at)

    async def _publish(self, fact: WatchFact, frame: F | None = None) -> None:
        still = b""
        if frame is not None and isinstance(fact, EventOpened):
            still = await asyncio.to_thread(frame.jpeg)
        await self._stored(lambda: self._tell(fact, still))

    async def _stored(self, store: Callable[[], Awaitable[None]]) -> None:
        """Have something stored, however long that takes; the camera's next look waits for it."""
        delay_s = FIRST_DELAY_S
        while True:
            try:
                return await store()
            except Unavailable as error:
                logger.warning(
                    "what was seen waits to be stored: %s",
                    error,
                    extra={"camera": str(self._watched.camera_id)},
                )
            await asyncio.sleep(delay_s)
            delay_s = min(2 * delay_s, LONGEST_DELAY_S)

    async def _tell(self, fact: WatchFact, still: bytes = b"") -> None:
        if isinstance(fact, EventClosed):
            await self._sink.closed(fact)
        else:
            await self._sink.opened(fact, still)

    async def _notice_blindness(self) -> None:
        """Close the open events of a camera whose frames have stopped coming."""
        while True:
            self._looked.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(BLIND_AFTER_S):
                    await self._looked.wait()
            # A look that waits for the database is not blindness: it has the turn.
            async with self._turn:
                if not self._looked.is_set():
                    for fact in self._watch.stop():
                        await self._publish(fact)
