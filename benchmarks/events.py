"""How well events are told: precision, recall and delay of each kind, on real clips and composites.

    python -m benchmarks.events [--json] [--quick] [--kinds KIND …] [--seeds FIRST] [--clips N]

Composites: people cut out of a photograph, drawn vehicles and things, on the demonstration's drawn
places, with shadows, noise, rain and wind; really encoded (H264, 360p as of a sub-stream, each
fourth 720p) and decoded again, and shown to the whole pipeline at the clips' own time. Their truth
is exact. Hard negatives are clips of what only looks like the event. Seeds below 1000 are for
tuning and are never reported. None of this is accuracy on COCO, or on any town's cameras.
"""

import asyncio
import os
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks._command import options, tell
from benchmarks._machine import machine
from benchmarks._sets.casting import MEASURED
from benchmarks._sets.filming import film
from benchmarks._sets.kinds import PLAYS
from benchmarks._sets.looking import Looker
from benchmarks._sets.play import Play
from benchmarks._sets.scoring import Score
from detectors.executor import Worker
from domain.events import EventKind

CACHE = Path(__file__).parents[1] / ".cache/benchmarks/detect"
"""Where the network lies in the form that its engine takes."""
FULL_N, QUICK_N = 30, 6
WITH_DELAY = frozenset({EventKind.FORBIDDEN_ZONE, EventKind.LINE_CROSSING, EventKind.WRONG_WAY})


@dataclass(frozen=True, slots=True)
class Shown:
    """What came of one play: (seconds in the clip, seconds the look took) of each event."""

    drama: Play
    opened: tuple[tuple[float, float], ...]
    looks: int


def measure(
    kinds: Sequence[EventKind], *, count: int, first: int, keep: Path | None
) -> dict[str, Any]:
    dramas = [drama for kind in kinds for drama in PLAYS[kind].cast(count, first=first)]
    scores = {kind: Score() for kind in kinds}
    looks, began_s = 0, time.monotonic()
    for shown in _shown_all(dramas, keep):
        drama, looks = shown.drama, looks + shown.looks
        scores[drama.kind].take(drama.what, drama.truths, shown.opened)
    took_s = time.monotonic() - began_s
    return {
        _name(kind): {
            **score.figures(with_delay=kind in WITH_DELAY),
            "set": "composites",
        }
        for kind, score in scores.items()
    } | {"looks": looks, "seconds": round(took_s, 1), "looks_per_s": round(looks / took_s, 1)}


def _shown_all(dramas: Sequence[Play], keep: Path | None) -> Iterable[Shown]:
    # A process a core, each with its own network; "spawn", since threads do not outlive a fork.
    cores = os.cpu_count() or 1
    parts = [dramas[core::cores] for core in range(cores)]
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        for part in pool.map(_show_part, parts, repeat(keep)):
            yield from part


def _show_part(dramas: Sequence[Play], keep: Path | None) -> list[Shown]:
    with TemporaryDirectory() as folder:
        return asyncio.run(_show(dramas, keep or Path(folder)))


async def _show(dramas: Sequence[Play], folder: Path) -> list[Shown]:
    shown = []
    with Worker.of("detect") as detect, Worker.of("decode") as decode:
        looker = await Looker.load(CACHE, detect, decode)
        for drama in dramas:
            clip = folder / f"{drama.name}.mp4"
            await decode.run(partial(film, drama, clip))
            noted = await looker.show(clip, [drama.rule])
            opened = tuple((one.at_s, one.took_s) for one in noted.opened_ones)
            shown.append(Shown(drama, opened, noted.looks))
    return shown


def _name(kind: EventKind) -> str:
    return kind.value.replace("-", "_")


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("--kinds", nargs="*", choices=[kind.value for kind in PLAYS], default=None)
    parser.add_argument(
        "--seeds", type=int, default=MEASURED, help="the first seed; tuning: < 1000"
    )
    parser.add_argument("--clips", type=int, help="of each kind, with and without its event")
    parser.add_argument("--keep", type=Path, help="a folder for the clips, to look at them")
    said = parser.parse_args()
    if said.keep:
        said.keep.mkdir(parents=True, exist_ok=True)
    kinds = [EventKind(one) for one in said.kinds] if said.kinds else list(PLAYS)
    count = said.clips or (QUICK_N if said.quick else FULL_N)
    found = measure(kinds, count=count, first=said.seeds, keep=said.keep)
    result = {
        "machine": machine(),
        "seeds": f"from {said.seeds} on" + (", for tuning" if said.seeds < MEASURED else ""),
        **found,
    }
    tell(result, as_json=said.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
