"""STUN and TURN servers for phones behind a NAT, told as WHIP and WHEP tell them."""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha1

from aiohttp import web

from domain.principals import Principal
from server.http import keys

TURN_LASTS_S = 12 * 3600  # a shift


@dataclass(frozen=True, kw_only=True)
class IceServers:
    """STUN and TURN for phones behind a NAT; the secret is the TURN server's own."""

    urls: tuple[str, ...] = ()
    turn_secret: str | None = None


ICE_SERVERS = web.AppKey("ICE_SERVERS", IceServers)


def ice_links(request: web.Request, principal: Principal) -> list[str]:
    """Give the ``Link`` headers of RFC 9725 section 4.6, TURN credentials good for a shift."""
    servers, links = request.config_dict[ICE_SERVERS], []
    for url in servers.urls:
        link = f'<{url}>; rel="ice-server"'
        if url.startswith("turn") and servers.turn_secret is not None:
            given = turn_credentials(
                servers.turn_secret,
                who=str(principal.person.id),
                expires=int(keys.now(request).timestamp()) + TURN_LASTS_S,
            )
            link += (
                f'; username="{given["username"]}"; credential="{given["credential"]}"'
                '; credential-type="password"'
            )
        links.append(link)
    return links


def turn_credentials(secret: str, *, who: str, expires: int) -> Mapping[str, str]:
    """Make time-limited credentials as coturn's ``use-auth-secret`` checks them."""
    username = f"{expires}:{who}"
    # HMAC-SHA1 is what that scheme prescribes; as a MAC it is not broken.
    mac = hmac.new(secret.encode(), username.encode(), sha1).digest()
    return {"username": username, "credential": b64encode(mac).decode()}
