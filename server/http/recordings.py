"""What a commune decides of its recordings, what it holds, and what was destroyed.

Nothing here shows a picture.
"""

from datetime import date
from typing import Annotated
from uuid import UUID, uuid4

from aiohttp import web
from pydantic import Field, TypeAdapter

from domain.clocks import Doubt
from domain.errors import NotFound
from domain.identifiers import CameraId, CommuneId, HoldId
from domain.people import Permission
from domain.receipts import Receipt
from domain.recordings import Hold, Retention
from domain.volumes import VolumeState, VolumeTrouble
from mobile_api.bodies import Body, Instant, Line, read_body, read_query
from mobile_api.description import Routes
from server.database.recording_clocks import KnownClock
from server.database.recording_rules import Held, SignedReceipt
from server.http import keys
from server.http.principal import person_of
from server.http.schemas import Answer, At, ByCommune, answer, answers, id_in

ROUTES = Routes("recordings")

#: Checks the receipts; "" where the application is not told it.
RECEIPTS_KEY = web.AppKey("RECEIPTS_KEY", str)
HOLD = Permission.HOLD_RECORDINGS
MOST_SOURCES = 100


class RetentionBody(Body):
    """``days`` None: nothing is recorded any more; what was taken goes at its hour."""

    days: Annotated[int, Field(ge=-(2**31), lt=2**31)] | None


class NeverBody(Body):
    never: bool


class VolumeAnswer(Answer):
    """``trouble``: "" when all is well, else what keeps it from being written, or purged.

    ``full_at`` None: old recordings go in time. ``overdue``: past their hour and still there.
    """

    id: UUID
    holder: str
    free_bytes: int
    total_bytes: int
    full_at: At | None
    trouble: VolumeTrouble
    trouble_since: At | None
    overdue: int
    seen_at: At


class ClockAnswer(Answer):
    """The clock of a host that has volumes. ``doubt`` None: it is believed.

    ``off_s``: by how much it is in doubt, ahead: positive; meanwhile nothing is destroyed by it.
    """

    host: str
    wall: At
    doubt: Doubt | None
    off_s: float
    doubted_since: At | None


class ClockBody(Body):
    """The clock of ``host`` is right, though it is off by ``off_s``, as was shown."""

    host: Line
    off_s: Annotated[float, Field(ge=-1e11, le=1e11)]


class RecordingAnswer(Answer):
    """``days`` None: nothing is recorded."""

    days: int | None
    decided_at: At | None
    never_recorded: list[UUID]
    volumes: list[VolumeAnswer]
    clocks: list[ClockAnswer]


class NeverAnswer(Answer):
    camera_id: UUID
    never: bool


class NewHold(Body):
    """``sources``: cameras, or patrols' streams, of the commune."""

    id: UUID | None = None
    commune_id: UUID
    requisition: Line
    sources: Annotated[frozenset[UUID], Field(min_length=1, max_length=MOST_SOURCES)]
    starts_at: Instant
    ends_at: Instant


class Lifting(Body):
    because: Line


class HoldAnswer(Answer):
    """``segments`` and ``bytes``: what it keeps that is still there."""

    id: UUID
    commune_id: UUID
    requisition: str
    sources: list[UUID]
    starts_at: At
    ends_at: At
    placed_at: At
    placed_by: UUID
    lifted_at: At | None
    lifted_by: UUID | None
    lifted_because: str
    segments: int
    bytes: int


class Days(Body):
    first: date
    last: date


class ReceiptAnswer(Answer):
    """``body``: the very text that ``signature`` is of, by ``public_key`` (Ed25519, hex)."""

    id: UUID
    source: UUID
    day: date
    count: int
    bytes: int
    body: str
    signature: str
    public_key: str
    signed_at: At


@ROUTES.get(
    "/communes/{commune_id}/recording",
    needs=Permission.READ_SETUP,
    summary="Whether and how long a commune records, which cameras never, and its volumes.",
    answers={200: RecordingAnswer},
)
async def show_recording(request: web.Request) -> web.Response:
    commune = await request.config_dict[keys.ACCESS].commune_for(
        person_of(request), id_in(request, "commune_id", CommuneId), Permission.READ_SETUP
    )
    return answer(await _shown(request, commune.id))


