"""How well events are told: precision, recall and delay of each kind, on real clips and composites.

    python -m benchmarks.events [--json] [--quick] [--kinds KIND …] [--seeds FIRST] [--clips N]

Composites: people cut out of a photograph, drawn vehicles and things, on the demonstration's drawn
places, with shadows, noise, rain and wind; really encoded (H264, 360p as of a sub-stream, each
fourth 720p) and decoded again, and shown to the whole pipeline at the clips' own time. Their truth
is exact. Hard negatives are clips of what only looks like the event. Seeds below 1000 are for
tuning and are never reported. None of this is accuracy on COCO, or on any town's cameras.
"""

import asyncio
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks._command import options, tell
from benchmarks._machine import machine
from benchmarks._sets import live, night, real
from benchmarks._sets.casting import MEASURED
from benchmarks._sets.filming import film
from benchmarks._sets.kinds import PLAYS
from benchmarks._sets.looking import LOOKS_PER_S, Noted, Screening
from benchmarks._sets.play import Play
from benchmarks._sets.scoring import Score
from detectors.executor import Worker
from domain.events import EventKind
from domain.identifiers import RuleId
from domain.references import Reference
from domain.rules import TYPES

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".cache/benchmarks/detect"
"""Where the network lies in the form that its engine takes."""
FOOTAGE = ROOT.parent / "shared/data/footage"
FULL_N, QUICK_N = 30, 6
REFERENCE_S = 7.0
REFERENCE_LOOKS = 35
"""Of a clip in which nothing is the matter: with the first of its actors alone."""
WITH_DELAY = frozenset({EventKind.FORBIDDEN_ZONE, EventKind.LINE_CROSSING, EventKind.WRONG_WAY})

CALLED = {
    EventKind.LINE_CROSSING: "line",
    EventKind.WRONG_WAY: "direction",
    EventKind.DENSITY: "gathering",
}
"""Kinds whose figures have had a shorter name since before the rules had theirs."""

type Told = tuple[RuleId | None, float, float]
"""By which rule, at which second of the clip, and how long its look took."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What came of one play."""

    drama: Play
    told: tuple[Told, ...]
    looks: int


def composites(
    kinds: Sequence[EventKind], *, count: int, first: int, keep: Path | None, notes: Path | None
) -> dict[str, Any]:
    dramas = [drama for kind in kinds for drama in PLAYS[kind].cast(count, first=first)]
    scores = {kind: Score() for kind in kinds}
    looks, began_s = 0, time.monotonic()
    told = _noted(notes)
    waiting = [drama for drama in dramas if drama.name not in told]
    # One at a time, so that nothing is lost when a run with notes is cut.
    size = 1 if notes else 12
    for shown in _in_processes(partial(_show_part, keep=keep), waiting, size=size):
        looks += shown.looks
        told[shown.drama.name] = [one[1:] for one in shown.told]
        if notes:
            with notes.open("a") as file:
                file.write(f"{json.dumps([shown.drama.name, told[shown.drama.name]])}\n")
    for drama in dramas:
        scores[drama.kind].take(drama.what, drama.truths, told[drama.name])
    took_s = time.monotonic() - began_s
    return {
        _name(kind): score.figures(with_delay=kind in WITH_DELAY) for kind, score in scores.items()
    } | {"looks": looks, "seconds": round(took_s, 1), "looks_per_s": round(looks / took_s, 1)}


def _noted(notes: Path | None) -> dict[str, list[tuple[float, float]]]:
    """Give what an earlier run has noted, by play."""
    if notes is None or not notes.exists():
        return {}
    return {
        name: [(at_s, took_s) for at_s, took_s in told]
        for name, told in map(json.loads, notes.read_text().splitlines())
    }


def real_clips(folder: Path) -> dict[str, Any]:
    """Score the clip labelled by hand, all its rules at once."""
    clip = real.found(folder)
    if clip is None:
        return {"unavailable": f"{real.NAME} is not in {folder}; see --footage"}
    watched = real.watched()
    with TemporaryDirectory() as name:
        real.sent(clip, stream := Path(name) / "sent.mp4")
        rules = [one.rule for one in watched]
        noted = asyncio.run(_watch(lambda screening, _: screening.show(stream, rules)))
    scores: dict[EventKind, Score] = {}
    for one in watched:
        score = scores.setdefault(one.rule.kind, Score())
        score.take(one.what, one.truths, real.opened_by(one.rule, _told(noted)))
    return {"clip": real.NAME, "licence": "CC BY 4.0", "visitors": real.VISITORS} | {
        _name(kind): score.figures(with_delay=kind in WITH_DELAY) for kind, score in scores.items()
    }


def nights(hours: float, folder: Path, *, first: int) -> dict[str, Any]:
    """Count what is told in ``hours`` in which nothing happens."""
    clip = real.found(folder)
    parts = list(night.watches(hours, first=first, has_clip=clip is not None))
    false: Counter[str] = Counter()
    where: Counter[str] = Counter()
    looks, began_s = 0, time.monotonic()
    for watch, told, count in _in_processes(partial(_watch_part, clip=clip), parts, size=1):
        looks += count
        false.update(told)
        where.update(
            {f"{watch.form.value}, {watch.scene}: {kind}": n for kind, n in Counter(told).items()}
        )
        rate = looks / (time.monotonic() - began_s)
        sys.stderr.write(
            f"{watch.form.value} {watch.scene}: {count} looks, told {told}; {rate:.0f} looks/s\n"
        )
    return {
        "camera_hours": round(looks / LOOKS_PER_S / 3600, 2),
        "looks": looks,
        "forms": [form.value for form in night.Form],
        "kinds_watched": [rule.kind.value for rule in night.rules()],
        "false": {_name(kind): false[kind.value] for kind in (rule.kind for rule in night.rules())},
        "where": dict(where),
        "seconds": round(time.monotonic() - began_s),
    }


