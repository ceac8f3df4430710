"""Subjects: whether a rule is about people, vehicles or both, where its kind leaves the choice."""

from enum import StrEnum

from domain.detections import ObjectClass

PEOPLE = frozenset({ObjectClass.PERSON})
VEHICLES = frozenset(ObjectClass) - PEOPLE
"""Cycles are vehicles (Code de la route, R.311-1); who rides one is seen as a person as well."""
MOTOR_VEHICLES = VEHICLES - {ObjectClass.BICYCLE}


class Subjects(StrEnum):
    """What a rule looks at; what it does not name is as good as not there."""

    PEOPLE = "people"
    VEHICLES = "vehicles"
    BOTH = "both"

    @property
    def classes(self) -> frozenset[ObjectClass]:
        match self:
            case Subjects.PEOPLE:
                return PEOPLE
            case Subjects.VEHICLES:
                return VEHICLES
            case Subjects.BOTH:
                return PEOPLE | VEHICLES
