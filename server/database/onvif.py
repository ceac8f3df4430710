"""What cameras can do by ONVIF, as they said when they were added, and where they are asked."""

from dataclasses import asdict, dataclass
from datetime import datetime

from domain.cameras import Camera, PlaceKind
from domain.errors import NotFound
from domain.identifiers import CameraId, StreamId
from domain.masks import check_moves
from server.database.cameras import open_credentials
from server.database.history import camera_configured
from server.database.masks import SQL as MASKS
from server.database.masks import masks_in
from server.database.pool import Database
from server.database.statements import load
from server.secrets import Vault

SQL = load("onvif")


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """``address``: its device service; ``profile``: the token that its movements name."""

    address: str
    profile: str
    model: str
    has_ptz: bool
    has_events: bool
    has_loudspeaker: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OnvifAccess:
    """What a media process needs to ask it; the password goes to nobody else."""

    abilities: Abilities
    username: str | None
    password: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """A camera that says by itself what it sees. Equal: nothing has to be asked anew."""

    camera_id: CameraId
    stream_id: StreamId
    is_demonstration: bool
    place_kind: PlaceKind
    address: str
    username: str | None
    password: str | None


class OnvifCameras:
    def __init__(self, database: Database, *, vault: Vault) -> None:
        self._database, self._vault = database, vault

    async def get(self, camera_id: CameraId) -> OnvifAccess:
        """Raises ``NotFound`` for a camera that is not known by ONVIF."""
        row = await self._database.row(SQL["onvif_of"], camera_id)
        if row is None:
            raise NotFound("this camera is not known by ONVIF")
        username, password = open_credentials(self._vault, camera_id, row["credentials"])
        said = {name: row[name] for name in Abilities.__dataclass_fields__}
        return OnvifAccess(abilities=Abilities(**said), username=username, password=password)

    async def noticed(self, holder: str) -> list[Noticed]:
        """Those that the process ``holder`` runs."""
        found = []
        for row in await self._database.rows(SQL["noticed"], holder):
            camera_id = CameraId(row["camera_id"])
            username, password = open_credentials(self._vault, camera_id, row["credentials"])
            found.append(
                Noticed(
                    camera_id=camera_id,
                    stream_id=StreamId(row["main_stream_id"]),
                    is_demonstration=row["demonstration"],
                    place_kind=PlaceKind(row["place_kind"]),
                    address=row["address"],
                    username=username,
                    password=password,
                )
            )
        return found

    async def keep(self, camera: Camera, said: Abilities, *, actor: str, at: datetime) -> None:
        """The same again changes nothing that is seen.

        Raises ``InvalidMask`` for one that moves and has masks of ours: they would not turn.
        """
        async with self._database.transaction() as t:
            await t.value(MASKS["camera_locked"], camera.id)  # as who draws masks does
            row = await t.row(MASKS["in_force"], camera.id)
            masks = masks_in(row["polygons"]) if row is not None else ()
            check_moves(masks, moves=said.has_ptz)
            await t.execute(SQL["keep_onvif"], camera.id, *asdict(said).values(), at)
            camera_configured(t, camera, actor=actor, at=at, data={"onvif": asdict(said)})

    async def drop(self, camera: Camera, *, actor: str, at: datetime) -> None:
        async with self._database.transaction() as t:
            if await t.value(SQL["drop_onvif"], camera.id) is None:
                return
            camera_configured(t, camera, actor=actor, at=at, data={"onvif": None})
