"""places.sqlite: the names, addresses and ways of a built map, written once and then only read."""

import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import shapely
from shapely import LineString, Point

from server.streets import features
from server.streets.extract import Address, Extract, NamedPoint, RoadWay
from server.streets.plane import LonLat, Plane, along, length_m

SCHEMA_VERSION = 1
SCHEMA = """
CREATE TABLE place (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL,
    lon REAL NOT NULL, lat REAL NOT NULL, locality TEXT
);
CREATE TABLE street_line (place_id INTEGER NOT NULL, line BLOB NOT NULL);
CREATE TABLE address (
    place_id INTEGER NOT NULL, number TEXT NOT NULL, lon REAL NOT NULL, lat REAL NOT NULL
);
CREATE TABLE node (id INTEGER PRIMARY KEY, lon REAL NOT NULL, lat REAL NOT NULL);
CREATE TABLE edge (
    a INTEGER NOT NULL, b INTEGER NOT NULL, name TEXT,
    foot INTEGER NOT NULL, car INTEGER NOT NULL, oneway INTEGER NOT NULL, line BLOB NOT NULL
);
"""
SAME_STREET_M = 300.0  # two pieces of one name farther apart are two streets of two quarters
SAME_PLACE_M = 60.0  # a shop mapped both as a point and as a building is one
LOCALITY_M = 5_000.0  # beyond it the nearest quarter's name says nothing
NEAREST_STREET_M = 80.0  # a house number without street belongs to the street in front of it


def pack(line: Iterable[LonLat]) -> bytes:
    """Return a line as float64 longitude, latitude, longitude…"""
    return array("d", (degrees for at in line for degrees in at)).tobytes()


def unpack(blob: bytes) -> list[LonLat]:
    """Return the line ``pack`` was given."""
    flat = array("d", blob)
    return list(zip(flat[::2], flat[1::2], strict=True))


def write_places(path: Path, extract: Extract) -> None:
    """Write what ``extract`` knows of names and ways to the new file ``path``."""
    database = sqlite3.connect(path)
    try:
        with database:
            database.executescript(f"PRAGMA user_version = {SCHEMA_VERSION};{SCHEMA}")
            _Names(database, extract).write()
            _write_graph(database, extract.roads)
    finally:
        database.close()


class _Names:
    """Streets first, then their addresses, then every other named thing."""

    def __init__(self, database: sqlite3.Connection, extract: Extract) -> None:
        self._database = database
        self._extract = extract
        self._plane = Plane(extract.centre[1])
        towns = [point for point in extract.points if point.kind in features.SETTLEMENTS]
        self._towns = [town.name for town in towns]
        self._town_tree = shapely.STRtree([self._point(town.at) for town in towns])
        self._streets: dict[str, list[tuple[int, shapely.Geometry]]] = defaultdict(list)

    def write(self) -> None:
        named: dict[str, list[list[LonLat]]] = defaultdict(list)
        for road in self._extract.roads:
            if road.name:
                named[road.name].append([at for _, at in road.nodes])
        for name, lines in named.items():
            shapes = [self._line(line) for line in lines]
            for cluster in _clusters(shapes, SAME_STREET_M):
                longest = max((lines[index] for index in cluster), key=length_m)
                place = self._place(name, "street", along(longest, length_m(longest) / 2))
                self._database.executemany(
                    "INSERT INTO street_line VALUES (?, ?)",
                    [(place, pack(lines[index])) for index in cluster],
                )
                shape = shapely.MultiLineString([shapes[index] for index in cluster])
                self._streets[name].append((place, shape))
        self._write_addresses()
        self._write_points()

    def _write_addresses(self) -> None:
        fronts = [(place, shape) for all_ in self._streets.values() for place, shape in all_]
        tree = shapely.STRtree([shape for _, shape in fronts])
        for address in self._extract.addresses:
            at = self._point(address.at)
            place = self._street_of(address, at)
            if place is None:
                near = tree.query_nearest(at, max_distance=NEAREST_STREET_M, all_matches=False)
                if not len(near):
                    continue
                place = fronts[int(near[0])][0]
            self._database.execute(
                "INSERT INTO address VALUES (?, ?, ?, ?)", (place, address.number, *address.at)
            )

    def _street_of(self, address: Address, at: shapely.Geometry) -> int | None:
        """Return the street the address names: the nearest of that name, or a new one."""
        if address.street is None:
            return None
        known = self._streets[address.street]
        if not known:
            known.append((self._place(address.street, "street", address.at), at))
        return min(known, key=lambda street: float(shapely.distance(street[1], at)))[0]

    def _write_points(self) -> None:
        named: dict[tuple[str, str], list[NamedPoint]] = defaultdict(list)
        for point in self._extract.points:
            named[point.name, point.kind].append(point)
        for (name, kind), points in named.items():
            shapes = [self._point(point.at) for point in points]
            for cluster in _clusters(shapes, SAME_PLACE_M):
                self._place(name, kind, points[cluster[0]].at)

    def _place(self, name: str, kind: str, at: LonLat) -> int:
        near = self._town_tree.query_nearest(
            self._point(at), max_distance=LOCALITY_M, all_matches=False
        )
        locality = self._towns[int(near[0])] if len(near) else None
        row = self._database.execute(
            "INSERT INTO place (name, kind, lon, lat, locality) VALUES (?, ?, ?, ?, ?)",
            (name, kind, *at, locality if locality != name else None),
        )
        return int(row.lastrowid or 0)

    def _point(self, at: LonLat) -> shapely.Geometry:
        return Point(self._plane.to_metres(*at))

    def _line(self, line: Sequence[LonLat]) -> shapely.Geometry:
        return LineString([self._plane.to_metres(*at) for at in line])


def _clusters(shapes: Sequence[shapely.Geometry], reach_m: float) -> list[list[int]]:
    """Return the groups of ``shapes`` linked by steps of at most ``reach_m``, in their order."""
    parent = list(range(len(shapes)))

    def root(index: int) -> int:
        while parent[index] != index:
            index = parent[index]
        return index

    pairs = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=reach_m)
    for one, other in sorted(zip(*pairs.tolist(), strict=True)):
        low, high = sorted((root(one), root(other)))
        parent[high] = low
    groups: dict[int, list[int]] = defaultdict(list)
    for index in range(len(shapes)):
        groups[root(index)].append(index)
    return list(groups.values())


def _write_graph(database: sqlite3.Connection, roads: Sequence[RoadWay]) -> None:
    """Cut the ways where they meet: an edge runs from one crossing or end to the next."""
    ways = [road for road in roads if road.foot or road.car]
    uses: dict[int, int] = defaultdict(int)
    for road in ways:
        for index, (node, _) in enumerate(road.nodes):
            uses[node] += 2 if index in {0, len(road.nodes) - 1} else 1
    places: dict[int, LonLat] = {}
    for road in ways:
        start = 0
        for end in range(1, len(road.nodes)):
            if uses[road.nodes[end][0]] < 2:
                continue
            piece = road.nodes[start : end + 1]
            (a, at_a), (b, at_b) = piece[0], piece[-1]
            places[a], places[b] = at_a, at_b
            database.execute(
                "INSERT INTO edge VALUES (?, ?, ?, ?, ?, ?, ?)",
                (a, b, road.name, road.foot, road.car, road.oneway, pack(at for _, at in piece)),
            )
            start = end
    database.executemany(
        "INSERT INTO node VALUES (?, ?, ?)", [(node, *at) for node, at in sorted(places.items())]
    )
