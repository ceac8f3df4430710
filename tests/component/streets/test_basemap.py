"""A map is whole or not there, says what it covers, and is the same when built twice."""

import json
from pathlib import Path

import osmium
import pytest
from osmium.osm.mutable import Node

from server.streets.basemap import DESCRIPTION, PLACES, TILES, MapBuild, build_map, read_map
from server.streets.command import build, map_folder
from server.streets.errors import MapSourceEmpty, MapSourceUnreadable, MapUnreadable
from server.streets.features import LAYERS
from tests.component.streets.conftest import at, write_village
from tests.component.streets.pmtiles import metadata, zooms


def quiet(_: str) -> None: ...


def test_tiles_hold_every_layer_the_village_has(village: Path) -> None:
    layers = {layer["id"] for layer in metadata(village / TILES)["vector_layers"]}

    assert layers == set(LAYERS)
    assert zooms(village / TILES) == (10, 15)


def test_description_says_what_the_map_covers(village: Path) -> None:
    found = read_map(village)

    assert found is not None
    west, south, east, north = found.bounds
    assert west < at(0, 0)[0] < at(4, 0)[0] < east
    assert south < at(0, 0)[1] < at(0, 4)[1] < north
    assert west < found.centre[0] < east
    assert found.attribution == "© OpenStreetMap contributors"
    assert found.features["roads"] == 5


def test_tiles_name_their_source_and_no_folder_of_ours(village: Path) -> None:
    found = metadata(village / TILES)

    assert found["attribution"] == "© OpenStreetMap contributors"
    assert str(village.parent) not in json.dumps(found)


def test_same_extract_gives_the_same_map(village: Path, tmp_path: Path) -> None:
    again = build_map(village.parent / "village.osm.pbf", tmp_path / "map", progress=quiet)

    first = read_map(village)
    assert first is not None
    assert again == first
    for name in (TILES, PLACES, DESCRIPTION):
        assert (tmp_path / "map" / name).read_bytes() == (village / name).read_bytes()


@pytest.mark.parametrize("content", [b"", b"<html>no</html>", b"\x00\x00\x00\x0d\x0a\x09OSMH"])
def test_what_is_no_extract_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    pbf = tmp_path / "town.osm.pbf"
    pbf.write_bytes(content)

    with pytest.raises(MapSourceUnreadable, match=r"town\.osm\.pbf"):
        build_map(pbf, tmp_path / "map", progress=quiet)


def test_missing_extract_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MapSourceUnreadable, match="is not a file"):
        build_map(tmp_path / "none.osm.pbf", tmp_path / "map", progress=quiet)


def test_truncated_extract_is_refused_and_leaves_the_old_map(village: Path, tmp_path: Path) -> None:
    whole = (village.parent / "village.osm.pbf").read_bytes()
    pbf, folder = tmp_path / "town.osm.pbf", tmp_path / "map"
    pbf.write_bytes(whole)
    before = build_map(pbf, folder, progress=quiet)
    pbf.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(MapSourceUnreadable):
        build_map(pbf, folder, progress=quiet)

    assert read_map(folder) == before
    assert sorted(path.name for path in folder.iterdir()) == [DESCRIPTION, PLACES, TILES]


def test_extract_without_a_road_is_refused(tmp_path: Path) -> None:
    pbf = tmp_path / "sea.osm.pbf"
    with osmium.SimpleWriter(str(pbf)) as writer:
        writer.add_node(Node(id=1, location=(2.0, 48.5), tags={"name": "Rocher"}, version=1))

    with pytest.raises(MapSourceEmpty):
        build_map(pbf, tmp_path / "map", progress=quiet)


def test_open_tiles_stay_whole_while_a_new_map_replaces_them(tmp_path: Path) -> None:
    pbf, folder = tmp_path / "town.osm.pbf", tmp_path / "map"
    write_village(pbf)
    build_map(pbf, folder, progress=quiet)
    before = (folder / TILES).read_bytes()

    with (folder / TILES).open("rb") as reader:
        head = reader.read(100)
        build_map(pbf, folder, progress=quiet)
        assert head + reader.read() == before


def test_no_map_yet_is_told_from_a_damaged_one(tmp_path: Path) -> None:
    assert read_map(tmp_path) is None
    (tmp_path / DESCRIPTION).write_text('{"bounds": [1, 2]}')

    with pytest.raises(MapUnreadable):
        read_map(tmp_path)


def test_command_builds_into_the_data_folder_and_tells_its_steps(tmp_path: Path) -> None:
    pbf = tmp_path / "town.osm.pbf"
    write_village(pbf)
    told: list[str] = []

    built = build(pbf, data_dir=tmp_path / "data", progress=told.append)

    assert read_map(map_folder(tmp_path / "data")) == built
    assert told[0] == "Reading town.osm.pbf"


def test_central_helsinki_is_built_with_its_streets(helsinki: tuple[Path, MapBuild]) -> None:
    folder, built = helsinki

    assert built.features["roads"] > 2000
    assert built.features["buildings"] > 400
    assert (folder / TILES).stat().st_size > 100_000


def test_monaco_has_its_sea_although_only_its_coast_is_mapped(
    monaco: tuple[Path, MapBuild],
) -> None:
    _, built = monaco

    assert built.features["boundaries"] > 10
    assert built.features["water"] >= 10
