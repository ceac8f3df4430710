"""One camera's way from frames to events: the law comes before all else."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.measures import Measured
from detectors.metrics import FRAMES_ANALYSED
from detectors.protocol import Frame
from domain.analysed import Analysed, HourOf, Looked
from domain.authorisations import Authorisation
from domain.detections import Box, Detection
from domain.events import EventKind
from domain.identifiers import AuthorisationId, CameraId, RuleId
from domain.looks import LeftThing, Sight
from domain.ptz import PresetIn, at_no_preset
from domain.resting import Rests
from domain.watching import EventClosed, EventOpened
from server import pipeline
from server.detect.looks import Looks
from server.pipeline import CameraPipeline, Measures, Watched
from tests.component.watching import (
    ACT,
    INTRUDER,
    LOOK,
    QUAY,
    RULE,
    SQUARE,
    START,
    Eye,
    NoMeasures,
    Sink,
    Still,
    watched,
)


async def stills(times: Sequence[datetime]) -> AsyncGenerator[Still]:
    for at in times:
        yield Still(at)


def analysed(authorised: str) -> float:
    return float(FRAMES_ANALYSED.labels(authorised)._value.get())


def camera_pipeline(
    times: Sequence[datetime],
    *,
    eye: Eye,
    sink: Sink,
    of: Watched | None = None,
    now: Callable[[], datetime] = lambda: START + timedelta(minutes=1),
    measures: Measures | None = None,
    kept: Analysed | None = None,
    preset_in: PresetIn = at_no_preset,
    onlookers: Looks | None = None,
) -> CameraPipeline[Still]:
    return CameraPipeline(
        watched=of or watched(),
        frames=stills(times),
        eye=eye,
        measures=measures or NoMeasures(),
        sink=sink,
        clock=now,
        analysed=kept or Analysed(),
        preset_in=preset_in,
        onlookers=onlookers,
    )


@pytest.fixture(autouse=True)
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "FIRST_DELAY_S", 0.001)


async def test_somebody_in_the_zone_is_an_event_with_its_still_and_its_act() -> None:
    sink, times = Sink(), [START + n * LOOK for n in range(5)]

    await camera_pipeline(times, eye=Eye(), sink=sink).run()

    opened, closed = sink.facts
    assert isinstance(opened, EventOpened)
    assert isinstance(closed, EventClosed)
    assert (opened.camera_id, opened.rule_id, opened.authorisation_id) == (QUAY, RULE.id, ACT.id)
    assert opened.opened_at == times[2]
    assert sink.stills == [Still(times[2]).jpeg()]
    assert closed.event_id == opened.event_id


async def test_a_rule_of_a_preset_is_watched_in_that_preset_s_pictures_alone() -> None:
    sink, eye, times = Sink(), Eye(), [START + n * LOOK for n in range(15)]
    at_quay = [*times[:4], *times[10:]]  # it looks elsewhere, turns (9), and comes back
    of = replace(watched(), rules=(replace(RULE, preset="quay"),))

    def preset_in(camera_id: CameraId, taken_at: datetime) -> str | None:
        assert camera_id == QUAY
        return "quay" if taken_at in at_quay else None if taken_at == times[9] else "bridge"

    await camera_pipeline(times, eye=eye, sink=sink, of=of, preset_in=preset_in).run()

    first, its_end, second, _ = sink.facts
    assert isinstance(first, EventOpened)
    assert isinstance(its_end, EventClosed)
    assert isinstance(second, EventOpened)
    assert first.opened_at == times[2]
    assert (its_end.event_id, its_end.last_seen_at) == (first.event_id, times[3])
    assert second.opened_at == times[12]  # three looks after it is back
    assert eye.looked_at == at_quay
    assert eye.forgot == 4  # nothing of one place is taken to be at another


async def test_what_is_left_of_a_look_is_left_when_its_act_ends_meanwhile() -> None:
    sink, now, measured = Sink(), [ACT.ends_at - LOOK], []
    thing = replace(RULE, id=RuleId(UUID(int=4)), kind=EventKind.ABANDONED_OBJECT)
    fire = replace(RULE, id=RuleId(UUID(int=5)), kind=EventKind.FIRE)
    act = replace(ACT, kinds=frozenset({RULE.kind, thing.kind}))
    longer = replace(
        ACT,
        id=AuthorisationId(UUID(int=6)),
        kinds=frozenset({fire.kind}),
        ends_at=act.ends_at + LOOK,
    )
    times = [ACT.ends_at - n * LOOK for n in (5, 4, 3, 2)]

    def sees(at: datetime) -> list[Detection]:
        if at == times[-1]:  # the machine is busy: this look waits
            now[0] = act.ends_at
        return [INTRUDER]

    class Instruments(NoMeasures):
        async def take(
            self, frame: Frame, sights: frozenset[Sight], due: Set[RuleId] = frozenset()
        ) -> Measured:
            measured.append((Sight.LEFT_THINGS in sights, due))
            return Measured()

    await camera_pipeline(
        times,
        eye=Eye(sees),
        sink=sink,
        of=replace(watched(QUAY, act, longer), rules=(RULE, thing, fire)),
        now=lambda: now[0],
        measures=Instruments(),
    ).run()

    assert measured == [
        *[(True, {RULE.id, thing.id, fire.id})] * 3,
        (False, {fire.id}),
    ]
    assert sink.kinds == [EventOpened, EventClosed]  # what was seen in time counts


async def test_an_event_that_can_not_be_stored_yet_is_stored_later() -> None:
    sink = Sink(failures=3)

    await camera_pipeline([START + n * LOOK for n in range(9)], eye=Eye(), sink=sink).run()

    assert sink.kinds == [EventOpened, EventClosed]


async def test_frames_that_stop_coming_close_the_event(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "BLIND_AFTER_S", 0.05)
    sink = Sink()

    async def then_nothing() -> AsyncIterator[Still]:
        for n in range(4):
            yield Still(START + n * LOOK)
        await asyncio.Event().wait()

    blind = CameraPipeline(
        watched=watched(),
        frames=then_nothing(),
        eye=Eye(),
        measures=NoMeasures(),
        sink=sink,
        clock=lambda: START,
        analysed=Analysed(),
    )
    running = asyncio.create_task(blind.run())
    await sink.has(2)
    running.cancel()
    await asyncio.wait({running})

    assert sink.kinds == [EventOpened, EventClosed]


minutes = st.integers(-90, 150).map(lambda number: START + timedelta(minutes=number))


@given(
    captured=st.lists(minutes, max_size=12),
    now=minutes,
    act=st.builds(
        lambda starts, length, revoked: replace(
            ACT,
            act_date=starts.date(),
            starts_at=starts,
            ends_at=starts + timedelta(minutes=length),
            revoked_at=revoked,
        ),
        minutes,
        st.integers(1, 90),
        st.none() | minutes,
    ),
    is_other_camera=st.booleans(),
)
def test_no_frame_is_analysed_outside_an_authorisation(
    captured: list[datetime], now: datetime, act: Authorisation, is_other_camera: bool
) -> None:
    if is_other_camera:
        act = replace(act, camera_ids=frozenset({SQUARE}))
    eye, unauthorised, authorised = Eye(), analysed("no"), analysed("yes")

    async def run() -> None:
        await camera_pipeline(
            captured, eye=eye, sink=Sink(), of=watched(QUAY, act), now=lambda: now
        ).run()

    asyncio.run(run())

    def is_covered(at: datetime) -> bool:
        return act.covers(QUAY, EventKind.FORBIDDEN_ZONE, at)

    assert eye.looked_at == [at for at in captured if is_covered(at) and is_covered(now)]
    assert analysed("no") == unauthorised == 0
    assert analysed("yes") - authorised == len(eye.looked_at)


@dataclass
class Yardstick:
    """Measures that note what they were asked for, and see one thing that stays."""

    asked: list[frozenset[Sight]] = field(default_factory=list)

    async def take(
        self, frame: Frame, sights: frozenset[Sight], due: Set[RuleId] = frozenset()
    ) -> Measured:
        self.asked.append(sights)
        thing = LeftThing(1, Box(0.2, 0.6, 0.23, 0.65), frame.captured_at - START)
        return Measured(left_things=(thing,) if Sight.LEFT_THINGS in sights else ())


BAG_RULE = replace(
    RULE, id=RuleId(UUID(int=4)), kind=EventKind.ABANDONED_OBJECT, thresholds={"alone_s": 5.0}
)
BAG_ACT = replace(ACT, kinds=frozenset({EventKind.ABANDONED_OBJECT}))


async def test_a_left_thing_is_an_event_while_nothing_moves() -> None:
    yardstick, sink = Yardstick(), Sink()
    times = [START + n * LOOK for n in range(100)]
    eye = Eye(lambda at: [INTRUDER] if at < START + timedelta(seconds=5) else [])

    await camera_pipeline(
        times,
        eye=eye,
        sink=sink,
        of=replace(watched(QUAY, BAG_ACT), rules=(BAG_RULE,)),
        measures=yardstick,
    ).run()

    opened, _ = sink.facts
    assert isinstance(opened, EventOpened)
    assert opened.kind is EventKind.ABANDONED_OBJECT
    assert opened.opened_at - START == timedelta(seconds=10)
    assert len(yardstick.asked) == len(times)


@pytest.mark.parametrize("kind", [EventKind.FORBIDDEN_ZONE, EventKind.ABANDONED_OBJECT])
async def test_nothing_is_measured_that_no_act_allows(kind: EventKind) -> None:
    yardstick, act = Yardstick(), replace(ACT, kinds=frozenset({kind}))

    await camera_pipeline(
        [START + n * LOOK for n in range(5)],
        eye=Eye(),
        sink=Sink(),
        of=replace(watched(QUAY, act), rules=(RULE, BAG_RULE)),
        measures=yardstick,
    ).run()

    allowed = kind is EventKind.ABANDONED_OBJECT
    assert {Sight.LEFT_THINGS in sights for sights in yardstick.asked} == (
        {True} if allowed else set()
    )


async def test_the_minutes_that_were_looked_at_are_kept_for_the_act_s_evaluation() -> None:
    """A picture from after the act's end is refused by the gate, and not kept."""
    kept = Analysed()
    times = [START, START + LOOK, START + timedelta(minutes=1), ACT.ends_at]
    await camera_pipeline(times, eye=Eye(), sink=Sink(), kept=kept).run()

    hour = START.replace(minute=0, second=0, microsecond=0)
    of = HourOf(QUAY, ACT.id, EventKind.FORBIDDEN_ZONE, hour)
    assert kept.take() == {of: Looked(1 << START.minute | 1 << START.minute + 1, 3)}
    assert kept.take() == {}


