"""Going live with a device (WHIP, RFC 9725), authorised here, forwarded to the media process."""

from typing import Annotated
from uuid import UUID, uuid4, uuid5

from aiohttp import web
from pydantic import Field

from domain.errors import Forbidden, NotFound, Unauthenticated
from domain.identifiers import InterventionId, StreamId
from domain.interventions import Intervention
from domain.patrol_streams import PatrolStream, ThreatReason
from domain.people import Permission
from domain.principals import DevicePrincipal, Principal
from domain.units import NotOnShift, Shift
from mobile_api.bodies import Body, read_query
from mobile_api.description import Needs, Routes
from mobile_api.keys import DEVICE
from server.http import keys
from server.http.media import FRAGMENT, MEDIA, SDP
from server.http.negotiation import begin_session, edge_process_of, read_sdp, tell_ice_servers
from server.http.principal import ask_again
from server.http.schemas import id_in

ROUTES = Routes("streams")

PUBLICATIONS = "/api/v1/publications"


class Publishing(Body):
    """``stream``: go on with this stream of mine, after the connection was lost."""

    reason: ThreatReason
    intervention: UUID | None = None
    stream: UUID | None = None


class PublicationPart(Body):
    session: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


@ROUTES.options(
    "/whip",
    needs=Needs.DEVICE,
    summary="The STUN and TURN servers for going live, before there is an offer (Link headers).",
    answers={204: None},
    problems=("not-on-shift", "on-break", "crew-without-pictures"),
)
async def servers_for_publishing(request: web.Request) -> web.Response:
    # What is told is a password: it is for who may film.
    await _may_film(request, request[DEVICE])
    return tell_ice_servers(request)


@ROUTES.post(
    "/whip",
    needs=Needs.DEVICE,
    summary="Go live with a device (WHIP), for a stated threat, on shift.",
    query=Publishing,
    body=SDP,
    answers={201: SDP, 307: None},
    problems=(
        "bad-session-description",
        "no-common-codec",
        "not-on-shift",
        "on-break",
        "crew-without-pictures",
        "too-many-viewers",
        "many-connecting",
        "too-fast",
        "picture-unreadable",
    ),
)
async def publish(request: web.Request) -> web.Response:
    device, media = request[DEVICE], request.config_dict[MEDIA]
    query, offer = read_query(request, Publishing), await read_sdp(request, SDP)
    shift = await _may_film(request, device)
    if query.stream is not None:
        stream = await _own_stream(request, device, StreamId(query.stream))
    else:
        stream = await _begin(request, await _new_stream(request, device, shift, query))
    nonce, published = uuid4().hex, False
    try:
        process = await media.for_publication(stream.id)
        edge = await edge_process_of(request)
        response = await begin_session(
            request,
            edge or process,
            "whip",
            (stream.id, uuid5(stream.id, nonce)),
            offer,
            location=f"{PUBLICATIONS}/{stream.id}?session={nonce}",
        )
        if edge is not None:
            await media.fetch(process, stream.id, edge)
        published = True
    finally:
        # What never began is over; a stream of before may still come back.
        if not published and query.stream is None:
            await request.config_dict[keys.PATROL_STREAMS].end(
                stream.id, actor=device.actor, at=keys.now(request)
            )
    try:
        await _check_goes_on(request, stream)
    except (Forbidden, NotFound, Unauthenticated):
        await request.config_dict[keys.PATROL_STREAMS].end(
            stream.id, actor=device.actor, at=keys.now(request)
        )
        await media.end_stream(process, stream.id)
        await media.end_at_edges(stream.id)
        raise
    return response


