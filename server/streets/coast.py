"""The sea: OpenStreetMap draws only the coastline, and says that water lies on its right.

https://wiki.openstreetmap.org/wiki/Tag:natural%3Dcoastline. A clipped extract seldom holds a
whole shore, so the lines are closed by the edge of the map; a line that stops short of the edge is
led straight to it. Sides are then voted for by each piece of coast, weighted by its length.
"""

from collections.abc import Sequence

import shapely
from shapely import LineString, Point, Polygon
from shapely.ops import nearest_points

from server.streets.plane import LonLat

type Bounds = tuple[float, float, float, float]  # west, south, east, north, degrees

_BESIDE = 5e-6  # degrees, about half a metre: a point surely on one side of a piece of coast


def sea(coast: Sequence[Sequence[LonLat]], bounds: Bounds) -> list[Polygon]:
    """Return the parts of ``bounds`` that are sea; none when no coastline crosses them."""
    frame = shapely.box(*bounds)
    lines = [LineString(line) for line in coast if len(line) > 1]
    lines = [line for line in lines if line.intersects(frame)]
    if not lines:
        return []
    shores = _closed_by(frame, lines)
    faces = [
        face
        for face in shapely.get_parts(shapely.polygonize([shapely.union_all(shores)]))
        if frame.contains(face.representative_point())
    ]
    votes = _votes(lines, faces, frame)
    return [face for face, vote in zip(faces, votes, strict=True) if vote > 0]


def _closed_by(frame: Polygon, lines: list[LineString]) -> list[shapely.Geometry]:
    """Return the coast inside ``frame``, its loose ends led to the edge, and the edge itself."""
    merged = shapely.line_merge(shapely.MultiLineString(lines), directed=True)
    inside = shapely.get_parts(shapely.intersection(merged, frame))
    edge = frame.exterior
    leads: list[shapely.Geometry] = []
    for part in inside:
        if not isinstance(part, LineString) or part.is_closed:
            continue
        for end in (part.coords[0], part.coords[-1]):
            point = Point(end)
            if edge.distance(point) > 0:
                leads.append(LineString([point, nearest_points(edge, point)[0]]))
    return [*inside, *leads, edge]


def _votes(lines: list[LineString], faces: list[Polygon], frame: Polygon) -> list[float]:
    """Return, per face, the length of coast that has it on its right minus that on its left."""
    votes = [0.0] * len(faces)
    tree = shapely.STRtree(faces)
    for line in lines:
        for (x1, y1), (x2, y2) in zip(line.coords[:-1], line.coords[1:], strict=True):
            length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
            inside = LineString([(x1, y1), (x2, y2)]).intersection(frame)
            if length == 0 or inside.length == 0:
                continue
            across_x, across_y = (y2 - y1) / length * _BESIDE, (x1 - x2) / length * _BESIDE
            middle = inside.centroid
            for sign in (1, -1):
                beside = Point(middle.x + sign * across_x, middle.y + sign * across_y)
                for index in tree.query(beside, predicate="within"):
                    votes[index] += sign * inside.length
    return votes
