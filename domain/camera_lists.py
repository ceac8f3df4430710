"""Lists of cameras: read from CSV or GeoJSON, and judged line by line before anything is kept."""

import csv
import io
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from domain.cameras import BadCamera, PlaceKind, split_user
from domain.errors import Invalid
from domain.identifiers import OrderId
from domain.positions import BadPosition, Point

MOST_LINES = 5_000
MOST_TEXT, MOST_NAME = 500, 200


class BadList(Invalid):
    code: ClassVar[str] = "bad-camera-list"
    title: ClassVar[str] = "This list can't be read"


class Verdict(StrEnum):
    NEW = "new"
    THERE = "there"
    REFUSED = "refused"


class Fault(StrEnum):
    """Why a line is refused; the set is closed."""

    NO_NAME = "no-name"
    BAD_NUMBER = "bad-number"
    NUMBER_TAKEN = "number-taken"
    TWICE = "twice"  # an earlier line has this number or this address
    BAD_ADDRESS = "bad-address"
    BAD_POINT = "bad-point"
    BAD_VIEW = "bad-view"  # bearing, field of view or range
    BAD_KIND = "bad-kind"
    UNKNOWN_ORDER = "unknown-order"
    TOO_LONG = "too-long"


#: What a column may be called, once accents, case and signs are taken away.
NAMES: Mapping[str, tuple[str, ...]] = {
    "number": ("number", "numero", "num", "no", "n"),
    "name": ("name", "nom", "libelle", "designation"),
    "main_url": ("mainurl", "url", "rtsp", "adresse", "address", "flux", "fluxprincipal"),
    "sub_url": ("suburl", "fluxsecondaire", "secondflux", "adressesecondaire"),
    "username": ("username", "user", "utilisateur", "identifiant", "login"),
    "password": ("password", "motdepasse", "mdp"),
    "lat": ("lat", "latitude", "y"),
    "lon": ("lon", "lng", "long", "longitude", "x"),
    "bearing_deg": ("bearingdeg", "bearing", "direction", "azimut", "cap", "orientation"),
    "field_of_view_deg": ("fieldofviewdeg", "fieldofview", "fov", "champ", "angle"),
    "range_m": ("rangem", "range", "portee", "distance"),
    "place": ("place", "lieu", "emplacement"),
    "place_kind": ("placekind", "nature", "natureducieu", "naturedulieu", "type"),
    "order": ("order", "arrete", "numeroarrete", "arreteprefectoral"),
}
_FIELDS = {alias: field for field, aliases in NAMES.items() for alias in aliases}
_KINDS = {
    "": PlaceKind.PUBLIC_ROAD,
    "publicroad": PlaceKind.PUBLIC_ROAD,
    "voiepublique": PlaceKind.PUBLIC_ROAD,
    "closedtopublic": PlaceKind.CLOSED_TO_PUBLIC,
    "fermeaupublic": PlaceKind.CLOSED_TO_PUBLIC,
    "nonouvertaupublic": PlaceKind.CLOSED_TO_PUBLIC,
}
#: What a camera looks like until somebody has turned its cone on the map.
VIEW = {"bearing_deg": 0.0, "field_of_view_deg": 70.0, "range_m": 50.0}
_BOUNDS = {"bearing_deg": (0, 360), "field_of_view_deg": (1, 361), "range_m": (1, 2_001)}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list as it was written: ``at`` is what a person calls its number."""

    at: int
    said: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A camera that a line asks for. User and password may also be in ``main_url``."""

    number: int
    name: str
    main_url: str
    sub_url: str | None
    username: str | None
    password: str | None
    point: Point
    bearing_deg: float
    field_of_view_deg: float
    range_m: float
    place: str
    place_kind: PlaceKind
    order_id: OrderId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    at: int
    number: int | None
    name: str
    verdict: Verdict
    faults: tuple[Fault, ...] = ()
    proposed: Proposed | None = None


@dataclass(frozen=True, slots=True)
class KnownCamera:
    """A camera of the commune, also one out of use: its number stays its own."""

    number: int
    main_url: str


