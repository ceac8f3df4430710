"""What is told of a camera's looks to those who follow them: the newest, and to few."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from math import cos, pi, sin
from uuid import UUID

import pytest

from domain.detections import Box, Detection, ObjectClass
from domain.errors import TooMany
from domain.events import EventKind
from domain.identifiers import CameraId, RuleId
from domain.looks import Finding, Flame, Look
from domain.rules import MOST_RULES, Rule
from domain.watching import Doing, RuleState
from domain.zones import MOST_POINTS, Zone
from server.detect.looks import MOST_FOLLOWERS, Looks

LONGEST_NAME = 200  # `mobile_api.bodies.Line`
LONGEST_LINE = 128 * 1024  # half a megabyte is what this aiohttp reads as one
QUAY, SQUARE = CameraId(UUID(int=1)), CameraId(UUID(int=2))
START = datetime(2026, 12, 1, tzinfo=UTC)


def look(looks: Looks, camera: CameraId = QUAY, *, after: float = 0.0) -> None:
    at = START + timedelta(seconds=after)
    looks.looked(camera, Look(at=at), [], None)


async def test_a_look_that_was_not_taken_gives_way_to_the_newest() -> None:
    looks = Looks()
    with looks.follow(QUAY) as newest:
        for after in (0.0, 0.2, 0.4):
            look(looks, after=after)
        look(looks, SQUARE, after=9.0)
        told = json.loads(await newest.take())

        assert told["at"] == (START + timedelta(seconds=0.4)).isoformat()
        assert told["per_s"] == 5.0
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await newest.take()


async def test_what_the_rules_over_pixels_are_shown_is_told_too() -> None:
    bin_ = Rule(
        id=RuleId(UUID(int=3)),
        kind=EventKind.OVERFULL_BIN,
        name="corbeille",
        shape=Zone.drawn([(0.0, 0.0), (0.5, 0.0), (0.5, 1.0)]),
    )
    box = Box(0.1, 0.1, 0.2, 0.2)
    looks = Looks()
    with looks.follow(QUAY) as newest:
        seen = Look(
            at=START,
            changes={bin_.id: 0.314},
            flames=(Flame(box, 0.5),),
            findings=(Finding("weapon", 0.9, box),),
        )
        looks.looked(QUAY, seen, [RuleState(bin_, Doing.COUNTS)], None)
        told = json.loads(await newest.take())

    assert told["flames"] == [{"share": 0.5, "box": [0.1, 0.1, 0.2, 0.2]}]
    assert told["findings"][0]["label"] == "weapon"
    assert (told["rules"][0]["name"], told["rules"][0]["changed"]) == ("corbeille", 0.31)


async def test_nothing_is_kept_of_a_camera_that_nobody_follows() -> None:
    looks = Looks()
    look(looks)
    with looks.follow(QUAY) as newest, pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await newest.take()

    assert not looks.followed(QUAY)


async def test_a_camera_is_followed_by_few_at_once() -> None:
    looks = Looks()
    follow = [looks.follow(QUAY) for _ in range(MOST_FOLLOWERS)]
    for one in follow:
        one.__enter__()
    with pytest.raises(TooMany), looks.follow(QUAY):
        pass
    follow[0].__exit__(None, None, None)
    with looks.follow(QUAY):
        assert looks.followed(QUAY)


async def test_a_line_is_read_whole_however_much_is_drawn_and_seen() -> None:
    steps = [2 * pi * step / MOST_POINTS for step in range(MOST_POINTS)]
    shape = Zone.drawn([(0.5 + 0.43211 * cos(at), 0.5 + 0.43211 * sin(at)) for at in steps])
    drawn = [
        RuleState(
            Rule(
                id=RuleId(UUID(int=number)),
                kind=EventKind.FORBIDDEN_ZONE,
                name="\N{WATER WAVE}" * LONGEST_NAME,
                shape=shape,
            ),
            Doing.COUNTS,
        )
        for number in range(MOST_RULES)
    ]
    box = Box(0.1234, 0.2345, 0.3456, 0.9567)
    seen = [Detection(ObjectClass.PERSON, 0.81, box, track=10**6 + one) for one in range(300)]
    looks = Looks()
    with looks.follow(QUAY) as newest:
        looks.looked(QUAY, Look(at=START, tracks=(*seen,), unseen=(*seen,)), drawn, None)
        line = await newest.take()

    assert len(line) <= LONGEST_LINE
