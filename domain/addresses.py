"""Network addresses where they decide something: whom we believe, and whose share is used."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

type Address = IPv4Address | IPv6Address
type Network = IPv4Network | IPv6Network

_SUBSCRIBER_BITS = 64


def read_address(text: str) -> Address | None:
    """None for what is none; IPv4 that is written as IPv6 (RFC 4291, 2.5.5.2) is IPv4."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def plain(text: str) -> str:
    """The one way to write an address; what is none stays as it is."""
    address = read_address(text)
    return text if address is None else str(address)


def is_of_this_machine(text: str) -> bool:
    address = read_address(text)
    return address is not None and address.is_loopback


def is_in(text: str, networks: Sequence[Network]) -> bool:
    address = read_address(text)
    return address is not None and any(
        address.version == network.version and address in network for network in networks
    )


def share_of(text: str) -> str:
    """Whose share of something this address uses: who has one IPv6 address has its whole /64."""
    address = read_address(text)
    if not isinstance(address, IPv6Address):
        return text if address is None else str(address)
    first = int(address) >> _SUBSCRIBER_BITS << _SUBSCRIBER_BITS
    return f"{IPv6Address(first)}/{_SUBSCRIBER_BITS}"