async def test_a_kind_whose_act_has_ended_meanwhile_was_not_looked_for_and_is_not_kept() -> None:
    """A trial looks back on an hour in which more was allowed than is now."""
    kept, bags = Analysed(), EventKind.ABANDONED_OBJECT
    over = replace(
        ACT,
        id=AuthorisationId(UUID(int=13)),
        kinds=frozenset({bags}),
        revoked_at=START + timedelta(seconds=30),
    )

    await camera_pipeline(
        [START],
        eye=Eye(),
        sink=Sink(),
        of=replace(watched(QUAY, ACT, over), rules=(RULE, BAG_RULE)),
        kept=kept,
    ).run()

    assert {one.kind for one in kept.take()} == {EventKind.FORBIDDEN_ZONE}


async def test_what_is_suspended_is_neither_looked_for_nor_kept_and_says_that_it_is() -> None:
    """No act covers bags: they rest for want of one, suspended or not."""
    kept, yardstick, looks = Analysed(), Yardstick(), Looks()
    both = frozenset({EventKind.FORBIDDEN_ZONE, EventKind.ABANDONED_OBJECT})
    crowd = replace(RULE, id=RuleId(UUID(int=14)), kind=EventKind.DENSITY)
    act = replace(ACT, kinds=frozenset({RULE.kind, crowd.kind}))
    of = replace(watched(QUAY, act), rules=(RULE, crowd, BAG_RULE), suspended=both)

    with looks.follow(QUAY) as newest:
        await camera_pipeline(
            [START + n * LOOK for n in range(5)],
            eye=Eye(),
            sink=(sink := Sink()),
            of=of,
            measures=yardstick,
            kept=kept,
            onlookers=looks,
        ).run()
        told = {one["kind"]: one["rests"] for one in json.loads(await newest.take())["rules"]}

    assert told == {
        RULE.kind: Rests.SUSPENDED,
        crowd.kind: None,
        BAG_RULE.kind: Rests.NO_ACT,
    }
    assert {one.kind for one in kept.take()} == {crowd.kind}
    assert (sink.facts, yardstick.asked) == ([], [])
