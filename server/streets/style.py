"""The base map's look, by day and by night, as a MapLibre style.

Calm on purpose (ISA-101): greys, so that the only colours on the map are alerts, cameras and units.
There is no ``glyphs`` and no ``sprite``: MapLibre draws text with the fonts of the machine, and no
other origin is asked for anything. Words have a contrast of 4.5 or more to what lies under them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from server.streets.tiles import ATTRIBUTION

type Theme = Literal["day", "night"]
type Json = dict[str, Any]  # the style's own schema is MapLibre's

SOURCE = "streets"
TILES_URL = "pmtiles:///api/v1/map/tiles.pmtiles"  # no host: of the page's own origin
FONT = ["sans-serif"]


@dataclass(frozen=True, slots=True)
class Palette:
    """One theme's greys, as CSS colours. ``road`` gets nearer to ``major`` as roads get bigger."""

    ground: str
    water: str
    green: str
    sand: str
    public: str
    square: str
    building: str
    building_edge: str
    casing: str
    road: str
    major: str
    path: str
    rail: str
    boundary: str
    words: str
    street_words: str
    water_words: str
    halo: str


PALETTES: Mapping[Theme, Palette] = {
    "day": Palette(
        ground="#f1f1ef",
        water="#cbd8e0",
        green="#e0e7db",
        sand="#ece7da",
        public="#eae8ec",
        square="#e9e8e4",
        building="#dfdedb",
        building_edge="#cbcac6",
        casing="#cfcecb",
        road="#ffffff",
        major="#ffffff",
        path="#c3c2bd",
        rail="#b3b2ae",
        boundary="#8d8c97",
        words="#3c4147",
        street_words="#474c52",
        water_words="#3f5868",
        halo="#f7f7f5",
    ),
    "night": Palette(
        ground="#1a1e22",
        water="#102330",
        green="#1c2821",
        sand="#1e1f1b",
        public="#1b1b20",
        square="#1d2023",
        building="#272c33",
        building_edge="#363d46",
        casing="#0f1113",
        road="#3e454e",
        major="#515a65",
        path="#414850",
        rail="#474d55",
        boundary="#5c5f6d",
        words="#d3d8dd",
        street_words="#d0d5da",
        water_words="#8aa3b4",
        halo="#121417",
    ),
}

# Width of a road in pixels at zoom 11, 15 and 18, by class, small ones first: the order of drawing.
WIDTHS: Mapping[str, tuple[float, float, float]] = {
    "service": (0.0, 1.4, 8.0),
    "pedestrian": (0.0, 2.4, 10.0),
    "minor": (0.3, 3.6, 14.0),
    "tertiary": (0.8, 4.8, 17.0),
    "secondary": (1.2, 5.6, 19.0),
    "primary": (1.6, 6.4, 21.0),
    "trunk": (1.8, 6.8, 22.0),
    "motorway": (2.0, 7.2, 23.0),
}
MAJOR = ("tertiary", "secondary", "primary", "trunk", "motorway")


def style(theme: Theme, *, tiles_url: str = TILES_URL) -> dict[str, Any]:
    """Return the MapLibre style (version 8) of ``theme``, its tiles read from ``tiles_url``.

    ``tiles_url`` is ``pmtiles://`` and the address of a file that answers Range requests; a path
    without a host stays on the page's own origin. Add ``?v=VERSION`` (``MapBuild.version``): a
    browser may otherwise mix pieces of a map it kept with pieces of a newer one.
    """
    palette = PALETTES[theme]
    return {
        "version": 8,
        "name": f"Ilotier, {theme}",
        "metadata": {"ilotier:theme": theme, "ilotier:palette": asdict(palette)},
        "sources": {SOURCE: {"type": "vector", "url": tiles_url, "attribution": ATTRIBUTION}},
        "layers": [*_ground(palette), *_ways(palette), *_words(palette)],
    }


def _layer(name: str, kind: str, source_layer: str, **rest: Any) -> Json:
    """Return one layer; an underscore in a property's name stands for MapLibre's hyphen."""
    layer: Json = {"id": name, "type": kind, "source": SOURCE, "source-layer": source_layer}
    for key in ("minzoom", "filter"):
        if key in rest:
            layer[key] = rest.pop(key)
    for part in ("layout", "paint"):
        if part in rest:
            layer[part] = {key.replace("_", "-"): value for key, value in rest.pop(part).items()}
    return layer


def _by_zoom(*stops: tuple[float, Any]) -> list[Any]:
    """Return a value that grows with zoom as roads do on paper: by powers, not by steps."""
    flat = [part for stop in stops for part in stop]
    return ["interpolate", ["exponential", 1.5], ["zoom"], *flat]


def _class_is(*classes: str) -> list[Any]:
    return ["in", ["get", "class"], ["literal", list(classes)]]


