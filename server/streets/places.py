"""From coordinates to an address, and from a few letters to a place: addresses, not coordinates.

Everything is in memory after the first question (a town is some ten thousand names) and read again
when a new map replaces the file.
"""

import re
import sqlite3
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from threading import Lock

import shapely

from server.streets.basemap import PLACES
from server.streets.errors import MapUnreadable
from server.streets.features import SETTLEMENTS
from server.streets.plane import LonLat, Plane
from server.streets.store import SCHEMA_VERSION, unpack

NUMBER_WITHIN_M = 30.0  # a house number farther away names another house
STREET_WITHIN_M = 250.0  # beyond it a street's name would mislead

# As people type them; a word's beginning needs no entry ("av" finds "avenue").
ABBREVIATIONS = {
    "bd": "boulevard",
    "bld": "boulevard",
    "blvd": "boulevard",
    "fbg": "faubourg",
    "rte": "route",
    "st": "saint",
    "ste": "sainte",
}
SUFFIXES = frozenset({"bis", "ter", "quater"})
STOPS = frozenset(
    {"stop", "tram_stop", "bus_stop", "platform", "stop_position", "subway_entrance", "taxi"}
)

# Letters that Unicode does not decompose into a base letter and an accent.
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "’": " ", "-": " "})


@dataclass(frozen=True, slots=True)
class Place:
    """Something found by name. ``kind`` is ``street``, ``address`` or an OSM value (``school``)."""

    name: str
    kind: str
    lon: float
    lat: float
    locality: str | None  # the quarter or town it is near, to tell two of a name apart


def fold(text: str) -> str:
    """Return ``text`` as it is compared: no accents, no case, apostrophes and hyphens as spaces."""
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return " ".join(plain.replace("'", " ").split())


class Places:
    """The names of the map in one folder; empty until a map is built there.

    Safe to use from several threads. The first call after a build takes some 50 ms for a town; call
    ``load`` in an executor first where that matters. Raises MapUnreadable for a damaged file.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / PLACES
        self._lock = Lock()
        self._seen: tuple[int, int] | None = None  # inode and time of what is loaded
        self._names = _Names.empty()

    def load(self) -> None:
        """Read the file if it is new. Blocks."""
        self._current()

    def describe(self, lon: float, lat: float) -> str | None:
        """Return "12 Rue Haute", else the nearest street's name, else None.

        The number is given if its house is within 30 m, the street if it is within 250 m.
        """
        if not (isfinite(lon) and isfinite(lat)):
            return None
        return self._current().describe((lon, lat))

    def search(self, text: str, limit: int = 10) -> list[Place]:
        """Return what ``text`` may mean, best first: streets, addresses ("12 rue haute"), things.

        Accents, case and hyphens do not count; every word must begin a word of the name.
        """
        words = fold(text).split()
        if not words or limit < 1:
            return []
        return self._current().search(words, limit)

    def _current(self) -> "_Names":
        with self._lock:
            try:
                found = self._path.stat()
            except FileNotFoundError:
                self._seen, self._names = None, _Names.empty()
                return self._names
            seen = (found.st_ino, found.st_mtime_ns)
            if seen != self._seen:
                self._names = _read(self._path)
                self._seen = seen
            return self._names


@dataclass(frozen=True, slots=True)
class _Names:
    plane: Plane
    places: list[Place]
    folded: list[str]  # the names as they are compared, a space before each word
    numbers: dict[int, list[tuple[str, LonLat]]]  # street (index into places) → its houses
    houses: list[str]  # "12 Rue Haute", as the tree's order
    house_tree: shapely.STRtree
    line_names: list[str]
    line_tree: shapely.STRtree

    @classmethod
    def empty(cls) -> "_Names":
        nothing = shapely.STRtree([])
        return cls(Plane(0.0), [], [], {}, [], nothing, [], nothing)

    def describe(self, at: LonLat) -> str | None:
        point = shapely.Point(self.plane.to_metres(*at))
        for tree, names, reach in (
            (self.house_tree, self.houses, NUMBER_WITHIN_M),
            (self.line_tree, self.line_names, STREET_WITHIN_M),
        ):
            near = tree.query_nearest(point, max_distance=reach, all_matches=False)
            if len(near):
                return names[int(near[0])]
        return None

    def search(self, words: list[str], limit: int) -> list[Place]:
        found = self._matching(words)
        for number, street in _house_numbers(words):
            found = [*self._houses(number, street), *found] or self._matching(street)
        return found[:limit]

    def _matching(self, words: list[str]) -> list[Place]:
        asked = " ".join(words)
        ranked = []
        for index in self._having(words):
            place, folded = self.places[index], self.folded[index]
            rank = (folded != f" {asked}", not folded.startswith(f" {asked}"), _weight(place))
            ranked.append((rank, len(folded), folded, index))
        return [self.places[index] for *_, index in sorted(ranked)]

    def _having(self, words: list[str]) -> list[int]:
        """Return the places in whose name each word begins a word."""
        having = list(range(len(self.folded)))
        for word in words:
            begins = f" {ABBREVIATIONS.get(word, word)}"
            having = [index for index in having if begins in self.folded[index]]
        return having

    def _houses(self, number: str, street: list[str]) -> list[Place]:
        found = []
        for index in self._having(street):
            place = self.places[index]
            for house, (lon, lat) in self.numbers.get(index, []):
                if number in _numbers_of(house):
                    name = f"{house} {place.name}"
                    found.append(Place(name, "address", lon, lat, place.locality))
                    break
        return sorted(found, key=lambda place: len(place.name))


def _weight(place: Place) -> int:
    """Return 0 for streets and squares, 2 for stops (many, of the same names), 1 for the rest."""
    if place.kind in {"street", "square"} or place.kind in SETTLEMENTS:
        return 0
    return 2 if place.kind in STOPS else 1


def _numbers_of(house: str) -> set[str]:
    """Return the numbers of one house: "8-10" answers to 8 and to 10, "12 bis" to 12bis."""
    return {fold(part).replace(" ", "") for part in re.split(r"[-–;,/]", house)}


def _house_numbers(words: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the readings of ``words`` as (number, street): the number comes first or last."""
    for at in sorted({0, len(words) - 2, len(words) - 1}):
        if not 0 <= at < len(words) or not words[at][0].isdigit():
            continue
        number, street = words[at], [*words[:at], *words[at + 1 :]]
        if at < len(words) - 1 and (words[at + 1] in SUFFIXES or len(words[at + 1]) == 1):
            yield number + words[at + 1], [*words[:at], *words[at + 2 :]]
        if street:
            yield number, street


