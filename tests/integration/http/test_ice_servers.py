"""STUN and TURN for phones, as RFC 9725 section 4.6 has them told, and as coturn checks them."""

import hmac
import re
from base64 import b64encode
from hashlib import sha1

import pytest

from domain.people import Role
from server.http.app import utc_now
from tests.integration.http.conftest import TURN_SECRET, Installation
from tests.integration.http.test_streams import camera_stream
from tests.integration.http.town import TOWN
from tests.servers.media import NotedMedia

LINK = re.compile(r'<(?P<url>[^>]+)>(?P<parameters>(?:; [a-z-]+="[^"]*")+)')  # RFC 8288 section 3
SHIFT_S = 12 * 3600


def servers(links: list[str]) -> list[tuple[str, dict[str, str]]]:
    found = []
    for link in links:
        match = LINK.fullmatch(link)
        assert match, link
        found.append(
            (match["url"], dict(re.findall(r'; ([a-z-]+)="([^"]*)"', match["parameters"])))
        )
    return found


@pytest.mark.parametrize(
    ("who", "path"),
    [("operator", f"/api/v1/streams/{camera_stream()}/whep"), ("device", "/api/v1/whip")],
)
async def test_servers_are_told_before_there_is_an_offer(
    town: Installation, who: str, path: str
) -> None:
    headers = {"Authorization": f"Bearer {TOWN.token(who)}"}
    async with town.client.options(path, headers=headers) as answer:
        told = servers(answer.headers.getall("Link"))
        assert answer.status == 204
        assert answer.headers["Accept-Post"] == "application/sdp"
        assert answer.headers["Cache-Control"] == "no-store"  # what is told is a password

    assert [url for url, _ in told] == [
        "stun:turn.example.org:3478",
        "turn:turn.example.org:3478",
        "turns:turn.example.org:443?transport=tcp",
    ]
    assert told[0][1] == {"rel": "ice-server"}  # STUN takes no name


async def test_the_answer_tells_them_too_with_a_password_good_for_a_shift(
    town: Installation, media: NotedMedia
) -> None:
    async with town.client.post(
        f"/api/v1/streams/{camera_stream()}/whep",
        headers={
            "Authorization": f"Bearer {TOWN.token('operator')}",
            "Content-Type": "application/sdp",
        },
        data=b"v=0\r\n",
    ) as answer:
        assert answer.status == 201
        told = servers(answer.headers.getall("Link"))

    for url, given in told[1:]:
        assert url.startswith("turn")
        assert given["rel"] == "ice-server"
        assert given["credential-type"] == "password"
        expires, _, whose = given["username"].partition(":")
        left_s = int(expires) - utc_now().timestamp()
        assert 0 < left_s - SHIFT_S + 60 < 120
        assert whose == str(TOWN.person(Role.OPERATOR))
        mac = hmac.digest(TURN_SECRET.encode(), given["username"].encode(), sha1)
        assert given["credential"] == b64encode(mac).decode()
        assert TURN_SECRET not in str(given)


async def test_a_stranger_is_told_no_servers(town: Installation) -> None:
    async with town.client.options("/api/v1/whip") as answer:
        assert answer.status == 401
        assert "Link" not in answer.headers


@pytest.mark.parametrize(
    ("statement", "about", "refused"),
    [
        ("UPDATE unit SET kind = 'proprete' WHERE id = $1", "unit", "crew-without-pictures"),
        ("UPDATE shift SET break_since = started_at WHERE id = $1", "shift", "on-break"),
        ("UPDATE shift SET ended_at = started_at WHERE id = $1", "shift", "not-on-shift"),
    ],
)
async def test_who_may_not_film_is_told_no_password_for_it(
    town: Installation, statement: str, about: str, refused: str
) -> None:
    await town.database.rows(statement, TOWN.id(about))
    headers = {"Authorization": f"Bearer {TOWN.token('device')}"}
    async with town.client.options("/api/v1/whip", headers=headers) as answer:
        problem = await answer.json(content_type=None)

        assert (answer.status, problem["type"]) == (403, f"/problems/{refused}")
        assert "Link" not in answer.headers


async def test_a_crowd_is_told_when_to_come_back(town: Installation, media: NotedMedia) -> None:
    media.refuses = (503, "many-connecting")
    async with town.client.post(
        f"/api/v1/streams/{camera_stream()}/whep",
        headers={
            "Authorization": f"Bearer {TOWN.token('operator')}",
            "Content-Type": "application/sdp",
        },
        data=b"v=0\r\n",
    ) as answer:
        problem = await answer.json(content_type=None)

    assert (answer.status, problem["type"]) == (503, "/problems/many-connecting")
    assert answer.headers["Retry-After"] == "2"
