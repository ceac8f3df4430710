"""A clock that jumps destroys nothing; one that is right after a long stop destroys at once."""

from datetime import timedelta

import pytest

from domain.clocks import Doubt
from domain.errors import Conflict
from server.database.pool import Database
from server.database.recording_clocks import RecordingClocks
from server.media.clocks import read_clocks
from tests.integration.database.archive import DAY, MINUTE, Archive
from tests.integration.database.town import ADMIN, NOW
from webrtc.metrics import value


async def trouble(database: Database) -> str:
    found: str = await database.value("SELECT trouble FROM recording_volume")
    return found


async def test_a_clock_that_jumps_by_the_retention_destroys_nothing_until_it_is_back(
    archive: Archive, database: Database
) -> None:
    path = await archive.recorded()
    keeper = archive.keeper()
    await keeper.look()
    archive.now += MINUTE
    archive.jump(11 * DAY)
    await keeper.look()
    await archive.keeper().look()  # nor does a process that starts now
    assert path.exists()
    assert await trouble(database) == "clock"
    assert value(keeper._metrics.clock_off_s) == (11 * DAY).total_seconds()

    archive.jump(-11 * DAY)
    await keeper.look()
    assert (path.exists(), await trouble(database)) == (True, "")
    archive.now = NOW + 10 * DAY
    await keeper.look()
    assert not path.exists()


async def test_after_a_long_stop_what_is_past_its_hour_goes_at_the_first_look(
    archive: Archive,
) -> None:
    path = await archive.recorded()
    await archive.keeper().look()
    archive.now = NOW + 11 * DAY
    await archive.keeper().look()

    assert not path.exists()


async def test_an_administrator_says_that_the_time_is_right_and_the_register_says_so(
    archive: Archive, database: Database
) -> None:
    path = await archive.recorded()
    keeper, clocks = archive.keeper(), RecordingClocks(database)
    await keeper.look()
    archive.jump(11 * DAY)
    await keeper.look()
    commune_id = archive.town.commune.id
    (known,) = await clocks.of([commune_id])
    assert (known.host, known.belief.doubt) == ("here", Doubt.JUMPED)
    assert known.doubted_since == archive.now
    off_s = known.belief.off.total_seconds()
    with pytest.raises(Conflict):  # he was shown something else
        await clocks.confirm("here", off_s=0, commune_id=commune_id, actor=ADMIN, at=archive.now)
    await clocks.confirm("here", off_s=off_s, commune_id=commune_id, actor=ADMIN, at=archive.now)
    await keeper.look()

    assert not path.exists()
    about = "SELECT count(*) FROM register WHERE about LIKE 'recording-clock:%'"
    assert await database.value(about) == 1


async def test_pictures_dated_by_a_clock_that_was_ahead_go_as_if_taken_now(
    archive: Archive,
) -> None:
    path = await archive.recorded(at=NOW + 40 * DAY)
    for days in (0, 10):
        assert path.exists()
        archive.now = NOW + days * DAY
        await archive.keeper().look()

    assert not path.exists()


async def test_what_was_decided_before_the_doubt_goes_on(archive: Archive) -> None:
    path = await archive.recorded()
    await archive.keeper().look()
    archive.now = NOW + 10 * DAY
    await archive.index.doom_due(archive.volume.id, archive.town.commune.id, now=archive.now)
    archive.jump(timedelta(hours=1))
    await archive.keeper().look()

    assert not path.exists()


def test_this_hosts_clocks_are_read() -> None:
    first, second = read_clocks(), read_clocks()

    assert first.boot == second.boot
    assert timedelta(0) < first.steady <= second.steady
    assert first.wall <= second.wall
