"""The names and addresses a certificate speaks for, and those this host has."""

import socket
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import ifaddr
from cryptography import x509

from server.tls.errors import NamesOutsideAuthority

# What an authority made for one installation may vouch for besides its own public names: were its
# key stolen, it could impersonate no site of the outside world.
PRIVATE_NETWORKS: tuple[IPv4Network | IPv6Network, ...] = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",  # a VPN's or an operator's shared addresses (RFC 6598)
        "169.254.0.0/16",
        "127.0.0.0/8",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)
PRIVATE_DOMAINS = ("localhost", "local", "lan", "internal", "home.arpa", "test")


def local_addresses() -> list[str]:
    """Return this host's IPv4 addresses and private IPv6 ones, without loopback, in order.

    Public IPv6 addresses are left out: most change every day. One that does not is a setting.
    """
    found: set[str] = set()
    for adapter in ifaddr.get_adapters():
        for ip in adapter.ips:
            if isinstance(ip.ip, str):
                found.add(ip.ip)
            elif ip_address(ip.ip[0]) in IPv6Network("fc00::/7"):
                found.add(ip.ip[0])
    kept = [ip_address(text) for text in found]
    kept = [ip for ip in kept if not (ip.is_loopback or ip.is_link_local or ip.is_unspecified)]
    return [str(ip) for ip in sorted(kept, key=lambda ip: (ip.version, int(ip)))]


def host_names(*, extra: Iterable[str] = ()) -> list[str]:
    """Return what this host may be called: ``extra`` first, its own name, addresses, loopback."""
    own = socket.gethostname()
    found = [*extra, own, f"{own}.local", *local_addresses(), "localhost", "127.0.0.1", "::1"]
    return list(dict.fromkeys(_tidy(name) for name in found if _is_name(_tidy(name))))


def general_names(names: Iterable[str]) -> list[x509.GeneralName]:
    """Return ``names`` (host names and IP addresses) as a certificate writes them.

    Raises NamesOutsideAuthority for what is neither.
    """
    return [_general_name(_tidy(name)) for name in dict.fromkeys(names)]


def name_constraints(names: Sequence[str]) -> x509.NameConstraints:
    """Return the constraint (RFC 5280, 4.2.1.10) to private networks, domains, and ``names``."""
    permitted: list[x509.GeneralName] = [x509.DNSName(domain) for domain in PRIVATE_DOMAINS]
    permitted += [x509.IPAddress(network) for network in PRIVATE_NETWORKS]
    for name in names:
        general = _general_name(_tidy(name))
        if isinstance(general, x509.DNSName):
            permitted.append(general)
        elif not any(ip_address(name) in network for network in PRIVATE_NETWORKS):
            permitted.append(x509.IPAddress(ip_network(name)))
    return x509.NameConstraints(list(dict.fromkeys(permitted)), None)


def permits(constraints: x509.NameConstraints, name: str) -> bool:
    """Whether an authority under ``constraints`` may vouch for ``name``."""
    general = _general_name(_tidy(name))
    return any(_covers(permitted, general) for permitted in constraints.permitted_subtrees or [])


def _covers(permitted: x509.GeneralName, name: x509.GeneralName) -> bool:
    if isinstance(name, x509.DNSName) and isinstance(permitted, x509.DNSName):
        return name.value == permitted.value or name.value.endswith(f".{permitted.value}")
    network = permitted.value if isinstance(permitted, x509.IPAddress) else None
    if isinstance(name, x509.IPAddress) and isinstance(network, IPv4Network | IPv6Network):
        return name.value in network
    return False


def _tidy(name: str) -> str:
    return name.strip().rstrip(".").lower().strip("[]")


def _is_ip(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_name(name: str) -> bool:
    """Whether a certificate can carry ``name``; a host may be called anything, ``é_1`` included."""
    labels = name.split(".")
    letters = all(
        label
        and len(label) <= 63
        and label.isascii()
        and label.replace("-", "").isalnum()
        and label[0] != "-" != label[-1]
        for label in labels
    )
    return _is_ip(name) or (letters and len(name) <= 253)


def _general_name(name: str) -> x509.GeneralName:
    if _is_ip(name):
        ip = ip_address(name)
        # A zone (fe80::1%eth0) has no meaning to anybody else.
        return x509.IPAddress(IPv6Address(int(ip)) if ip.version == 6 else ip)
    try:
        ascii_name = name.encode("idna").decode() if not name.isascii() else name
    except UnicodeError as error:
        raise NamesOutsideAuthority(f"'{name}' is neither a host name nor an address") from error
    if not _is_name(ascii_name):
        raise NamesOutsideAuthority(f"'{name}' is neither a host name nor an address")
    return x509.DNSName(ascii_name)
