"""Metrics are for this machine: they tell how busy a police is."""

from pathlib import Path

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from domain.errors import Forbidden
from mobile_api.bodies import Body, InvalidBody, Line, read_query
from mobile_api.keys import CLOCK, Clock
from server.database.pool import Database
from server.database.rule_states import RuleStates
from server.http import keys
from server.http.health import metrics
from tests.fakes.clock import FakeClock


class Named(Body):
    name: Line


@pytest.mark.parametrize("remote", ["127.0.0.1", "::1"])
async def test_this_machine_reads_them_also_while_the_database_is_away(
    remote: str, tmp_path: Path
) -> None:
    app = web.Application()
    clock: Clock = FakeClock()
    app[CLOCK] = clock
    async with asyncpg.create_pool(host=str(tmp_path), user="none", min_size=0) as nowhere:
        database = Database(nowhere, dsn="", reconnect_for_s=0.1)
        app[keys.RULE_STATES] = RuleStates(database)
        request = make_mocked_request("GET", "/metrics", app=app).clone(remote=remote)
        answer = await metrics(request)

    assert answer.status == 200


@pytest.mark.parametrize("remote", ["192.0.2.7", "2001:db8::1", "nowhere"])
async def test_the_network_does_not(remote: str) -> None:
    with pytest.raises(Forbidden):
        await metrics(make_mocked_request("GET", "/metrics").clone(remote=remote))


@pytest.mark.parametrize("mark", ["%E2%80%AE", "%E2%81%A6"])
def test_a_name_does_not_read_as_another_one(mark: str) -> None:
    request = make_mocked_request("GET", f"/?name=PM{mark}1")

    with pytest.raises(InvalidBody):
        read_query(request, Named)
