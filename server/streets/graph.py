"""The graph of ways: where a crew on foot or in a car can go, and the shortest way there.

Enough for a town's simulated units; real routing, with turn bans and times, is Valhalla's.
"""

import sqlite3
from dataclasses import dataclass
from enum import StrEnum
from heapq import heappop, heappush
from pathlib import Path

import shapely

from server.streets.basemap import PLACES
from server.streets.errors import MapUnreadable, NoRoute
from server.streets.plane import LonLat, Plane, cut, length_m
from server.streets.store import SCHEMA_VERSION, unpack


class Mode(StrEnum):
    """How a unit moves."""

    FOOT = "foot"
    CAR = "car"


@dataclass(frozen=True, slots=True)
class Step:
    """An edge as it may be taken from one node: to which node, how long, along which line."""

    to: int
    length_m: float
    line: tuple[LonLat, ...]
    name: str | None


class StreetGraph:
    """The ways of one mode. Only the largest part in which one can go everywhere and back is kept.

    A clip cuts streets off, and a unit that enters a dead end of a one-way street never returns.
    """

    def __init__(self, places: dict[int, LonLat], steps: dict[int, list[Step]]) -> None:
        keep = _largest_part(steps)
        self.nodes = {node: places[node] for node in sorted(keep)}
        self._steps = {
            node: [step for step in steps[node] if step.to in keep] for node in self.nodes
        }
        self._ids = list(self.nodes)
        self._plane = Plane(next(iter(self.nodes.values()))[1] if self.nodes else 0.0)
        self._tree = shapely.STRtree(
            [shapely.Point(self._plane.to_metres(*at)) for at in self.nodes.values()]
        )
        self._edges = [(node, step) for node, out in self._steps.items() for step in out]
        self._edge_tree = shapely.STRtree([self._line(step) for _, step in self._edges])

    @classmethod
    def read(cls, folder: Path, mode: Mode) -> "StreetGraph":
        """Read the graph of the map in ``folder``. Blocks. Raises MapUnreadable without one."""
        path = folder / PLACES
        try:
            database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
            try:
                (version,) = database.execute("PRAGMA user_version").fetchone()
                if version != SCHEMA_VERSION:
                    raise MapUnreadable(f"{path} is of version {version}, not {SCHEMA_VERSION}")
                places = {node: (lon, lat) for node, lon, lat in database.execute(_NODES)}
                return cls(places, _steps(database, mode))
            finally:
                database.close()
        except sqlite3.Error as error:
            raise MapUnreadable(f"{path}: {error}") from error

    def steps(self, node: int) -> list[Step]:
        """Return where one can go from ``node``."""
        return self._steps[node]

    def nearest(self, lon: float, lat: float) -> int:
        """Return the crossing or street end nearest to a point. Raises NoRoute if there is none."""
        if not self._ids:
            raise NoRoute("the map holds no way of this kind")
        point = shapely.Point(self._plane.to_metres(lon, lat))
        return self._ids[int(self._tree.nearest(point))]

    def way_to(self, start: int, lon: float, lat: float) -> list[Step]:
        """Return the shortest way from a node to the place on a street nearest to a point.

        The last step ends there. Raises NoRoute if the graph is empty.
        """
        if not self._edges:
            raise NoRoute("the map holds no way of this kind")
        point = shapely.Point(self._plane.to_metres(lon, lat))
        ways = []
        # Both directions of a two-way street are as near: all of them are tried.
        for index in self._edge_tree.query_nearest(point):
            node, step = self._edges[int(index)]
            line = cut(step.line, float(shapely.line_locate_point(self._line(step), point)))
            last = Step(step.to, length_m(line), tuple(line), step.name)
            ways.append([*self.route(start, node), last])
        return min(ways, key=lambda way: sum(step.length_m for step in way))

    def _line(self, step: Step) -> shapely.Geometry:
        return shapely.LineString([self._plane.to_metres(*at) for at in step.line])

    def route(self, start: int, end: int) -> list[Step]:
        """Return the shortest way between two nodes (Dijkstra). Raises NoRoute if there is none."""
        best = {start: 0.0}
        came: dict[int, tuple[int, Step]] = {}
        queue = [(0.0, start)]
        while queue:
            cost, node = heappop(queue)
            if node == end:
                return _way_back(came, start, end)
            if cost > best[node]:
                continue
            for step in self._steps.get(node, []):
                reached = cost + step.length_m
                if reached < best.get(step.to, float("inf")):
                    best[step.to] = reached
                    came[step.to] = (node, step)
                    heappush(queue, (reached, step.to))
        raise NoRoute("no way leads from one point to the other")


_NODES = "SELECT id, lon, lat FROM node ORDER BY id"
_EDGES = "SELECT a, b, name, foot, car, oneway, line FROM edge ORDER BY rowid"


def _steps(database: sqlite3.Connection, mode: Mode) -> dict[int, list[Step]]:
    steps: dict[int, list[Step]] = {}
    for a, b, name, foot, car, oneway, blob in database.execute(_EDGES):
        if not (foot if mode is Mode.FOOT else car):
            continue
        line = unpack(blob)
        length = length_m(line)
        steps.setdefault(a, [])
        steps.setdefault(b, [])
        # One-ways bind cars: walkers go both ways along a street.
        if mode is Mode.FOOT or oneway >= 0:
            steps[a].append(Step(b, length, tuple(line), name))
        if mode is Mode.FOOT or oneway <= 0:
            steps[b].append(Step(a, length, tuple(reversed(line)), name))
    return steps


def _way_back(came: dict[int, tuple[int, Step]], start: int, end: int) -> list[Step]:
    way: list[Step] = []
    while end != start:
        end, step = came[end]
        way.append(step)
    return way[::-1]


def _largest_part(steps: dict[int, list[Step]]) -> set[int]:
    """Return the largest strongly connected set of nodes (Kosaraju, without recursion)."""
    forward = {node: [step.to for step in out] for node, out in steps.items()}
    backward: dict[int, list[int]] = {node: [] for node in steps}
    for node, out in forward.items():
        for to in out:
            backward[to].append(node)
    order: list[int] = []
    seen: set[int] = set()
    for root in forward:
        if root not in seen:
            order.extend(_finished(root, forward, seen))
    largest: set[int] = set()
    seen = set()
    for root in reversed(order):
        if root not in seen:
            part = set(_finished(root, backward, seen))
            largest = max(largest, part, key=len)
    return largest


def _finished(root: int, edges: dict[int, list[int]], seen: set[int]) -> list[int]:
    """Return what is reached from ``root`` and not yet ``seen``, in the order it is left."""
    seen.add(root)
    left: list[int] = []
    stack = [(root, iter(edges[root]))]
    while stack:
        node, onward = stack[-1]
        for to in onward:
            if to not in seen:
                seen.add(to)
                stack.append((to, iter(edges[to])))
                break
        else:
            stack.pop()
            left.append(node)
    return left