def _ground(palette: Palette) -> list[Json]:
    areas = {
        "sand": palette.sand,
        "public": palette.public,
        "green": palette.green,
        "square": palette.square,
    }
    return [
        {"id": "ground", "type": "background", "paint": {"background-color": palette.ground}},
        *(
            _layer(name, "fill", "landuse", filter=_class_is(name), paint={"fill_color": colour})
            for name, colour in areas.items()
        ),
        _layer(
            "water",
            "fill",
            "water",
            filter=["==", ["geometry-type"], "Polygon"],
            paint={"fill_color": palette.water},
        ),
        _layer(
            "rivers",
            "line",
            "water",
            filter=_class_is("river"),
            paint={"line_color": palette.water, "line_width": _by_zoom((11, 1), (16, 6))},
        ),
        _layer(
            "buildings",
            "fill",
            "buildings",
            minzoom=14,
            paint={
                "fill_color": palette.building,
                "fill_outline_color": palette.building_edge,
                "fill_opacity": _by_zoom((14, 0), (15, 1)),
            },
        ),
    ]


def _ways(palette: Palette) -> list[Json]:
    smooth = {"line_join": "round", "line_cap": "round"}
    sizes = [
        (name, _by_zoom((11, at_11), (15, at_15), (18, at_18)))
        for name, (at_11, at_15, at_18) in WIDTHS.items()
    ]
    casings = [
        _layer(
            f"casing-{name}",
            "line",
            "roads",
            filter=_class_is(name),
            minzoom=13,
            layout=smooth,
            paint={
                "line_color": palette.casing,
                "line_width": 1,
                "line_gap_width": width,
                "line_opacity": ["case", ["has", "tunnel"], 0.4, 1],
            },
        )
        for name, width in sizes
    ]
    fills = [
        _layer(
            f"road-{name}",
            "line",
            "roads",
            filter=_class_is(name),
            layout=smooth,
            paint={
                "line_color": palette.major if name in MAJOR else palette.road,
                "line_width": width,
                "line_opacity": ["case", ["has", "tunnel"], 0.5, 1],
            },
        )
        for name, width in sizes
    ]
    return [*_thin_ways(palette), *casings, *fills, _boundary(palette)]


def _thin_ways(palette: Palette) -> list[Json]:
    return [
        _layer(
            "paths",
            "line",
            "roads",
            filter=_class_is("path"),
            minzoom=15,
            paint={
                "line_color": palette.path,
                "line_width": _by_zoom((15, 0.8), (18, 2.5)),
                "line_dasharray": [3, 2],
            },
        ),
        _layer(
            "steps",
            "line",
            "roads",
            filter=_class_is("steps"),
            minzoom=15,
            paint={
                "line_color": palette.path,
                "line_width": _by_zoom((15, 1.6), (18, 7)),
                "line_dasharray": [0.4, 0.3],
            },
        ),
        _layer(
            "rail",
            "line",
            "rail",
            filter=["!", ["has", "tunnel"]],
            paint={"line_color": palette.rail, "line_width": _by_zoom((12, 0.5), (18, 2))},
        ),
    ]


def _boundary(palette: Palette) -> Json:
    return _layer(
        "boundaries",
        "line",
        "boundaries",
        paint={
            "line_color": palette.boundary,
            "line_width": _by_zoom((10, 0.8), (16, 2)),
            "line_dasharray": [4, 2, 1, 2],
        },
    )


def _words(palette: Palette) -> list[Json]:
    def text(
        name: str,
        source_layer: str,
        size: float | list[Any],
        *,
        shown: Sequence[Any] | None = None,
        field: str = "name",
        minzoom: float = 10,
        colour: str = palette.words,
        **layout: Any,
    ) -> Json:
        rest: Json = {} if shown is None else {"filter": shown}
        return _layer(
            name,
            "symbol",
            source_layer,
            minzoom=minzoom,
            layout={"text_field": ["get", field], "text_font": FONT, "text_size": size, **layout},
            paint={"text_color": colour, "text_halo_color": palette.halo, "text_halo_width": 1.4},
            **rest,
        )

    along: Json = {"symbol_placement": "line", "symbol_spacing": 320, "text_max_angle": 35}
    rank, street = ["get", "rank"], palette.street_words
    return [
        text("number", "addresses", 10, field="number", minzoom=17, colour=street),
        text("path-name", "roads", 11, shown=_class_is("path", "steps"), minzoom=17, **along),
        text(
            "street-name",
            "roads",
            _by_zoom((15, 11), (18, 15)),
            shown=_class_is("service", "pedestrian", "minor"),
            minzoom=15,
            colour=street,
            **along,
        ),
        text(
            "road-name",
            "roads",
            _by_zoom((13, 10.5), (18, 16)),
            shown=_class_is(*MAJOR),
            minzoom=13.5,
            colour=street,
            **along,
        ),
        text(
            "water-name",
            "water",
            12,
            shown=["has", "name"],
            minzoom=14,
            colour=palette.water_words,
        ),
        text("landmark", "places", 11.5, shown=["==", rank, 9], minzoom=15.5, text_max_width=8),
        text(
            "quarter",
            "places",
            _by_zoom((12, 11), (16, 15)),
            shown=["all", [">=", rank, 4], ["<", rank, 9]],
            minzoom=12,
            text_letter_spacing=0.08,
            text_max_width=7,
        ),
        text("town", "places", _by_zoom((10, 13), (15, 20)), shown=["<", rank, 4]),
    ]
