"""The embedded PostgreSQL against the ways a machine and its people stop it."""

import asyncio
import os
import signal
import stat
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from server.database import unprivileged
from server.database.cluster import home_in, socket_folder
from server.database.embedded import embedded_postgres, running_dsn
from server.database.processes import exit_of, processes_of
from server.database.unprivileged import PostgresDidNotStart
from tests.integration.embedded_host import start_host, stop_host

ROWS = 1000
CAP_DAC_OVERRIDE = 1 << 1


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Callable[[], tuple[subprocess.Popen[str], str]]]:
    """Start owners of one data folder; whatever a test leaves of them ends with it."""
    hosts: list[subprocess.Popen[str]] = []

    def start() -> tuple[subprocess.Popen[str], str]:
        process, said = start_host(tmp_path)
        hosts.append(process)
        return process, said

    yield start
    for process in hosts:
        stop_host(process)
    asyncio.run(all_ended(tmp_path))


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """Connect as a role does: again and again while the server is coming back."""
    async with asyncio.timeout(60):
        while True:
            try:
                connection = await asyncpg.connect(dsn)
                break
            except (OSError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
                await asyncio.sleep(0.02)  # nothing tells a client that a server is back
    try:
        yield connection
    finally:
        connection.terminate()


async def store_rows(dsn: str) -> None:
    async with connected(dsn) as connection:
        await connection.execute("CREATE TABLE kept (id int)")
        await connection.copy_records_to_table("kept", records=[(n,) for n in range(ROWS)])


async def rows_kept(dsn: str) -> int:
    async with connected(dsn) as connection:
        return int(await connection.fetchval("SELECT count(*) FROM kept"))


async def all_ended(data_dir: Path) -> None:
    async with asyncio.timeout(60):
        for pid in processes_of(home_in(data_dir) / "cluster"):
            await exit_of(pid)


def server_pid(data_dir: Path) -> int:
    return int((home_in(data_dir) / "cluster" / "postmaster.pid").read_text().split()[0])


def effective_capabilities(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1], 16) for line in lines if line.startswith("CapEff"))


def owner_of(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


def unexpected() -> None:
    raise AssertionError("the server could not be kept alive")


async def test_a_first_start_gives_an_empty_database_with_checksums_and_passwords(
    tmp_path: Path,
) -> None:
    async with embedded_postgres(tmp_path, on_failure=unexpected) as dsn, connected(dsn) as client:
        settings = {
            name: await client.fetchval(f"SHOW {name}")
            for name in ("data_checksums", "listen_addresses", "server_encoding", "jit")
        }
        methods = await client.fetch("SELECT DISTINCT auth_method FROM pg_hba_file_rules")
        lowered = await client.fetchval("SELECT lower('ÉÀ')")

    assert settings == {
        "data_checksums": "on",
        "listen_addresses": "",
        "server_encoding": "UTF8",
        "jit": "off",
    }
    assert [row["auth_method"] for row in methods] == ["scram-sha-256"]
    assert lowered == "éà"


async def test_nothing_is_left_running_when_the_block_ends(tmp_path: Path) -> None:
    async with embedded_postgres(tmp_path, on_failure=unexpected):
        assert processes_of(home_in(tmp_path) / "cluster")

    assert not processes_of(home_in(tmp_path) / "cluster")
    assert not socket_folder(home_in(tmp_path)).exists()


async def test_another_process_finds_the_running_server_and_none_after_it(tmp_path: Path) -> None:
    async with embedded_postgres(tmp_path, on_failure=unexpected) as dsn:
        assert await running_dsn(tmp_path) == dsn

    assert await running_dsn(tmp_path) is None


async def test_a_wrong_password_is_refused(tmp_path: Path) -> None:
    async with embedded_postgres(tmp_path, on_failure=unexpected) as dsn:
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(dsn.replace("ilotier:", "ilotier:x", 1))


async def test_rows_outlive_a_clean_stop(tmp_path: Path) -> None:
    async with embedded_postgres(tmp_path, on_failure=unexpected) as dsn:
        await store_rows(dsn)

    async with embedded_postgres(tmp_path, on_failure=unexpected) as dsn:
        assert await rows_kept(dsn) == ROWS


async def test_a_killed_server_comes_back_with_its_rows_under_the_same_address(
    tmp_path: Path,
) -> None:
    async with embedded_postgres(tmp_path, on_failure=unexpected) as dsn:
        await store_rows(dsn)
        killed = server_pid(tmp_path)
        os.kill(killed, signal.SIGKILL)
        await exit_of(killed)

        assert await rows_kept(dsn) == ROWS
        assert server_pid(tmp_path) != killed


async def test_a_server_killed_in_the_middle_of_a_query_comes_back(tmp_path: Path) -> None:
    async with (
        embedded_postgres(tmp_path, on_failure=unexpected) as dsn,
        connected(dsn) as busy,
    ):
        await store_rows(dsn)
        query = asyncio.ensure_future(busy.execute("SELECT pg_sleep(600)"))
        os.kill(server_pid(tmp_path), signal.SIGKILL)

        assert await rows_kept(dsn) == ROWS
        with pytest.raises((asyncpg.PostgresError, OSError)):
            await query


async def test_the_server_stops_when_its_owner_is_killed(
    tmp_path: Path, host: Callable[[], tuple[subprocess.Popen[str], str]]
) -> None:
    owner, dsn = host()
    await store_rows(dsn)

    owner.kill()
    await all_ended(tmp_path)

    assert not (home_in(tmp_path) / "cluster" / "postmaster.pid").exists()  # a clean stop


async def test_a_second_start_works_after_owner_and_server_were_killed(
    tmp_path: Path, host: Callable[[], tuple[subprocess.Popen[str], str]]
) -> None:
    owner, dsn = host()
    await store_rows(dsn)
    server = server_pid(tmp_path)
    os.kill(owner.pid, signal.SIGSTOP)  # it must not bring the server back in between
    os.kill(server, signal.SIGKILL)
    owner.kill()
    owner.wait(timeout=60)

    _, dsn = host()

    assert await rows_kept(dsn) == ROWS


async def test_a_server_whose_owner_died_unnoticed_is_replaced(
    tmp_path: Path, host: Callable[[], tuple[subprocess.Popen[str], str]]
) -> None:
    owner, dsn = host()
    await store_rows(dsn)
    orphan = server_pid(tmp_path)
    os.kill(orphan, signal.SIGSTOP)  # deaf to the signal that its owner's death sends
    owner.kill()
    owner.wait(timeout=60)
    resumed = asyncio.get_running_loop().call_later(1, os.kill, orphan, signal.SIGCONT)

    _, dsn = await asyncio.to_thread(host)
    resumed.cancel()

    assert await rows_kept(dsn) == ROWS
    assert server_pid(tmp_path) != orphan


async def test_a_pid_file_that_names_a_stranger_does_not_hinder_the_start(tmp_path: Path) -> None:
    async with embedded_postgres(tmp_path, on_failure=unexpected) as dsn:
        await store_rows(dsn)
        pid_file = home_in(tmp_path) / "cluster" / "postmaster.pid"
        written = pid_file.read_text().splitlines()
    # After a crash and a reboot, the number may be anybody's: here, this test's own parent.
    pid_file.write_text("\n".join([str(os.getppid()), *written[1:], ""]))

    async with embedded_postgres(tmp_path, on_failure=unexpected) as dsn:
        assert await rows_kept(dsn) == ROWS


async def test_a_second_owner_is_refused_and_told_why(
    tmp_path: Path, host: Callable[[], tuple[subprocess.Popen[str], str]]
) -> None:
    _, first = host()
    second, said = host()

    assert first.startswith("postgresql:")
    assert "another Ilotier already runs" in said
    assert second.wait(timeout=60) == 1


async def test_a_first_start_that_was_interrupted_is_begun_anew(tmp_path: Path) -> None:
    unfinished = home_in(tmp_path) / "cluster.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")

    async with embedded_postgres(tmp_path, on_failure=unexpected) as dsn:
        await store_rows(dsn)
        assert await rows_kept(dsn) == ROWS


