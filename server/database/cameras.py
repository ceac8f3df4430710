"""Cameras: what an administrator keeps of them, and what the media processes say of them.

A camera's password is sealed when it comes in and opened for the media process alone.
"""

import json
import logging
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final, Literal

from domain.cameras import (
    Camera,
    CameraThere,
    Order,
    PlaceKind,
    SourceKind,
    Transport,
    check_secret_stays,
    onvif_moved,
    spellings,
    split_user,
)
from domain.errors import NotFound, Unavailable
from domain.facts import CameraCameBack, CameraWentDown
from domain.footings import Footing
from domain.identifiers import CameraId, CommuneId
from domain.masks import Mask
from domain.positions import Point
from server.database.columns import difference, plain, same_commune
from server.database.footings import footings_of, note_footing
from server.database.history import camera_configured
from server.database.masks import masks_in
from server.database.orders import order_in
from server.database.pool import Database, Row, Transaction
from server.database.statements import load
from server.secrets import Vault

logger = logging.getLogger(__name__)

SQL = load("cameras")


class Keep(Enum):
    """Says of a value that it stays as it is, where None would take it away."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP
type Credentials = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class CameraSources:
    """What a media process needs to open a camera, and to know whether it may."""

    camera: Camera
    order: Order | None
    profile: str
    main_url: str
    sub_url: str | None
    username: str | None
    password: str | None
    masks: tuple[Mask, ...]
    masks_version: int


class Cameras:
    def __init__(self, database: Database, *, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def get(self, camera_id: CameraId) -> Camera:
        """Raises ``NotFound``."""
        return read_camera(await self._database.row(SQL["camera"], camera_id))

    async def footings(self, camera_id: CameraId) -> tuple[Footing, ...]:
        """What it was when, in order; none of a camera that is not there."""
        return (await footings_of(self._database, [camera_id])).get(camera_id, ())

    async def of_communes(self, communes: Collection[CommuneId]) -> list[Camera]:
        """Those in use, by number."""
        return [read_camera(row) for row in await self._database.rows(SQL["in_use"], [*communes])]

    async def sources(self) -> list[CameraSources]:
        """All cameras in use, of all communes.

        One whose password this installation's key does not open is given without it: it will be
        down with "unauthorised", and the others are not touched.
        """
        return [self._sources(row) for row in await self._database.rows(SQL["sources"])]

    async def sources_of(self, camera_id: CameraId) -> CameraSources:
        """One camera's. Raises ``NotFound``."""
        row = await self._database.row(SQL["sources_of"], camera_id)
        if row is None:
            raise NotFound("there is no such camera")
        return self._sources(row)

    async def up(self, camera_ids: Collection[CameraId]) -> Set[CameraId]:
        """Those of ``camera_ids`` whose picture comes in now."""
        rows = await self._database.rows(SQL["up"], [*camera_ids])
        return {CameraId(row["camera_id"]) for row in rows}

    async def add(
        self,
        camera: Camera,
        *,
        place: str,
        main_url: str,
        sub_url: str | None,
        credentials: Credentials | None,
        actor: str,
        at: datetime,
    ) -> Camera:
        """The same id again gives the stored one.

        A user and password written in ``main_url`` are taken out of it, and sealed like
        ``credentials``. Raises ``BadCamera``; ``Conflict`` for a number that is taken;
        ``CameraThere`` for an address that is another camera's;
        ``NotFound`` for an order that is not the commune's.
        """
        main, written = split_url(main_url, camera.source)
        sub = split_url(sub_url, camera.source)[0] if sub_url else None
        sealed = self._seal(camera.id, credentials or written)
        async with self._database.transaction() as t:
            await _check_order(t, camera)
            await _check_is_new(t, camera, main, sub)
            values = (camera.commune_id, *camera_columns(camera), place, main, sub, sealed, at)
            if await t.value(SQL["add"], camera.id, *values) is not None:
                await note_footing(t, camera, at=at)
                data = {"added": plain(camera)}
                camera_configured(t, camera, actor=actor, at=at, data=data)
        return same_commune(await self.get(camera.id), camera.commune_id)

    async def change(
        self,
        camera_id: CameraId,
        how: Callable[[Camera], Camera],
        *,
        place: str | Literal[Keep.KEEP] = KEEP,
        main_url: str | Literal[Keep.KEEP] = KEEP,
        sub_url: str | Literal[Keep.KEEP] | None = KEEP,
        credentials: Credentials | Literal[Keep.KEEP] | None = KEEP,
        actor: str,
        at: datetime,
    ) -> Camera:
        """Change what is given; an address with a user and a password in it sets those too.

        Raises ``BadCamera`` where kept ones would be sent to another host; ``CameraThere`` for an
        address that is another camera's.
        """
        async with self._database.transaction() as t:
            row = await t.row(SQL["camera_locked"], camera_id)
            before = read_camera(row)
            after = how(before)
            await _check_order(t, after)
            kept: dict[str, Any] = (
                {name: row[name] for name in ("place", "main_url", "sub_url", "credentials")}
                if row
                else {}
            )
            said: dict[str, object] = difference(before, after)
            if place is not KEEP:
                kept["place"] = place
            if main_url is not KEEP:
                kept["main_url"], written = split_url(main_url, after.source)
                credentials = written if credentials is KEEP and written else credentials
                said["main_url"] = "changed"
            if sub_url is not KEEP:
                kept["sub_url"] = split_url(sub_url, after.source)[0] if sub_url else None
                said["sub_url"] = "changed"
            if credentials is not KEEP:
                kept["credentials"] = self._seal(camera_id, credentials)
                said["credentials"] = "changed"
            elif row and row["credentials"] is not None:
                check_secret_stays(_addresses(row), _addresses(kept))
            if main_url is not KEEP or sub_url is not KEEP:
                await _check_is_new(t, after, kept["main_url"], kept["sub_url"])
            if main_url is not KEEP or sub_url is not KEEP or credentials is not KEEP:
                said |= await _move_onvif(t, camera_id, _addresses(row) if row else [], kept)
            await t.execute(SQL["change"], camera_id, *camera_columns(after), *kept.values())
            if said.keys() & {"place_kind", "demonstration"}:
                await note_footing(t, after, at=at)
            camera_configured(t, after, actor=actor, at=at, data=said)
        return after

    async def note_up(
        self,
        camera_id: CameraId,
        *,
        codec: str | None,
        clock_offset_ms: float | None,
        at: datetime,
    ) -> None:
        """Its picture comes in; told when that is news."""
        async with self._database.transaction() as t:
            before = await t.row(SQL["state_locked"], camera_id)
            await t.execute(SQL["note_state"], camera_id, True, at, "", codec, clock_offset_ms)
            if before is None or not before["up"]:
                camera = read_camera(await t.row(SQL["camera"], camera_id))
                commune_id = camera.commune_id
                t.publish(CameraCameBack(at=at, commune_id=commune_id, camera_id=camera_id))

    async def note_down(self, camera_id: CameraId, *, reason: str, at: datetime) -> None:
        """Its picture does not come in; told when that is news."""
        async with self._database.transaction() as t:
            before = await t.row(SQL["state_locked"], camera_id)
            await t.execute(SQL["note_state"], camera_id, False, at, reason, None, None)
            if before is None or before["up"]:
                camera = read_camera(await t.row(SQL["camera"], camera_id))
                t.publish(
                    CameraWentDown(
                        at=at, commune_id=camera.commune_id, camera_id=camera_id, reason=reason
                    )
                )

    def _seal(self, camera_id: CameraId, credentials: Credentials | None) -> bytes | None:
        if credentials is None:
            return None
        return self._vault.seal(json.dumps(credentials), about=f"camera:{camera_id}")

    def _sources(self, row: Row) -> CameraSources:
        username, password = open_credentials(self._vault, row["id"], row["credentials"])
        return CameraSources(
            camera=read_camera(row),
            order=order_in(row["order"]),
            profile=row["profile"],
            main_url=row["main_url"],
            sub_url=row["sub_url"],
            username=username,
            password=password,
            masks=masks_in(row["masks"] or ()),
            masks_version=row["masks_version"] or 0,
        )