@ROUTES.put(
    "/communes/{commune_id}/recording",
    needs=Permission.MANAGE_COMMUNE,
    summary="Decide how long a commune's recordings are kept; without days nothing is recorded.",
    body=RetentionBody,
    answers={200: RecordingAnswer},
    problems=("bad-retention",),
)
async def decide(request: web.Request) -> web.Response:
    principal = person_of(request)
    commune = await request.config_dict[keys.ACCESS].commune_for(
        principal, id_in(request, "commune_id", CommuneId), Permission.MANAGE_COMMUNE
    )
    body = await read_body(request, RetentionBody)
    decision = Retention(commune_id=commune.id, days=body.days, decided_at=keys.now(request))
    await request.config_dict[keys.RECORDING_RULES].decide(
        decision, by=principal.person.id, actor=principal.actor
    )
    return answer(await _shown(request, commune.id))


@ROUTES.post(
    "/communes/{commune_id}/recording/clock",
    needs=Permission.MANAGE_COMMUNE,
    summary="Say that a host's clock is right after it has jumped: what is due by it is destroyed.",
    body=ClockBody,
    answers={200: RecordingAnswer},
    problems=("conflict",),
)
async def confirm_clock(request: web.Request) -> web.Response:
    principal = person_of(request)
    commune = await request.config_dict[keys.ACCESS].commune_for(
        principal, id_in(request, "commune_id", CommuneId), Permission.MANAGE_COMMUNE
    )
    body = await read_body(request, ClockBody)
    clocks = request.config_dict[keys.RECORDING_CLOCKS]
    if body.host not in {one.host for one in await clocks.of({commune.id})}:
        raise NotFound("no volume of this commune is on such a host")
    await clocks.confirm(
        body.host,
        off_s=body.off_s,
        commune_id=commune.id,
        actor=principal.actor,
        at=keys.now(request),
    )
    return answer(await _shown(request, commune.id))


@ROUTES.put(
    "/cameras/{camera_id}/recording",
    needs=Permission.MANAGE_CAMERAS,
    summary="Keep a camera out of the recorder, or let it in again.",
    body=NeverBody,
    answers={200: NeverAnswer},
)
async def keep_out(request: web.Request) -> web.Response:
    principal = person_of(request)
    camera = await request.config_dict[keys.ACCESS].camera_for(
        principal, id_in(request, "camera_id", CameraId), Permission.MANAGE_CAMERAS
    )
    body = await read_body(request, NeverBody)
    await request.config_dict[keys.RECORDING_RULES].set_never(
        camera.id, body.never, actor=principal.actor, at=keys.now(request)
    )
    return answer(NeverAnswer(camera_id=camera.id, never=body.never))


@ROUTES.get(
    "/holds",
    needs=Permission.READ_SETUP,
    summary="The holds of my communes, in force or lifted, newest first.",
    query=ByCommune,
    answers={200: TypeAdapter(list[HoldAnswer])},
)
async def list_holds(request: web.Request) -> web.Response:
    wanted = read_query(request, ByCommune).commune
    communes = await keys.communes_in(request, person_of(request), Permission.READ_SETUP, wanted)
    found = await request.config_dict[keys.RECORDING_RULES].holds_with_what_they_keep(communes)
    return answers(_hold(hold, held) for hold, held in found)


@ROUTES.post(
    "/holds",
    needs=HOLD,
    summary="Keep the recordings of exact cameras and hours, as a requisition asks.",
    body=NewHold,
    answers={201: HoldAnswer},
    problems=("bad-hold", "conflict"),
)
async def place_hold(request: web.Request) -> web.Response:
    principal, body = person_of(request), await read_body(request, NewHold)
    commune_id = CommuneId(body.commune_id)
    await request.config_dict[keys.ACCESS].commune_for(principal, commune_id, HOLD)
    hold = Hold(
        id=HoldId(body.id or uuid4()),
        commune_id=commune_id,
        requisition=body.requisition,
        sources=body.sources,
        starts_at=body.starts_at,
        ends_at=body.ends_at,
        placed_at=keys.now(request),
        placed_by=principal.person.id,
    )
    kept = await request.config_dict[keys.RECORDING_RULES].place(hold, actor=principal.actor)
    return answer(await _with_what_it_keeps(request, kept), status=201)


