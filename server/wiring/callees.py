"""Whom the processes of an installation call, and with what they show."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientSession

from server.edge.calling import Callees, EdgeConnector
from server.edge.dialling import Dialler, EdgeAddress
from server.secrets import InstallationKey
from server.settings import Settings


def edges_of(settings: Settings) -> list[EdgeAddress]:
    return [EdgeAddress(url) for url in settings.edge.urls]


def dialler_of(address: EdgeAddress, key: InstallationKey) -> Dialler:
    return Dialler(address, key=key.edge_key(address.holder))


@asynccontextmanager
async def callees_of(settings: Settings, key: InstallationKey) -> AsyncIterator[Callees]:
    edges = edges_of(settings)
    connector = EdgeConnector([dialler_of(address, key) for address in edges])
    async with ClientSession() as session, ClientSession(connector=connector) as edge_session:
        yield Callees(
            session,
            internal_token=key.internal_token,
            edge_session=edge_session,
            edges=edges,
        )
