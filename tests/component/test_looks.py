"""What is told of a camera's looks to those who follow them: the newest, and to few."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.errors import TooMany
from domain.identifiers import CameraId
from domain.looks import Look
from server.detect.looks import MOST_FOLLOWERS, Looks

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
