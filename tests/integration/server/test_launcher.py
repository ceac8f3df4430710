"""`ilotier serve`: roles as processes, started again when they die, ended when they can't live."""

import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession

from server.database.pool import Database
from server.database.presence import Process, Processes
from server.launcher import EX_CONFIG, INNER_ROLES, STOP_LIMIT_S, die_with_parent
from tests.integration.server.running import (
    children_of,
    command_of,
    environment,
    ilotier,
)
from tests.ports import free_port
from tests.waiting import LIMIT_S, eventually

pytestmark = pytest.mark.integration


async def the_media_process(database: Database, *, other_than: Process | None = None) -> Process:
    processes = Processes(database)

    async def look() -> Process | None:
        for process in await processes.all():
            if process.role == "media" and (
                other_than is None or process.started_at > other_than.started_at
            ):
                return process
        return None

    found = await eventually(look)
    assert found is not None
    return found


async def test_each_process_tells_its_metrics_a_killed_one_is_back_and_a_stop_is_clean(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    port = free_port()
    env = environment(
        tmp_path, DATABASE_URL=database_url, HTTP__PORT="0", HTTP__PLAIN_PORT=str(port)
    )
    async with ilotier("serve", env=env) as launcher:
        await metrics_come_through_control(database, port)
        first = await the_media_process(database)
        [media] = [pid for pid in children_of(launcher.pid) if "media" in command_of(pid)]

        os.kill(media, signal.SIGKILL)

        again = await the_media_process(database, other_than=first)
        assert again.holder == first.holder
        launcher.terminate()
        async with asyncio.timeout(LIMIT_S):
            await launcher.communicate()
    assert launcher.returncode == 0
    assert await Processes(database).all() == []


async def metrics_come_through_control(database: Database, port: int) -> None:
    async def all_are_there() -> list[Process]:
        processes = await Processes(database).all()
        return processes if len(processes) == len(INNER_ROLES) else []

    holders = {process.role: process.holder for process in await eventually(all_are_there)}
    async with ClientSession(f"http://127.0.0.1:{port}") as client:
        media = await metrics_of(client, holders["media"])
        detect = await metrics_of(client, holders["detect"])
        async with client.get("/metrics", params={"process": "media@elsewhere/1"}) as refused:
            unknown = refused.status

    for what in ("decodes", "encodes"):
        assert f'ilotier_media_{what}_total{{purpose="viewer"}} 0.0' in media
    assert 'ilotier_detect_frames_analysed_total{authorised="no"} 0.0' in detect
    assert unknown == 404


async def metrics_of(client: ClientSession, holder: str) -> str:
    async def ask() -> str:
        try:
            async with client.get("/metrics", params={"process": holder}) as answered:
                return await answered.text() if answered.status == 200 else ""
        except ClientError:
            return ""

    return await eventually(ask)


async def test_a_taken_port_is_one_clear_line_and_a_status(
    database_url: str, tmp_path: Path
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        env = environment(
            tmp_path, DATABASE_URL=database_url, HTTP__PORT="0", HTTP__PLAIN_PORT=str(port)
        )
        async with ilotier("serve", env=env) as launcher, asyncio.timeout(LIMIT_S):
            _, said = await launcher.communicate()

    assert launcher.returncode == EX_CONFIG
    assert f"can't listen at 127.0.0.1 port {port}" in said.decode()
    assert "Traceback" not in said.decode()


async def test_a_role_told_to_stop_while_it_starts_ends_at_once(
    database_url: str, tmp_path: Path
) -> None:
    settings_of_ultralytics = tmp_path / "ultralytics" / "Ultralytics" / "settings.json"
    settings_of_ultralytics.parent.mkdir(parents=True)
    os.mkfifo(settings_of_ultralytics)  # who reads it waits: a model that takes for ever to load
    env = environment(tmp_path, DATABASE_URL=database_url)

    async def it_reads() -> int | None:
        with suppress(OSError):  # ENXIO: nobody reads yet
            return os.open(settings_of_ultralytics, os.O_WRONLY | os.O_NONBLOCK)
        return None

    async with ilotier("serve", "--role", "detect", env=env) as detect:
        held = await eventually(it_reads)
        assert held is not None
        try:
            detect.terminate()

            async with asyncio.timeout(STOP_LIMIT_S):
                _, said = await detect.communicate()
        finally:
            os.close(held)

    assert detect.returncode == -signal.SIGTERM
    assert "Traceback" not in said.decode()


@pytest.mark.parametrize(
    ("arguments", "values", "line"),
    [
        (("serve", "--role", "media"), {}, "needs database_url"),
        (("serve", "--role", "edge"), {}, "ilotier edge-key"),
        (("serve",), {"HTTP__PORT": "70000", "HTP": "1"}, "ILOTIER_HTP: no such setting"),
        (("backup", "there.tar"), {"DATABASE_URL": "mysql://x"}, "database_url"),
        (("serve", "--settings", "nowhere.toml"), {}, "nowhere.toml"),
    ],
)
async def test_what_can_not_be_started_is_told_in_a_line(
    arguments: tuple[str, ...], values: dict[str, str], line: str, tmp_path: Path
) -> None:
    async with ilotier(*arguments, env=environment(tmp_path, **values)) as process:
        async with asyncio.timeout(LIMIT_S):
            _, said = await process.communicate()

    assert process.returncode == EX_CONFIG
    assert line in said.decode()
    assert "Traceback" not in said.decode()


async def test_the_first_link_and_the_register_work_while_nothing_runs(
    database_url: str, tmp_path: Path
) -> None:
    env = environment(tmp_path, DATABASE_URL=database_url, HTTP__PUBLIC_URL="https://csu.example")
    async with ilotier("init", env=env) as process, asyncio.timeout(LIMIT_S):
        said, _ = await process.communicate()
    assert said.decode().startswith("https://csu.example/#link=")

    async with ilotier("register", "verify", env=env) as process, asyncio.timeout(LIMIT_S):
        said, _ = await process.communicate()
    assert process.returncode == 0
    assert said.decode().startswith("The register holds")


async def test_a_child_whose_launcher_died_before_it_could_ask_to_be_told_ends() -> None:
    nobody = os.getpid() + 1  # any process that is not the child's parent
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "input()"),
        stdin=asyncio.subprocess.PIPE,
        preexec_fn=partial(die_with_parent, nobody),
    )
    await child.communicate(b"\n")

    assert child.returncode == -signal.SIGTERM
