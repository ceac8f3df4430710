"""What was done to a thing, by whom, when: appended with each command, never changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from domain.cameras import Camera
from domain.facts import CameraChanged, ConfigurationChanged
from domain.identifiers import CommuneId
from domain.register import Action, Entry
from server.database.pool import Transaction

type About = Literal["alert", "intervention", "guidance", "patrol-stream"]

APPEND = """
INSERT INTO history (commune_id, about_kind, about_id, at, actor, what, data)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


async def append(
    t: Transaction,
    about: About,
    about_id: UUID,
    what: str,
    *,
    commune_id: CommuneId,
    actor: str,
    at: datetime,
    data: Mapping[str, object] | None = None,
) -> None:
    """Append one line to the history of a thing; ``data`` is plain JSON."""
    await t.execute(APPEND, commune_id, about, about_id, at, actor, what, dict(data or {}))


def configured(
    t: Transaction,
    sort: str,
    thing_id: UUID,
    *,
    commune_id: CommuneId | None,
    actor: str,
    at: datetime,
    data: Mapping[str, object],
    motive: str = "",
) -> None:
    """Note that something an administrator keeps changed: in the register, and to who listens.

    ``sort`` is what sort of thing it is, e.g. "unit"; ``data`` says what changed, as plain JSON.
    """
    t.enter(
        Entry(
            at=at,
            actor=actor,
            action=Action.CONFIGURATION_CHANGED,
            about=f"{sort}:{thing_id}",
            commune_id=commune_id,
            motive=motive,
            data=data,
        )
    )
    t.publish(ConfigurationChanged(at=at, commune_id=commune_id, object=sort))


def camera_configured(
    t: Transaction, camera: Camera, *, actor: str, at: datetime, data: Mapping[str, object]
) -> None:
    """Note that a camera changed, and tell those who run it."""
    commune_id = camera.commune_id
    configured(t, "camera", camera.id, commune_id=commune_id, actor=actor, at=at, data=data)
    t.publish(CameraChanged(at=at, commune_id=commune_id, camera_id=camera.id))
