"""Rules that are tried reach the detect process as they were drawn, whatever they may say."""

from dataclasses import fields
from datetime import UTC, datetime, time
from uuid import UUID

from domain.authorisations import DailyHours
from domain.cues import Part
from domain.events import EventKind
from domain.identifiers import CameraId, PersonId, RuleId, SegmentId, TrialId
from domain.lines import Crossing, Line
from domain.rules import Rule
from domain.rules.subjects import Subjects
from domain.zones import Zone
from server.trial_requests import TrialRequest, TriedSegment

START = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)
ZONE = Rule(
    id=RuleId(UUID(int=1)),
    kind=EventKind.WRONG_WAY,
    name="rue Basse",
    shape=Zone.drawn([(0.1, 0.1), (0.9, 0.1), (0.5, 0.9)]),
    bearing=90.0,
    thresholds={"distance": 2.0},
    subjects=Subjects.BOTH,
    hours=DailyHours(time(22), time(6)),
    preset="preset-2",
    in_use=False,
)
LINE = Rule(
    id=RuleId(UUID(int=2)),
    kind=EventKind.LINE_CROSSING,
    name="pont",
    shape=Line.drawn([(0.1, 0.5), (0.9, 0.5)], Crossing.LEFT),
)


def test_what_is_asked_is_what_is_read() -> None:
    unset: dict[str, object] = {
        "bearing": None,
        "thresholds": {},
        "subjects": None,
        "hours": None,
        "preset": None,
    }
    assert all(getattr(ZONE, one.name) != unset.get(one.name, "") for one in fields(Rule))
    asked = TrialRequest(
        id=TrialId(UUID(int=9)),
        person_id=PersonId(UUID(int=8)),
        camera_id=CameraId(UUID(int=7)),
        rules=(ZONE, LINE),
        starts_at=START,
        ends_at=START.replace(hour=3),
        segments=(
            TriedSegment(
                segment_id=SegmentId(UUID(int=6)),
                holder="media@a/1",
                path="/recordings/a/b",
                started_at=START,
                head_size=700,
                parts=(
                    Part(START, START.replace(second=4), 700, 1000),
                    Part(START.replace(second=4), START.replace(second=8), 1700, 900),
                ),
            ),
        ),
    )

    read = TrialRequest.read(asked.as_json())

    assert (list(read.rules), read.segments) == ([ZONE, LINE], asked.segments)
    assert (read.id, read.person_id, read.camera_id) == (asked.id, asked.person_id, asked.camera_id)
    assert (read.starts_at, read.ends_at) == (asked.starts_at, asked.ends_at)
