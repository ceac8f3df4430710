"""Spans on a timeline, and the cameras around one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from domain.cameras import Camera, PlaceKind, SourceKind
from domain.identifiers import (
    CameraId,
    CommuneId,
    HoldId,
    PersonId,
    SegmentId,
    StreamId,
)
from domain.neighbours import neighbours_of
from domain.positions import Point
from domain.recordings import BadHours, Hold, Segment
from domain.timelines import check_hours, spans

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
COMMUNE, CAMERA = CommuneId(UUID(int=1)), CameraId(UUID(int=2))


def segment(minute: float, lasts: float = 5, *, keep_days: int = 3) -> Segment:
    started_at = NOON + timedelta(minutes=minute)
    return Segment(
        id=SegmentId(uuid4()),
        commune_id=COMMUNE,
        stream_id=StreamId(UUID(int=3)),
        camera_id=CAMERA,
        started_at=started_at,
        ended_at=started_at + timedelta(minutes=lasts),
        keep_days=keep_days,
    )


def minutes(at: datetime) -> float:
    return (at - NOON) / timedelta(minutes=1)


def test_segments_that_follow_each_other_are_one_span_that_goes_with_its_first_picture() -> None:
    found = spans([segment(0), segment(5.01, keep_days=2), segment(20)], [])

    assert [(minutes(one.starts_at), minutes(one.ends_at)) for one in found] == [
        (0.0, pytest.approx(10.01)),
        (20.0, 25.0),
    ]
    assert minutes(found[0].keep_until) == pytest.approx(5.01 + 2 * 24 * 60)


def test_what_is_held_is_a_span_of_its_own() -> None:
    hold = Hold(
        id=HoldId(uuid4()),
        commune_id=COMMUNE,
        requisition="PV 1",
        sources=frozenset({CAMERA}),
        starts_at=NOON + timedelta(minutes=6),
        ends_at=NOON + timedelta(minutes=7),
        placed_at=NOON,
        placed_by=PersonId(uuid4()),
    )
    found = spans([segment(0), segment(5), segment(10)], [hold])

    assert [one.is_held for one in found] == [False, True, False]


@pytest.mark.parametrize("days", [0, -1, 31.5])
def test_a_timeline_has_a_month_at_most(days: float) -> None:
    with pytest.raises(BadHours):
        check_hours(NOON, NOON + timedelta(days=days))


def test_the_nearest_cameras_are_named_with_the_way_to_them() -> None:
    here = Camera(
        id=CAMERA,
        commune_id=COMMUNE,
        number=1,
        name="Place",
        source=SourceKind.RTSP,
        point=Point(3.0, 50.0),
        bearing_deg=0.0,
        field_of_view_deg=60.0,
        range_m=50.0,
        place_kind=PlaceKind.PUBLIC_ROAD,
        main_stream_id=StreamId(uuid4()),
    )
    others = [
        replace(here, id=CameraId(uuid4()), number=2 + n, point=Point(3.0, 50.0 - 0.001 * (10 - n)))
        for n in range(10)
    ]
    east = replace(here, id=CameraId(uuid4()), number=20, point=Point(3.001, 50.0))

    found = neighbours_of(here, [here, *others, east])

    assert [one.camera.number for one in found] == [20, 11, 10, 9, 8, 7, 6, 5]
    assert found[0].bearing_deg == pytest.approx(90, abs=0.01)
    assert found[1].bearing_deg == pytest.approx(180)
    assert found[1].distance_m == pytest.approx(111.2, abs=0.1)
