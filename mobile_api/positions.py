"""Positions: fixes from a phone, taken on shift only, each kept once.

A phone in a tunnel sends late and sends again, so a fix has an id of the phone's, and one that is
refused does not hold up the others.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field

from domain.errors import DomainError
from domain.positions import CLOCK_TOLERANCE, BadClock, Position
from domain.principals import DevicePrincipal
from mobile_api.bodies import Body, Instant, PointBody, read_body
from mobile_api.description import Needs, Routes
from mobile_api.keys import CLOCK, DEVICE, POSITION_LISTENER, POSITIONS, UNITS, Fix
from mobile_api.schemas import RefusedFix, Taken, answer
from mobile_api.views import shift_of

ROUTES = Routes("phones", prefix="/mobile")

#: Bytes: 500 fixes with every digit that a browser writes are about 140 KiB.
LIMIT = 192 * 1024

type Finite = Annotated[float, Field(allow_inf_nan=False)]


class FixBody(Body):
    id: UUID
    point: PointBody
    fixed_at: Instant
    accuracy_m: Finite | None = None
    heading_deg: Finite | None = None
    speed_mps: Finite | None = None

    def fix(self) -> Fix:
        """Raises ``BadPosition`` for values that no place on Earth has."""
        position = Position(
            point=self.point.point(),
            fixed_at=self.fixed_at,
            accuracy_m=self.accuracy_m,
            heading_deg=self.heading_deg,
            speed_mps=self.speed_mps,
        )
        return Fix(id=self.id, position=position)


class Batch(Body):
    """``sent_at`` is the phone's clock when it sends: an old fix is late, or the clock is wrong."""

    positions: Annotated[list[FixBody], Field(min_length=1, max_length=500)]
    sent_at: Instant | None = None


@ROUTES.post(
    "/positions",
    needs=Needs.DEVICE,
    summary="Send fixes; each is stored or refused by its id. Off shift and on a break: none.",
    body=Batch,
    answers={200: Taken},
    problems=("not-on-shift", "on-break", "bad-clock", "bad-position"),
)
async def send(request: web.Request) -> web.Response:
    batch = await read_body(request, Batch, limit=LIMIT)
    now = request.config_dict[CLOCK]()
    shift_of(request[DEVICE]).check_locatable()
    refused: list[RefusedFix] = []
    fixes: list[Fix] = []
    for body in batch.positions:
        try:
            _check_sender(batch.sent_at, now=now)
            fixes.append(body.fix())
        except DomainError as error:
            refused.append(RefusedFix(id=body.id, code=error.code))
    stored, late = await take(request, request[DEVICE], fixes, now=now)
    refused += [RefusedFix(id=fix.id, code=error.code) for fix, error in late]
    return answer(Taken(stored=stored, refused=refused))


async def take(
    request: web.Request, principal: DevicePrincipal, fixes: Iterable[Fix], *, now: datetime
) -> tuple[int, list[tuple[Fix, DomainError]]]:
    """Store the fixes that may be stored and tell the newest; give their number and the refused.

    Raises ``NotOnShift`` or ``OnBreak`` when no position may be taken now, and stores none then.
    """
    services, shift = request.config_dict, shift_of(principal)
    shift.check_locatable()
    good: list[Fix] = []
    refused: list[tuple[Fix, DomainError]] = []
    for fix in fixes:
        try:
            fix.position.check_clock(received_at=now)
            shift.check_covers(fix.position.fixed_at)
            good.append(fix)
        except DomainError as error:
            refused.append((fix, error))
    if good:
        await services[POSITIONS].add(good, shift=shift, received_at=now)
        newest = max(good, key=lambda fix: fix.position.fixed_at)
        unit = await services[UNITS].get(shift.unit_id)
        services[POSITION_LISTENER].heard(unit, newest.position)
    return len(good), refused


def _check_sender(sent_at: datetime | None, *, now: datetime) -> None:
    if sent_at is not None and abs(sent_at - now) > CLOCK_TOLERANCE:
        raise BadClock(f"the device's clock is {(sent_at - now).total_seconds():+.0f} s off")