def read_csv(text: str) -> list[Line]:
    """Read a table with a line of names; ``;``, ``,`` or tabs between. Raises ``BadList``."""
    text = text.removeprefix("\ufeff").lstrip("\r\n")
    first = text.partition("\n")[0]
    separator = max(";,\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=separator, strict=True))
    except csv.Error as error:
        raise BadList(f"the table is broken: {error}") from error
    if not rows:
        raise BadList("the list is empty")
    fields = [_FIELDS.get(_plain(name)) for name in rows[0]]
    if not {"name", "main_url"} <= set(fields):
        raise BadList("the first line names the columns; name and main_url are among them")
    lines = [
        Line(at, {f: _text(cell) for f, cell in zip(fields, row, strict=False) if f is not None})
        for at, row in enumerate(rows[1:], start=2)
        if any(cell.strip() for cell in row)
    ]
    return _counted(lines)


def read_geojson(text: str) -> list[Line]:
    """Read a collection of points (RFC 7946), named as the columns are. Raises ``BadList``."""
    try:
        document = json.loads(text)
        features = document["features"]
        assert isinstance(features, list)  # noqa: S101 caught below
    except (ValueError, KeyError, TypeError, AssertionError, RecursionError) as error:
        raise BadList("this is not a GeoJSON collection of points") from error
    return _counted([Line(at, _of_feature(one)) for at, one in enumerate(features, start=1)])


def _of_feature(feature: Any) -> dict[str, str]:
    if not isinstance(feature, dict):
        return {}
    said = feature.get("properties")
    found: dict[str, str] = {}
    for name, value in (said if isinstance(said, dict) else {}).items():
        field = _FIELDS.get(_plain(str(name)))
        if field is not None and isinstance(value, str | int | float) and value is not True:
            found[field] = _text(str(value))
    geometry = feature.get("geometry")
    if isinstance(geometry, dict) and geometry.get("type") == "Point":
        coordinates = geometry.get("coordinates")
        if isinstance(coordinates, list) and len(coordinates) >= 2:
            found["lon"], found["lat"] = str(coordinates[0]), str(coordinates[1])
    return found


def _counted(lines: list[Line]) -> list[Line]:
    if not lines:
        raise BadList("the list is empty")
    if len(lines) > MOST_LINES:
        raise BadList(f"a list has at most {MOST_LINES} lines")
    return lines


def judge(
    lines: Iterable[Line],
    *,
    known: Iterable[KnownCamera],
    orders: Mapping[str, OrderId],
    usual_order: OrderId | None = None,
) -> list[Judged]:
    """Say of each line what would become of it. The same list again is all there already."""
    wanted = [*lines]
    judge = _Judge(known, orders, usual_order, numbers=_numbers(wanted))
    return [judge.say(line) for line in wanted]


class _Judge:
    """Remembers what earlier lines have asked for."""

    def __init__(
        self,
        known: Iterable[KnownCamera],
        orders: Mapping[str, OrderId],
        usual_order: OrderId | None,
        *,
        numbers: set[int],
    ) -> None:
        self._by_number = {one.number: one.main_url for one in known}
        self._by_address = {url: number for number, url in self._by_number.items()}
        self._orders, self._usual_order = orders, usual_order
        self._listed: set[int | str] = set()
        self._free = _free({*self._by_number, *numbers})

    def say(self, line: Line) -> Judged:
        said, name = line.said, line.said.get("name", "")
        number, address = _integer(said.get("number", "")), without_user(said.get("main_url", ""))
        there = self._by_address.get(address) if address is not None else None
        if there is not None and number in (None, there):
            return Judged(at=line.at, number=there, name=name, verdict=Verdict.THERE)
        point, kind = _point(said), _KINDS.get(_plain(said.get("place_kind", "")))
        faults = (*self._of_identity(said, number, address), *self._of_place(said, point, kind))
        if faults or point is None or kind is None or address is None:
            return Judged(
                at=line.at, number=number, name=name, verdict=Verdict.REFUSED, faults=faults
            )
        proposed = Proposed(
            number=number if number is not None else next(self._free),
            name=name,
            main_url=said["main_url"],
            sub_url=said.get("sub_url") or None,
            username=said.get("username") or None,
            password=said.get("password") or None,
            point=point,
            place=said.get("place", "")[:200],
            place_kind=kind,
            order_id=self._order(said),
            **_view(said),
        )
        self._listed |= {proposed.number, address}
        return Judged(
            at=line.at, number=proposed.number, name=name, verdict=Verdict.NEW, proposed=proposed
        )

    def _of_identity(
        self, said: Mapping[str, str], number: int | None, address: str | None
    ) -> list[Fault]:
        sub = said.get("sub_url")
        wrong_number = bool(said.get("number")) and not 1 <= (number or 0) <= 99_999
        found = {
            Fault.NO_NAME: not said.get("name"),
            Fault.BAD_NUMBER: wrong_number,
            Fault.NUMBER_TAKEN: number in self._by_number,
            Fault.BAD_ADDRESS: address is None or bool(sub and without_user(sub) is None),
            Fault.TWICE: number in self._listed or address in self._listed,
        }
        return [fault for fault, is_so in found.items() if is_so]

    def _of_place(
        self, said: Mapping[str, str], point: Point | None, kind: PlaceKind | None
    ) -> list[Fault]:
        view = _view(said)
        too_long = any(len(one) > MOST_TEXT for one in said.values())
        found = {
            Fault.BAD_POINT: point is None,
            Fault.BAD_VIEW: any(not a <= view[one] < b for one, (a, b) in _BOUNDS.items()),
            Fault.BAD_KIND: kind is None,
            Fault.UNKNOWN_ORDER: bool(said.get("order")) and self._order(said) is None,
            Fault.TOO_LONG: too_long or len(said.get("name", "")) > MOST_NAME,
        }
        return [fault for fault, is_so in found.items() if is_so]

    def _order(self, said: Mapping[str, str]) -> OrderId | None:
        return self._orders.get(said["order"]) if said.get("order") else self._usual_order


def _view(said: Mapping[str, str]) -> dict[str, float]:
    return {field: _number(said.get(field, ""), usual) for field, usual in VIEW.items()}


#: The columns of a list that is taken out; a password never is.
COLUMNS = tuple(field for field in NAMES if field not in ("username", "password"))


def write_csv(cameras: Sequence[Mapping[str, object]]) -> str:
    """Write what `read_csv` reads again, and no table takes for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for camera in cameras:
        writer.writerow([_safe(camera.get(field)) for field in COLUMNS])
    return "\ufeff" + out.getvalue()


def without_user(url: str) -> str | None:
    """An RTSP address as it is kept, without user and password; None for what is none."""
    if not url.isascii() or not url.isprintable() or " " in url:
        return None
    try:
        return split_user(url)[0]
    except BadCamera:
        return None


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in decomposed if letter.isascii() and letter.isalnum())


def _text(cell: str) -> str:
    """One line, without what no name has; an apostrophe before a sign is a table's own."""
    text = " ".join("".join(c if c.isprintable() else " " for c in cell).split())
    return text[1:] if len(text) > 1 and text[0] == "'" and text[1] in "=+-@" else text


def _safe(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _integer(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def _number(text: str, usual: float) -> float:
    if not text:
        return usual
    return float(text.replace(",", ".")) if _is_number(text.replace(",", ".")) else float("nan")


def _point(said: Mapping[str, str]) -> Point | None:
    nowhere = float("nan")
    try:
        return Point(_number(said.get("lon", ""), nowhere), _number(said.get("lat", ""), nowhere))
    except BadPosition:
        return None


def _numbers(lines: Iterable[Line]) -> set[int]:
    found = (_integer(line.said.get("number", "")) for line in lines)
    return {number for number in found if number is not None}


def _free(taken: set[int]) -> Iterator[int]:
    return (number for number in range(max(taken, default=0) + 1, 100_000))
