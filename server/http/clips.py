"""Clips: some minutes taken out of a playback, in one file, with a signed text about it."""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid4

from aiohttp import hdrs, web
from pydantic import Field

from domain.errors import NotFound
from domain.exports import BadExport, Export, Kind, NotReady, State
from domain.identifiers import ExportId
from domain.manifests import Manifest
from mobile_api.bodies import Body, Instant, Line, read_body
from mobile_api.description import Routes
from server.database.exports import Exported
from server.http import keys
from server.http.archive import ARCHIVE
from server.http.clip_maker import FOLDER, ClipKeys, ClipMaker
from server.http.openapi import PREFIX
from server.http.pictures import EXPORT
from server.http.playback import NOT_KEPT, GapAnswer, playback_of
from server.http.principal import person_of
from server.http.recordings import RECEIPTS_KEY
from server.http.schemas import Answer, At, answer, id_in
from server.recordings.serving import MP4, send

ROUTES = Routes("playback")

MAKER = web.AppKey("MAKER", ClipMaker)


def add_maker(
    app: web.Application, clip_keys: ClipKeys, *, data_dir: Path, clock: Callable[[], datetime]
) -> None:
    """Build what makes clips; the caller keeps its ``run`` running."""
    app[MAKER] = ClipMaker(
        exports=app[keys.EXPORTS],
        archive=app[ARCHIVE],
        people=app[keys.PEOPLE],
        folder=data_dir / FOLDER,
        clip_keys=clip_keys,
        clock=clock,
    )


class NewClip(Body):
    """``motive``: why it is taken out; it is in the register before the clip is begun."""

    id: UUID | None = None
    starts_at: Instant
    ends_at: Instant
    motive: Annotated[Line, Field(min_length=3)]


class PieceAnswer(Answer):
    """What the clip has of one segment, at ``position_s`` of the film."""

    segment_id: UUID
    starts_at: At
    ends_at: At
    position_s: float
    sha256: str


class ClipAnswer(Answer):
    """``film_starts_at``: of the keyframe at or before ``starts_at``, once it is ready.

    ``keep_until``: when it is destroyed here. ``sha256`` and ``size`` are of the file as it is
    given out. ``reason``: why it failed; of one that waits, what hinders it until ``try_at``. A
    hole is left out of the film, and is in ``gaps``. ``cut_at``: the camera's codec changed, and
    what came from then on is not in the film. ``damaged``: recorded, and left out since the disk
    does not give it as it was. ``few_open_it``: its codec is one that few players open.
    """

    id: UUID
    source: UUID
    starts_at: At
    ends_at: At
    state: State
    progress: float
    reason: str
    try_at: At | None
    film_starts_at: At | None
    film_ends_at: At | None
    pieces: list[PieceAnswer]
    gaps: list[GapAnswer]
    damaged: list[GapAnswer]
    cut_at: At | None
    few_open_it: bool
    keep_until: At | None
    size: int | None
    sha256: str | None
    url: str


class ManifestAnswer(Answer):
    """``body``: the very text that ``signature`` is of, by ``public_key`` (Ed25519, hex)."""

    body: str
    signature: str
    public_key: str


@ROUTES.post(
    "/playbacks/{playback_id}/clips",
    needs=EXPORT,
    summary="Take a clip of at most an hour out of a playback of mine; the register has it first.",
    body=NewClip,
    answers={201: ClipAnswer},
    problems=("bad-export", "conflict", "too-many"),
)
async def take_clip(request: web.Request) -> web.Response:
    principal = person_of(request)
    playback = await playback_of(request)
    await request.config_dict[keys.ACCESS].commune_for(principal, playback.commune_id, EXPORT)
    asked = await read_body(request, NewClip)
    if not playback.starts_at <= asked.starts_at < asked.ends_at <= playback.ends_at:
        raise BadExport("a clip is of the hours of its playback, and ends after it starts")
    export = Export(
        id=ExportId(asked.id or uuid4()),
        kind=Kind.CLIP,
        commune_id=playback.commune_id,
        source=playback.source,
        playback_id=playback.id,
        person_id=principal.person.id,
        motive=asked.motive,
        starts_at=asked.starts_at,
        ends_at=asked.ends_at,
        asked_at=keys.now(request),
    )
    known = await request.config_dict[keys.EXPORTS].add(export, actor=principal.actor)
    request.config_dict[MAKER].wake()
    return answer(_shown(request, known), status=201)


