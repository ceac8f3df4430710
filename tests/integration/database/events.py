"""What a watch says it saw."""

from uuid import uuid4

from domain.authorisations import Authorisation
from domain.cameras import Camera
from domain.detections import Box, Detection, ObjectClass
from domain.events import EventKind
from domain.identifiers import EventId
from domain.watching import EventOpened
from domain.zones import Zone
from tests.integration.database.town import NOW


def seen(camera: Camera, zone: Zone, act: Authorisation) -> EventOpened:
    """Somebody in the zone."""
    return EventOpened(
        event_id=EventId(uuid4()),
        kind=EventKind.FORBIDDEN_ZONE,
        camera_id=camera.id,
        zone_id=zone.id,
        authorisation_id=act.id,
        opened_at=NOW,
        detections=(
            Detection(ObjectClass.PERSON, 0.5, Box(0.1, 0.1, 0.2, 0.4), 1),
            Detection(ObjectClass.PERSON, 0.9, Box(0.4, 0.1, 0.6, 0.6), 2),
        ),
    )
