"""Leases: one holder per name, with an end, and the same holder takes its own again."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from domain.identifiers import StreamId
from server.database.leases import PgLeases
from server.database.pool import Database
from server.database.presence import Processes
from tests.integration.database.town import NOW, SECOND, Town

SHORT = timedelta(milliseconds=1)
LONG = timedelta(minutes=5)


async def test_a_name_has_one_holder(database: Database) -> None:
    one, two = PgLeases(database, holder="media@a"), PgLeases(database, holder="media@b")
    lease = await one.acquire("camera:1", ttl=LONG)

    assert lease is not None
    assert await two.acquire("camera:1", ttl=LONG) is None
    assert await one.holder_of("camera:1") == "media@a"
    await one.release(lease)
    assert await two.acquire("camera:1", ttl=LONG) is not None
    assert not await one.renew(lease)


async def test_the_same_holder_takes_its_own_again_after_a_restart(database: Database) -> None:
    await PgLeases(database, holder="media@a").acquire("camera:1", ttl=LONG)

    assert await PgLeases(database, holder="media@a").acquire("camera:1", ttl=LONG) is not None


async def test_an_expired_lease_is_taken_over(database: Database) -> None:
    one, two = PgLeases(database, holder="media@a"), PgLeases(database, holder="media@b")
    lease = await one.acquire("camera:1", ttl=SHORT)
    await database.value("SELECT pg_sleep(0.01)")

    assert lease is not None
    assert await one.holder_of("camera:1") is None
    assert await two.acquire("camera:1", ttl=LONG) is not None
    assert not await one.renew(lease)
    await one.release(lease)
    assert await two.holder_of("camera:1") == "media@b"


async def test_many_workers_share_many_names_without_a_double(database: Database) -> None:
    names = [f"camera:{n}" for n in range(60)]
    workers = [PgLeases(database, holder=f"media@{n}") for n in range(6)]
    taken = await asyncio.gather(
        *(worker.acquire_many(names, most=10, ttl=LONG) for worker in workers)
    )

    held = [lease.name for leases in taken for lease in leases]
    assert len(held) == len(set(held))
    for worker in workers:
        await worker.acquire_many(names, most=60, ttl=LONG)
    assert len(await workers[0].held("camera:")) == 60
    again = await workers[0].renew_many(taken[0], ttl=LONG)
    assert {lease.name for lease in again} == {lease.name for lease in taken[0]}


async def test_a_stream_is_found_where_its_lease_is(database: Database, town: Town) -> None:
    processes = Processes(database, clock=lambda: NOW + 3 * SECOND)
    phone = await town.on_shift(await town.unit("PM 1"))
    stream_id, camera = phone.device.id, await town.camera()
    for holder in ("media@a", "media@b"):
        await processes.here(holder, "media", f"http://127.0.0.1/{holder}", "/tap", at=NOW)
    await PgLeases(database, holder="media@a").acquire(f"camera:{camera.id}", ttl=LONG)

    assert [one.holder for one in await processes.media()] == ["media@b", "media@a"]
    assert await processes.place_stream(stream_id, "media@b")  # type: ignore[arg-type]  # any id
    assert not await processes.place_stream(stream_id, "media@a")  # type: ignore[arg-type]  # any id
    placed = await processes.media_of_stream(stream_id)  # type: ignore[arg-type]  # any id
    assert placed is not None
    assert placed.url == "http://127.0.0.1/media@b"
    holding = await processes.media_of_camera(camera.id)
    assert holding is not None
    assert holding.holder == "media@a"


async def test_a_process_that_is_not_heard_is_gone(database: Database) -> None:
    processes = Processes(database, clock=lambda: NOW + 60 * SECOND)
    await processes.here("media@a", "media", "http://127.0.0.1/", at=NOW)
    assert await processes.media() == []
    assert await processes.seen("media@a", NOW + 59 * SECOND, clock_offset_ms=3.0)

    assert [one.clock_offset_ms for one in await processes.media()] == [3.0]
    await processes.gone("media@a")
    assert not await processes.seen("media@a", NOW)
    assert await database.value("SELECT count(*) FROM outbox WHERE kind = 'media-started'") == 1


async def test_a_stream_leaves_a_process_that_is_gone_before_its_lease_ends(
    database: Database,
) -> None:
    processes = Processes(database, clock=lambda: NOW)
    stream_id = StreamId(uuid4())
    await processes.here("media@a", "media", "http://127.0.0.1/", at=NOW - 60 * SECOND)
    await processes.here("media@b", "media", "http://127.0.0.1/", at=NOW)
    assert await processes.place_stream(stream_id, "media@a")

    assert await processes.place_stream(stream_id, "media@b")
    assert not await processes.place_stream(stream_id, "media@a")


async def test_what_is_held_stays_when_there_is_less_to_take(database: Database) -> None:
    one = PgLeases(database, holder="media@a")
    assert [x.name for x in await one.acquire_many(["camera:2"], most=9)] == ["camera:2"]

    held = await one.acquire_many(["camera:1", "camera:2", "camera:3"], most=1)

    assert [lease.name for lease in held] == ["camera:2"]


async def test_when_the_first_lease_of_another_ends_is_told(database: Database) -> None:
    one, two = PgLeases(database, holder="media@a"), PgLeases(database, holder="media@b")
    await one.acquire("camera:1", ttl=LONG)
    assert await one.first_end_of_others("camera:") is None

    left = await two.first_end_of_others("camera:")

    assert left is not None
    assert LONG - timedelta(minutes=1) < left <= LONG
