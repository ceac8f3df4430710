"""Interventions on a phone: the unit says that it is on its way, there, and free again."""

from typing import Annotated

from aiohttp import web
from pydantic import AfterValidator

from domain.identifiers import InterventionId
from domain.interventions import InterventionState
from domain.people import Permission
from mobile_api.bodies import Body, read_body
from mobile_api.description import Needs, Routes
from mobile_api.keys import ACCESS, CLOCK, DEVICE, INTERVENTIONS
from mobile_api.schemas import MobileIntervention, answer, id_in
from mobile_api.views import VIEWS, shift_of

ROUTES = Routes("phones", prefix="/mobile/interventions")

#: What a unit says of itself; the rest is the control room's to say.
SAID_BY_UNITS = (InterventionState.EN_ROUTE, InterventionState.ON_SCENE, InterventionState.CLOSED)


def _said_by_units(state: InterventionState) -> InterventionState:
    if state not in SAID_BY_UNITS:
        raise ValueError("a unit says en-route, on-scene or closed")
    return state


class UnitStep(Body):
    state: Annotated[InterventionState, AfterValidator(_said_by_units)]


@ROUTES.get(
    "/{intervention_id}",
    needs=Needs.DEVICE,
    summary="One intervention that this device's unit is on.",
    answers={200: MobileIntervention},
    problems=("not-on-shift",),
)
async def show(request: web.Request) -> web.Response:
    services, principal = request.config_dict, request[DEVICE]
    intervention_id = id_in(request, "intervention_id", InterventionId)
    intervention = await services[ACCESS].intervention_for(
        principal, intervention_id, Permission.PATROL
    )
    return answer(await services[VIEWS].intervention(principal, intervention))


@ROUTES.post(
    "/{intervention_id}/state",
    needs=Needs.DEVICE,
    summary="Say where this unit is with it; saying it twice changes nothing.",
    body=UnitStep,
    answers={200: MobileIntervention},
    problems=("bad-intervention-step", "intervention-closed", "unit-not-assigned", "not-on-shift"),
)
async def progress(request: web.Request) -> web.Response:
    services, principal = request.config_dict, request[DEVICE]
    intervention_id = id_in(request, "intervention_id", InterventionId)
    unit_id, now = shift_of(principal).unit_id, services[CLOCK]()
    body = await read_body(request, UnitStep)
    await services[ACCESS].intervention_for(principal, intervention_id, Permission.PATROL)
    intervention = await services[INTERVENTIONS].change(
        intervention_id,
        lambda current: current.progress(unit_id, body.state, at=now),
        actor=principal.actor,
    )
    return answer(await services[VIEWS].intervention(principal, intervention))
