"""One try of a route: how it is asked, who may, and what the others are told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.people import Role
from tests.integration.http.town import NEIGHBOUR, ROLES, THINGS, TOWN

NOBODY: tuple[Role, ...] = ()
POINT = {"type": "Point", "coordinates": [3.06, 50.63]}


@dataclass(frozen=True, kw_only=True)
class Try:
    """One route: which roles of the commune may, and what the neighbour's people are told.

    ``device``: the commune's own device may. ``neighbour`` 404: its object does not exist for
    them; 200: they are given their own things and none of ours; None: it is about themselves.
    ``body`` and ``path`` name things by ``{thing}``.
    """

    method: str
    path: str
    roles: tuple[Role, ...] = ROLES
    device: bool = False
    public: bool = False
    neighbour: int | None = 404
    body: Any = None
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    missing: bool = False
    """Where who may is told 404 as well: the test's installation has no such thing."""
    last: int = 0
    """It takes away what other tries need, so it is tried after them: the greatest last."""


def get(path: str, roles: tuple[Role, ...] = ROLES, **said: Any) -> Try:
    return Try(method="GET", path=path, roles=roles, **said)


def post(path: str, roles: tuple[Role, ...] = ROLES, **said: Any) -> Try:
    return Try(method="POST", path=path, roles=roles, **said)


def delete(path: str, roles: tuple[Role, ...] = ROLES, **said: Any) -> Try:
    return Try(method="DELETE", path=path, roles=roles, **said)


def patch(path: str, roles: tuple[Role, ...] = ROLES, **said: Any) -> Try:
    return Try(method="PATCH", path=path, roles=roles, **said)


def put(path: str, roles: tuple[Role, ...] = ROLES, **said: Any) -> Try:
    return Try(method="PUT", path=path, roles=roles, **said)


def options(path: str, roles: tuple[Role, ...] = ROLES, **said: Any) -> Try:
    return Try(method="OPTIONS", path=path, roles=roles, **said)


def phone(method: str, path: str, **said: Any) -> Try:
    """A route of phones: the device alone, whatever the person's role."""
    return Try(method=method, path=f"/mobile{path}", roles=NOBODY, device=True, **said)


def filled(value: Any) -> Any:
    """Put the town's ids in place of the names in braces."""
    if isinstance(value, str):
        for name in (
            *THINGS,
            "convention",
            "camera-stream",
            "viewing",
            "talk",
            "grant-agent",
            "spare",
            "layout",
            "segment",
        ):
            value = value.replace(f"{{{name}}}", TOWN.text(name))
        value = value.replace("{agent}", str(TOWN.person(Role.AGENT)))
        return value.replace("{other}", str(NEIGHBOUR.commune))
    if isinstance(value, Mapping):
        return {name: filled(one) for name, one in value.items()}
    return [filled(one) for one in value] if isinstance(value, list) else value


def shape(path: str) -> str:
    """Give a path with its variable parts as stars, so that the table may name things."""
    parts = [
        "*" if "{" in part or part in ("link-ville", "nothing.js") else part
        for part in path.split("/")
    ]
    return "/*" if parts[1] in ("assets", "*") else "/".join(parts)