def _read(path: Path) -> _Names:
    try:
        database = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
        try:
            (version,) = database.execute("PRAGMA user_version").fetchone()
            if version != SCHEMA_VERSION:
                raise MapUnreadable(f"{path} is of version {version}, not {SCHEMA_VERSION}")
            return _names(database)
        finally:
            database.close()
    except sqlite3.Error as error:
        raise MapUnreadable(f"{path}: {error}") from error


def _names(database: sqlite3.Connection) -> _Names:
    places: list[Place] = []
    index_of: dict[int, int] = {}
    for key, *columns in database.execute(
        "SELECT id, name, kind, lon, lat, locality FROM place ORDER BY id"
    ):
        index_of[key] = len(places)
        places.append(Place(*columns))
    plane = Plane(places[0].lat if places else 0.0)
    numbers: dict[int, list[tuple[str, LonLat]]] = defaultdict(list)
    houses: list[str] = []
    points: list[tuple[float, float]] = []
    for street, number, lon, lat in database.execute(
        "SELECT place_id, number, lon, lat FROM address ORDER BY rowid"
    ):
        index = index_of[street]
        numbers[index].append((number, (lon, lat)))
        houses.append(f"{number} {places[index].name}")
        points.append(plane.to_metres(lon, lat))
    line_names: list[str] = []
    lines = []
    for street, blob in database.execute("SELECT place_id, line FROM street_line ORDER BY rowid"):
        line_names.append(places[index_of[street]].name)
        lines.append(shapely.LineString([plane.to_metres(*at) for at in unpack(blob)]))
    return _Names(
        plane=plane,
        places=places,
        folded=[f" {fold(place.name)}" for place in places],
        numbers=dict(numbers),
        houses=houses,
        house_tree=shapely.STRtree([shapely.Point(point) for point in points]),
        line_names=line_names,
        line_tree=shapely.STRtree(lines),
    )
