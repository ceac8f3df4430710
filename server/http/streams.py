"""Watching live pictures (WHEP), authorised here, forwarded to the media process.

Every viewing is in the register, with its motive, before the answer that starts it is given.
"""

from uuid import UUID, uuid4

from aiohttp import web
from pydantic import TypeAdapter

from domain.errors import Forbidden, NotFound, Unauthenticated
from domain.identifiers import StreamId, ViewingId
from domain.patrol_streams import ThreatReason
from domain.people import Permission
from domain.principals import DevicePrincipal
from mobile_api.bodies import Body, Line, read_query
from mobile_api.description import Needs, Routes
from server.database.viewings import Viewing
from server.http import keys
from server.http.media import FRAGMENT, MEDIA, SDP
from server.http.negotiation import begin_session, edge_process_of, read_sdp, tell_ice_servers
from server.http.principal import PRINCIPAL, ask_again, person_of
from server.http.schemas import Answer, At, ByCommune, PersonRef, answer, answers, id_in

ROUTES = Routes("streams")

#: What the register keeps for a person who watches the wall and states nothing more particular.
ON_THE_WALL = "surveillance générale"
OF_A_PATROL = "intervention en cours"
VIEWINGS = "/api/v1/viewings"


class Watching(Body):
    motive: Line | None = None


class PatrolStreamAnswer(Answer):
    id: UUID
    commune_id: UUID
    device_id: UUID
    unit_id: UUID
    call_sign: str
    person_id: UUID
    reason: ThreatReason
    intervention_id: UUID | None
    started_at: At
    live: bool
    since: At | None
    received_at: At | None
    received_by: PersonRef | None
    ended_at: At | None
    viewers: int


@ROUTES.post(
    "/streams/{stream_id}/whep",
    needs=Needs.SESSION_OR_DEVICE,
    summary="Watch a camera's or a patrol's stream (WHEP): an offer in, an answer out.",
    query=Watching,
    body=SDP,
    answers={201: SDP, 307: None},
    problems=(
        "bad-session-description",
        "no-common-codec",
        "not-on-shift",
        "crew-without-pictures",
        "no-order-in-force",
        "stream-offline",
        "stream-not-found",
        "too-many-viewers",
        "many-connecting",
    ),
)
async def watch(request: web.Request) -> web.Response:
    principal, media = request[PRINCIPAL], request.config_dict[MEDIA]
    stream_id = id_in(request, "stream_id", StreamId)
    seen = await request.config_dict[keys.ACCESS].stream_for(principal, stream_id)
    motive = read_query(request, Watching).motive
    offer = await read_sdp(request, SDP)
    if seen.camera is not None:
        process = await media.of_camera(seen.camera)
    elif seen.patrol is not None:
        process = await media.of_patrol(seen.patrol)
    else:
        raise NotFound("there is no such stream")
    viewing_id, viewings = ViewingId(uuid4()), request.config_dict[keys.VIEWINGS]
    device_id = principal.device.id if isinstance(principal, DevicePrincipal) else None
    await viewings.check_room(person_id=principal.person.id, device_id=device_id)
    sender, edge = process, await edge_process_of(request)
    if edge is not None:
        process = edge
    else:
        process = await media.with_room(process, stream_id, await viewings.loads(stream_id))
    await viewings.start(
        viewing_id=viewing_id,
        stream_id=stream_id,
        commune_id=seen.commune_id,
        camera_id=seen.camera.id if seen.camera else None,
        person_id=principal.person.id,
        session_id=None if isinstance(principal, DevicePrincipal) else principal.session_id,
        device_id=device_id,
        holder=process.holder,
        motive=motive or (OF_A_PATROL if seen.patrol or device_id else ON_THE_WALL),
        at=keys.now(request),
        actor=principal.actor,
    )
    watching = False
    try:
        if edge is not None:  # it goes there for as long as a viewing there is open
            await media.hand_on(sender, stream_id, edge)
        response = await begin_session(
            request,
            process,
            "whep",
            (stream_id, viewing_id),
            offer,
            location=f"{VIEWINGS}/{viewing_id}",
        )
        try:
            await _check_goes_on(request, stream_id, viewing_id)
        except (Forbidden, NotFound, Unauthenticated):
            await media.end_session(process, viewing_id)
            raise
        watching = True
    finally:
        if not watching:
            await viewings.end(viewing_id, at=keys.now(request), actor=principal.actor)
    return response


