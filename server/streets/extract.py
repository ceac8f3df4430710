"""Reads an OpenStreetMap extract once, and keeps what a control room's map is made of.

What is drawn goes straight to a file of GeoJSON lines (it may be large); names, addresses and ways
stay in memory until they are stored. Objects whose nodes the clip has cut away are kept as far as
their nodes are there.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import osmium
from osmium.filter import EmptyTagFilter, KeyFilter
from osmium.geom import GeoJSONFactory
from osmium.osm import RELATION, Area, Node, Relation, Way

from server.streets import features
from server.streets.coast import Bounds, sea
from server.streets.errors import MapSourceEmpty, MapSourceUnreadable
from server.streets.features import Drawn, Tags
from server.streets.plane import LonLat, Plane

AREA_KEYS = ("building", "natural", "waterway", "landuse", "leisure", "amenity", "highway", "place")
MARGIN_M = 150.0  # of ground drawn beyond the outermost road
MUNICIPAL_LEVEL = 8  # admin_level of a commune; finer boundaries would be noise on the map


@dataclass(frozen=True, slots=True)
class NamedPoint:
    """A named thing search can find: ``kind`` is the OSM value that says what it is."""

    name: str
    kind: str
    at: LonLat


@dataclass(frozen=True, slots=True)
class Address:
    """A house number; ``street`` is None where the extract does not say which street it is of."""

    number: str
    street: str | None
    at: LonLat


@dataclass(frozen=True, slots=True)
class RoadWay:
    """A road as surveyed: node ids and places, in the way's direction."""

    name: str | None
    nodes: Sequence[tuple[int, LonLat]]
    foot: bool
    car: bool
    oneway: int  # for cars: 1, 0 or -1, as features.oneway


@dataclass(slots=True)
class Extract:
    """What was read. ``bounds`` is west, south, east, north, in degrees."""

    bounds: Bounds = (0.0, 0.0, 0.0, 0.0)
    centre: LonLat = (0.0, 0.0)
    drawn: Counter[str] = field(default_factory=Counter)  # objects per layer
    points: list[NamedPoint] = field(default_factory=list)
    addresses: list[Address] = field(default_factory=list)
    roads: list[RoadWay] = field(default_factory=list)


def read_extract(pbf: Path, sink: TextIO) -> Extract:
    """Read ``pbf``; write one GeoJSON feature a line to ``sink``.

    Raises MapSourceUnreadable for a file that is missing, truncated or no PBF, MapSourceEmpty for
    one without a road.
    """
    try:
        return _Reading(pbf, sink).run()
    except (RuntimeError, OSError) as error:  # osmium's own errors are bare RuntimeErrors
        raise MapSourceUnreadable(f"{pbf.name}: {error}") from error


