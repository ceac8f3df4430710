"""Reads a PMTiles file as its specification (v3) says, so that a test sees what a browser does."""

import gzip
import json
import struct
from pathlib import Path
from typing import Any


def metadata(path: Path) -> dict[str, Any]:
    """Return the JSON metadata; raises AssertionError for a file that is no PMTiles v3."""
    data = path.read_bytes()
    assert data[:8] == b"PMTiles\x03"
    _, _, offset, length = struct.unpack("<QQQQ", data[8:40])
    found: dict[str, Any] = json.loads(gzip.decompress(data[offset : offset + length]))
    return found


def zooms(path: Path) -> tuple[int, int]:
    """Return the first and the last zoom of the tiles."""
    header = path.read_bytes()[:127]
    return header[100], header[101]
