"""Shifts: beginning with the PIN, breaks, the end. Between them nothing is located."""

from dataclasses import replace
from typing import ClassVar
from uuid import UUID, uuid4

from aiohttp import web

from domain.errors import Forbidden
from domain.identifiers import ShiftId, UnitId
from domain.people import Permission
from domain.principals import DevicePrincipal
from domain.units import CrewWithoutPictures, Shift, ShiftConflict
from mobile_api.attempts import ATTEMPTS
from mobile_api.bodies import Body, read_body
from mobile_api.description import Needs, Routes
from mobile_api.devices import Pin
from mobile_api.keys import ACCESS, CLOCK, DEVICE, DEVICES, PINS, SHIFTS
from mobile_api.schemas import MobileMe, answer
from mobile_api.views import VIEWS, shift_of

ROUTES = Routes("phones", prefix="/mobile/shift")


class WrongPin(Forbidden):
    code: ClassVar[str] = "wrong-pin"
    title: ClassVar[str] = "This is not the device's PIN"


class Begin(Body):
    """``id`` is made on the phone: a request sent twice begins one shift."""

    id: UUID | None = None
    unit_id: UUID
    pin: Pin


@ROUTES.post(
    "",
    needs=Needs.DEVICE,
    summary="Begin a shift in a unit.",
    body=Begin,
    answers={200: MobileMe},
    problems=("wrong-pin", "shift-conflict", "crew-without-pictures", "too-many"),
)
async def begin(request: web.Request) -> web.Response:
    services, principal = request.config_dict, request[DEVICE]
    body = await read_body(request, Begin)
    await _check_pin(request, principal, body.pin)
    unit = await services[ACCESS].unit_for(principal, UnitId(body.unit_id), Permission.PATROL)
    if unit.disabled_at is not None:
        raise ShiftConflict(f"unit {unit.call_sign} is no longer in use")
    if not principal.may_crew(unit, at=services[CLOCK]()):
        raise CrewWithoutPictures(f"{unit.call_sign} is a unit of the police; choose your own")
    if (running := principal.shift) is not None:
        if running.unit_id != unit.id:
            raise ShiftConflict("end the shift in the other unit first")
        return answer(await services[VIEWS].me(principal))
    shift = await services[SHIFTS].begin(
        Shift(
            id=ShiftId(body.id or uuid4()),
            commune_id=principal.device.commune_id,
            unit_id=unit.id,
            device_id=principal.device.id,
            person_id=principal.person.id,
            started_at=services[CLOCK](),
        )
    )
    return await _me(request, shift)


@ROUTES.delete("", needs=Needs.DEVICE, summary="End the shift.", answers={200: MobileMe})
async def end(request: web.Request) -> web.Response:
    services, principal = request.config_dict, request[DEVICE]
    if principal.shift is None:  # it was ended before: what was asked for is so
        return await _me(request, None)
    now = services[CLOCK]()
    await services[SHIFTS].change(
        principal.shift.id, lambda shift: shift.end(at=now), actor=principal.actor
    )
    return await _me(request, None)


@ROUTES.post(
    "/break",
    needs=Needs.DEVICE,
    summary="Take a break: positions are refused until it ends.",
    answers={200: MobileMe},
    problems=("not-on-shift",),
)
async def take_break(request: web.Request) -> web.Response:
    services, principal = request.config_dict, request[DEVICE]
    now = services[CLOCK]()
    shift = await services[SHIFTS].change(
        shift_of(principal).id, lambda shift: shift.take_break(at=now), actor=principal.actor
    )
    return await _me(request, shift)


@ROUTES.delete(
    "/break",
    needs=Needs.DEVICE,
    summary="End the break.",
    answers={200: MobileMe},
    problems=("not-on-shift",),
)
async def resume(request: web.Request) -> web.Response:
    services, principal = request.config_dict, request[DEVICE]
    now = services[CLOCK]()
    shift = await services[SHIFTS].change(
        shift_of(principal).id, lambda shift: shift.resume(at=now), actor=principal.actor
    )
    return await _me(request, shift)


async def _check_pin(request: web.Request, principal: DevicePrincipal, pin: str) -> None:
    """Raise ``WrongPin``, and ``TooMany`` after a few of them."""
    services = request.config_dict
    attempts, now, who = services[ATTEMPTS], services[CLOCK](), f"device:{principal.device.id}"
    attempts.check(who, now=now)
    # Counted before it is looked at: many sent at once are as many tries.
    attempts.failed(who, now=now)
    hashed = await services[DEVICES].pin_hash(principal.device.id)
    if hashed is None or not await services[PINS].matches(hashed, pin):
        raise WrongPin("type the PIN that was chosen when the device was enrolled")
    attempts.succeeded(who)


async def _me(request: web.Request, shift: Shift | None) -> web.Response:
    principal = replace(request[DEVICE], shift=shift)
    return answer(await request.config_dict[VIEWS].me(principal))
