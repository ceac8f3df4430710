"""Lists of cameras: as towns have them, as tables write them, and twice the same."""

import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.camera_lists import (
    BadList,
    Fault,
    Judged,
    KnownCamera,
    Line,
    Verdict,
    judge,
    read_csv,
    read_geojson,
    without_user,
    write_csv,
)
from domain.cameras import PlaceKind
from domain.identifiers import OrderId

ORDER = OrderId(UUID(int=7))
FRENCH = (
    "\ufeffNuméro;Nom;Adresse;Identifiant;Mot de passe;Latitude;Longitude;Direction;Nature du lieu;"
    "Arrêté\r\n"
    '12;"Place du Marché; côté nord";rtsp://10.0.0.12/1;admin;a;50,63;3,06;270;voie publique;A-1'
    "\r\n"
    ";Gare;rtsp://10.0.0.13/1;;;50.64;3.07;;fermé au public;\r\n"
    "\r\n"
)


def judged(lines: list[Line], *known: KnownCamera) -> list[Judged]:
    return judge(lines, known=known, orders={"A-1": ORDER})


def faults(**said: str) -> tuple[Fault, ...]:
    good = {"name": "Gare", "main_url": "rtsp://10.0.0.5/1", "lat": "50.6", "lon": "3.0"}
    (one,) = judged([Line(2, good | said)], KnownCamera(1, "rtsp://10.0.0.1/"))
    return one.faults


def test_a_table_as_a_french_office_writes_it() -> None:
    first, second = judged(read_csv(FRENCH), KnownCamera(3, "rtsp://10.0.0.3/"))

    assert first.proposed is not None
    assert second.proposed is not None
    assert (first.at, first.number, first.name) == (2, 12, "Place du Marché; côté nord")
    assert (first.proposed.point.lat, first.proposed.bearing_deg) == (50.63, 270)
    assert (first.proposed.username, first.proposed.order_id) == ("admin", ORDER)
    assert (second.at, second.number) == (3, 13)  # the next one after all that are taken
    assert second.proposed.place_kind is PlaceKind.CLOSED_TO_PUBLIC


def test_the_same_list_again_is_there_already() -> None:
    lines = read_csv(FRENCH)
    kept = [
        KnownCamera(one.proposed.number, without_user(one.proposed.main_url) or "")
        for one in judged(lines)
        if one.proposed
    ]

    assert [one.verdict for one in judged(lines, *kept)] == [Verdict.THERE, Verdict.THERE]


def test_a_map_of_points() -> None:
    point = {"type": "Point", "coordinates": [3.06, 50.63]}
    said = {"name": "Gare", "url": "rtsp://u:p@10.0.0.5/1", "number": 4, "fov": 90, "x": None}
    feature = {"type": "Feature", "geometry": point, "properties": said}
    document = {"type": "FeatureCollection", "features": [feature, {"type": "Feature"}, 3]}

    first, second, third = judged(read_geojson(json.dumps(document)))

    assert first.proposed is not None
    assert (first.number, first.proposed.field_of_view_deg) == (4, 90)
    assert second.verdict is third.verdict is Verdict.REFUSED


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"name": ""}, Fault.NO_NAME),
        ({"number": "zéro"}, Fault.BAD_NUMBER),
        ({"number": "100000"}, Fault.BAD_NUMBER),
        ({"number": "1"}, Fault.NUMBER_TAKEN),
        ({"main_url": "http://10.0.0.5/"}, Fault.BAD_ADDRESS),
        ({"main_url": "rtsp://10.0.0.5:99999/"}, Fault.BAD_ADDRESS),
        ({"main_url": "rtsp://[::1/"}, Fault.BAD_ADDRESS),
        ({"sub_url": "là-bas"}, Fault.BAD_ADDRESS),
        ({"lat": "95"}, Fault.BAD_POINT),
        ({"lat": ""}, Fault.BAD_POINT),
        ({"lon": "nan"}, Fault.BAD_POINT),
        ({"bearing_deg": "360"}, Fault.BAD_VIEW),
        ({"range_m": "loin"}, Fault.BAD_VIEW),
        ({"place_kind": "plage"}, Fault.BAD_KIND),
        ({"order": "B-9"}, Fault.UNKNOWN_ORDER),
        ({"place": "x" * 501}, Fault.TOO_LONG),
    ],
)
def test_what_is_wrong_is_named(said: dict[str, str], fault: Fault) -> None:
    assert faults(**said) == (fault,)


def test_a_number_or_an_address_counts_once() -> None:
    good = {"name": "Gare", "lat": "50.6", "lon": "3.0"}
    lines = [
        Line(2, good | {"number": "5", "main_url": "rtsp://10.0.0.5/1"}),
        Line(3, good | {"number": "5", "main_url": "rtsp://10.0.0.6/1"}),
        Line(4, good | {"number": "6", "main_url": "rtsp://u:p@10.0.0.5/1"}),
    ]

    assert [one.faults for one in judged(lines)] == [(), (Fault.TWICE,), (Fault.TWICE,)]


@pytest.mark.parametrize(
    "text", ["", "\n\n", "a;b\n1;2", "name;main_url\n", 'name;main_url\n"a', "name\n" + "x\n" * 3]
)
def test_what_is_no_list_is_said_to_be_none(text: str) -> None:
    with pytest.raises(BadList):
        read_csv(text)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"features": 3}', "[" * 100_000])
def test_what_is_no_map_is_said_to_be_none(text: str) -> None:
    with pytest.raises(BadList):
        read_geojson(text)


def test_what_is_taken_out_is_taken_in_again_and_is_no_formula() -> None:
    camera: dict[str, object] = {
        "number": 4,
        "name": '=cmd|"/c calc"!A1',
        "main_url": "rtsp://10.0.0.5/1",
        "lat": -50.63,
        "lon": 3.06,
        "bearing_deg": 0.0,
        "field_of_view_deg": 70.0,
        "range_m": 50.0,
        "place": "-",
        "place_kind": "public-road",
    }
    text = write_csv([camera])
    (line,) = read_csv(text)
    (one,) = judged([line])

    assert ";=cmd" not in text
    assert one.proposed is not None
    assert (one.name, one.proposed.point.lat) == (camera["name"], -50.63)


@given(text=st.text(max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    for read in (read_csv, read_geojson):
        try:
            lines = read(text)
        except BadList:
            continue
        assert len(judged(lines)) == len(lines)
