"""Builds a town's map from an OpenStreetMap extract: tiles, names, ways, and what they cover.

A map is three files in one folder. Each is made beside its place and moved over it when whole, the
description last, so a page that reads meanwhile sees the old map or the new one, never half a file.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from server.streets.coast import Bounds
from server.streets.errors import MapSourceUnreadable, MapUnreadable
from server.streets.extract import read_extract
from server.streets.plane import LonLat
from server.streets.store import write_places
from server.streets.tiles import ATTRIBUTION, MAX_ZOOM, MIN_ZOOM, make_tiles

TILES, PLACES, DESCRIPTION = "tiles.pmtiles", "places.sqlite", "map.json"

type Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class MapBuild:
    """What a built map covers. ``version`` changes exactly when its tiles or names do."""

    bounds: Bounds  # west, south, east, north, degrees
    centre: LonLat
    min_zoom: int
    max_zoom: int
    attribution: str
    source: str  # the extract's file name
    source_sha256: str
    version: str
    features: Mapping[str, int]  # objects drawn, per layer


def build_map(pbf: Path, out_dir: Path, *, progress: Progress) -> MapBuild:
    """Build the map of ``pbf`` in ``out_dir`` (made if missing). Blocks for seconds to minutes.

    ``progress`` is told each step in a sentence. Raises MapSourceUnreadable, MapSourceEmpty or
    MapNotBuilt; a map that was there before is then untouched.
    """
    if not pbf.is_file():
        raise MapSourceUnreadable(f"{pbf} is not a file")
    out_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".build-", dir=out_dir) as temporary:
        folder = Path(temporary)
        progress(f"Reading {pbf.name}")
        with (folder / "features.geojsons").open("w", encoding="utf-8") as sink:
            extract = read_extract(pbf, sink)
        progress(f"{sum(extract.drawn.values())} objects to draw; making tiles")
        make_tiles(folder, "features.geojsons", TILES, bounds=extract.bounds)
        progress(f"{len(extract.roads)} roads, {len(extract.addresses)} addresses; storing names")
        write_places(folder / PLACES, extract)
        build = MapBuild(
            bounds=extract.bounds,
            centre=extract.centre,
            min_zoom=MIN_ZOOM,
            max_zoom=MAX_ZOOM,
            attribution=ATTRIBUTION,
            source=pbf.name,
            source_sha256=_sha256(pbf),
            version=_sha256(folder / TILES, folder / PLACES)[:12],
            features=dict(sorted(extract.drawn.items())),
        )
        description = json.dumps(asdict(build), ensure_ascii=False, indent=2) + "\n"
        (folder / DESCRIPTION).write_text(description, encoding="utf-8")
        for name in (TILES, PLACES, DESCRIPTION):
            _install(folder / name, out_dir / name)
    progress(f"Map {build.version} is in {out_dir}")
    return build


def read_map(folder: Path) -> MapBuild | None:
    """Return the description of the map in ``folder``, None if none was built yet.

    Raises MapUnreadable when the description is damaged.
    """
    try:
        text = (folder / DESCRIPTION).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        found = json.loads(text)
        west, south, east, north = found.pop("bounds")
        lon, lat = found.pop("centre")
        return MapBuild(bounds=(west, south, east, north), centre=(lon, lat), **found)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise MapUnreadable(f"{folder / DESCRIPTION}: {error}") from error


def _install(made: Path, target: Path) -> None:
    """Move a whole file over ``target``, on disk before it is in view."""
    with made.open("rb") as file:
        os.fsync(file.fileno())
    made.chmod(0o644)  # a map is public; the temporary folder's mode is not
    made.replace(target)


def _sha256(*paths: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
