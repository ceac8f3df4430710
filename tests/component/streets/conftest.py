"""A village written by us as a real PBF, and the towns that lie beside the checkout."""

from pathlib import Path

import osmium
import pytest
from osmium.osm.mutable import Node, Relation, Way

from server.streets.basemap import MapBuild, build_map

ROOT = Path(__file__).parents[3]
SHARED = ROOT.parent / "shared" / "data" / "osm"

# A hundred metres at 48.5° N, in degrees of longitude and latitude.
EAST, NORTH = 0.001357, 0.000899
WEST_END, SOUTH_END = 2.0, 48.5


def at(east: float, north: float) -> tuple[float, float]:
    """Return the place so many hundred metres from the village's south-west corner."""
    return WEST_END + east * EAST, SOUTH_END + north * NORTH


def write_village(path: Path) -> None:
    """Write four streets, three houses, a school, a park, a tram, a lake shore and a boundary."""
    nodes = {
        1: (0, 0), 2: (2, 0), 3: (4, 0),  # Rue de l'Église, from west to east
        4: (2, 2), 5: (2, 4),  # Boulevard Saint-Michel, from the crossing at 2 to the north
        6: (4, 2), 7: (4, 4),  # back to the village by one-way streets
        8: (1, 1), 9: (1.5, 1), 10: (1.5, 1.5), 11: (1, 1.5),  # the school
        12: (3, 1), 13: (3.5, 1), 14: (3.5, 1.5), 15: (3, 1.5),  # the park
        20: (-1, 5), 21: (2, 4.6), 22: (5, 5),  # the shore: water to the north
        30: (0, 2), 31: (0, 4),  # a street of its own, joined to nothing
    }  # fmt: skip
    ways: dict[int, tuple[list[int], dict[str, str]]] = {
        100: ([1, 2, 3], {"highway": "residential", "name": "Rue de l'Église"}),
        101: ([2, 4, 5], {"highway": "secondary", "name": "Boulevard Saint-Michel"}),
        102: (
            [3, 6, 4],
            {"highway": "residential", "name": "Rue des Œillets", "oneway": "yes"},
        ),
        103: ([6, 7, 5], {"highway": "footway"}),
        104: ([8, 9, 10, 11, 8], {"building": "yes", "amenity": "school", "name": "École Pasteur"}),
        105: ([12, 13, 14, 15, 12], {"leisure": "park", "name": "Parc du Lac"}),
        106: ([1, 4], {"railway": "tram"}),
        107: ([22, 21, 20], {"natural": "coastline"}),
        108: ([1, 5], {"boundary": "administrative", "admin_level": "8"}),
        109: ([30, 31], {"highway": "residential", "name": "Rue Perdue"}),
    }
    points: dict[int, tuple[tuple[float, float], dict[str, str]]] = {
        200: ((1, 0.1), {"addr:housenumber": "12", "addr:street": "Rue de l'Église"}),
        201: ((3, 0.1), {"addr:housenumber": "14 bis", "addr:street": "Rue de l'Église"}),
        202: ((2.1, 3), {"addr:housenumber": "8-10"}),
        203: ((2, 1), {"place": "village", "name": "Saint-Exemple"}),
        204: ((3.9, 3), {"addr:housenumber": "3"}),
    }
    with osmium.SimpleWriter(str(path)) as writer:
        for key, (east, north) in nodes.items():
            writer.add_node(Node(id=key, location=at(east, north), version=1))
        for key, ((east, north), tags) in points.items():
            writer.add_node(Node(id=key, location=at(east, north), tags=tags, version=1))
        for key, (refs, tags) in ways.items():
            writer.add_way(Way(id=key, nodes=refs, tags=tags, version=1))
        street = {"type": "associatedStreet", "name": "Rue des Œillets"}
        writer.add_relation(Relation(id=300, members=[("n", 204, "house")], tags=street, version=1))


@pytest.fixture(scope="session")
def village(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the village's built map."""
    folder = tmp_path_factory.mktemp("village")
    pbf = folder / "village.osm.pbf"
    write_village(pbf)
    build_map(pbf, folder / "map", progress=lambda _: None)
    return folder / "map"


def real_extract(name: str) -> Path:
    """Return a real extract's path, or skip the test with the reason."""
    for path in (SHARED / f"{name}.osm.pbf", ROOT / ".cache" / "demo" / f"{name}.osm.pbf"):
        if path.is_file():
            return path
    pytest.skip(f"{name}.osm.pbf is neither in ../shared/data/osm nor in .cache/demo")


@pytest.fixture(scope="session")
def helsinki(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, MapBuild]:
    """The folder and the description of central Helsinki's map."""
    folder = tmp_path_factory.mktemp("helsinki")
    return folder, build_map(real_extract("helsinki"), folder, progress=lambda _: None)


@pytest.fixture(scope="session")
def monaco(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, MapBuild]:
    """The folder and the description of Monaco's map."""
    folder = tmp_path_factory.mktemp("monaco")
    return folder, build_map(real_extract("monaco"), folder, progress=lambda _: None)
