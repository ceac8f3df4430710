"""Another process of the installation answers with what is no answer of its kind."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, cast
from uuid import uuid4

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from domain.errors import Unavailable
from domain.identifiers import CameraId, PersonId, TrialId
from server.database.presence import Process
from server.edge.calling import Callees
from server.edge.dialling import EdgeAddress
from server.http.media import Media, edge_process
from server.http.trial_calls import TrialProcesses
from server.secrets import PassKey

CAMERA, TRIAL, PERSON = CameraId(uuid4()), TrialId(uuid4()), PersonId(uuid4())


class OneProcess:
    """What the database knows of processes: there is this one."""

    def __init__(self, url: str) -> None:
        known = edge_process(EdgeAddress("https://edge.example:8445"))
        self._process = replace(known, url=url, role="detect")

    async def media(self) -> list[Process]:
        return [self._process]

    async def all(self) -> list[Process]:
        return [self._process]

    def is_there(self, process: Process) -> bool:
        return True


class Asked:
    def __init__(self, callees: Callees, url: str) -> None:
        processes = cast(Any, OneProcess(url))
        self.trials = TrialProcesses(callees=callees, processes=processes)
        self.media = Media(callees=callees, processes=processes, pass_key=PassKey(b"k" * 32))


@pytest.fixture(params=[b"", b"<html>", b"[]", b"\xff", b"[" * 200_000, b'{"rules":'])
async def asked(request: pytest.FixtureRequest) -> AsyncIterator[Asked]:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=request.param)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server, ClientSession() as session:
        callees = Callees(session, internal_token="token")
        yield Asked(callees, str(server.make_url("")).rstrip("/"))


async def film() -> AsyncIterator[bytes]:
    yield b"a film"


async def test_a_media_process_s_is_a_problem_that_is_told(asked: Asked) -> None:
    with pytest.raises(Unavailable, match="try again"):
        await asked.media.ask_cameras("/cameras/check", {})


async def test_a_trial_s_is_a_problem_that_is_told(asked: Asked) -> None:
    with pytest.raises(Unavailable, match="try again"):
        await asked.trials.get(CAMERA, TRIAL, PERSON)


async def test_what_is_to_be_tried_on_a_film_is_a_problem_that_is_told(asked: Asked) -> None:
    with pytest.raises(Unavailable, match="try again"):
        await asked.trials.bring(CAMERA, TRIAL, PERSON, film())


@pytest.mark.parametrize("asked", [b"{}"], indirect=True)
async def test_an_object_that_says_nothing_to_be_tried_is_one_too(asked: Asked) -> None:
    with pytest.raises(Unavailable, match="try again"):
        await asked.trials.bring(CAMERA, TRIAL, PERSON, film())
