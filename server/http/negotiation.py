"""How WHIP and WHEP sessions begin: their offer read, and answered here or at the media process."""

from typing import Literal
from uuid import UUID

from aiohttp import web
from multidict import CIMultiDict

from domain.errors import Invalid
from domain.identifiers import StreamId
from mobile_api.bodies import WrongMediaType, read_bytes
from server.database.presence import Process
from server.http import keys
from server.http.forwarded import origin_of
from server.http.ice import ice_links
from server.http.media import FRAGMENT, MEDIA, SDP, MediaAnswer
from server.http.principal import PRINCIPAL
from server.http.through_edge import edge_of

SDP_LIMIT = 32 * 1024  # bytes; an offer of a phone has about 6 KiB


async def read_sdp(request: web.Request, media_type: str) -> bytes:
    if request.content_type != media_type:
        raise WrongMediaType(media_type)
    body = await read_bytes(request, limit=SDP_LIMIT)
    if not body:
        raise Invalid("the body is empty")
    return body


def tell_ice_servers(request: web.Request) -> web.Response:
    """A browser gathers its candidates before it offers: what the answer names comes too late."""
    headers = CIMultiDict({"Accept-Post": SDP, "Cache-Control": "no-store"})
    for link in ice_links(request, request[PRINCIPAL]):
        headers.add("Link", link)
    return web.Response(status=204, headers=headers)


async def edge_process_of(request: web.Request) -> Process | None:
    """The edge through which the client came, as the media process that it is to have."""
    lines = edge_of(request)
    if lines is None:
        return None
    return await request.config_dict[MEDIA].by_holder(lines.address.holder)


async def begin_session(
    request: web.Request,
    process: Process,
    kind: Literal["whip", "whep"],
    ids: tuple[StreamId, UUID],
    offer: bytes,
    *,
    location: str,
) -> web.Response:
    """Negotiate for the client, or send it on (307) to a process with an address of its own.

    RFC 9725 section 4.5; ``location`` stays ours either way, for candidates and the end.
    """
    media = request.config_dict[MEDIA]
    if not media.is_sent_to(process):
        negotiate = {"whip": media.whip, "whep": media.whep}[kind]
        return _created(request, await negotiate(process, *ids, offer), location=location)
    links = [("Link", link) for link in ice_links(request, request[PRINCIPAL])]
    url = await media.expect(
        process,
        kind,
        *ids,
        origin=request.headers.get("Origin", ""),
        headers=[("Location", origin_of(request) + location), *links],
        who=request[PRINCIPAL].actor,
        now=keys.now(request),
    )
    return web.Response(status=307, headers={"Location": url})


def _created(request: web.Request, answered: MediaAnswer, *, location: str) -> web.Response:
    headers = CIMultiDict({"Location": location, "Accept-Patch": FRAGMENT})
    if "ETag" in answered.headers:
        headers["ETag"] = answered.headers["ETag"]
    for link in ice_links(request, request[PRINCIPAL]):
        headers.add("Link", link)
    return web.Response(status=201, body=answered.body, content_type=SDP, headers=headers)
