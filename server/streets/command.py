"""`ilotier map build FILE.osm.pbf`: what the command does, apart from reading its arguments."""

from pathlib import Path

from server.streets.basemap import MapBuild, Progress, build_map


def map_folder(data_dir: Path) -> Path:
    """Return where an installation keeps its map."""
    return data_dir / "map"


def build(pbf: Path, *, data_dir: Path, progress: Progress) -> MapBuild:
    """Build the installation's map; a running server shows it at the next reload of a page.

    Raises as ``build_map``.
    """
    build = build_map(pbf, map_folder(data_dir), progress=progress)
    west, south, east, north = build.bounds
    progress(f"It covers {west:.4f} to {east:.4f} east, {south:.4f} to {north:.4f} north")
    for layer, count in build.features.items():
        progress(f"  {layer}: {count}")
    return build
