"""Behind a proxy: believed from whom we were told of, and from nobody else."""

from collections.abc import Mapping
from ipaddress import ip_network

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from domain.addresses import Network
from server.http.forwarded import (
    TRUSTED_PROXIES,
    address_of,
    as_seen_by_client,
    is_secure,
    origin_of,
)


def asked(
    headers: Mapping[str, str], *, remote: str = "10.0.0.1", trusted: tuple[str, ...] = ()
) -> web.Request:
    app = web.Application()
    networks: list[Network] = [ip_network(one) for one in trusted]
    app[TRUSTED_PROXIES] = networks
    return make_mocked_request("GET", "/", headers=headers, app=app).clone(remote=remote)


FORWARDED = {
    "X-Forwarded-For": "203.0.113.9, 198.51.100.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "csu.example.org",
    "Host": "inner:8080",
}


def test_a_stranger_s_headers_are_not_believed() -> None:
    request = asked(FORWARDED)

    assert address_of(request) == "10.0.0.1"
    assert not is_secure(request)
    assert origin_of(request) == "http://inner:8080"
    assert as_seen_by_client(request) is request


def test_a_trusted_proxy_says_who_asks_and_how() -> None:
    request = asked(FORWARDED, trusted=("10.0.0.0/8",))

    assert address_of(request) == "198.51.100.7"
    assert is_secure(request)
    assert origin_of(request) == "https://csu.example.org"
    seen = as_seen_by_client(request)
    assert (seen.remote, seen.secure, seen.host) == ("198.51.100.7", True, "csu.example.org")


def test_what_the_client_wrote_himself_is_left_of_the_last_stranger() -> None:
    request = asked(FORWARDED, trusted=("10.0.0.0/8", "198.51.100.0/24"))

    assert address_of(request) == "203.0.113.9"


@pytest.mark.parametrize("written", ["", "unknown", "1.2.3.4.5, nonsense"])
def test_nonsense_in_the_header_leaves_the_proxy_s_address(written: str) -> None:
    request = asked({"X-Forwarded-For": written}, trusted=("10.0.0.0/8",))

    assert address_of(request) == "10.0.0.1"


def test_a_proxy_that_listens_on_both_families_is_the_proxy_that_was_named() -> None:
    request = asked(
        {"X-Forwarded-For": "::ffff:198.51.100.7"},
        remote="::ffff:10.0.0.1",
        trusted=("10.0.0.0/8",),
    )

    assert as_seen_by_client(request).remote == "198.51.100.7"
    assert as_seen_by_client(asked({}, remote="::ffff:127.0.0.1")).remote == "127.0.0.1"
