"""Who asks: a session's cookie, a bearer token, and what each route says it needs."""

import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import ClassVar

from aiohttp import web
from aiohttp.typedefs import Handler

from domain.errors import Forbidden, Unauthenticated
from domain.people import Permission
from domain.principals import DevicePrincipal, PersonPrincipal, Principal
from mobile_api import keys as mobile
from mobile_api.description import Handler as RouteHandler
from mobile_api.description import Needs, Route
from mobile_api.tokens import digest
from server.access import Access
from server.database.devices import Devices
from server.database.sessions import Session, Sessions
from server.http.forwarded import origin_of
from server.http.through_edge import check_phone

COOKIE = "ilotier_session"
CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
#: How a socket is opened with a token: a page can set no header there.
SUBPROTOCOL = "ilotier.v1"
BEARER_SUBPROTOCOL = "bearer."
LONGEST_TOKEN = 200  # characters


class NotFromHere(Forbidden):
    code: ClassVar[str] = "not-from-here"
    title: ClassVar[str] = "This request does not come from our own page"


class NoAgent(Forbidden):
    code: ClassVar[str] = "no-agent"
    title: ClassVar[str] = "This device's agent has no habilitation in force"


class Gate:
    """Finds who a token belongs to."""

    def __init__(
        self,
        *,
        sessions: Sessions,
        devices: Devices,
        access: Access,
        clock: Callable[[], datetime],
    ) -> None:
        self._sessions = sessions
        self._devices = devices
        self._access = access
        self._clock = clock

    async def authenticate(self, token: str) -> Principal:
        """Give who holds ``token``, of either kind; raises ``Unauthenticated``."""
        if (session := await self.session(token)) is not None:
            return principal_of(session)
        return await self.device(token)

    async def device(self, token: str) -> DevicePrincipal:
        """Give the device that holds ``token``; raises ``Unauthenticated``."""
        if _is_token(token):
            device = await self._devices.by_token(digest(token), at=self._clock())
            if device is not None:
                return device
        raise Unauthenticated("sign in again")

    async def session(self, token: str) -> Session | None:
        """Give the session in force under ``token``, if there is one."""
        if not _is_token(token):
            return None
        return await self._sessions.by_token(digest(token), at=self._clock())

    async def check(self, principal: Principal, needs: Needs | Permission) -> None:
        """Raise ``Forbidden`` unless ``principal`` is one whom a route with ``needs`` serves."""
        if isinstance(principal, DevicePrincipal):
            check_agent(principal, at=self._clock())
            if needs not in (Needs.DEVICE, Needs.SESSION_OR_DEVICE):
                raise Forbidden("this is for people who are signed in, not for devices")
        elif needs is Needs.DEVICE:
            raise Forbidden("this is for enrolled devices")
        elif isinstance(needs, Permission):
            await self._check_role(principal, needs)

    async def _check_role(self, principal: PersonPrincipal, needs: Permission) -> None:
        if not await self._access.communes_for(principal, needs):
            raise Forbidden("your role does not include this")


PRINCIPAL: web.RequestKey[Principal] = web.RequestKey("PRINCIPAL")
SESSION: web.RequestKey[Session] = web.RequestKey("SESSION")
TOKEN: web.RequestKey[str] = web.RequestKey("TOKEN")
GATE: web.AppKey[Gate] = web.AppKey("GATE")
ROUTE_TABLE: web.AppKey[Mapping[RouteHandler, Route]] = web.AppKey("ROUTE_TABLE")
PUBLIC_ORIGIN: web.AppKey[str] = web.AppKey("PUBLIC_ORIGIN")


def principal_of(session: Session) -> PersonPrincipal:
    return PersonPrincipal(person=session.person, session_id=session.id, session_kind=session.kind)


def check_agent(device: DevicePrincipal, *, at: datetime) -> None:
    """Raise ``NoAgent`` unless the device's person may patrol in its commune now."""
    communes = device.person.communes_with(Permission.PATROL, at)
    if device.device.commune_id not in communes:
        raise NoAgent("ask your administrator")


@web.middleware
async def who_asks(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find out who asks, before the handler runs; refuse whom the route does not serve."""
    route = request.config_dict[ROUTE_TABLE].get(request.match_info.handler)
    if route is None:  # no such route, or no such method: said below
        return await handler(request)
    if request.method not in SAFE_METHODS:
        check_origin(request)
    if route.needs is Needs.PUBLIC:
        return await handler(request)
    gate = request.config_dict[GATE]
    token, from_cookie = _token_of(request)
    session = await gate.session(token)
    # A page's token is good as a cookie only, an API client's as a bearer only: a stolen one of a
    # kind does not pass the checks of the other.
    if session is not None and (session.kind == "page") is not from_cookie:
        session = None
    if session is not None:
        if from_cookie and request.method not in SAFE_METHODS:
            _check_csrf(request, session)
        request[SESSION] = session
        principal: Principal = principal_of(session)
    elif from_cookie:
        raise Unauthenticated("sign in again")
    else:
        principal = await gate.device(token)
    check_phone(request, principal)
    await gate.check(principal, route.needs)
    request[PRINCIPAL] = principal
    request[TOKEN] = token
    if isinstance(principal, DevicePrincipal):
        request[mobile.DEVICE] = principal
    return await handler(request)


async def ask_again(request: web.Request) -> Principal:
    """Find out anew who asks, once he has begun something: a right may have ended meanwhile.

    A change that was told before there was anything to end is met by nobody else.
    """
    gate, needs = request.config_dict[GATE], request.config_dict[ROUTE_TABLE]
    principal = await gate.authenticate(request[TOKEN])
    await gate.check(principal, needs[request.match_info.handler].needs)
    return principal


def person_of(request: web.Request) -> PersonPrincipal:
    """Give the person who asks, on routes that serve people only."""
    principal = request[PRINCIPAL]
    if not isinstance(principal, PersonPrincipal):
        raise Forbidden("this is for people who are signed in, not for devices")
    return principal


def check_origin(request: web.Request, *, required: bool = False) -> None:
    """Raise ``NotFromHere`` when a browser says that another site's page asks.

    ``required``: the browser must say it (a WebSocket's handshake always does).
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise NotFromHere("another site's page asked for it")
    origin = request.headers.get("Origin")
    if origin is None:
        if required:
            raise NotFromHere("the request does not say which page it comes from")
        return
    if origin not in (origin_of(request), request.config_dict[PUBLIC_ORIGIN]):
        raise NotFromHere("another site's page asked for it")


def _check_csrf(request: web.Request, session: Session) -> None:
    given = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode(errors="replace"), session.csrf_token.encode()):
        raise NotFromHere(f"the header {CSRF_HEADER} is missing or old; load the page again")


def _is_token(text: str) -> bool:
    # Ours are ASCII; a header's stray bytes are half-characters here, which nothing can digest.
    return len(text) <= LONGEST_TOKEN and text.isascii()


def _token_of(request: web.Request) -> tuple[str, bool]:
    """Give the token and whether it came as a cookie; raises ``Unauthenticated`` without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme:
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("send a bearer token")
        return token.strip(), False
    for name in _subprotocols(request):
        if name.startswith(BEARER_SUBPROTOCOL):
            return name.removeprefix(BEARER_SUBPROTOCOL), False
    if cookie := request.cookies.get(COOKIE):
        return cookie, True
    raise Unauthenticated("sign in first")


def _subprotocols(request: web.Request) -> list[str]:
    if request.headers.get("Upgrade", "").lower() != "websocket":
        return []
    return [name.strip() for name in request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
