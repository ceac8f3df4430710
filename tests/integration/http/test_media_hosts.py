"""A stream at a media process with an address of its own: its clients are sent there (307)."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from domain.identifiers import GrantId, StreamId
from domain.people import Role
from server.database.leases import PgLeases
from server.database.people import People
from server.database.presence import Processes
from server.database.viewings import Load, Viewings
from server.http.app import utc_now
from server.http.media import MEDIA
from server.secrets import InstallationKey
from tests.integration.http.conftest import MEDIA_HOST, Installation
from tests.integration.http.town import HOLDER, TOWN, stays
from tests.servers.media import NotedMedia, noting

SDP = {"Content-Type": "application/sdp"}
OFFER = b"v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\n"


@pytest.fixture
async def media(town: Installation) -> AsyncIterator[NotedMedia]:
    """A media process that holds the town's camera, and serves phones and browsers itself."""
    async with noting() as media:
        await there(town, media, MEDIA_HOST)
        leases = PgLeases(town.database, holder=HOLDER)
        await leases.acquire(f"camera:{TOWN.text('camera')}", ttl=timedelta(minutes=5))
        yield media


async def there(town: Installation, media: NotedMedia, public_url: str) -> None:
    await Processes(town.database).here(
        HOLDER, "media", media.url, at=stays(), public_url=public_url
    )


async def asked(
    town: Installation, path: str, *, who: str, **said: Any
) -> tuple[int, str, dict[str, Any]]:
    """Ask without following; give status, Location and problem."""
    headers = {"Authorization": f"Bearer {TOWN.token(who)}", **SDP, **said.pop("headers", {})}
    async with town.client.post(
        path, headers=headers, data=OFFER, allow_redirects=False, **said
    ) as answer:
        is_problem = answer.content_type == "application/problem+json"
        problem = await answer.json(content_type=None) if is_problem else {}
        return answer.status, answer.headers.get("Location", ""), problem


async def watch(town: Installation, **said: Any) -> tuple[int, str, dict[str, Any]]:
    path = f"/api/v1/streams/{TOWN.text('camera-stream')}/whep"
    return await asked(town, path, who="operator", **said)


async def test_who_watches_is_sent_there_with_a_pass_and_is_in_the_register(
    town: Installation, media: NotedMedia
) -> None:
    page = f"http://{town.client.host}:{town.client.port}"
    status, location, _ = await watch(town, headers={"Origin": page})

    assert status == 307
    url = urlsplit(location)
    assert f"{url.scheme}://{url.netloc}" == MEDIA_HOST
    viewing = UUID(url.path.removeprefix("/sessions/"))
    key = InstallationKey.open(town.data_dir).pass_key
    given = url.query.removeprefix("pass=")
    assert key.holds(given, viewing, now_s=utc_now().timestamp())
    assert not key.holds(given, viewing, now_s=utc_now().timestamp() + 11)
    assert media.asked == [("PUT", f"/sessions/{viewing}")]
    assert media.told[-1]["kind"] == "whep"
    assert media.told[-1]["stream"] == TOWN.text("camera-stream")
    assert media.told[-1]["origin"] == page
    assert media.told[-1]["who"] == f"person:{TOWN.person(Role.OPERATOR)}"
    assert ["Location", f"{page}/api/v1/viewings/{viewing}"] in media.told[-1]["headers"]
    row = await town.database.row(
        "SELECT data FROM register WHERE action = 'viewing-started' ORDER BY number DESC LIMIT 1"
    )
    assert row is not None
    assert str(viewing) in row["data"]


async def test_a_phone_that_films_is_sent_there(town: Installation, media: NotedMedia) -> None:
    status, location, _ = await asked(
        town, "/api/v1/whip", who="device", params={"reason": "officers-threatened"}
    )

    assert status == 307
    assert location.startswith(f"{MEDIA_HOST}/sessions/")
    assert media.told[-1]["kind"] == "whip"
    back = dict(media.told[-1]["headers"])["Location"]
    assert f"/api/v1/publications/{media.told[-1]['stream']}?session=" in back


async def test_where_no_page_may_be_sent_control_forwards(
    town: Installation, media: NotedMedia
) -> None:
    await there(town, media, "https://not-among-the-settings.example")
    status, location, _ = await watch(town)

    assert (status, location.startswith("/api/v1/viewings/")) == (201, True)


async def test_what_the_media_process_would_refuse_is_told_at_once(
    town: Installation, media: NotedMedia
) -> None:
    media.refuses = (409, "stream-offline")
    status, _, problem = await watch(town)

    assert (status, problem["type"]) == (409, "/problems/stream-offline")
    row = await town.database.row("SELECT count(*) FROM register WHERE action = 'viewing-ended'")
    assert row is not None
    assert row["count"] == 1


async def test_a_right_that_ends_ends_the_session_there(
    town: Installation, media: NotedMedia
) -> None:
    _, location, _ = await watch(town)
    await People(town.database).revoke_grant(
        TOWN.person(Role.OPERATOR),
        GrantId(TOWN.id("grant-operator")),
        actor="system",
        at=utc_now(),
    )

    await media.wait_for("DELETE", urlsplit(location).path)


async def test_pages_may_connect_to_us_and_to_the_known_media_hosts_alone(
    town: Installation,
) -> None:
    async with town.client.get("/") as answer:
        policy = answer.headers["Content-Security-Policy"]

    [connect] = [part for part in policy.split("; ") if part.startswith("connect-src")]
    assert connect == f"connect-src 'self' {MEDIA_HOST}"


async def test_who_is_too_many_watches_through_another_process_that_has_the_stream(
    town: Installation, media: NotedMedia
) -> None:
    processes, stream = Processes(town.database), StreamId(TOWN.id("camera-stream"))
    for holder in ("media@b/1", "media@c/1"):
        await processes.here(holder, "media", f"http://{holder[6]}", at=stays())
    [here] = [one for one in await processes.media() if one.holder == HOLDER]
    full, some = Load(viewers=500, of_stream=9), Load(viewers=7, of_stream=0)
    ask = town.app[MEDIA].with_room

    assert await ask(here, stream, {HOLDER: replace(full, viewers=499)}) == here
    assert media.asked == []
    chosen = await ask(here, stream, {HOLDER: full, "media@b/1": some})
    assert chosen.holder == "media@c/1"  # with the least to do
    assert media.asked == [("POST", f"/streams/{stream}/handed-on")]
    assert media.told[-1] == {"to": "http://c"}
    having = replace(some, of_stream=2)
    assert (await ask(here, stream, {HOLDER: full, "media@b/1": having})).holder == "media@b/1"
    everywhere = {HOLDER: full, "media@b/1": full, "media@c/1": full}
    assert await ask(here, stream, everywhere) == here  # it says itself that it is full


async def test_a_viewing_counts_for_the_process_it_goes_through(
    town: Installation, media: NotedMedia
) -> None:
    stream = StreamId(TOWN.id("camera-stream"))
    before = (await Viewings(town.database).loads(stream))[HOLDER]
    await watch(town)

    after = (await Viewings(town.database).loads(stream))[HOLDER]
    assert after.viewers == before.viewers + 1
    assert after.of_stream == before.of_stream + 1
