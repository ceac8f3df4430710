"""Units that move along a town's real streets: on foot or by car, at random or where they are sent.

The movement is a function of a seed and of elapsed seconds; only ``fixes`` looks at the time.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from math import hypot
from random import Random

from server.streets.graph import Mode, Step, StreetGraph
from server.streets.plane import LonLat, Plane, along, bearing_deg, cut, length_m

SPEEDS_MPS = {Mode.FOOT: 1.4, Mode.CAR: 8.0}
RESTS_S = 120.0  # at a place it was sent to, before it goes on patrolling
LOOK_AHEAD_M = 3.0  # a heading is where the next metres lead, as a compass would show it

# A phone between houses: its error wanders by some metres and it says so.
DRIFT_M = 4.0
DRIFT_STEP_M = 0.6


@dataclass(frozen=True, slots=True)
class Fix:
    """What a phone says of where it is. Degrees, metres per second, metres (68 % radius)."""

    lon: float
    lat: float
    heading_deg: float
    speed_mps: float
    accuracy_m: float


class Patrol:
    """One unit on the graph of its mode, from the street nearest to ``start``.

    The same seed, start and orders give the same way. Raises NoRoute on a graph without streets.
    """

    def __init__(self, graph: StreetGraph, *, start: LonLat, mode: Mode, seed: int) -> None:
        self._graph = graph
        self._speed = SPEEDS_MPS[mode]
        self._random = Random(seed)  # noqa: S311 - a walk to look at, no secret
        self._node = graph.nearest(*start)
        self._step: Step | None = None
        self._done_m = 0.0
        self._way: list[Step] = []
        self._last_of_way = False
        self._rest_s = 0.0
        self._heading = 0.0
        self._drift = (0.0, 0.0)
        self._came_from: int | None = None

    @property
    def at(self) -> LonLat:
        """Where the unit really is, without a phone's error."""
        if self._step is None:
            return self._graph.nodes[self._node]
        return along(self._step.line, self._done_m)

    def go_to(self, lon: float, lat: float) -> float:
        """Head for the street nearest to a point by the shortest way; return its length, metres.

        The unit finishes the stretch of street it is on first. Raises NoRoute.
        """
        onward = self._step.to if self._step else self._node
        self._way = self._graph.way_to(onward, lon, lat)
        self._last_of_way = False
        self._rest_s = 0.0
        left = self._step.length_m - self._done_m if self._step else 0.0
        return left + sum(step.length_m for step in self._way)

    def advance(self, seconds: float) -> Fix:
        """Move on by ``seconds`` and return what the phone then says."""
        metres = self._speed * seconds
        moving = self._rest_s <= 0
        if not moving:
            self._rest_s -= seconds
            metres = 0.0
        while metres > 0:
            step = self._step or self._begin_step()
            left = step.length_m - self._done_m
            if metres < left:
                self._done_m += metres
                break
            metres -= left
            self._end_step(step)
            if self._rest_s > 0:
                break
        return self._fix(self._speed if moving else 0.0)

    async def fixes(self, *, every_s: float = 1.0) -> AsyncIterator[Fix]:
        """Yield a fix every ``every_s`` seconds, for ever."""
        while True:
            yield self.advance(every_s)
            await asyncio.sleep(every_s)

    def _begin_step(self) -> Step:
        if self._way:
            self._step = self._way.pop(0)
            self._last_of_way = not self._way
        else:
            out = self._graph.steps(self._node)
            # Patrols go on; they turn round at the end of a street only.
            onward = [step for step in out if step.to != self._came_from] or out
            self._step = self._random.choice(onward)
            self._last_of_way = False
        self._done_m = 0.0
        return self._step

    def _end_step(self, step: Step) -> None:
        if self._last_of_way:
            # Sent here: stay in the middle of the street, and end its stretch when going on.
            self._rest_s = RESTS_S
            self._last_of_way = False
            self._step = self._rest_of(step)
            self._done_m = 0.0
            return
        self._came_from, self._node, self._step = self._node, step.to, None
        self._done_m = 0.0

    def _rest_of(self, step: Step) -> Step | None:
        """Return what is left of the stretch whose beginning ``step`` is, None at its end."""
        for whole in self._graph.steps(self._node):
            if whole.to == step.to and whole.length_m > step.length_m + 0.5:
                backward = cut(whole.line[::-1], whole.length_m - step.length_m)
                line = tuple(backward[::-1])
                return Step(whole.to, length_m(line), line, whole.name)
        self._came_from, self._node = self._node, step.to
        return None

    def _fix(self, speed: float) -> Fix:
        lon, lat = self.at
        if self._step is not None and speed:
            ahead = along(self._step.line, self._done_m + LOOK_AHEAD_M)
            if ahead != (lon, lat):
                self._heading = bearing_deg((lon, lat), ahead)
        self._drift = self._wander()
        plane = Plane(lat)
        x, y = plane.to_metres(lon, lat)
        lon, lat = plane.to_degrees(x + self._drift[0], y + self._drift[1])
        return Fix(
            lon=round(lon, 7),
            lat=round(lat, 7),
            heading_deg=round(self._heading, 1) % 360.0,
            speed_mps=speed,
            accuracy_m=round(DRIFT_M + hypot(*self._drift), 1),
        )

    def _wander(self) -> tuple[float, float]:
        x, y = (drift + self._random.gauss(0.0, DRIFT_STEP_M) for drift in self._drift)
        far = hypot(x, y) / DRIFT_M
        return (x / far, y / far) if far > 1 else (x, y)
