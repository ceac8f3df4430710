"""Addresses: one of them written in two ways is one."""

from ipaddress import ip_network

import pytest

from domain.addresses import Network, is_in, is_of_this_machine, plain, share_of


def test_an_ipv4_address_that_is_written_as_ipv6_is_that_ipv4_address() -> None:
    networks: list[Network] = [ip_network("10.0.0.0/8")]

    assert plain("::ffff:10.0.8.5") == "10.0.8.5"
    assert plain("::FFFF:a00:805") == "10.0.8.5"
    assert is_in("::ffff:10.0.8.5", networks)
    assert not is_in("::10.0.8.5", networks)
    assert is_of_this_machine("::ffff:127.0.0.1")
    assert share_of("::ffff:10.0.8.5") == share_of("10.0.8.5") != share_of("10.0.8.6")


def test_who_has_an_ipv6_address_has_its_network() -> None:
    assert share_of("2001:db8:0:1::1") == share_of("2001:DB8:0:1:ffff::9") == "2001:db8:0:1::/64"
    assert share_of("2001:db8:0:2::1") != share_of("2001:db8:0:1::1")
    assert share_of("fe80::1%eth0") == "fe80::/64"


@pytest.mark.parametrize("text", ["", "unknown", "1.2.3.4.5", "/run/edge.sock"])
def test_what_is_no_address_is_trusted_with_nothing(text: str) -> None:
    assert plain(text) == share_of(text) == text
    assert not is_of_this_machine(text)
    assert not is_in(text, [ip_network("0.0.0.0/0"), ip_network("::/0")])
