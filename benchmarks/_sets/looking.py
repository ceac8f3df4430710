"""Shows a clip to the whole of what looks at a camera: decoder, gate, network, tracker, watch."""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import av

from detectors.catalogue import model_named, verified
from detectors.decoding import StreamDecoder
from detectors.executor import Worker
from detectors.frames import DecodedFrame
from detectors.looker import Looker
from detectors.measures import Measures
from detectors.network import best_engine
from detectors.person import PersonDetector
from detectors.tracking import CameraTracker
from domain.analysed import Analysed
from domain.authorisations import Authorisation
from domain.events import EventKind
from domain.identifiers import AuthorisationId, CameraId, CommuneId, StreamId
from domain.profiles import Profile
from domain.references import Light as ByLight
from domain.references import Reference
from domain.rules import Rule, type_of
from domain.streams import Codec, Packet
from domain.watching import EventClosed, EventOpened
from server.pipeline import CameraPipeline, Watched

START = datetime(2026, 12, 1, 8, tzinfo=UTC)
LOOKS_PER_S = 5
CONFIDENCE = 0.35
CAMERA = CameraId(UUID(int=1))
STREAM = StreamId(UUID(int=2))


@dataclass(frozen=True, slots=True)
class Opened:
    """An event that the pipeline opened: when in the picture, and how long the look took."""

    kind: EventKind
    at_s: float
    took_s: float
    event: EventOpened
    still: bytes


@dataclass(slots=True)
class Noted:
    """Where events go here: a list."""

    opened_ones: list[Opened] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    looks: int = 0
    given_at: float = 0.0

    async def opened(self, event: EventOpened, still: bytes) -> None:
        at_s = (event.opened_at - START).total_seconds()
        took_s = time.perf_counter() - self.given_at
        self.opened_ones.append(Opened(event.kind, at_s, took_s, event, still))

    async def closed(self, event: EventClosed) -> None:
        pass

    async def referenced(self, reference: Reference) -> None:
        self.references.append(reference)


class Screening:
    """The parts that all cameras share, loaded once a process."""

    def __init__(self, detector: PersonDetector, decoder: Worker, private: Path) -> None:
        self._detector, self._decoder, self._private = detector, decoder, private

    @classmethod
    async def load(cls, cache: Path, detect: Worker, decode: Worker) -> "Screening":
        model = model_named("nanodet-g")
        path = verified(model, cache)
        detector = await PersonDetector.load(
            model,
            path,
            engine=best_engine(path),
            cache=cache,
            worker=detect,
            confidence=CONFIDENCE,
        )
        return cls(detector, decode, cache / "ultralytics")

    async def referenced(
        self, looks: AsyncIterator[DecodedFrame], rules: Sequence[Rule]
    ) -> tuple[Reference, ...]:
        """Have the references of ``rules`` taken from looks in which nothing is the matter."""
        asked = [
            Reference(rule_id=one.id, light=ByLight.DAY, asked_at=START)
            for one in rules
            if type_of(one.kind).needs_reference
        ]
        return tuple((await self.watch(looks, rules, asked)).references)

    async def show(
        self, clip: Path, rules: Sequence[Rule], references: Sequence[Reference] = ()
    ) -> Noted:
        """Show the clip at its own time, as fast as the machine can; give what was noted."""
        return await self.watch(self.frames(clip), rules, references)

    async def frames(self, clip: Path) -> AsyncGenerator[DecodedFrame]:
        """Give the looks at a clip."""
        decoder, waiting, due = StreamDecoder(), list[Packet](), START
        for packet in packets(clip):
            waiting.append(packet)
            if packet.captured_at < due:
                continue
            frame = await self._decoder.run(partial(decoder.newest, waiting))
            waiting, due = [], due + timedelta(seconds=1 / LOOKS_PER_S)
            if frame is not None:
                yield frame

    async def watch(
        self,
        looks: AsyncIterator[DecodedFrame],
        rules: Sequence[Rule],
        references: Sequence[Reference] = (),
    ) -> Noted:
        """Lead looks through the pipeline, at their own time; give what was noted."""
        noted, now = Noted(), START

        async def given() -> AsyncGenerator[DecodedFrame]:
            nonlocal now
            async for frame in looks:
                now = frame.captured_at
                noted.looks += 1
                noted.given_at = time.perf_counter()
                yield frame

        await CameraPipeline(
            watched=Watched(
                CAMERA, STREAM, True, tuple(rules), (act(rules),), references=tuple(references)
            ),
            frames=given(),
            eye=Looker(
                detector=self._detector,
                tracker=CameraTracker(self._private, confidence=CONFIDENCE),
                worker=self._decoder,
            ),
            measures=Measures(self._decoder, rules=rules, references=references),
            sink=noted,
            clock=lambda: now,
            analysed=Analysed(),
        ).run()
        return noted


def packets(clip: Path) -> list[Packet]:
    """Give a clip's encoded pictures as the media process would."""
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        annex_b = av.BitStreamFilterContext("h264_mp4toannexb", stream)
        base = stream.time_base or 0
        return [
            Packet(
                stream_id=STREAM,
                sequence_number=number,
                timestamp=round(float((packet.pts or 0) * base) * 90_000),
                captured_at=START + timedelta(seconds=float((packet.pts or 0) * base)),
                codec=Codec.H264,
                is_keyframe=packet.is_keyframe,
                data=bytes(packet),
            )
            for number, raw in enumerate(container.demux(stream))
            for packet in annex_b.filter(raw)
            if packet.size
        ]


def act(rules: Sequence[Rule]) -> Authorisation:
    """The demonstration's authorisation, of the kinds of these rules."""
    return Authorisation(
        id=AuthorisationId(UUID(int=3)),
        commune_id=CommuneId(UUID(int=4)),
        profile=Profile.DEMONSTRATION,
        law="",
        act_reference="",
        act_date=None,
        authority="",
        purpose="measuring",
        place="",
        kinds=frozenset(rule.kind for rule in rules),
        camera_ids=frozenset({CAMERA}),
        starts_at=START - timedelta(days=1),
        ends_at=START + timedelta(days=30),
        recorded_at=START - timedelta(days=1),
        recorded_by=None,
    )