async def test_a_folder_too_deep_for_a_socket_gets_a_short_private_one(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)

    async with embedded_postgres(deep, on_failure=unexpected) as dsn:
        sockets = socket_folder(home_in(deep))
        mode = stat.S_IMODE(sockets.stat().st_mode)
        async with connected(dsn) as client:
            answer = await client.fetchval("SELECT 1")

    assert answer == 1
    assert mode == 0o700
    assert not sockets.is_relative_to(deep)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give up its own id")
async def test_as_root_it_runs_below_a_folder_that_only_root_may_enter(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    async with embedded_postgres(closed / "data", on_failure=unexpected) as dsn:
        await store_rows(dsn)
        powers = effective_capabilities(server_pid(closed / "data"))

    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert powers & ~CAP_DAC_OVERRIDE == 0  # that one only where namespaces are forbidden


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give up its own id")
async def test_root_where_namespaces_are_forbidden_runs_it_under_another_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "closed" / "data"
    data.parent.mkdir(mode=0o700)
    async with embedded_postgres(data, on_failure=unexpected) as dsn:
        await store_rows(dsn)
    monkeypatch.setattr(unprivileged, "NAMESPACE", ("false",))

    async with embedded_postgres(data, on_failure=unexpected) as dsn:
        kept = await rows_kept(dsn)
        owner = owner_of(server_pid(data))

    assert kept == ROWS  # made as root, and given to the other id
    assert owner == unprivileged.NOBODY
    assert stat.S_IMODE(data.parent.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give up its own id")
async def test_root_without_any_way_to_give_that_up_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unprivileged, "NAMESPACE", ("false",))
    monkeypatch.setattr(unprivileged, "ANOTHER_ID", ("no-such-program",))

    with pytest.raises(PostgresDidNotStart, match="as an ordinary user, or set database_url"):
        async with embedded_postgres(tmp_path, on_failure=unexpected):
            pass


async def test_a_cluster_of_another_major_version_is_refused(tmp_path: Path) -> None:
    cluster = home_in(tmp_path) / "cluster"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("17\n")

    with pytest.raises(PostgresDidNotStart, match="made by PostgreSQL 17"):
        async with embedded_postgres(tmp_path, on_failure=unexpected):
            pass


async def test_a_setting_it_refuses_is_told_in_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(PostgresDidNotStart, match="max_connections"):
        async with embedded_postgres(
            tmp_path, on_failure=unexpected, options={"max_connections": "many"}
        ):
            pass


async def test_a_server_that_cannot_come_back_is_reported(tmp_path: Path) -> None:
    failed = asyncio.Event()
    async with embedded_postgres(tmp_path, on_failure=failed.set):
        (home_in(tmp_path) / "cluster" / "global" / "pg_control").unlink()
        os.kill(server_pid(tmp_path), signal.SIGKILL)

        async with asyncio.timeout(60):
            await failed.wait()
