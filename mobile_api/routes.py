"""All that a phone may ask, in one place. ``/osmand`` lies at the root: see ``osmand.py``."""

from mobile_api import alarms, alerts, cameras, devices, guidance, interventions, positions, shifts
from mobile_api.description import Routes

ROUTES: tuple[Routes, ...] = (
    devices.ROUTES,
    shifts.ROUTES,
    positions.ROUTES,
    alerts.ROUTES,
    interventions.ROUTES,
    guidance.ROUTES,
    alarms.ROUTES,
    cameras.ROUTES,
)
