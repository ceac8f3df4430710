"""People going: assigned, en route, on scene, closed, each with its time."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.errors import Invalid
from domain.events import EventKind
from domain.guidance import TEXT_LIMIT, EmptyGuidance, Guidance
from domain.identifiers import CommuneId, GuidanceId, InterventionId, PersonId, UnitId
from domain.interventions import (
    BadStep,
    Intervention,
    InterventionClosed,
    InterventionState,
    NotAssigned,
)
from domain.positions import Point

NOW = datetime(2026, 3, 1, 22, tzinfo=UTC)
ALPHA, BRAVO = UnitId(uuid4()), UnitId(uuid4())
S = InterventionState


def opened(*units: UnitId) -> Intervention:
    intervention = Intervention(
        id=InterventionId(uuid4()),
        commune_id=CommuneId(uuid4()),
        kind=EventKind.FIGHT,
        place="Gare",
        point=None,
        created_at=NOW,
    )
    for unit in units:
        intervention = intervention.assign(unit, at=NOW)
    return intervention


def test_each_step_leaves_its_time() -> None:
    later, last = NOW + timedelta(minutes=3), NOW + timedelta(minutes=9)

    done = (
        opened(ALPHA)
        .progress(ALPHA, S.EN_ROUTE, at=NOW)
        .progress(ALPHA, S.ON_SCENE, at=later)
        .progress(ALPHA, S.CLOSED, at=last)
    )

    part = done.assignments[0]
    assert (part.assigned_at, part.en_route_at) == (NOW, NOW)
    assert (part.on_scene_at, part.cleared_at) == (later, last)
    assert done.state is S.CREATED  # nobody is on it any more, and it is still open


def test_its_state_is_the_furthest_of_the_units_on_it() -> None:
    assert opened().state is S.CREATED
    both = opened(ALPHA, BRAVO)
    assert both.state is S.ASSIGNED
    assert both.progress(BRAVO, S.ON_SCENE, at=NOW).state is S.ON_SCENE


def test_a_step_back_is_refused_and_a_step_twice_is_one() -> None:
    on_scene = opened(ALPHA).progress(ALPHA, S.ON_SCENE, at=NOW, by_radio=True)
    assert on_scene.assignments[0].by_radio

    assert on_scene.progress(ALPHA, S.ON_SCENE, at=NOW + timedelta(minutes=1)) is on_scene
    with pytest.raises(BadStep):
        on_scene.progress(ALPHA, S.EN_ROUTE, at=NOW)


def test_a_unit_that_is_not_on_it_can_not_progress() -> None:
    with pytest.raises(NotAssigned):
        opened(ALPHA).progress(BRAVO, S.EN_ROUTE, at=NOW)


def test_assigning_again_is_one_assignment_and_a_cleared_unit_can_come_back() -> None:
    once = opened(ALPHA)
    assert once.assign(ALPHA, at=NOW) is once

    back = once.progress(ALPHA, S.CLOSED, at=NOW).assign(ALPHA, at=NOW + timedelta(minutes=5))
    assert back.has_unit(ALPHA)


def test_closing_clears_every_unit_and_nothing_more_can_be_noted() -> None:
    cleared = opened(ALPHA, BRAVO).progress(BRAVO, S.CLOSED, at=NOW)
    closed = cleared.close(by=PersonId(uuid4()), at=NOW + timedelta(minutes=1), report="calme")

    assert closed.state is S.CLOSED
    assert closed.close(by=None, at=NOW) is closed
    assert not closed.has_unit(ALPHA)
    with pytest.raises(InterventionClosed):
        closed.assign(ALPHA, at=NOW)


def guidance(**changes: object) -> Guidance:
    values: dict[str, object] = {
        "id": GuidanceId(uuid4()),
        "commune_id": CommuneId(uuid4()),
        "unit_id": ALPHA,
        "sent_by": PersonId(uuid4()),
        "sent_at": NOW,
        "text": "Par la rue du Port",
    }
    return Guidance(**(values | changes))  # type: ignore[arg-type]  # test data by field name


def test_sent_arrived_and_read_are_three_times_and_each_is_kept_once() -> None:
    read = guidance().arrive(at=NOW).read(at=NOW + timedelta(seconds=9))

    assert (read.arrived_at, read.read_at) == (NOW, NOW + timedelta(seconds=9))
    assert read.arrive(at=NOW + timedelta(hours=1)) is read
    assert read.read(at=NOW + timedelta(hours=1)) is read
    assert guidance().read(at=NOW).arrived_at == NOW


def test_guidance_says_something_and_not_too_much() -> None:
    assert guidance(text="", point=Point(2, 48)).point
    with pytest.raises(EmptyGuidance):
        guidance(text="  ")
    with pytest.raises(Invalid):
        guidance(text="x" * (TEXT_LIMIT + 1))
