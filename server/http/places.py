"""A place as people say it, where the map knows one."""

from aiohttp import web

from domain.positions import Point
from server.http import keys


def place_of(request: web.Request, point: Point) -> str:
    """Give the address or the street near ``point``, "" where the map knows none."""
    return request.config_dict[keys.DESCRIBE_PLACE](point.lon, point.lat) or ""