@ROUTES.post(
    "/holds/{hold_id}/lifting",
    needs=HOLD,
    summary="Lift a hold: what it kept past its hour is destroyed.",
    body=Lifting,
    answers={200: HoldAnswer},
    problems=("bad-hold", "hold-lifted"),
)
async def lift_hold(request: web.Request) -> web.Response:
    principal = person_of(request)
    hold = await request.config_dict[keys.ACCESS].hold_for(
        principal, id_in(request, "hold_id", HoldId), HOLD
    )
    body = await read_body(request, Lifting)
    lifted = await request.config_dict[keys.RECORDING_RULES].lift(
        hold.id,
        by=principal.person.id,
        because=body.because,
        actor=principal.actor,
        at=keys.now(request),
    )
    return answer(await _with_what_it_keeps(request, lifted))


@ROUTES.get(
    "/communes/{commune_id}/receipts",
    needs=Permission.READ_REGISTER,
    summary="The signed receipts of what was destroyed on some days, per day and camera.",
    query=Days,
    answers={200: TypeAdapter(list[ReceiptAnswer])},
)
async def list_receipts(request: web.Request) -> web.Response:
    commune = await request.config_dict[keys.ACCESS].register_for(
        person_of(request), id_in(request, "commune_id", CommuneId)
    )
    days = read_query(request, Days)
    found = await request.config_dict[keys.RECORDING_RULES].receipts(
        commune.id, first=days.first, last=days.last
    )
    public_key = request.config_dict[RECEIPTS_KEY]
    return answers(_receipt(one, public_key) for one in found)


async def _shown(request: web.Request, commune_id: CommuneId) -> RecordingAnswer:
    rules = request.config_dict[keys.RECORDING_RULES]
    decided = await rules.retention(commune_id)
    return RecordingAnswer(
        days=decided.days if decided else None,
        decided_at=decided.decided_at if decided else None,
        never_recorded=sorted(await rules.never_recorded(commune_id)),
        volumes=[_volume(one) for one in await rules.volumes({commune_id})],
        clocks=[
            _clock(one) for one in await request.config_dict[keys.RECORDING_CLOCKS].of({commune_id})
        ],
    )


def _clock(one: KnownClock) -> ClockAnswer:
    return ClockAnswer(
        host=one.host,
        wall=one.belief.clocks.wall,
        doubt=one.belief.doubt,
        off_s=one.belief.off.total_seconds(),
        doubted_since=one.doubted_since,
    )


def _volume(one: VolumeState) -> VolumeAnswer:
    return VolumeAnswer.model_validate(one)


async def _with_what_it_keeps(request: web.Request, hold: Hold) -> HoldAnswer:
    return _hold(hold, await request.config_dict[keys.RECORDING_RULES].held(hold))


def _hold(hold: Hold, held: Held) -> HoldAnswer:
    return HoldAnswer(
        id=hold.id,
        commune_id=hold.commune_id,
        requisition=hold.requisition,
        sources=sorted(hold.sources),
        starts_at=hold.starts_at,
        ends_at=hold.ends_at,
        placed_at=hold.placed_at,
        placed_by=hold.placed_by,
        lifted_at=hold.lifted_at,
        lifted_by=hold.lifted_by,
        lifted_because=hold.lifted_because,
        segments=held.segments,
        bytes=held.size,
    )


def _receipt(one: SignedReceipt, public_key: str) -> ReceiptAnswer:
    receipt = Receipt.read(one.body)
    return ReceiptAnswer(
        id=one.id,
        source=receipt.source,
        day=one.day,
        count=len(receipt.destroyed),
        bytes=receipt.size,
        body=one.body.decode(),
        signature=one.signature.hex(),
        public_key=public_key,
        signed_at=one.signed_at,
    )
