"""Cameras that are moved: each command at once, and a stop when the next one does not come.

One task a camera that is being moved keeps a connection to it; of commands that wait for the camera
the newest alone is sent.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from domain.onvif import Trouble
from domain.ptz import DEADLINE, Aim, Preset, Velocity, Whereabouts, whereabouts
from server.onvif.addresses import OnvifTrouble
from server.onvif.camera import Limits, OnvifCamera, connected

logger = logging.getLogger(__name__)

KEPT_S = 20.0
#: The camera's own limit, should this process die: whole seconds are what all cameras know.
CAMERA_STOPS = "PT1S"
MOST_HEADS = 100
MOST_PRESETS = 256
STOPS = 3
#: A movement that the camera has not taken by then is followed by a stop.
TAKEN_WITHIN_S = 1.0

type Act = Callable[[OnvifCamera], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Who:
    """Which camera, as whom, and by which profile."""

    address: str
    profile: str
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Tour:
    token: str
    name: str
    is_running: bool


@dataclass(frozen=True, slots=True)
class HeadState:
    presets: list[Preset]
    tours: list[Tour]
    at: Whereabouts
    aim: Aim | None


@dataclass(slots=True)
class _Command:
    act: Act
    moves: bool
    done: asyncio.Future[Any]


class _Head:
    """One camera that is being moved."""

    def __init__(self, who: Who, limits: Limits) -> None:
        self._who, self._limits = who, limits
        self._newest: _Command | None = None
        self._came = asyncio.Event()
        self._stop_at: float | None = None
        self.is_over = False

    def put(self, command: _Command) -> None:
        """The newest counts: one that still waits will never be sent."""
        if self._newest is not None:
            _answer(self._newest.done, None)
        self._newest = command
        self._stop_at = (
            asyncio.get_running_loop().time() + DEADLINE.total_seconds() if command.moves else None
        )
        self._came.set()

    async def run(self) -> None:
        """Until nothing has come for `KEPT_S`, or the camera can't be reached."""
        who, limits = self._who, self._limits
        try:
            async with connected(
                who.address, who.username, who.password, limits=limits, for_long=True
            ) as camera:
                await camera.find_services()
                while await self._next():
                    await self._do(camera)
                self.is_over = True
        except OnvifTrouble as trouble:
            logger.warning("camera %s is not moved: %s", who.address, trouble)
            self._fail(trouble)
        finally:
            self._fail(OnvifTrouble(Trouble.FAILED))

    async def _next(self) -> bool:
        """Wait for a command, or for the time to stop; False when there is nothing to wait for."""
        if self._stop_at is None:
            limit = KEPT_S
        else:
            limit = max(0.0, self._stop_at - asyncio.get_running_loop().time())
        try:
            async with asyncio.timeout(limit):
                await self._came.wait()
        except TimeoutError:
            return self._stop_at is not None
        return True

    async def _do(self, camera: OnvifCamera) -> None:
        self._came.clear()
        command, self._newest = self._newest, None
        if command is None:
            self._stop_at = None
            logger.info("a movement was not held any more: stopped")
            await _stop(camera, self._who.profile)
            return
        late = self._stop_at is not None and self._stop_at < asyncio.get_running_loop().time()
        if command.moves and late:  # of before we were connected: who holds it says it again
            self._stop_at = None
            _answer(command.done, None)
            return
        try:
            async with asyncio.timeout(TAKEN_WITHIN_S if command.moves else None):
                _answer(command.done, await command.act(camera))
        except TimeoutError:
            _answer(command.done, OnvifTrouble(Trouble.TIMED_OUT))
        except OnvifTrouble as trouble:
            _answer(command.done, trouble)

    def _fail(self, trouble: OnvifTrouble) -> None:
        self.is_over = True
        if self._newest is not None:
            _answer(self._newest.done, trouble)
        self._newest = None


def _answer(waiting: asyncio.Future[Any], answer: object) -> None:
    """Unless who asked has gone."""
    if waiting.done():
        return
    if isinstance(answer, OnvifTrouble):
        waiting.set_exception(answer)
    else:
        waiting.set_result(answer)