def _in_processes[T, R](
    work: Callable[[Sequence[T]], list[R]], parts: Sequence[T], *, size: int = 12
) -> Iterable[R]:
    # A process a core, each with its own network; "spawn", since threads do not outlive a fork.
    # Some parts at a time, so that what is done is seen and no core waits long for another.
    cores = os.cpu_count() or 1
    size = max(1, min(size, len(parts) // cores))
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        shares = (parts[start : start + size] for start in range(0, len(parts), size))
        for done in as_completed([pool.submit(work, share) for share in shares]):
            yield from done.result()


def _show_part(dramas: Sequence[Play], keep: Path | None) -> list[Shown]:
    async def show(screening: Screening, decode: Worker) -> list[Shown]:
        shown = []
        with TemporaryDirectory() as folder:
            for drama in dramas:
                clip = (keep or Path(folder)) / f"{drama.name}.mp4"
                await decode.run(partial(film, drama, clip))
                references: tuple[Reference, ...] = ()
                if TYPES[drama.kind].needs_reference:
                    empty = replace(drama, actors=drama.actors[:1], seconds=REFERENCE_S)
                    before = Path(folder) / "empty.mp4"
                    await decode.run(partial(film, empty, before))
                    references = await screening.referenced(screening.frames(before), [drama.rule])
                noted = await screening.show(clip, [drama.rule], references)
                shown.append(Shown(drama, _told(noted), noted.looks))
        return shown

    return asyncio.run(_watch(show))


def _watch_part(
    parts: Sequence[night.Watch], clip: Path | None
) -> list[tuple[night.Watch, list[str], int]]:
    async def watch(
        screening: Screening, decode: Worker
    ) -> list[tuple[night.Watch, list[str], int]]:
        found = []
        for part in parts:
            rules = night.rules()
            first = night.looks(part, clip, decode, only=REFERENCE_LOOKS)
            references = await screening.referenced(first, rules)
            noted = await screening.watch(night.looks(part, clip, decode), rules, references)
            found.append((part, [one.kind.value for one in noted.opened_ones], noted.looks))
        return found

    return asyncio.run(_watch(watch))


async def _watch[R](work: Callable[[Screening, Worker], Any]) -> Any:
    with Worker.of("detect") as detect, Worker.of("decode") as decode:
        return await work(await Screening.load(CACHE, detect, decode), decode)


def _told(noted: Noted) -> tuple[Told, ...]:
    return tuple((one.event.rule_id, one.at_s, one.took_s) for one in noted.opened_ones)


def _load() -> float:
    return round(os.getloadavg()[0], 1)


def _name(kind: EventKind) -> str:
    return CALLED.get(kind, kind.value.replace("-", "_"))


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("--kinds", nargs="*", choices=[kind.value for kind in PLAYS])
    parser.add_argument("--seeds", type=int, default=MEASURED, help="the first; tuning: < 1000")
    parser.add_argument("--clips", type=int, help="of each kind, with and without its event")
    parser.add_argument("--keep", type=Path, help="a folder for the clips, to look at them")
    parser.add_argument("--notes", type=Path, help="a file by which a run that is cut goes on")
    parser.add_argument("--footage", type=Path, default=FOOTAGE, help="where the real clips lie")
    parser.add_argument("--night", type=float, metavar="HOURS", help="hours without an event")
    parser.add_argument("--live", type=int, metavar="N", help="alerts from RTSP to the screen")
    said = parser.parse_args()
    if said.live:
        with TemporaryDirectory() as folder:
            found = live.measured(Path(folder), said.live)
        tell({"machine": machine(), "load": _load(), "live": found}, as_json=said.json)
        return 0
    if said.keep:
        said.keep.mkdir(parents=True, exist_ok=True)
    kinds = [EventKind(one) for one in said.kinds or PLAYS]
    result: dict[str, Any] = {"machine": machine(), "load": _load()}
    if said.night:
        tell(
            result | {"night": nights(said.night, said.footage, first=said.seeds)},
            as_json=said.json,
        )
        return 0
    count = said.clips or (QUICK_N if said.quick else FULL_N)
    result |= {
        "seeds": f"from {said.seeds} on" + (", for tuning" if said.seeds < MEASURED else ""),
        "set": "composites; real clips apart, under real",
        **composites(kinds, count=count, first=said.seeds, keep=said.keep, notes=said.notes),
    }
    if not said.kinds:
        result["real"] = real_clips(said.footage)
    result |= {_name(kind): unavailable(kind) for kind in TYPES if TYPES[kind].labels}
    tell(result, as_json=said.json)
    return 0


def unavailable(kind: EventKind) -> dict[str, str]:
    """Say why a kind that needs an operator's model is not measured."""
    labels = ", ".join(sorted(TYPES[kind].labels))
    return {"unavailable": f"needs a model of the operator's own that knows: {labels}"}


if __name__ == "__main__":
    sys.exit(main())
