"""The register: read (and the reading is noted), verified."""

from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from aiohttp import web
from pydantic import Field

from domain.identifiers import CommuneId
from domain.people import Permission
from domain.register import Action, Entry
from mobile_api.bodies import Body, read_query
from mobile_api.description import Routes
from server.database.register import read_heads
from server.http import keys
from server.http.principal import person_of
from server.http.schemas import Answer, At, answer

ROUTES = Routes("register")

READ = Permission.READ_REGISTER
#: Where the heads of the chain are kept beside the database.
HEADS_FOLDER = web.AppKey("HEADS_FOLDER", Path)


class RegisterQuery(Body):
    """``before``: entries with a smaller number, for the next page."""

    commune: UUID
    before: Annotated[int, Field(ge=1, le=2**53)] | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class RegisterEntry(Answer):
    number: int
    at: At
    actor: str
    actor_name: str | None
    action: str
    about: str
    motive: str
    data: dict[str, Any]
    hash: str


class RegisterPage(Answer):
    entries: list[RegisterEntry]
    head: str


class RegisterVerification(Answer):
    checked: int
    holds: bool
    broken_at: int | None
    reason: str
    head: str


@ROUTES.get(
    "/register",
    needs=READ,
    summary="Entries of the register, newest first; the reading itself is noted.",
    query=RegisterQuery,
    answers={200: RegisterPage},
)
async def read(request: web.Request) -> web.Response:
    query, principal = read_query(request, RegisterQuery), person_of(request)
    commune = CommuneId(query.commune)
    await request.config_dict[keys.ACCESS].register_for(principal, commune)
    register = request.config_dict[keys.REGISTER]
    await register.write(
        Entry(
            at=keys.now(request),
            actor=principal.actor,
            action=Action.REGISTER_READ,
            about="register",
            commune_id=commune,
            data={"before": query.before, "limit": query.limit},
        )
    )
    entries = await register.page(commune, before=query.before, limit=query.limit)
    head = await register.head()
    shown = [RegisterEntry.model_validate(entry) for entry in entries]
    return answer(RegisterPage(entries=shown, head=head.hash.hex()))


@ROUTES.post(
    "/register/verification",
    needs=READ,
    summary="Read the whole chain again and say whether it holds.",
    answers={200: RegisterVerification},
)
async def verify(request: web.Request) -> web.Response:
    kept = read_heads(request.config_dict[HEADS_FOLDER])
    found = await request.config_dict[keys.REGISTER].verify(kept=kept)
    return answer(
        RegisterVerification(
            checked=found.checked,
            holds=found.holds,
            broken_at=found.broken_at,
            reason=found.reason,
            head=found.head.hex(),
        )
    )
