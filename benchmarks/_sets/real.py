"""The real clip, labelled by hand: six people come to a table one by one and leave to the right.

`one-by-one-person-detection.mp4`, Intel IoT DevKit sample-videos, CC BY 4.0: 139 s, 768 x 432.
Labels are by eye, to a tenth of a second: when the middle between the feet passes 0.70 of the
picture's width. They come from the lower edge, left of the middle, and stand at the table for 8 to
24 s.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import av
import numpy as np

from benchmarks._sets.filming import SMALL, SMALL_BITS_PER_S
from benchmarks._sets.play import Truth, rule_of
from domain.events import EventKind
from domain.identifiers import RuleId
from domain.lines import Crossing, Line
from domain.rules import TYPES, Rule, Subjects
from domain.zones import Zone
from server.demo.painting import written

RATE = 10
"""Pictures a second."""
NAME = "one-by-one-person-detection.mp4"
LEAVES_S = (18.8, 43.9, 69.0, 85.6, 118.6, 134.9)
LABELS_S = 0.2
"""How exactly an eye tells that."""
WITHIN_S = 1.5
"""They are out of the picture then."""
VISITORS = len(LEAVES_S)


@dataclass(frozen=True, slots=True)
class Watched:
    """One rule on the clip; ``truths`` is empty where what it watches for does not happen."""

    what: str
    rule: Rule
    truths: tuple[Truth, ...] = ()


def watched() -> list[Watched]:
    """Give the rules that are watched on the clip, of the kinds that there are."""
    exit_line = (0.70, 0.55), (0.70, 1.0)
    right = Zone.drawn([(0.70, 0.6), (1.0, 0.6), (1.0, 1.0), (0.70, 1.0)])
    left = Zone.drawn([(0.0, 0.65), (0.22, 0.65), (0.22, 1.0), (0.0, 1.0)])
    floor = Zone.drawn([(0.0, 0.55), (1.0, 0.55), (1.0, 1.0), (0.0, 1.0)])
    leaves = tuple(Truth(at_s - LABELS_S, at_s + WITHIN_S) for at_s in LEAVES_S)
    people = Subjects.PEOPLE
    line, zone = EventKind.LINE_CROSSING, EventKind.FORBIDDEN_ZONE
    all_rules = (
        Watched("leave over the right part", rule_of(zone, right), leaves),
        Watched("nobody on the left part", rule_of(zone, left)),
        Watched(
            "leave over the line", rule_of(line, Line.drawn(exit_line), subjects=people), leaves
        ),
        Watched(
            "nobody the other way",
            # Downwards along the line its right side is the picture's left.
            rule_of(line, Line.drawn(exit_line, Crossing.RIGHT), subjects=people),
        ),
        Watched(
            "all go to the right, as allowed",
            rule_of(EventKind.WRONG_WAY, floor, bearing=90.0, subjects=people),
        ),
        Watched("never two", rule_of(EventKind.DENSITY, floor, people=2, seconds=2)),
        Watched("stand for long", rule_of(EventKind.PERSON_DOWN, floor)),
        Watched("nothing is left", rule_of(EventKind.ABANDONED_OBJECT, floor, alone_s=10)),
        Watched("nothing is dumped", rule_of(EventKind.DUMPING, floor, alone_s=10)),
        Watched("no vehicle", rule_of(EventKind.STOPPED_VEHICLE, floor, seconds=5)),
        Watched("no crowd", rule_of(EventKind.CROWD_MOVEMENT, floor)),
        Watched("no fire", rule_of(EventKind.FIRE, floor)),
    )
    there = [one for one in all_rules if one.rule.kind in TYPES]
    return [
        replace(one, rule=replace(one.rule, id=RuleId(UUID(int=number + 1))))
        for number, one in enumerate(there)
    ]


def opened_by(
    rule: Rule, opened: Sequence[tuple[RuleId | None, float, float]]
) -> list[tuple[float, float]]:
    """Give those that were opened by that rule: when, and how long its look took."""
    return [(at_s, took_s) for rule_id, at_s, took_s in opened if rule_id == rule.id]


def found(folder: Path) -> Path | None:
    """Give the clip's path, None where it is not."""
    return path if (path := folder / NAME).is_file() else None


def sent(clip: Path, path: Path) -> None:
    """Write the clip as a camera's sub-stream: smaller, and without B-frames, which it has."""
    with av.open(str(clip)) as container, written(path, SMALL, SMALL_BITS_PER_S, RATE) as write:
        for frame in container.decode(video=0):
            write(frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False))
