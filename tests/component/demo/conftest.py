"""The demonstration's map, built once from the real extract."""

from pathlib import Path

import pytest

from server.demo.town import EXTRACT
from server.streets.basemap import build_map

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def town_map(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the map; skips where the extract is neither fetched nor beside the checkout."""
    for path in (
        ROOT / ".cache" / "demo" / EXTRACT,
        ROOT.parent / "shared" / "data" / "osm" / EXTRACT,
    ):
        if path.is_file():
            folder = tmp_path_factory.mktemp("town")
            build_map(path, folder, progress=lambda _: None)
            return folder
    pytest.skip(f"{EXTRACT} is neither in .cache/demo nor in ../shared/data/osm")
