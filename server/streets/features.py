"""What an OpenStreetMap object is on our map: its layer, its class, the zoom it appears at.

Plain functions of tags (https://wiki.openstreetmap.org/wiki/Map_features); no file is read.
The layers are ours, few, and named in ``LAYERS``; the style draws nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass

type Tags = Mapping[str, str]

LAYERS = ("roads", "buildings", "water", "landuse", "rail", "places", "addresses", "boundaries")

# highway=… → (our class, first zoom). The `_link` of a class is drawn as the class.
ROADS = {
    "motorway": ("motorway", 10),
    "trunk": ("trunk", 10),
    "primary": ("primary", 10),
    "secondary": ("secondary", 11),
    "tertiary": ("tertiary", 12),
    "residential": ("minor", 13),
    "unclassified": ("minor", 13),
    "living_street": ("minor", 13),
    "road": ("minor", 13),
    "pedestrian": ("pedestrian", 13),
    "service": ("service", 14),
    "track": ("path", 14),
    "footway": ("path", 14),
    "path": ("path", 14),
    "cycleway": ("path", 14),
    "bridleway": ("path", 14),
    "steps": ("steps", 14),
}
CAR_CLASSES = frozenset(
    {"motorway", "trunk", "primary", "secondary", "tertiary", "minor", "service"}
)

GREEN = {
    "leisure": {"park", "garden", "playground", "pitch", "golf_course", "nature_reserve"},
    "landuse": {
        "grass",
        "forest",
        "meadow",
        "cemetery",
        "recreation_ground",
        "village_green",
        "allotments",
        "orchard",
        "vineyard",
    },
    "natural": {"wood", "scrub", "heath", "grassland"},
}
SAND = {"natural": {"beach", "sand"}}
PUBLIC = {"amenity": {"school", "kindergarten", "college", "university", "hospital", "clinic"}}
WATER_AREAS = {
    "natural": {"water", "bay"},
    "waterway": {"riverbank", "dock"},
    "landuse": {"reservoir", "basin"},
}
RIVERS = {"river": 11, "canal": 12, "stream": 14}
RAILS = {"rail": 12, "light_rail": 12, "subway": 13, "tram": 14, "funicular": 13}
SETTLEMENTS = {
    "city": 1,
    "town": 2,
    "village": 3,
    "suburb": 4,
    "quarter": 5,
    "neighbourhood": 6,
    "hamlet": 6,
}

# Landmarks a crew steers by get a label; every other named thing is found by search only.
LANDMARKS = {
    "amenity": {
        "townhall",
        "police",
        "fire_station",
        "hospital",
        "school",
        "college",
        "university",
        "library",
        "theatre",
        "courthouse",
        "place_of_worship",
        "marketplace",
        "bus_station",
    },
    "railway": {"station", "halt"},
    "tourism": {"museum"},
    "leisure": {"park", "stadium", "sports_centre"},
    "place": {"square"},
}
NAMED_KEYS = (
    "place",
    "railway",
    "public_transport",
    "amenity",
    "tourism",
    "leisure",
    "shop",
    "historic",
    "office",
    "man_made",
    "building",
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """How one object is drawn: where it goes, from which zoom, and what the style may read."""

    layer: str
    min_zoom: int
    properties: Mapping[str, str | int]


def _is(tags: Tags, table: Mapping[str, set[str]]) -> str | None:
    """Return the value of ``tags`` that ``table`` knows, or None."""
    for key, values in table.items():
        if (value := tags.get(key)) in values:
            return value
    return None


def _named(tags: Tags, **properties: str | int) -> Mapping[str, str | int]:
    name = tags.get("name")
    return {**properties, "name": name} if name else properties


def road_class(tags: Tags) -> str | None:
    """Return our class of a way's road, or None if it is not one to walk or drive along."""
    entry = ROADS.get(tags.get("highway", "").removesuffix("_link"))
    if entry is None or tags.get("indoor") == "yes":
        return None
    return entry[0]


