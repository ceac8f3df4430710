"""Signing in: cookies, CSRF, guessing, links, and rights that end at once."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.identifiers import GrantId
from domain.people import Role
from mobile_api.tokens import digest
from server.database.links import Links
from server.database.people import People
from server.http.app import utc_now
from server.http.passwords import Passwords
from tests.integration.http.conftest import CHEAP, Installation
from tests.integration.http.town import NEIGHBOUR, PASSWORD, TOWN

ORIGIN = "https://csu.example.org"


@pytest.fixture
async def operator(town: Installation) -> str:
    """The sign-in of an operator with a password."""
    await People(town.database).set_password(
        TOWN.person(Role.OPERATOR),
        await Passwords(CHEAP).hash(PASSWORD),
        actor="system",
        at=utc_now(),
    )
    return "operator.ville"


async def sign_in(town: Installation, name: str, password: str = PASSWORD, **said: Any) -> Any:
    body = {"sign_in": name, "password": password}
    return await town.ask("POST", "/api/v1/sign-in", json=body | said)


async def test_a_page_signs_in_with_a_cookie_that_no_script_reads(
    town: Installation, operator: str
) -> None:
    body = {"sign_in": operator.upper(), "password": PASSWORD}
    answer = await town.client.post("/api/v1/sign-in", json=body)
    me = await answer.json()

    assert answer.status == 200
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert me["communes"][0]["permissions"]
    assert me.get("token") is None
    status, again = await town.ask("GET", "/api/v1/me")
    assert (status, again["person"]["sign_in"]) == (200, operator)


async def test_what_changes_something_needs_the_csrf_token_and_our_own_page(
    town: Installation, operator: str
) -> None:
    _, me = await sign_in(town, operator)
    told = {"X-CSRF-Token": me["csrf_token"]}
    for headers, expected in (
        ({}, 403),
        ({"X-CSRF-Token": "guessed"}, 403),
        (told | {"Origin": "https://evil.example"}, 403),
        (told | {"Sec-Fetch-Site": "cross-site"}, 403),
        (told | {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}, 200),
    ):
        status, answer = await town.ask(
            "PUT", "/api/v1/me/locale", json={"locale": "en"}, headers=headers
        )

        assert status == expected, (headers, answer)


async def test_another_site_s_page_can_t_sign_somebody_in(
    town: Installation, operator: str
) -> None:
    status, answer = await town.ask(
        "POST",
        "/api/v1/sign-in",
        json={"sign_in": operator, "password": PASSWORD},
        headers={"Origin": "https://evil.example"},
    )

    assert (status, answer["type"]) == (403, "/problems/not-from-here")


async def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(
    town: Installation, operator: str
) -> None:
    known = await sign_in(town, operator, "not the password")
    unknown = await sign_in(town, "nobody.ville", "not the password")

    assert known[0] == unknown[0] == 401
    for told in (known[1], unknown[1]):
        del told["request_id"]
    assert known[1] == unknown[1]


async def test_who_guesses_on_is_locked_out_and_so_is_the_name(
    town: Installation, operator: str
) -> None:
    for _ in range(5):
        status, _ = await sign_in(town, operator, "guess")
        assert status == 401

    status, answer = await sign_in(town, operator)
    assert (status, answer["type"]) == (429, "/problems/too-many")
    assert answer["retry_after_s"] > 0


async def test_an_api_client_gets_a_token_that_is_no_cookie(
    town: Installation, operator: str
) -> None:
    _, me = await sign_in(town, operator, kind="api")

    status, _ = await town.ask("GET", "/api/v1/me", token=me["token"])
    assert status == 200
    headers = {"Cookie": f"ilotier_session={me['token']}"}
    status, _ = await town.ask("GET", "/api/v1/me", headers=headers)
    assert status == 401


async def test_a_page_s_token_is_no_bearer(town: Installation, operator: str) -> None:
    await sign_in(town, operator)
    cookie = next(one for one in town.client.session.cookie_jar)
    town.client.session.cookie_jar.clear()

    status, _ = await town.ask("GET", "/api/v1/me", token=cookie.value)
    assert status == 401


async def test_signing_out_ends_the_session_at_once(town: Installation, operator: str) -> None:
    _, me = await sign_in(town, operator)
    headers = {"X-CSRF-Token": me["csrf_token"]}
    status, _ = await town.ask("POST", "/api/v1/sign-out", headers=headers)

    assert status == 204
    status, _ = await town.ask("GET", "/api/v1/me")
    assert status == 401


async def test_a_new_password_ends_the_other_sessions_and_not_this_one(
    town: Installation, operator: str
) -> None:
    _, other = await sign_in(town, operator, kind="api")
    _, mine = await sign_in(town, operator, kind="api")
    change = {"current": PASSWORD, "new": "cinq oies dans le pré"}
    status, _ = await town.ask("PUT", "/api/v1/me/password", token=mine["token"], json=change)

    assert status == 204
    assert (await town.ask("GET", "/api/v1/me", token=mine["token"]))[0] == 200
    assert (await town.ask("GET", "/api/v1/me", token=other["token"]))[0] == 401


@pytest.mark.parametrize("password", ["too short", "aaaaaaaaaaaaaaaa", "operator.ville!!"])
async def test_a_password_that_is_easy_to_guess_is_refused(
    town: Installation, operator: str, password: str
) -> None:
    _, me = await sign_in(town, operator, kind="api")
    status, answer = await town.ask(
        "PUT",
        "/api/v1/me/password",
        token=me["token"],
        json={"current": PASSWORD, "new": password},
    )

    assert (status, answer["type"]) == (422, "/problems/weak-password")


async def test_a_password_link_works_once(town: Installation) -> None:
    status, info = await town.ask("GET", "/api/v1/links/link-ville")
    assert (status, info["name"]) == (200, "operator ville")

    status, me = await town.ask("POST", "/api/v1/links/link-ville", json={"password": PASSWORD})
    assert (status, me["person"]["sign_in"]) == (201, "operator.ville")
    status, _ = await town.ask("POST", "/api/v1/links/link-ville", json={"password": PASSWORD})
    assert status == 404


async def test_a_link_out_of_date_is_not_there(town: Installation) -> None:
    at = utc_now() - timedelta(hours=2)
    await Links(town.database).add(
        token_hash=digest("old"),
        purpose="password",
        person_id=TOWN.person(Role.OPERATOR),
        at=at,
        expires_at=at + timedelta(hours=1),
        actor="system",
    )

    assert (await town.ask("GET", "/api/v1/links/old"))[0] == 404


async def test_an_administrator_s_link_sets_a_person_s_password(town: Installation) -> None:
    token = TOWN.token("administrator")
    path = f"/api/v1/people/{TOWN.person(Role.DISPATCHER)}/password-link"
    status, made = await town.ask("POST", path, token=token)
    assert status == 201
    one_time = made["url"].partition("#link=")[2]
    await town.ask("POST", f"/api/v1/links/{one_time}", json={"password": PASSWORD})

    status, _ = await sign_in(town, "dispatcher.ville")
    assert status == 200


async def test_a_revoked_habilitation_counts_no_more_from_the_next_request_on(
    town: Installation,
) -> None:
    token = TOWN.token("operator")
    assert (await town.ask("GET", "/api/v1/alerts", token=token))[0] == 200
    await People(town.database).revoke_grant(
        TOWN.person(Role.OPERATOR),
        GrantId(TOWN.id("grant-operator")),
        actor="system",
        at=utc_now(),
    )

    assert (await town.ask("GET", "/api/v1/alerts", token=token))[0] == 403


async def test_an_administrator_can_t_take_over_somebody_who_serves_elsewhere_too(
    town: Installation,
) -> None:
    person = TOWN.person(Role.OPERATOR)
    status, _ = await town.ask(
        "POST",
        f"/api/v1/people/{NEIGHBOUR.person(Role.OPERATOR)}/password-link",
        token=TOWN.token("administrator"),
    )
    assert status == 404
    await town.ask(
        "POST",
        f"/api/v1/people/{person}/habilitations",
        token=TOWN.token("administrator"),
        json={
            "id": str(uuid4()),
            "commune_id": str(NEIGHBOUR.commune),
            "role": "operator",
            "act_reference": "1",
        },
    )
    status, shown = await town.ask("GET", "/api/v1/people", token=TOWN.token("administrator"))
    communes = {grant["commune_id"] for one in shown for grant in one["habilitations"]}
    assert communes == {str(TOWN.commune)}
