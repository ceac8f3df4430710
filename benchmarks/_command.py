"""What the benchmarks' commands share: their options, their clip, and how they tell a result."""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks._clip import film

_CLIP_S = 4


def options(doc: str | None) -> argparse.ArgumentParser:
    """`--json` and `--quick`; a benchmark may add its own."""
    parser = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="one JSON line, last on stdout")
    parser.add_argument("--quick", action="store_true", help="under 45 seconds")
    return parser


def tell(result: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(result) + "\n")
        return
    for name, value in result.items():
        shown = json.dumps(value, indent=2) if isinstance(value, dict) else value
        sys.stdout.write(f"{name:40} {shown}\n")


@contextmanager
def filmed_clip() -> Iterator[Path]:
    """A clip that the publishers send again and again; it goes with the block."""
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.h264"
        film(clip, seconds=_CLIP_S)
        yield clip