async def _check_goes_on(request: web.Request, stream_id: StreamId, viewing_id: ViewingId) -> None:
    """Raise why what has just begun is over already."""
    await request.config_dict[keys.ACCESS].stream_for(await ask_again(request), stream_id)
    # One who lost his right has had the viewing's row ended before there was a session.
    if (await request.config_dict[keys.VIEWINGS].get(viewing_id)).ended_at is not None:
        raise Forbidden("the right to watch has just ended")


@ROUTES.options(
    "/streams/{stream_id}/whep",
    needs=Needs.SESSION_OR_DEVICE,
    summary="The STUN and TURN servers for watching, before there is an offer (Link headers).",
    answers={204: None},
    problems=("stream-not-found",),
)
async def servers_for_watching(request: web.Request) -> web.Response:
    # What is told is a password: it is for who may watch this stream.
    stream_id = id_in(request, "stream_id", StreamId)
    await request.config_dict[keys.ACCESS].stream_for(request[PRINCIPAL], stream_id)
    return tell_ice_servers(request)


@ROUTES.patch(
    "/viewings/{viewing_id}",
    needs=Needs.SESSION_OR_DEVICE,
    summary="Add ICE candidates to a viewing (trickle ICE, RFC 8840).",
    body=FRAGMENT,
    answers={204: None},
    problems=("stale-session", "session-not-found", "bad-session-description"),
)
async def trickle_viewing(request: web.Request) -> web.Response:
    viewing, media = await _viewing(request), request.config_dict[MEDIA]
    fragment = await read_sdp(request, FRAGMENT)
    process = await media.by_holder(viewing.holder)
    await media.trickle(process, viewing.id, fragment, request.headers.get("If-Match"))
    return web.Response(status=204)


@ROUTES.delete(
    "/viewings/{viewing_id}",
    needs=Needs.SESSION_OR_DEVICE,
    summary="Stop watching.",
    answers={200: None},
)
async def stop_watching(request: web.Request) -> web.Response:
    viewing, media = await _viewing(request), request.config_dict[MEDIA]
    await request.config_dict[keys.VIEWINGS].end(
        viewing.id, at=keys.now(request), actor=request[PRINCIPAL].actor
    )
    process = await media.by_holder(viewing.holder)
    await media.end_session(process, viewing.id)
    return web.Response(status=200)


@ROUTES.get(
    "/streams",
    needs=Permission.VIEW_PATROL_STREAMS,
    summary="The patrols' streams that are open.",
    query=ByCommune,
    answers={200: TypeAdapter(list[PatrolStreamAnswer])},
)
async def list_streams(request: web.Request) -> web.Response:
    wanted = read_query(request, ByCommune).commune
    communes = await keys.communes_in(
        request, person_of(request), Permission.VIEW_PATROL_STREAMS, wanted
    )
    found = await request.config_dict[keys.SCREENS].patrol_streams(communes)
    return answers(PatrolStreamAnswer.model_validate(one) for one in found)


@ROUTES.post(
    "/streams/{stream_id}/reception",
    needs=Permission.VIEW_PATROL_STREAMS,
    summary="Tell the patrol that the control room sees its picture.",
    answers={200: PatrolStreamAnswer},
)
async def receive(request: web.Request) -> web.Response:
    principal = person_of(request)
    stream_id = id_in(request, "stream_id", StreamId)
    stream = await request.config_dict[keys.ACCESS].patrol_stream_for(
        principal, stream_id, Permission.VIEW_PATROL_STREAMS
    )
    await request.config_dict[keys.PATROL_STREAMS].received(
        stream_id, by=principal.person.id, at=keys.now(request)
    )
    found = await request.config_dict[keys.SCREENS].patrol_streams(
        {stream.commune_id}, ids=[stream_id], open_only=False
    )
    return answer(PatrolStreamAnswer.model_validate(found[0]))


async def _viewing(request: web.Request) -> Viewing:
    """Give a viewing of whoever asks; another's does not exist for him."""
    viewing_id = id_in(request, "viewing_id", ViewingId)
    return await request.config_dict[keys.ACCESS].viewing_for(request[PRINCIPAL], viewing_id)