class Heads:
    """All cameras that this process moves; `run` owns their tasks."""

    def __init__(self, *, limits: Limits) -> None:
        self._limits = limits
        self._heads: dict[Who, _Head] = {}
        self._group: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            self._group = group
            await asyncio.Event().wait()

    async def move(self, who: Who, velocity: Velocity) -> None:
        """Move from now on, until `DEADLINE` has gone by; all still: stop now."""
        if velocity.is_still:
            await self._command(who, lambda camera: _stop(camera, who.profile))
            return

        def act(camera: OnvifCamera) -> Awaitable[Any]:
            return camera.ask(
                camera.client.ptz_continuous_move(
                    profile_token=who.profile,
                    pan=velocity.pan,
                    tilt=velocity.tilt,
                    zoom=velocity.zoom,
                    timeout=CAMERA_STOPS,
                )
            )

        await self._command(who, act, moves=True)

    async def go_to(self, who: Who, preset: str) -> None:
        await self._command(
            who,
            lambda camera: camera.ask(
                camera.client.ptz_goto_preset(profile_token=who.profile, preset_token=preset)
            ),
        )

    async def keep(self, who: Who, name: str, preset: str | None) -> None:
        """Make where it looks a preset: a new one, or in the place of ``preset``."""
        await self._command(
            who,
            lambda camera: camera.ask(
                camera.client.ptz_set_preset(
                    profile_token=who.profile, preset_name=name, preset_token=preset or ""
                )
            ),
        )

    async def turn(self, who: Who, pan: float, tilt: float) -> None:
        """Turn by a part of its whole way: what was pressed comes to the middle, about."""
        await self._command(
            who,
            lambda camera: camera.ask(
                camera.client.ptz_relative_move(
                    profile_token=who.profile, pan=pan, tilt=tilt, zoom=None
                )
            ),
        )

    async def tour(self, who: Who, token: str, *, start: bool) -> None:
        await self._command(
            who,
            lambda camera: camera.ask(
                camera.client.ptz_operate_preset_tour(
                    profile_token=who.profile,
                    preset_tour_token=token,
                    operation="Start" if start else "Stop",
                )
            ),
        )

    async def state(self, who: Who) -> HeadState:
        """Ask where it looks, which presets and tours it has; on a connection of its own."""
        async with connected(
            who.address, who.username, who.password, limits=self._limits
        ) as camera:
            await camera.find_services()
            return await _state(camera, who.profile)

    async def _command(self, who: Who, act: Act, *, moves: bool = False) -> None:
        if self._group is None:
            raise OnvifTrouble(Trouble.FAILED)
        head = self._heads.get(who)
        if head is None or head.is_over:
            if len(self._heads) >= MOST_HEADS:
                raise OnvifTrouble(Trouble.FAILED)
            head = self._heads[who] = _Head(who, self._limits)
            self._group.create_task(self._run(who, head), name=f"head {who.address}")
        done = asyncio.get_running_loop().create_future()
        head.put(_Command(act, moves, done))
        await done

    async def _run(self, who: Who, head: _Head) -> None:
        try:
            await head.run()
        finally:
            if self._heads.get(who) is head:
                del self._heads[who]


async def _stop(camera: OnvifCamera, profile: str) -> None:
    """Stop, asked up to `STOPS` times: a camera that goes on turning is the worst of all."""
    for left in reversed(range(STOPS)):
        try:
            await camera.ask(
                camera.client.ptz_stop(profile_token=profile, pan_tilt=True, zoom=True)
            )
            return
        except OnvifTrouble:
            if not left:
                raise


async def _state(camera: OnvifCamera, profile: str) -> HeadState:
    client = camera.client
    status = await camera.ask(client.ptz_get_status(profile_token=profile))
    presets = await camera.ask(client.ptz_get_presets(profile_token=profile))
    try:
        tours = await camera.ask(client.ptz_get_preset_tours(profile_token=profile))
    except OnvifTrouble:  # few cameras have them
        tours = []
    moving = status.get("move_status") or {}
    known = [
        Preset(str(one["token"])[:200], str(one.get("name") or one["token"])[:80], _aim(one))
        for one in presets[:MOST_PRESETS]
        if one.get("token")
    ]
    aim = _aim(status)
    return HeadState(
        presets=known,
        tours=[
            Tour(
                token=str(one["token"])[:200],
                name=str(one.get("name") or one["token"])[:80],
                is_running=one.get("state") == "Touring",
            )
            for one in tours[:MOST_PRESETS]
            if one.get("token")
        ],
        at=whereabouts(aim, "MOVING" in moving.values(), known),
        aim=aim,
    )


def _aim(said: dict[str, Any]) -> Aim | None:
    if "pan" not in said or "tilt" not in said:
        return None
    return Aim(float(said["pan"]), float(said["tilt"]), float(said.get("zoom", 0.0)))
