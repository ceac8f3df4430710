"""How many cameras a core watches, and how much less that costs than ultralytics' own `track`.

    python -m benchmarks.detect [--json] [--quick] [--soak [--minutes 20]]

Footage: a rendered street, 25 pictures a second, H264, still but for its noise, through which
somebody walks in a tenth of the time (or always), as a main stream (720p) and as a sub-stream
(360p). Five looks a second.

Base, in the same run and in turns with ours (A B A B): `ultralytics.YOLO(….pt).track` on the 720p
file, each fifth picture, with a yolo26n made of its yaml. Its weights are random: what a network
costs does not depend on them, but few boxes reach its tracker. Ours: the detect process's parts
from the socket to the event, with the shipped NanoDet-g, and beside it with the same yolo26n. Costs
are CPU seconds of the whole process; a core carries what fits into one of its seconds.

The gate has missed a walk when no look within it said that something moves.
"""

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from benchmarks._command import options, tell
from benchmarks._detect_footage import Footage, busy, calm
from benchmarks._detect_models import untrained
from benchmarks._detect_soak import soak
from benchmarks._machine import machine

CAMERAS, MANY = 4, 12
RUN_LIMIT_S = 600.0
BF16 = ("avx512_bf16", "amx_bf16")


class Child:
    """One process that measures itself: a line in, a line out."""

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None  # noqa: S101 asked for above
        self._process.stdin.close()
        self._process.wait(RUN_LIMIT_S)

    def asked(self, **what: object) -> dict[str, Any]:
        assert self._process.stdin is not None  # noqa: S101 asked for above
        assert self._process.stdout is not None  # noqa: S101 asked for above
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told


@dataclass
class Cost:
    """CPU seconds for so many seconds of cameras' time."""

    cpu_s: float = 0.0
    filmed_s: float = 0.0

    def take(self, told: dict[str, Any], filmed_s: float) -> dict[str, Any]:
        self.cpu_s += told["cpu_s"]
        self.filmed_s += filmed_s
        return told

    @property
    def cameras_per_core(self) -> float:
        return self.filmed_s / self.cpu_s


def measure(*, quick: bool) -> dict[str, Any]:
    street, always = calm(20 if quick else 40), busy(10 if quick else 20)
    untrained()
    rounds = 1 if quick else 2
    base, costs, runs = Cost(), {name: Cost() for name in ("720p", "360p", "always")}, []
    beside = Cost()
    with (
        Child("benchmarks._detect_stock", str(street.large)) as stock,
        Child("benchmarks._detect_ours", "nanodet-g", "openvino") as ours,
    ):
        for _ in range(rounds):
            base.take(stock.asked(), street.seconds)
            for name, clip, seconds in (
                ("720p", street.large, street.seconds),
                ("360p", street.small, street.seconds),
                ("always", always.small, always.seconds),
            ):
                told = ours.asked(clip=str(clip), cameras=CAMERAS, seconds=seconds)
                costs[name].take(told, CAMERAS * seconds)
                runs.append((name, told))
        memory = _memory(ours, street)
    if not quick:
        with Child("benchmarks._detect_ours", "yolo26n", "openvino") as same:
            told = same.asked(clip=str(street.large), cameras=CAMERAS, seconds=street.seconds)
            beside.take(told, CAMERAS * street.seconds)
    walks = [told for name, told in runs if name != "always"]
    stock_per_camera = base.cpu_s / base.filmed_s
    result = {
        "benchmark": "detect",
        "machine": machine(),
        "bf16": [flag for flag in BF16 if flag in Path("/proc/cpuinfo").read_text()],
        "load": round(os.getloadavg()[0], 1),
        "base": "ultralytics track, .pt, yolo26n of its yaml with random weights, 720p, 5 fps",
        "ours": "NanoDet-g, OpenVINO",
        "stock_core_per_camera": round(stock_per_camera, 3),
        "cpu_ratio_stock_5fps": _ratio(stock_per_camera, costs["720p"]),
        "cpu_ratio_stock_5fps_substream": _ratio(stock_per_camera, costs["360p"]),
        "cameras_per_core_720p": round(costs["720p"].cameras_per_core, 1),
        "cameras_per_core_substream": round(costs["360p"].cameras_per_core, 1),
        "cameras_per_core_substream_always_moving": round(costs["always"].cameras_per_core, 1),
        "memory_mb_per_further_camera": memory,
        "walks": sum(len(street.walks) for _ in walks),
        "walks_missed_by_gate": sum(_missed(street, told) for told in walks),
        "looks": sum(told["looks"] for _, told in runs),
        "crops": sum(told["crops"] for _, told in runs),
    }
    if not quick:
        result["cpu_ratio_stock_5fps_same_model"] = _ratio(stock_per_camera, beside)
        result["cameras_per_core_720p_same_model"] = round(beside.cameras_per_core, 1)
    return result


def _ratio(stock_per_camera: float, cost: Cost) -> float:
    return round(stock_per_camera * cost.cameras_per_core, 1)


def _missed(street: Footage, told: dict[str, Any]) -> int:
    return sum(
        not any(start <= at_s < end for at_s in told["moved_at_s"]) for start, end in street.walks
    )


def _memory(ours: Child, street: Footage) -> float:
    """Of a camera more, with 720p: from few cameras to many, and again, so that pools are full."""
    sizes: list[float] = [
        ours.asked(clip=str(street.large), cameras=cameras, seconds=2)["resident_bytes"]
        for cameras in (2, MANY, MANY)
    ]
    return round((max(sizes[1:]) - sizes[0]) / (MANY - 2) / 2**20, 1)


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("--soak", action="store_true", help="16 cameras in real time: memory")
    parser.add_argument("--minutes", type=float, default=20.0)
    given = parser.parse_args()
    result = asyncio.run(soak(given.minutes)) if given.soak else measure(quick=given.quick)
    tell(result, as_json=given.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