def oneway(tags: Tags) -> int:
    """Return 1 if cars follow the way's direction only, -1 if they go against it, 0 if both."""
    value = tags.get("oneway", "")
    if value in {"yes", "1", "true"}:
        return 1
    if value in {"-1", "reverse"}:
        return -1
    if value == "no":
        return 0
    implied = tags.get("junction") in {"roundabout", "circular"} or tags.get("highway") in {
        "motorway",
        "motorway_link",
    }
    return 1 if implied else 0


def line(tags: Tags) -> Drawn | None:
    """Return how an open (or closed, but linear) way is drawn, or None if it is not."""
    if (kind := road_class(tags)) is not None and tags.get("area") != "yes":
        return _road(tags, kind)
    if (rail := tags.get("railway")) in RAILS and tags.get("service") is None:
        return Drawn("rail", RAILS[rail], {"class": rail, **_levels(tags)})
    if (river := tags.get("waterway")) in RIVERS and tags.get("tunnel") is None:
        return Drawn("water", RIVERS[river], _named(tags, **{"class": "river"}))
    return None


def _levels(tags: Tags) -> dict[str, int]:
    """Return the flags of a tunnel or a bridge, when set."""
    return {key: 1 for key in ("tunnel", "bridge") if tags.get(key, "no") != "no"}


def _road(tags: Tags, kind: str) -> Drawn:
    zoom = ROADS[tags["highway"].removesuffix("_link")][1]
    properties: dict[str, str | int] = {"class": kind, **_levels(tags)}
    if (direction := oneway(tags)) and kind in CAR_CLASSES:
        properties["oneway"] = direction
    return Drawn("roads", zoom, _named(tags, **properties))


def area(tags: Tags) -> Drawn | None:
    """Return how an area is drawn, or None if it is not."""
    if tags.get("building", "no") != "no":
        return Drawn("buildings", 14, {})
    if _is(tags, WATER_AREAS):
        return Drawn("water", 10, _named(tags, **{"class": "water"}))
    if _is(tags, GREEN):
        return Drawn("landuse", 11, {"class": "green"})
    if _is(tags, SAND):
        return Drawn("landuse", 12, {"class": "sand"})
    if _is(tags, PUBLIC):
        return Drawn("landuse", 13, {"class": "public"})
    squares = tags.get("highway") == "pedestrian" or tags.get("place") == "square"
    return Drawn("landuse", 14, {"class": "square"}) if squares else None


def label(tags: Tags) -> Drawn | None:
    """Return how a named point is written on the map, or None if only search knows it."""
    if not tags.get("name"):
        return None
    if (settlement := tags.get("place")) in SETTLEMENTS:
        rank = SETTLEMENTS[settlement]
        return Drawn("places", 10 if rank < 4 else 12, _named(tags, kind=settlement, rank=rank))
    if (landmark := _is(tags, LANDMARKS)) is not None:
        return Drawn("places", 15, _named(tags, kind=landmark, rank=9))
    return None


def place_kind(tags: Tags) -> str | None:
    """Return the OSM value that says what a named thing is (``pharmacy``), or None."""
    for key in NAMED_KEYS:
        value = tags.get(key, "no")
        if value not in {"no", "yes"}:
            return value
    return None


def may_walk(tags: Tags) -> bool:
    """Whether a patrol on foot may take this road.

    Underground passages are left out: a unit sent to a point is wanted on the street above it.
    """
    if road_class(tags) in {None, "motorway"}:
        return False
    if tags.get("tunnel") == "yes" or tags.get("layer", "0").startswith("-"):
        return False
    return tags.get("foot", tags.get("access", "yes")) not in {"no", "private"}


def may_drive(tags: Tags) -> bool:
    """Whether a patrol car may take this road (its direction is ``oneway``'s answer)."""
    if road_class(tags) not in CAR_CLASSES:
        return False
    access = tags.get("motor_vehicle", tags.get("vehicle", tags.get("access", "yes")))
    return access not in {"no", "private"}