@ROUTES.patch(
    "/publications/{stream_id}",
    needs=Needs.DEVICE,
    summary="Add ICE candidates to a publication.",
    query=PublicationPart,
    body=FRAGMENT,
    answers={204: None},
    problems=("stale-session", "session-not-found", "bad-session-description"),
)
async def trickle_publication(request: web.Request) -> web.Response:
    device, media = request[DEVICE], request.config_dict[MEDIA]
    stream = await _own_stream(request, device, id_in(request, "stream_id", StreamId))
    nonce = read_query(request, PublicationPart).session
    fragment = await read_sdp(request, FRAGMENT)
    process = await edge_process_of(request) or await media.of_patrol(stream)
    # The session's id is made of the stream's: nobody reaches another's session with his own.
    session_id = uuid5(stream.id, nonce)
    await media.trickle(process, session_id, fragment, request.headers.get("If-Match"))
    return web.Response(status=204)


@ROUTES.delete(
    "/publications/{stream_id}",
    needs=Needs.DEVICE,
    summary="Stop filming: the stream is over.",
    answers={200: None},
)
async def stop_publishing(request: web.Request) -> web.Response:
    device = request[DEVICE]
    stream_id = id_in(request, "stream_id", StreamId)
    stream = await request.config_dict[keys.ACCESS].publication_for(device, stream_id)
    # The row says that it is over; who hears that fact ends it at the media process.
    await request.config_dict[keys.PATROL_STREAMS].end(
        stream.id, actor=device.actor, at=keys.now(request)
    )
    return web.Response(status=200)


async def _may_film(request: web.Request, device: Principal) -> Shift:
    """Give the shift on which ``device`` may go live now; raises ``Forbidden`` by what hinders."""
    shift = device.shift if isinstance(device, DevicePrincipal) else None
    if shift is None:
        raise NotOnShift("live pictures are taken on shift only")
    shift.check_locatable()
    await request.config_dict[keys.ACCESS].check_sees_pictures(device)
    return shift


async def _check_goes_on(request: web.Request, stream: PatrolStream) -> None:
    """Raise why what has just begun is over already: crew, shift, agent or intervention."""
    await _may_film(request, await ask_again(request))
    if (await request.config_dict[keys.PATROL_STREAMS].get(stream.id)).ended_at is not None:
        raise NotFound("this stream is over; begin another")
    if stream.intervention_id is not None:
        kept = await request.config_dict[keys.INTERVENTIONS].get(stream.intervention_id)
        _check_open(kept)


def _check_open(intervention: Intervention) -> None:
    if intervention.closed_at is not None:
        raise Forbidden("this intervention is closed")


async def _own_stream(
    request: web.Request, device: DevicePrincipal, stream_id: StreamId
) -> PatrolStream:
    stream = await request.config_dict[keys.ACCESS].publication_for(device, stream_id)
    if stream.ended_at is not None:
        raise NotFound("this stream is over; begin another")
    return stream


async def _begin(request: web.Request, stream: PatrolStream) -> PatrolStream:
    """Store a new stream; what the device still had open is over: it has one camera."""
    streams, actor = request.config_dict[keys.PATROL_STREAMS], request[DEVICE].actor
    while (earlier := await streams.open_of(stream.device_id)) is not None:
        await streams.end(earlier.id, actor=actor, at=keys.now(request))
    return await streams.begin(stream, actor=actor)


async def _new_stream(
    request: web.Request, device: DevicePrincipal, shift: Shift, query: Publishing
) -> PatrolStream:
    """Describe the stream; without a named intervention it is the unit's current one's."""
    interventions = request.config_dict[keys.INTERVENTIONS]
    if query.intervention is not None:
        intervention = await request.config_dict[keys.ACCESS].intervention_for(
            device, InterventionId(query.intervention), Permission.PATROL
        )
        _check_open(intervention)
        intervention_id: InterventionId | None = intervention.id
    else:
        current = await interventions.current_of(shift.unit_id)
        intervention_id = current.id if current is not None else None
    return PatrolStream(
        id=StreamId(uuid4()),
        commune_id=device.device.commune_id,
        device_id=device.device.id,
        unit_id=shift.unit_id,
        person_id=device.person.id,
        reason=query.reason,
        started_at=keys.now(request),
        intervention_id=intervention_id,
    )