class _Reading:
    """One pass over relations, then one over everything."""

    def __init__(self, pbf: Path, sink: TextIO) -> None:
        self._pbf = pbf
        self._sink = sink
        self._geojson = GeoJSONFactory()
        self._extract = Extract()
        self._coast: list[list[LonLat]] = []
        self._boundary_ways: dict[int, int] = {}  # way → its lowest admin_level
        self._street_of: dict[tuple[str, int], str] = {}  # (type, id) → addr:street by relation

    def run(self) -> Extract:
        box = osmium.FileProcessor(str(self._pbf)).header.box()
        for relation in osmium.FileProcessor(str(self._pbf), RELATION):
            if isinstance(relation, Relation):
                self._relation(relation)
        everything = (
            osmium.FileProcessor(str(self._pbf))
            .with_locations()
            .with_areas(KeyFilter(*AREA_KEYS))
            .with_filter(EmptyTagFilter())
        )
        for thing in everything:
            tags = {tag.k: tag.v for tag in thing.tags}
            if isinstance(thing, Node):
                self._node(thing, tags)
            elif isinstance(thing, Way):
                self._way(thing, tags)
            elif isinstance(thing, Area):
                self._area(thing, tags)
        if not self._extract.roads:
            raise MapSourceEmpty(f"{self._pbf.name}: no road in it")
        declared = (
            (box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat)
            if box.valid()
            else None
        )
        self._frame(declared)
        self._sea()
        return self._extract

    def _relation(self, relation: Relation) -> None:
        tags = {tag.k: tag.v for tag in relation.tags}
        if tags.get("boundary") == "administrative":
            level = _level(tags)
            for member in relation.members:
                if member.type == "w":
                    known = self._boundary_ways.get(member.ref, level)
                    self._boundary_ways[member.ref] = min(known, level)
        elif tags.get("type") == "associatedStreet" and "name" in tags:
            for member in relation.members:
                self._street_of[member.type, member.ref] = tags["name"]

    def _node(self, node: Node, tags: Tags) -> None:
        if not node.location.valid():
            return
        at = (node.location.lon, node.location.lat)
        self._named(tags, at)
        self._address(tags, at, self._street_of.get(("n", node.id)))

    def _way(self, way: Way, tags: Tags) -> None:
        level = min(self._boundary_ways.get(way.id, 99), _level(tags))
        drawn = features.line(tags)
        for run in _runs(way):
            line = [at for _, at in run]
            if tags.get("natural") == "coastline":
                self._coast.append(line)
            if level <= MUNICIPAL_LEVEL:
                self._write_line(Drawn("boundaries", 10, {"level": level}), line)
            if drawn is None:
                continue
            self._write_line(drawn, line)
            foot, car = features.may_walk(tags), features.may_drive(tags)
            if drawn.layer == "roads":
                self._extract.roads.append(
                    RoadWay(tags.get("name"), run, foot, car, features.oneway(tags))
                )

    def _area(self, area: Area, tags: Tags) -> None:
        drawn = features.area(tags)
        number = tags.get("addr:housenumber")
        kind = features.place_kind(tags) if tags.get("name") else None
        if drawn is None and number is None and kind is None:
            return
        if drawn is not None:
            self._write(drawn, self._geojson.create_multipolygon(area))
        if number is not None or kind is not None:
            at = _middle(area)
            if tags.get("place") not in features.SETTLEMENTS:  # its node names it already
                self._named(tags, at)
            member = ("w" if area.from_way() else "r", area.orig_id())
            self._address(tags, at, self._street_of.get(member))

    def _named(self, tags: Tags, at: LonLat) -> None:
        if (label := features.label(tags)) is not None:
            self._write(label, json.dumps({"type": "Point", "coordinates": at}))
        if "name" in tags and (kind := features.place_kind(tags)) is not None:
            self._extract.points.append(NamedPoint(tags["name"], kind, at))

    def _address(self, tags: Tags, at: LonLat, by_relation: str | None) -> None:
        if not (number := _number(tags.get("addr:housenumber", ""))):
            return
        street = tags.get("addr:street") or by_relation or tags.get("addr:place")
        self._extract.addresses.append(Address(number, street, at))
        point = json.dumps({"type": "Point", "coordinates": at})
        self._write(Drawn("addresses", 15, {"number": number}), point)

    def _write_line(self, drawn: Drawn, line: Sequence[LonLat]) -> None:
        self._write(drawn, json.dumps({"type": "LineString", "coordinates": line}))

    def _write(self, drawn: Drawn, geometry: str) -> None:
        self._extract.drawn[drawn.layer] += 1
        placed = json.dumps({"layer": drawn.layer, "minzoom": drawn.min_zoom})
        properties = json.dumps(drawn.properties, ensure_ascii=False)
        self._sink.write(
            f'{{"type":"Feature","tippecanoe":{placed},"properties":{properties},'
            f'"geometry":{geometry}}}\n'
        )

    def _frame(self, declared: Bounds | None) -> None:
        """Set bounds to the roads' extent and a margin, within what the file says it covers."""
        lons = sorted(at[0] for road in self._extract.roads for _, at in road.nodes)
        lats = sorted(at[1] for road in self._extract.roads for _, at in road.nodes)
        plane = Plane(lats[len(lats) // 2])
        east, north = plane.to_degrees(MARGIN_M, MARGIN_M)
        west, south = lons[0] - east, lats[0] - north
        east, north = lons[-1] + east, lats[-1] + north
        if declared is not None:
            west, south = max(west, declared[0]), max(south, declared[1])
            east, north = min(east, declared[2]), min(north, declared[3])
        self._extract.bounds = (round(west, 6), round(south, 6), round(east, 6), round(north, 6))
        # The middle road node, not the middle of the box: a town is rarely centred in its extract.
        self._extract.centre = (round(lons[len(lons) // 2], 6), round(lats[len(lats) // 2], 6))

    def _sea(self) -> None:
        for face in sea(self._coast, self._extract.bounds):
            rings = [list(ring.coords) for ring in (face.exterior, *face.interiors)]
            polygon = json.dumps({"type": "Polygon", "coordinates": rings})
            self._write(Drawn("water", 10, {"class": "sea"}), polygon)


def _level(tags: Tags) -> int:
    """Return the admin_level of a boundary, 99 for what is none."""
    text = tags.get("admin_level", "") if tags.get("boundary") == "administrative" else ""
    return int(text) if text.isdecimal() else 99


def _number(text: str) -> str:
    """Return a house number without the floor and hall some surveyors write behind a comma."""
    head, _, tail = text.partition(",")
    return (text if len(tail.strip()) <= 4 else head).strip()  # "1,3" is two numbers: kept


def _runs(way: Way) -> Iterator[list[tuple[int, LonLat]]]:
    """Yield the way's stretches of two nodes or more that the extract still holds."""
    run: list[tuple[int, LonLat]] = []
    for node in way.nodes:
        if node.location.valid():
            run.append((node.ref, (node.location.lon, node.location.lat)))
            continue
        if len(run) > 1:
            yield run
        run = []
    if len(run) > 1:
        yield run


def _middle(area: Area) -> LonLat:
    """Return the middle of the area's first outline: near enough for a label or an address."""
    ring = next(iter(area.outer_rings()))
    lons = [node.lon for node in ring]
    lats = [node.lat for node in ring]
    return (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2
