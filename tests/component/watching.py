"""A camera that is watched without a camera, a model or a database: for pipeline and service."""

import asyncio
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import numpy as np

from detectors.crops import Area
from detectors.looker import Seen
from detectors.measures import Measured
from detectors.protocol import Frame, Luma, Picture
from domain.authorisations import Authorisation
from domain.detections import Box, Detection, ObjectClass
from domain.errors import Unavailable
from domain.events import EventKind
from domain.identifiers import (
    AuthorisationId,
    CameraId,
    CommuneId,
    PersonId,
    RuleId,
    StreamId,
)
from domain.looks import Sight
from domain.profiles import Profile
from domain.references import Reference
from domain.rules import Rule
from domain.watching import EventClosed, EventOpened
from domain.zones import Zone
from server.pipeline import Watched

QUAY, SQUARE = CameraId(UUID(int=1)), CameraId(UUID(int=2))
START = datetime(2026, 12, 1, 22, 0, tzinfo=UTC)
LOOK = timedelta(milliseconds=200)
LIMIT_S = 60.0
RULE = Rule(
    id=RuleId(UUID(int=3)),
    kind=EventKind.FORBIDDEN_ZONE,
    name="quai",
    shape=Zone.drawn([(0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)]),
)
INTRUDER = Detection(ObjectClass.PERSON, 0.8, Box(0.2, 0.3, 0.3, 0.8), track=1)

ACT = Authorisation(
    id=AuthorisationId(UUID(int=10)),
    commune_id=CommuneId(UUID(int=11)),
    profile=Profile.FRANCE,
    law="Loi no 2023-380, article 10",
    act_reference="Arrêté 2026-117",
    act_date=date(2026, 11, 20),
    authority="Préfecture",
    purpose="Sécurité du marché de Noël",
    place="Quai",
    kinds=frozenset({EventKind.FORBIDDEN_ZONE}),
    camera_ids=frozenset({QUAY, SQUARE}),
    starts_at=START,
    ends_at=START + timedelta(hours=1),
    recorded_at=START - timedelta(days=1),
    recorded_by=PersonId(UUID(int=12)),
)


def watched(camera: CameraId = QUAY, *acts: Authorisation, rules: bool = True) -> Watched:
    return Watched(
        camera_id=camera,
        stream_id=StreamId(UUID(int=camera.int + 100)),
        is_demonstration=False,
        rules=(RULE,) if rules else (),
        authorisations=acts or (ACT,),
    )


@dataclass
class Still:
    """A frame that holds nothing but its time."""

    captured_at: datetime

    size: tuple[int, int] = (16, 9)
    timestamp: int | None = None

    def luma(self) -> Luma:
        return np.zeros((9, 16), np.uint8)

    def cut(self, area: Area, size: tuple[int, int]) -> Picture:
        return np.zeros((*size, 3), np.uint8)

    def bgr(self) -> Picture:
        return np.zeros((9, 16, 3), np.uint8)

    def jpeg(self) -> bytes:
        return b"jpeg of " + self.captured_at.isoformat().encode()


class NoMeasures:
    async def take(
        self, frame: Frame, sights: frozenset[Sight], due: Set[RuleId] = frozenset()
    ) -> Measured:
        return Measured()


@dataclass
class Eye:
    """An eye that notes what it looked at and sees what it is told to."""

    sees: Callable[[datetime], Sequence[Detection]] = lambda at: [INTRUDER]
    looked_at: list[datetime] = field(default_factory=list)
    forgot: int = 0

    async def look(self, frame: Frame) -> Seen:
        self.looked_at.append(frame.captured_at)
        return Seen(tuple(self.sees(frame.captured_at)))

    def forget(self) -> None:
        self.forgot += 1


class Sink:
    """Keeps what it is told; fails ``failures`` times first."""

    def __init__(self, *, failures: int = 0) -> None:
        self.facts: list[EventOpened | EventClosed] = []
        self.stills: list[bytes] = []
        self.references: list[Reference] = []
        self.told = asyncio.Condition()
        self.failures = failures

    async def opened(self, event: EventOpened, still: bytes) -> None:
        self.stills.append(still)
        await self._keep(event)

    async def closed(self, event: EventClosed) -> None:
        await self._keep(event)

    async def referenced(self, reference: Reference) -> None:
        self.references.append(reference)

    async def _keep(self, event: EventOpened | EventClosed) -> None:
        if self.failures:
            self.failures -= 1
            raise Unavailable("the database is starting")
        async with self.told:
            self.facts.append(event)
            self.told.notify_all()

    async def has(self, count: int) -> None:
        async with asyncio.timeout(LIMIT_S), self.told:
            await self.told.wait_for(lambda: len(self.facts) >= count)

    @property
    def kinds(self) -> list[type]:
        return [type(fact) for fact in self.facts]