@ROUTES.get(
    "/clips/{clip_id}",
    needs=EXPORT,
    summary="A clip of mine: whether it is ready, how far it is, and what it shows.",
    answers={200: ClipAnswer},
)
async def show_clip(request: web.Request) -> web.Response:
    return answer(_shown(request, await _mine(request)))


@ROUTES.get(
    "/clips/{clip_id}/file.mp4",
    needs=EXPORT,
    summary="The film of a clip of mine, whole or by parts (Range); noted in the register.",
    answers={200: MP4, 206: MP4},
    problems=("clip-not-ready", "unavailable"),
)
async def send_clip(request: web.Request) -> web.StreamResponse:
    known = await _ready(request)
    file = await request.config_dict[MAKER].open(known.export)
    is_new = request.config_dict[MAKER].begins_fetch(known.export)
    if is_new or not _goes_on(request):
        await request.config_dict[keys.EXPORTS].fetched(
            known.export, actor=person_of(request).actor, at=keys.now(request)
        )
    # A name given here would win over the page's, which tells the camera and the town's own time.
    headers = {**NOT_KEPT, hdrs.CONTENT_DISPOSITION: "attachment"}
    return await send(request, file, headers=headers)


@ROUTES.get(
    "/clips/{clip_id}/manifest",
    needs=EXPORT,
    summary="What a clip of mine was made of, by whom and why: signed, to be handed over with it.",
    answers={200: ManifestAnswer},
    problems=("clip-not-ready",),
)
async def show_manifest(request: web.Request) -> web.Response:
    known = await _ready(request)
    return answer(
        ManifestAnswer(
            body=(known.manifest or b"").decode(),
            signature=(known.signature or b"").hex(),
            public_key=request.config_dict[RECEIPTS_KEY],
        )
    )


async def _mine(request: web.Request) -> Exported:
    """Raises ``NotFound``: never there, or somebody else's."""
    principal = person_of(request)
    known = await request.config_dict[keys.EXPORTS].get(id_in(request, "clip_id", ExportId))
    export = known.export
    await request.config_dict[keys.ACCESS].commune_for(principal, export.commune_id, EXPORT)
    if export.kind is not Kind.CLIP or export.person_id != principal.person.id:
        raise NotFound("there is no such clip of yours")
    return known


async def _ready(request: web.Request) -> Exported:
    known = await _mine(request)
    goes_at = known.keep_until
    if known.state is not State.READY or goes_at is None or goes_at <= keys.now(request):
        raise NotReady(f"the clip is {known.state.value}")
    return known


def _goes_on(request: web.Request) -> bool:
    """Whether it is the next part of a film that is being fetched already."""
    asked = request.headers.get(hdrs.RANGE, "")
    return bool(asked) and not asked.startswith("bytes=0-")


def _shown(request: web.Request, known: Exported) -> ClipAnswer:
    export = known.export
    manifest = Manifest.read(known.manifest) if known.manifest else None
    made = known.state in (State.READY, State.GONE)
    progress = 1.0 if made else request.config_dict[MAKER].progress_of(export.id)
    film: tuple[datetime, datetime] | None = None
    if manifest is not None:
        film = (manifest.pieces[0].starts_at, manifest.pieces[-1].ends_at)
    return ClipAnswer(
        id=export.id,
        source=export.source,
        starts_at=export.starts_at,
        ends_at=export.ends_at,
        state=known.state,
        progress=round(progress, 3),
        reason=known.reason,
        try_at=known.try_at,
        film_starts_at=film[0] if film else None,
        film_ends_at=film[1] if film else None,
        pieces=[PieceAnswer.model_validate(one) for one in (manifest.pieces if manifest else ())],
        gaps=_spans(manifest.gaps if manifest else ()),
        damaged=_spans(manifest.damaged if manifest else ()),
        cut_at=manifest.cut_at if manifest else None,
        few_open_it=manifest is not None and manifest.codec is not None,
        keep_until=known.keep_until,
        size=known.size,
        sha256=known.sha256.hex() if known.sha256 else None,
        url=f"{PREFIX}/clips/{export.id}/file.mp4",
    )


def _spans(known: Iterable[tuple[datetime, datetime]]) -> list[GapAnswer]:
    return [GapAnswer(starts_at=since, ends_at=until) for since, until in known]
