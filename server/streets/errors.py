"""What can go wrong with a map, in the words of the person who builds or looks at it."""

from typing import ClassVar

from domain.errors import Invalid, NotFound, Unavailable


class MapSourceUnreadable(Invalid):
    """The OpenStreetMap extract is missing, truncated, or not a PBF file."""

    code: ClassVar[str] = "map-source-unreadable"
    title: ClassVar[str] = "This OpenStreetMap extract cannot be read"


class MapSourceEmpty(Invalid):
    """The extract was read to its end and holds no road."""

    code: ClassVar[str] = "map-source-empty"
    title: ClassVar[str] = "This OpenStreetMap extract holds no road"


class MapNotBuilt(Unavailable):
    """Tiles could not be made from a good extract."""

    code: ClassVar[str] = "map-not-built"
    title: ClassVar[str] = "The map could not be built"


class MapUnreadable(Unavailable):
    """A built map's file is there but damaged or of another version."""

    code: ClassVar[str] = "map-unreadable"
    title: ClassVar[str] = "The built map cannot be read; build it again"


class NoRoute(NotFound):
    """No way leads from one point of the graph to the other."""

    code: ClassVar[str] = "no-route"
    title: ClassVar[str] = "No way leads there"
