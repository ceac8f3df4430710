"""Where a request comes from and how we are reached, also behind a proxy or an edge of ours."""

from collections.abc import Sequence

from aiohttp import web

from domain.addresses import Network, is_in, is_of_this_machine, plain, read_address
from server.http.through_edge import edge_of

TRUSTED_PROXIES = web.AppKey[Sequence[Network]]("TRUSTED_PROXIES")


def address_of(request: web.Request) -> str:
    """Give the client's address: the last hop that is no proxy of ours, "" when unknown.

    X-Forwarded-For is read from the right, and only as far as the proxies are known: whatever is
    further left was written by the client himself. An edge says one address, its client's; this
    machine's own is not believed from there.
    """
    if edge_of(request) is not None:
        said = request.headers.get("X-Forwarded-For", "")
        return plain(said) if read_address(said) and not is_of_this_machine(said) else ""
    hops = [request.remote or ""]
    for header in request.headers.getall("X-Forwarded-For", []):
        hops[:0] = [hop.strip() for hop in header.split(",")]
    while len(hops) > 1 and _is_trusted(request, hops[-1]) and read_address(hops[-2]):
        hops.pop()
    return plain(hops[-1])


def as_seen_by_client(request: web.Request) -> web.Request:
    """Give the request with the client's address, scheme and host in place of the proxy's."""
    remote = request.remote or ""
    if edge_of(request) is None and not _is_trusted(request, remote):
        return request if plain(remote) == remote else request.clone(remote=plain(remote))
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


def _is_trusted(request: web.Request, peer: str) -> bool:
    return is_in(peer, request.config_dict[TRUSTED_PROXIES])
