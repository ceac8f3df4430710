"""Several media processes of one host share its cameras, and stand in for one that is gone."""

import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from socket import gethostname

import pytest

from domain.facts import CameraChanged
from server.database.leases import TTL
from server.database.presence import Process, Processes
from server.http.app import utc_now
from server.watch_list import TapsOfHost
from tests.integration.http.town import TOWN
from tests.integration.server.filmed import CUT_WITHIN_S, FilmedTown, viewer_of
from tests.integration.server.running import (
    children_of,
    command_of,
    environment,
    ilotier,
    is_alive,
)
from tests.ports import free_port
from tests.waiting import eventually

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(400),  # three to five processes start, on a machine that does other things
]

STARTED_WITHIN_S = 120.0
#: A lease's time, and what a busy machine needs beside.
TAKEN_OVER_WITHIN_S = TTL.total_seconds() + 30.0


@pytest.fixture
def env(filmed_town: FilmedTown, tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path, DATABASE_URL=filmed_town.url, HTTP__PORT="0")


def holder(number: int) -> str:
    return f"media@{gethostname()}/{number}"


@asynccontextmanager
async def roles(env: dict[str, str], *numbers: int) -> AsyncIterator[dict[int, int]]:
    """Media processes of these numbers, each started by itself; gives their process ids."""
    async with AsyncExitStack() as stack:
        yield {
            number: (
                await stack.enter_async_context(
                    ilotier("serve", "--role", "media", "--number", str(number), env=env)
                )
            ).pid
            for number in numbers
        }


async def test_a_killed_process_s_cameras_are_on_the_other_and_their_viewers_too(
    filmed_town: FilmedTown, env: dict[str, str]
) -> None:
    port = free_port()
    env = env | {"ILOTIER_HTTP__PLAIN_PORT": str(port)}
    async with ilotier("serve", "--role", "control", env=env), roles(env, 1, 2) as pids:
        held = await filmed_town.shared(2, 2, limit_s=STARTED_WITHIN_S)
        stream = next(c for c in filmed_town.cameras if held[c.id] == holder(2)).main_stream_id
        path = f"http://127.0.0.1:{port}/api/v1/streams/{stream}/whep"
        async with viewer_of(path, TOWN.token("operator")) as viewer:
            await viewer.sees()
            sessions = viewer.sessions

            os.kill(pids[2], signal.SIGKILL)

            after = await filmed_town.shared(4, limit_s=TAKEN_OVER_WITHIN_S)
            await viewer.sees()
            assert set(after.values()) == {holder(1)}
            assert viewer.sessions > sessions


async def test_one_that_comes_later_takes_its_part_and_gives_it_back_when_it_leaves(
    filmed_town: FilmedTown, env: dict[str, str]
) -> None:
    async with roles(env, 1):
        await filmed_town.shared(4, limit_s=STARTED_WITHIN_S)
        async with roles(env, 2, 3):
            held = await filmed_town.shared(1, 1, 2, limit_s=STARTED_WITHIN_S)
            assert set(held.values()) == {holder(1), holder(2), holder(3)}

        await filmed_town.shared(4)


async def test_the_launcher_keeps_as_many_as_are_wanted_and_they_end_when_it_is_killed(
    filmed_town: FilmedTown, env: dict[str, str]
) -> None:
    processes = Processes(filmed_town.database)
    env = env | {"ILOTIER_HTTP__PLAIN_PORT": str(free_port()), "ILOTIER_MEDIA__PROCESSES": "2"}
    async with ilotier("serve", env=env) as launcher:
        await filmed_town.shared(2, 2, limit_s=STARTED_WITHIN_S)

        # One that has cameras may still be about to say that it is there.
        async def media() -> list[Process] | None:
            found = [p for p in await processes.all() if p.role == "media"]
            return found if len(found) == 2 else None

        async def two_taps() -> set[Path] | None:
            found = set(await TapsOfHost(processes, host=gethostname()).sockets())
            return found if len(found) == 2 else None

        async def four_roles() -> list[int] | None:
            found = children_of(launcher.pid)
            return found if len(found) == 4 else None

        both = await eventually(media) or []
        taps = await eventually(two_taps) or set()
        await eventually(four_roles)
        [second] = [pid for pid in children_of(launcher.pid) if "--number\x002" in command_of(pid)]

        os.kill(second, signal.SIGKILL)

        async def is_back() -> bool:
            now = {p.holder: p.started_at for p in await processes.all()}
            before = {p.holder: p.started_at for p in both}
            return now.get(holder(2), before[holder(2)]) > before[holder(2)]

        await eventually(is_back, limit_s=STARTED_WITHIN_S)
        await filmed_town.shared(2, 2)
        # One that could not begin, on a busy machine, is not there for a moment.
        roles = await eventually(four_roles) or []

        launcher.kill()

        async def all_have_ended() -> bool:
            return not any(is_alive(pid) for pid in roles)

        await eventually(all_have_ended)
    assert len(roles) == 4
    # Each has a name and a tap of its own.
    assert {p.holder for p in both} == {holder(1), holder(2)}
    assert len({p.url for p in both}) == len(taps) == 2
    assert all(tap.parent == next(iter(taps)).parent for tap in taps)


async def test_who_is_too_many_for_one_process_watches_through_the_other(
    filmed_town: FilmedTown, env: dict[str, str]
) -> None:
    port = free_port()
    env = env | {"ILOTIER_HTTP__PLAIN_PORT": str(port), "ILOTIER_MEDIA__MOST_VIEWERS": "1"}
    async with ilotier("serve", "--role", "control", env=env), roles(env, 1, 2):
        held = await filmed_town.shared(2, 2, limit_s=STARTED_WITHIN_S)
        camera = filmed_town.cameras[0]
        path = f"http://127.0.0.1:{port}/api/v1/streams/{camera.main_stream_id}/whep"
        token = TOWN.token("operator")
        async with viewer_of(path, token) as first:
            await first.sees()
            async with viewer_of(path, token) as second:
                await second.sees()
                await first.sees()

                async def watched_through() -> set[str]:
                    rows = await filmed_town.database.rows(
                        "SELECT holder FROM viewing WHERE stream_id = $1 AND ended_at IS NULL",
                        camera.main_stream_id,
                    )
                    return {row["holder"] for row in rows}

                async def through_both() -> bool:
                    return await watched_through() == {holder(1), holder(2)}

                await eventually(through_both)
                assert held[camera.id] in {holder(1), holder(2)}

                # The right ends, and with it the picture, wherever it is watched.
                off = "UPDATE camera SET disabled_at = now() WHERE id = $1"
                changed = CameraChanged(
                    at=utc_now(), commune_id=camera.commune_id, camera_id=camera.id
                )
                async with filmed_town.database.transaction() as t:
                    await t.execute(off, camera.id)
                    t.publish(changed)
                revoked_at_s = time.monotonic()

                async def nobody_watches() -> bool:
                    return not await watched_through()

                await eventually(nobody_watches)
                for viewer in (first, second):
                    assert viewer.seen_at_s - revoked_at_s <= CUT_WITHIN_S
