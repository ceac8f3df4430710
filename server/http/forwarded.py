"""Where a request comes from and how we are reached, also behind a proxy or an edge of ours."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

from aiohttp import web

from server.http.through_edge import edge_of

type Network = IPv4Network | IPv6Network

TRUSTED_PROXIES = web.AppKey[Sequence[Network]]("TRUSTED_PROXIES")


def address_of(request: web.Request) -> str:
    """Give the client's address: the last hop that is no proxy of ours, "" when unknown.

    X-Forwarded-For is read from the right, and only as far as the proxies are known: whatever is
    further left was written by the client himself. An edge says one address, its client's; this
    machine's own is not believed from there.
    """
    if edge_of(request) is not None:
        said = request.headers.get("X-Forwarded-For", "")
        return said if _is_address(said) and not ip_address(said).is_loopback else ""
    hops = [request.remote or ""]
    for header in request.headers.getall("X-Forwarded-For", []):
        hops[:0] = [hop.strip() for hop in header.split(",")]
    while len(hops) > 1 and _is_trusted(request, hops[-1]) and _is_address(hops[-2]):
        hops.pop()
    return hops[-1]


def as_seen_by_client(request: web.Request) -> web.Request:
    """Give the request with the client's address, scheme and host in place of the proxy's."""
    if edge_of(request) is None and not _is_trusted(request, request.remote or ""):
        return request
    scheme, _, host = origin_of(request).partition("://")
    return request.clone(remote=address_of(request), scheme=scheme, host=host)


def is_secure(request: web.Request) -> bool:
    """Tell whether the client speaks HTTPS, to us or to a proxy we trust."""
    return _scheme(request) == "https"


def origin_of(request: web.Request) -> str:
    """Give the origin that the client sees us under, as in ``https://csu.example.org``."""
    host = request.host
    if edge_of(request) is not None or _is_trusted(request, request.remote or ""):
        host = request.headers.get("X-Forwarded-Host", host)
    return f"{_scheme(request)}://{host}"


def _scheme(request: web.Request) -> str:
    if edge_of(request) is not None:
        return "https"  # phones reach an edge in no other way
    if _is_trusted(request, request.remote or ""):
        return request.headers.get("X-Forwarded-Proto", request.scheme)
    return request.scheme


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(request: web.Request, peer: str) -> bool:
    if not _is_address(peer):
        return False
    address = ip_address(peer)
    return any(
        address.version == network.version and address in network
        for network in request.config_dict[TRUSTED_PROXIES]
    )
