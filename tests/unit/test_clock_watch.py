"""Cameras' clocks are asked for in turn, and what does not answer is left alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from domain.camera_clocks import CameraClock
from domain.errors import Unavailable
from domain.identifiers import CameraId
from domain.onvif import ClockOffset, Trouble
from server.clock_watch import MOST, ClockWatch
from server.database.camera_clocks import Timed
from server.onvif.addresses import OnvifTrouble

NOW = datetime(2026, 3, 1, 21, 14, tzinfo=UTC)
S = timedelta(seconds=1)


class Town:
    """Cameras, and what is kept of their clocks."""

    def __init__(self, many: int) -> None:
        self.now = NOW
        self.asked: list[CameraId] = []
        self.deaf: set[CameraId] = set()
        self.away = False
        self.off = 3 * S
        self.cameras = {camera_id: timed(camera_id) for camera_id in map(CameraId, ids(many))}

    async def of_holder(self, holder: str) -> list[Timed]:
        return list(self.cameras.values())

    async def put(self, camera_id: CameraId, clock: CameraClock) -> None:
        if self.away:
            raise Unavailable("the database is away")
        self.cameras[camera_id] = replace(self.cameras[camera_id], clock=clock)

    async def clock_of(self, one: Timed) -> ClockOffset:
        self.asked.append(one.camera_id)
        if one.camera_id in self.deaf:
            raise OnvifTrouble(Trouble.TIMED_OUT)
        return ClockOffset(self.off, self.off)


def ids(many: int) -> list[UUID]:
    return [uuid4() for _ in range(many)]


def timed(camera_id: CameraId) -> Timed:
    return Timed(camera_id=camera_id, address="10.0.0.5", username=None, password=None, clock=None)


def watch(town: Town) -> ClockWatch:
    return ClockWatch(known=town, cameras=town, holder="media@here/1", clock=lambda: town.now)


async def test_a_few_are_asked_at_a_time_and_each_in_its_turn() -> None:
    town = Town(MOST + 2)
    clocks = watch(town)
    await clocks.look()
    first = len(town.asked)
    await clocks.look()
    await clocks.look()

    assert (first, len(town.asked)) == (MOST, MOST + 2)
    assert all(one.clock and one.clock.wrong_since == NOW for one in town.cameras.values())
    town.now += timedelta(minutes=10)
    town.off = 0 * S
    await clocks.look()
    await clocks.look()
    assert all(one.clock and one.clock.wrong_since is None for one in town.cameras.values())
    town.now += timedelta(minutes=59)
    before = len(town.asked)
    await clocks.look()
    assert len(town.asked) == before


async def test_who_does_not_answer_is_asked_again_an_hour_later() -> None:
    town = Town(1)
    (camera_id,) = town.deaf = set(town.cameras)
    clocks = watch(town)
    for minutes in (0, 30, 29):
        town.now += timedelta(minutes=minutes)
        await clocks.look()
    assert town.asked == [camera_id]
    town.now += timedelta(minutes=1)
    await clocks.look()

    assert town.asked == [camera_id, camera_id]


async def test_what_can_not_be_kept_is_asked_anew() -> None:
    town = Town(1)
    town.away = True
    clocks = watch(town)
    await clocks.look()
    town.away = False
    await clocks.look()

    assert len(town.asked) == 2
    assert all(one.clock is not None for one in town.cameras.values())
