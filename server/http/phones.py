"""What the phones' handlers need, of the one application that serves them too."""

from collections.abc import Callable
from datetime import datetime

from aiohttp import web

from mobile_api import keys as mobile
from mobile_api.attempts import ATTEMPTS, Attempts
from mobile_api.views import VIEWS, Views
from server.database.pool import Database
from server.database.units import Shifts
from server.http import keys


def add_phones(
    app: web.Application,
    database: Database,
    push: mobile.Push,
    clock: Callable[[], datetime],
) -> None:
    """Give the phones' handlers what they need; the repositories are the control room's."""
    app[mobile.ACCESS] = app[keys.ACCESS]
    app[mobile.DEVICES] = app[keys.DEVICES]
    app[mobile.COMMUNES] = app[keys.COMMUNES]
    app[mobile.PEOPLE] = app[keys.PEOPLE]
    app[mobile.UNITS] = app[keys.UNITS]
    app[mobile.SHIFTS] = Shifts(database, clock=clock)
    app[mobile.POSITIONS] = app[keys.POSITIONS]
    app[mobile.ALERTS] = app[keys.ALERTS]
    app[mobile.INTERVENTIONS] = app[keys.INTERVENTIONS]
    app[mobile.GUIDANCES] = app[keys.GUIDANCES]
    app[mobile.CAMERAS] = app[keys.CAMERAS]
    app[mobile.PINS] = app[keys.PASSWORDS]
    app[mobile.PUSH] = push
    app[mobile.PLACES] = _Places(app)
    app[ATTEMPTS] = Attempts()
    app[VIEWS] = Views(
        devices=app[keys.DEVICES],
        communes=app[keys.COMMUNES],
        people=app[keys.PEOPLE],
        units=app[keys.UNITS],
        alerts=app[keys.ALERTS],
        interventions=app[keys.INTERVENTIONS],
        guidances=app[keys.GUIDANCES],
        cameras=app[keys.CAMERAS],
        push=push,
        clock=clock,
    )


class _Places:
    """What phones ask of the map (``mobile_api.keys.Places``)."""

    def __init__(self, app: web.Application) -> None:
        self._app = app

    def describe(self, lon: float, lat: float) -> str | None:
        return self._app[keys.DESCRIBE_PLACE](lon, lat)
