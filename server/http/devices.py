"""Devices: kept by administrators, enrolled with a one-time code, revoked at once."""

from datetime import timedelta
from typing import Literal
from uuid import UUID, uuid4

from aiohttp import web
from pydantic import TypeAdapter

from domain.errors import Conflict
from domain.identifiers import CommuneId, DeviceId, PersonId
from domain.people import Permission
from domain.units import Device, DeviceKind
from mobile_api.bodies import Body, Line, read_body, read_query
from mobile_api.description import Routes
from mobile_api.tokens import code_digest, new_code
from server.http import keys
from server.http.principal import person_of
from server.http.schemas import Answer, At, ByCommune, answer, answers, id_in
from server.tls import qr_svg

ROUTES = Routes("devices")

MANAGE = Permission.MANAGE_DEVICES
#: Long enough to walk to the locker room, too short to find the code on a desk the next day.
CODE_LASTS = timedelta(hours=1)


class NewDevice(Body):
    """``person_id``: the agent in whose hands it is."""

    id: UUID | None = None
    commune_id: UUID
    name: Line
    kind: DeviceKind = DeviceKind.PHONE
    person_id: UUID


class DeviceAnswer(Answer):
    id: UUID
    commune_id: UUID
    name: str
    kind: DeviceKind
    person_id: UUID
    enrolled_at: At | None
    revoked_at: At | None
    seen_at: At | None = None
    push: Literal["web-push", "firebase"] | None = None


class EnrolmentCode(Answer):
    """Shown this once. ``qr_svg`` says ``url``, which carries ``code``."""

    code: str
    url: str
    qr_svg: str
    expires_at: At


@ROUTES.get(
    "/devices",
    needs=Permission.READ_SETUP,
    summary="The devices of my communes.",
    query=ByCommune,
    answers={200: TypeAdapter(list[DeviceAnswer])},
)
async def list_devices(request: web.Request) -> web.Response:
    wanted = read_query(request, ByCommune).commune
    communes = await keys.communes_in(request, person_of(request), Permission.READ_SETUP, wanted)
    found = await request.config_dict[keys.DEVICES].of_communes(communes)
    return answers(
        DeviceAnswer.model_validate(one.device).model_copy(
            update={"seen_at": one.seen_at, "push": one.push}
        )
        for one in found
    )


@ROUTES.post(
    "/devices",
    needs=MANAGE,
    summary="Add a device; it is of no use before it is enrolled.",
    body=NewDevice,
    answers={201: DeviceAnswer},
)
async def add_device(request: web.Request) -> web.Response:
    body, principal = await read_body(request, NewDevice), person_of(request)
    commune_id = CommuneId(body.commune_id)
    access = request.config_dict[keys.ACCESS]
    await access.commune_for(principal, commune_id, MANAGE)
    agent = await request.config_dict[keys.PEOPLE].get(PersonId(body.person_id))
    at = keys.now(request)
    if commune_id not in agent.communes_with(Permission.PATROL, at):
        raise Conflict("this person is no agent of this commune; record the habilitation first")
    device = Device(
        id=DeviceId(body.id or uuid4()),
        commune_id=commune_id,
        name=body.name,
        kind=body.kind,
        person_id=agent.id,
    )
    kept = await request.config_dict[keys.DEVICES].add(device, actor=principal.actor, at=at)
    return answer(DeviceAnswer.model_validate(kept), status=201)


@ROUTES.delete(
    "/devices/{device_id}",
    needs=MANAGE,
    summary="Revoke a device: its token, streams and sockets end at once.",
    answers={204: None},
)
async def revoke_device(request: web.Request) -> web.Response:
    principal = person_of(request)
    device = await request.config_dict[keys.ACCESS].device_for(
        principal, id_in(request, "device_id", DeviceId), MANAGE
    )
    await request.config_dict[keys.DEVICES].revoke(
        device.id, actor=principal.actor, at=keys.now(request)
    )
    return web.Response(status=204)


@ROUTES.post(
    "/devices/{device_id}/enrolment-code",
    needs=MANAGE,
    summary="Make a one-time enrolment code; an earlier one is of no use any more.",
    answers={201: EnrolmentCode},
)
async def make_enrolment_code(request: web.Request) -> web.Response:
    principal, at = person_of(request), keys.now(request)
    device = await request.config_dict[keys.ACCESS].device_for(
        principal, id_in(request, "device_id", DeviceId), MANAGE
    )
    if device.revoked_at is not None:
        raise Conflict("this device was revoked; add another")
    code, expires_at = new_code(), at + CODE_LASTS
    await request.config_dict[keys.DEVICES].add_code(
        device.id,
        code_hash=code_digest(code),
        expires_at=expires_at,
        actor=principal.actor,
        at=at,
    )
    # After the '#' nothing is sent to a server, nor kept in a proxy's log.
    url = f"{keys.public_url(request)}/patrol/#code={code}"
    return answer(
        EnrolmentCode(code=code, url=url, qr_svg=qr_svg(url), expires_at=expires_at), status=201
    )
