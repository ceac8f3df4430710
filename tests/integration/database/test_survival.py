"""PostgreSQL is killed in the middle of a burst: everything acknowledged is there afterwards."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from domain.alerts import Alert
from domain.errors import Unavailable
from domain.facts import AlertRaised
from server.database.alerts import Alerts
from server.database.bus import PgBus
from server.database.migrations import migrate_url
from server.database.pool import Database, connect
from server.database.register import Register
from server.supervision import supervise
from tests.integration.database.town import ADMIN, NOW, Town, found
from tests.integration.embedded_host import start_host, stop_host

LIMIT_S = 60.0
BURST = 120


@pytest.fixture
async def killable(tmp_path: Path) -> AsyncIterator[tuple[Database, Path]]:
    """A server of this test's own, that reaches the disk before it answers."""
    data_dir = tmp_path / "data"
    host, dsn = start_host(data_dir, "shared_buffers=64MB")
    try:
        await migrate_url(dsn, wait_for_s=30.0)
        async with connect(dsn, reconnect_for_s=20.0) as database:
            yield database, data_dir
    finally:
        stop_host(host)


def server_pid(data_dir: Path) -> int:
    pid_file = data_dir / "postgresql" / "cluster" / "postmaster.pid"
    return int(pid_file.read_text().splitlines()[0])


async def raise_until_stored(alerts: Alerts, alert: Alert) -> None:
    """What a client does that was told 503: it asks again, under the same id."""
    while True:
        try:
            await alerts.add(alert, actor=ADMIN, at=NOW)
        except Unavailable:
            await asyncio.sleep(0)
        else:
            return


async def publish_until_stored(bus: PgBus, fact: AlertRaised) -> None:
    while True:
        try:
            await bus.publish(fact)
        except Unavailable:
            await asyncio.sleep(0)
        else:
            return


async def heard(bus: PgBus, expected: set[UUID]) -> list[UUID]:
    """All facts in the order in which they are heard, until all ``expected`` are among them."""
    ids: list[UUID] = []
    async for delivered in bus.subscribe(durable="test"):
        ids.append(delivered.fact.id)
        if expected <= set(ids):
            break
    return ids


async def test_what_was_acknowledged_survives_a_kill_of_the_server_in_a_burst(
    killable: tuple[Database, Path],
) -> None:
    database, data_dir = killable
    town: Town = await found(database)
    alerts, bus = Alerts(database, clock=lambda: NOW), PgBus(database)
    wanted = [town.alert() for _ in range(BURST)]
    facts = [AlertRaised(at=NOW, commune_id=town.commune.id, alert_id=alert.id) for alert in wanted]
    stored = 0

    async def one(alert: Alert, fact: AlertRaised) -> None:
        nonlocal stored
        await raise_until_stored(alerts, alert)
        await publish_until_stored(bus, fact)
        stored += 1
        if stored == BURST // 3:
            os.kill(server_pid(data_dir), signal.SIGKILL)

    def failed() -> None:
        raise AssertionError("the bus died")

    async with (
        supervise({"bus": bus.run}, on_failure=failed),
        asyncio.timeout(LIMIT_S),
        asyncio.TaskGroup() as group,
    ):
        hearing = group.create_task(heard(bus, {fact.id for fact in facts}))
        for alert, fact in zip(wanted, facts, strict=True):
            group.create_task(one(alert, fact))

    ids = hearing.result()
    assert len(ids) == len(set(ids)), "a fact was told twice to one who listened all the time"
    rows = await database.rows("SELECT id FROM alert")
    assert {row["id"] for row in rows} == {alert.id for alert in wanted}
    assert await database.value("SELECT count(*) FROM outbox WHERE kind = 'alert-raised'") == (
        2 * BURST  # one by the command, one by hand
    )
    verification = await Register(database).verify()
    assert verification.holds
    assert verification.checked == BURST + 1  # the commune's own entry
