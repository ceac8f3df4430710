"""What passes an edge by default: what phones ask, and nothing of the control room."""

import pytest

from server.edge.paths import passes


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/patrol"),
        ("GET", "/patrol/"),
        ("GET", "/patrol/icons/icon-192.png"),
        ("GET", "/assets/patrol-CfXOfxc0.css"),
        ("POST", "/api/v1/mobile/enrolment"),
        ("PUT", "/api/v1/mobile/push-subscription"),
        ("GET", "/api/v1/live"),
        ("OPTIONS", "/api/v1/whip"),
        ("POST", "/api/v1/whip"),
        ("PATCH", "/api/v1/publications/5f0c"),
        ("POST", "/api/v1/streams/5f0c/whep"),
        ("DELETE", "/api/v1/viewings/5f0c"),
        ("GET", "/api/v1/map/tiles.pmtiles"),
    ],
)
def test_what_phones_ask_passes(method: str, path: str) -> None:
    assert passes(method, path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/index.html"),
        ("GET", "/metrics"),
        ("GET", "/patrolling"),
        ("GET", "/assets/a/b.js"),
        ("POST", "/api/v1/sign-in"),
        ("POST", "/api/v1/links/abc"),
        ("GET", "/api/v1/people"),
        ("GET", "/api/v1/streams"),
        ("POST", "/api/v1/streams/x/reception"),
        ("GET", "/api/v1/viewings/x/statistics"),
        ("GET", "/api/v1/map"),
        ("GET", "/api/v1/register"),
        ("GET", "/patrol/../api/v1/people"),
        ("GET", "//patrol/"),
        ("GET", "/patrol//x"),
        ("GET", "/patrol/\\..\\x"),
        ("GET", "/api/v1/live\n"),
        ("CONNECT", "/api/v1/live"),
        ("get", "/patrol/"),
    ],
)
def test_nothing_else_does(method: str, path: str) -> None:
    assert not passes(method, path)


def test_another_list_is_taken_as_it_is() -> None:
    assert passes("GET", "/x/1/y", ("/x/*/y",))
    assert not passes("GET", "/patrol/", ("/x/*/y",))
    assert not passes("GET", "/patrol/", ())
