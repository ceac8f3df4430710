"""Another process of the installation answers with what is no answer of its kind."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from domain.errors import Unavailable
from domain.identifiers import (
    AnnouncementId,
    CameraId,
    CommuneId,
    PersonId,
    SegmentId,
    StreamId,
    TalkId,
    TrialId,
)
from domain.recordings import Segment
from server.database.playbacks import Stored
from server.database.presence import Process
from server.edge.calling import Callees
from server.edge.dialling import EdgeAddress
from server.http.archive import Archive
from server.http.inner_answers import read_as
from server.http.loudspeakers import Loudspeakers
from server.http.media import Media, edge_process
from server.http.schemas import Answer
from server.http.trial_calls import TrialProcesses
from server.secrets import PassKey

CAMERA, TRIAL, PERSON = CameraId(uuid4()), TrialId(uuid4()), PersonId(uuid4())
OBJECTS = (b"{}", b'{"cues": 5, "ended_at": "", "seconds": [], "state": 1}', b'{"cues": "AAA"}')
AT = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


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
        self.archive = Archive(
            callees=callees, processes=processes, playbacks=cast(Any, SimpleNamespace())
        )
        self.loudspeakers = Loudspeakers(self.media, processes)
        self.process: Process = processes._process

    def recorded(self) -> Stored:
        segment = Segment(
            id=SegmentId(uuid4()),
            commune_id=CommuneId(uuid4()),
            stream_id=StreamId(uuid4()),
            camera_id=CAMERA,
            started_at=AT,
            ended_at=AT,
            keep_days=3,
            is_open=True,
        )
        return Stored(segment=segment, codec="h264", path="a.mp4", holder=self.process.holder)


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


@pytest.mark.parametrize("asked", OBJECTS, indirect=True)
async def test_a_recording_of_which_nothing_is_said_stays_what_the_index_has_of_it(
    asked: Asked,
) -> None:
    stored = asked.recorded()

    assert await asked.archive.grown([stored], since=AT) == [stored]


@pytest.mark.parametrize("asked", OBJECTS, indirect=True)
async def test_a_picture_without_its_time_is_one_too(asked: Asked) -> None:
    with pytest.raises(Unavailable, match="try again"):
        await asked.archive.picture(asked.recorded(), start=0, stop=1)


@pytest.mark.parametrize("asked", OBJECTS, indirect=True)
async def test_an_announcement_of_no_length_is_one_too(asked: Asked) -> None:
    camera = cast(Any, SimpleNamespace(main_stream_id=StreamId(uuid4())))
    with pytest.raises(Unavailable, match="try again"):
        await asked.loudspeakers.announce(
            asked.process, camera, TalkId(uuid4()), AnnouncementId(uuid4())
        )
    with pytest.raises(Unavailable, match="try again"):
        await asked.loudspeakers.take_in(b"a file")


class _Wanted(Answer):
    state: str


@pytest.mark.parametrize("said", [{}, {"state": None}, {"state": {}}])
def test_what_a_page_can_not_be_told_is_one_too(said: dict[str, Any]) -> None:
    with pytest.raises(Unavailable, match="try again"):
        read_as(_Wanted, said)
