"""What a watch says it saw."""

from uuid import uuid4

from domain.authorisations import Authorisation
from domain.cameras import Camera
from domain.detections import Box
from domain.events import EventKind
from domain.identifiers import EventId
from domain.looks import Shown
from domain.rules import Rule
from domain.watching import EventOpened
from tests.integration.database.town import NOW


def seen(camera: Camera, rule: Rule, act: Authorisation) -> EventOpened:
    """Somebody in the zone."""
    return EventOpened(
        event_id=EventId(uuid4()),
        kind=EventKind.FORBIDDEN_ZONE,
        camera_id=camera.id,
        rule_id=rule.id,
        authorisation_id=act.id,
        opened_at=NOW,
        shown=(
            Shown(Box(0.1, 0.1, 0.2, 0.4), 0.5, 1),
            Shown(Box(0.4, 0.1, 0.6, 0.6), 0.9, 2),
        ),
    )
