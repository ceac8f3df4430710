"""A right that ends while something begins: what has begun is over before the answer.

Nothing was open yet when the change was told, so who listens for it had nothing to end.
"""

from functools import partial
from typing import Any

import pytest

from server.database.pool import Database
from tests.integration.http.conftest import Installation
from tests.integration.http.test_streams import camera_stream
from tests.integration.http.town import TOWN
from tests.servers.media import NotedMedia

SDP = {"Content-Type": "application/sdp"}
TO_CLEANING = "UPDATE unit SET kind = 'proprete' WHERE id = $1", TOWN.id("unit")
BREAK = "UPDATE shift SET break_since = started_at WHERE id = $1", TOWN.id("shift")
INTERVENTION_CLOSED = (
    "UPDATE intervention SET closed_at = created_at WHERE id = $1",
    TOWN.id("intervention"),
)


def grant_revoked(whose: str) -> tuple[str, object]:
    revoked = "UPDATE habilitation SET revoked_at = starts_at WHERE id = $1"
    return revoked, TOWN.id(f"grant-{whose}")


async def changed(database: Database, statement: str, about: object) -> None:
    """Written without its fact: that one was heard before there was anything to end."""
    assert await database.rows(f"{statement} RETURNING 1", about)


async def begin(town: Installation, who: str, path: str, **query: str) -> tuple[int, Any]:
    return await town.ask(
        "POST", path, token=TOWN.token(who), params=query, data=b"v=0\r\n", headers=SDP
    )


FILMED = "SELECT 1 FROM patrol_stream WHERE ended_at IS NULL AND commune_id = $1"
WATCHED = "SELECT 1 FROM viewing WHERE ended_at IS NULL AND commune_id = $1"


async def open_ones(town: Installation, which: str) -> int:
    return len(await town.database.rows(which, TOWN.commune))


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        (TO_CLEANING, "crew-without-pictures"),
        (BREAK, "on-break"),
        (grant_revoked("agent"), "no-agent"),
        (INTERVENTION_CLOSED, "forbidden"),
    ],
)
async def test_nobody_films_whose_right_ended_while_it_began(
    town: Installation, media: NotedMedia, change: tuple[str, object], refused: str
) -> None:
    media.meanwhile = partial(changed, town.database, *change)
    status, problem = await begin(town, "device", "/api/v1/whip", reason="officers-threatened")

    assert (status, problem["type"]) == (403, f"/problems/{refused}")
    assert await open_ones(town, FILMED) == 0
    assert media.asked[-1][0] == "DELETE"


@pytest.mark.parametrize(
    ("who", "change", "refused"),
    [
        ("device", TO_CLEANING, (403, "crew-without-pictures")),
        ("operator", grant_revoked("operator"), (404, "not-found")),
    ],
)
async def test_nobody_watches_whose_right_ended_while_it_began(
    town: Installation,
    media: NotedMedia,
    who: str,
    change: tuple[str, object],
    refused: tuple[int, str],
) -> None:
    before = await open_ones(town, WATCHED)
    media.meanwhile = partial(changed, town.database, *change)
    status, problem = await begin(town, who, f"/api/v1/streams/{camera_stream()}/whep")

    assert (status, problem["type"]) == (refused[0], f"/problems/{refused[1]}")
    assert await open_ones(town, WATCHED) == before
    assert media.asked[-1][0] == "DELETE"


async def test_nobody_speaks_whose_right_ended_while_it_began(
    town: Installation, media: NotedMedia
) -> None:
    media.meanwhile = partial(changed, town.database, *grant_revoked("operator"))
    path = f"/api/v1/cameras/{TOWN.text('camera')}/talk"
    status, _ = await begin(town, "operator", path, motive="attroupement")

    assert status == 403
    assert media.asked[-1][0] == "DELETE"