def open_credentials(
    vault: Vault, camera_id: CameraId, sealed: bytes | None
) -> tuple[str | None, str | None]:
    """Give user and password; neither when this installation's key does not open them."""
    if sealed is None:
        return None, None
    try:
        username, password = json.loads(vault.open(sealed, about=f"camera:{camera_id}"))
    except Unavailable as error:
        logger.error("camera %s: %s", camera_id, error)
        return None, None
    return username, password


def read_camera(row: Row | None) -> Camera:
    if row is None:
        raise NotFound("there is no such camera")
    return Camera(
        id=row["id"],
        commune_id=row["commune_id"],
        number=row["number"],
        name=row["name"],
        source=SourceKind(row["source"]),
        point=Point(row["lon"], row["lat"]),
        bearing_deg=row["bearing_deg"],
        field_of_view_deg=row["field_of_view_deg"],
        range_m=row["range_m"],
        place_kind=PlaceKind(row["place_kind"]),
        main_stream_id=row["main_stream_id"],
        sub_stream_id=row["sub_stream_id"],
        order_id=row["order_id"],
        demonstration=row["demonstration"],
        disabled_at=row["disabled_at"],
        transcode=row["transcode"],
        transport=Transport(row["transport"]),
    )


def _addresses(kept: Mapping[str, Any]) -> list[str]:
    return [url for url in (kept["main_url"], kept["sub_url"]) if url]


