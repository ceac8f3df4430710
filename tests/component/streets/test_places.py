"""Addresses instead of coordinates, and places found as people type them."""

from pathlib import Path

import pytest

from server.streets.basemap import PLACES, MapBuild, build_map
from server.streets.errors import MapUnreadable
from server.streets.places import Places, fold
from tests.component.streets.conftest import at, write_village


def test_a_house_within_thirty_metres_gives_its_number(village: Path) -> None:
    assert Places(village).describe(*at(1.1, 0.05)) == "12 Rue de l'Église"


def test_farther_from_a_house_the_street_is_named(village: Path) -> None:
    assert Places(village).describe(*at(0.2, 0.1)) == "Rue de l'Église"


def test_far_from_any_street_there_is_no_address(village: Path) -> None:
    assert Places(village).describe(*at(40, 0)) is None
    assert Places(village).describe(float("nan"), 48.5) is None


def test_house_without_a_street_belongs_to_the_one_in_front(village: Path) -> None:
    assert Places(village).describe(*at(2.1, 3)) == "8-10 Boulevard Saint-Michel"


def test_house_takes_its_street_from_an_associated_street_relation(village: Path) -> None:
    assert Places(village).describe(*at(3.9, 3)) == "3 Rue des Œillets"


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("eglise", "Rue de l'Église"),
        ("RUE DE L EGLISE", "Rue de l'Église"),
        ("oeillets", "Rue des Œillets"),
        ("bd st michel", "Boulevard Saint-Michel"),
        ("pasteur", "École Pasteur"),
        ("12 rue de l'eglise", "12 Rue de l'Église"),
        ("rue de l'église 12", "12 Rue de l'Église"),
        ("14 bis eglise", "14 bis Rue de l'Église"),
        ("14bis eglise", "14 bis Rue de l'Église"),
        ("10 saint michel", "8-10 Boulevard Saint-Michel"),
        ("99 eglise", "Rue de l'Église"),
    ],
)
def test_places_are_found_as_people_type_them(village: Path, typed: str, first: str) -> None:
    assert Places(village).search(typed, 5)[0].name == first


def test_what_is_found_says_what_it_is_and_near_what(village: Path) -> None:
    found = Places(village).search("parc", 5)[0]

    assert (found.kind, found.locality) == ("park", "Saint-Exemple")
    assert (found.lon, found.lat) == pytest.approx(at(3.25, 1.25), abs=1e-5)


def test_nothing_typed_finds_nothing(village: Path) -> None:
    assert Places(village).search("  ' ", 5) == []
    assert Places(village).search("rue", 0) == []
    assert Places(village).search("zzz", 5) == []


def test_no_more_than_the_limit_is_given(village: Path) -> None:
    assert len(Places(village).search("rue", 2)) == 2


def test_without_a_map_there_are_no_names(tmp_path: Path) -> None:
    places = Places(tmp_path)

    assert places.describe(2.0, 48.5) is None
    assert places.search("rue", 5) == []


def test_a_map_built_later_is_seen_without_a_restart(tmp_path: Path) -> None:
    places = Places(tmp_path / "map")
    assert places.search("eglise", 5) == []
    write_village(tmp_path / "town.osm.pbf")

    build_map(tmp_path / "town.osm.pbf", tmp_path / "map", progress=lambda _: None)

    assert places.search("eglise", 5)[0].name == "Rue de l'Église"


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / PLACES).write_bytes(b"SQLite format 3\x00 and then nothing of use")

    with pytest.raises(MapUnreadable, match=r"places\.sqlite"):
        Places(tmp_path).search("rue", 5)


def test_real_streets_of_helsinki_are_found_and_described(helsinki: tuple[Path, MapBuild]) -> None:
    places = Places(helsinki[0])

    street = places.search("aleksanterink", 5)[0]

    assert (street.name, street.kind) == ("Aleksanterinkatu", "street")
    assert places.describe(24.9451638, 60.1695198) == "8 Mikonkatu"


def test_real_french_names_of_monaco_are_found_without_accents(
    monaco: tuple[Path, MapBuild],
) -> None:
    assert Places(monaco[0]).search("bd moulins", 5)[0].name == "Boulevard des Moulins"


def test_folding_keeps_letters_and_drops_marks() -> None:
    assert fold("Œuvre  de l’Abbé-Grégoire") == "oeuvre de l abbe gregoire"
