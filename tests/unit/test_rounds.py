"""Guard tours are run at cameras that answer, and at those that do not."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from domain.errors import Unavailable
from domain.identifiers import CameraId, PersonId
from domain.onvif import Trouble
from domain.ptz import Lock, Looking, Seen, Whereabouts
from domain.tours import Stop, Tour
from server.database.tours import Mobile
from server.onvif.addresses import OnvifTrouble
from server.rounds import Rounds

NOW = datetime(2026, 3, 1, 21, 14, tzinfo=UTC)
S = timedelta(seconds=1)
AT_2 = Whereabouts(Looking.AT_PRESET, "2")


class Town:
    """Cameras and book in one: what they were asked, and what was written."""

    def __init__(self) -> None:
        self.now = NOW
        self.sent: list[tuple[CameraId, str]] = []
        self.asked: list[CameraId] = []
        self.seen: list[Whereabouts] = []
        self.deaf: set[CameraId] = set()
        self.away = False

    async def go_to(self, mobile: Mobile, preset: str) -> None:
        self._hear(mobile)
        self.sent.append((mobile.camera_id, preset))

    async def where(self, mobile: Mobile) -> Whereabouts:
        self._hear(mobile)
        self.asked.append(mobile.camera_id)
        return AT_2

    async def looked(self, camera_id: CameraId, where: Whereabouts, *, at: datetime) -> Seen:
        if self.away:
            raise Unavailable("the database is away")
        self.seen.append(where)
        return Seen(where, at, at)

    async def of_holder(self, holder: str) -> list[Mobile]:
        raise Unavailable("the database is away")

    def _hear(self, mobile: Mobile) -> None:
        if mobile.camera_id in self.deaf:
            raise OnvifTrouble(Trouble.TIMED_OUT)


def mobile(*, runs: bool = True) -> Mobile:
    camera_id = CameraId(uuid4())
    stops = tuple(Stop(preset=one, name=one, dwell=10 * S) for one in "12")
    return Mobile(
        camera_id=camera_id,
        address="10.0.0.5",
        profile="p",
        username=None,
        password=None,
        tour=Tour(camera_id=camera_id, stops=stops, running_since=NOW if runs else None),
        lock=None,
    )


async def after(town: Town, rounds: Rounds, seconds: float, *mobiles: Mobile) -> None:
    """One look, and all that it begins."""
    town.now += seconds * S
    async with asyncio.TaskGroup() as group:
        rounds.look(group, mobiles)


def rounds_of(town: Town) -> Rounds:
    clock: Callable[[], datetime] = lambda: town.now  # noqa: E731 a clock that is set by hand
    return Rounds(known=town, cameras=town, book=town, holder="media@here/1", clock=clock)


async def test_a_running_tour_goes_round_and_tells_where_its_camera_looks() -> None:
    town, one = Town(), mobile()
    rounds = rounds_of(town)
    for _ in range(22):
        await after(town, rounds, 1, one)

    assert [preset for _, preset in town.sent] == ["1", "2", "1"]
    assert town.seen[0] == Whereabouts(Looking.MOVING)
    assert AT_2 in town.seen


async def test_it_waits_while_a_person_moves_the_camera_and_stops_when_it_is_stopped() -> None:
    town, one = Town(), mobile()
    rounds = rounds_of(town)
    lock = Lock(
        camera_id=one.camera_id,
        person_id=PersonId(uuid4()),
        rank=1,
        taken_at=NOW,
        used_at=NOW + 30 * S,
    )
    for _ in range(40):
        await after(town, rounds, 1, replace(one, lock=lock))
    before = list(town.sent)
    for _ in range(6):
        await after(town, rounds, 1, replace(one, lock=lock))
    for _ in range(40):
        await after(town, rounds, 1, replace(one, tour=mobile(runs=False).tour))

    assert before == []
    assert [preset for _, preset in town.sent] == ["1"]
    assert town.asked  # where it looks is asked all the time


async def test_a_camera_that_does_not_answer_holds_up_no_other_and_is_left_alone() -> None:
    town, deaf, other = Town(), mobile(runs=False), mobile()
    town.deaf.add(deaf.camera_id)
    rounds = rounds_of(town)
    for _ in range(25):
        await after(town, rounds, 1, deaf, other)

    assert town.seen.count(Whereabouts(Looking.UNKNOWN)) == 1
    assert len(town.sent) == 3


async def test_a_tour_goes_on_while_nothing_can_be_written() -> None:
    town, one = Town(), mobile()
    town.away = True
    rounds = rounds_of(town)
    for _ in range(12):
        await after(town, rounds, 1, one)

    assert [preset for _, preset in town.sent] == ["1", "2"]