def split_url(url: str, source: SourceKind) -> tuple[str, Credentials | None]:
    """Give an address without user and password, and those; raises ``BadCamera``."""
    if source is SourceKind.FILE:
        return url, None
    return split_user(url)


async def _move_onvif(
    t: Transaction, camera_id: CameraId, before: Sequence[str], kept: Mapping[str, Any]
) -> Mapping[str, object]:
    """Have a camera that has moved asked where it is now; give what the history says of that."""
    address = await t.value(SQL["asked_by_onvif"], camera_id)
    moved = onvif_moved(address, before, _addresses(kept)) if address is not None else None
    if moved == address or (moved is None and kept["credentials"] is None):
        return {}
    if moved is None:
        await t.execute(SQL["onvif_gone"], camera_id)
        return {"onvif": None}
    await t.execute(SQL["onvif_moved"], camera_id, moved)
    return {"onvif": {"address": moved}}


async def _check_order(t: Transaction, camera: Camera) -> None:
    if camera.order_id is None:
        return
    row = await t.row(SQL["order"], camera.order_id)
    if row is None or row["commune_id"] != camera.commune_id:
        raise NotFound("there is no such order")


async def _check_is_new(t: Transaction, camera: Camera, main: str, sub: str | None) -> None:
    """Raise ``CameraThere``. Demonstrations show one clip as several cameras."""
    if camera.demonstration or camera.source is not SourceKind.RTSP:
        return
    addresses = [spelt for url in (main, sub) if url for spelt in spellings(url)]
    there = await t.row(SQL["at_address"], camera.id, addresses, camera.commune_id)
    if there is None:
        return
    if there["commune_id"] == camera.commune_id:
        raise CameraThere(f"camera {there['number']} has this address; change that one instead")
    raise CameraThere("another commune has this camera; it can share it by a convention")


def camera_columns(camera: Camera) -> tuple[object, ...]:
    return (
        camera.number,
        camera.name,
        camera.source.value,
        camera.point.lon,
        camera.point.lat,
        camera.bearing_deg,
        camera.field_of_view_deg,
        camera.range_m,
        camera.place_kind.value,
        camera.main_stream_id,
        camera.sub_stream_id,
        camera.order_id,
        camera.demonstration,
        camera.disabled_at,
        camera.transcode,
        camera.transport.value,
    )
