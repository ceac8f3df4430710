"""The prefect's orders that cameras on public roads rest on."""

from dataclasses import replace
from uuid import UUID, uuid4

from aiohttp import web
from pydantic import TypeAdapter

from domain.cameras import Order
from domain.identifiers import CommuneId, OrderId
from domain.people import Permission
from mobile_api.bodies import Body, Instant, Line, read_body, read_query
from mobile_api.description import Routes
from server.http import keys
from server.http.principal import person_of
from server.http.schemas import (
    Answer,
    At,
    ByCommune,
    PolygonAnswer,
    PolygonBody,
    answer,
    answers,
    id_in,
)

ROUTES = Routes("orders")

MANAGE = Permission.MANAGE_CAMERAS


class NewOrder(Body):
    """``perimeter`` None: the order names single cameras."""

    id: UUID | None = None
    commune_id: UUID
    number: Line
    starts_at: Instant
    ends_at: Instant
    perimeter: PolygonBody | None = None
    fictive: bool = False


class OrderChange(Body):
    number: Line | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    perimeter: PolygonBody | None = None


class OrderAnswer(Answer):
    """``ending``: within six months of its end."""

    id: UUID
    commune_id: UUID
    number: str
    starts_at: At
    ends_at: At
    perimeter: PolygonAnswer | None
    fictive: bool
    ending: bool


@ROUTES.get(
    "/orders",
    needs=Permission.READ_SETUP,
    summary="The orders of my communes.",
    query=ByCommune,
    answers={200: TypeAdapter(list[OrderAnswer])},
)
async def list_orders(request: web.Request) -> web.Response:
    wanted = read_query(request, ByCommune).commune
    communes = await keys.communes_in(request, person_of(request), Permission.READ_SETUP, wanted)
    found = await request.config_dict[keys.ORDERS].of_communes(communes)
    return answers(_shown(request, order) for order in found)


@ROUTES.post(
    "/orders",
    needs=MANAGE,
    summary="Record a prefect's order.",
    body=NewOrder,
    answers={201: OrderAnswer},
    problems=("bad-camera", "conflict"),
)
async def add_order(request: web.Request) -> web.Response:
    body, principal = await read_body(request, NewOrder), person_of(request)
    commune_id = CommuneId(body.commune_id)
    await request.config_dict[keys.ACCESS].commune_for(principal, commune_id, MANAGE)
    order = Order(
        id=OrderId(body.id or uuid4()),
        commune_id=commune_id,
        number=body.number,
        starts_at=body.starts_at,
        ends_at=body.ends_at,
        perimeter=body.perimeter.ring() if body.perimeter is not None else None,
        fictive=body.fictive,
    )
    kept = await request.config_dict[keys.ORDERS].add(
        order, actor=principal.actor, at=keys.now(request)
    )
    return answer(_shown(request, kept), status=201)


@ROUTES.patch(
    "/orders/{order_id}",
    needs=MANAGE,
    summary="Correct an order, or record that it was renewed.",
    body=OrderChange,
    answers={200: OrderAnswer},
    problems=("bad-camera", "conflict"),
)
async def change_order(request: web.Request) -> web.Response:
    principal = person_of(request)
    order = await request.config_dict[keys.ACCESS].order_for(
        principal, id_in(request, "order_id", OrderId), MANAGE
    )
    body = await read_body(request, OrderChange)
    perimeter = body.perimeter.ring() if body.perimeter is not None else None
    given = body.model_fields_set

    def change(one: Order) -> Order:
        return replace(
            one,
            number=body.number or one.number,
            starts_at=body.starts_at or one.starts_at,
            ends_at=body.ends_at or one.ends_at,
            perimeter=perimeter if "perimeter" in given else one.perimeter,
        )

    changed = await request.config_dict[keys.ORDERS].change(
        order.id, change, actor=principal.actor, at=keys.now(request)
    )
    return answer(_shown(request, changed))


def _shown(request: web.Request, order: Order) -> OrderAnswer:
    return OrderAnswer(
        id=order.id,
        commune_id=order.commune_id,
        number=order.number,
        starts_at=order.starts_at,
        ends_at=order.ends_at,
        perimeter=PolygonAnswer.of(order.perimeter) if order.perimeter else None,
        fictive=order.fictive,
        ending=order.is_ending(keys.now(request)),
    )
