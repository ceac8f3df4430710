"""Which service an event is for: its crews are offered first when somebody is sent."""

from collections.abc import Mapping

from domain.events import EventKind
from domain.rules import TYPES, Service

#: Kinds that no rule watches for, and that are not the police's.
_REPORTED: Mapping[EventKind, Service] = {
    EventKind.MEDICAL: Service.FIRE,
}


def service_of(kind: EventKind) -> Service:
    """Give what the kind's rule declares, or what is usual for what is reported by people."""
    declared = TYPES.get(kind)
    return declared.service if declared else _REPORTED.get(kind, Service.POLICE)
