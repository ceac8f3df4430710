"""The inner hosts' side: a line to an edge, dialled and greeted, or a reason."""

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from domain.errors import Unavailable
from server.edge.greeting import Greeted, NotOurs, Purpose, greet_edge
from server.edge.line import Line, dialling_context

logger = logging.getLogger(__name__)

WITHIN_S = 5.0
"""TCP, TLS and greeting: three round trips, and a phone waits for some of them."""


@dataclass(frozen=True, slots=True)
class EdgeAddress:
    """Where inner hosts reach an edge, as in ``https://edge1.dmz.example:8445``."""

    url: str

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 443

    @property
    def holder(self) -> str:
        """Its name among the media processes."""
        return f"edge@{self.host}:{self.port}"


class Dialler:
    """Dials one edge, with the key that the edge has too."""

    def __init__(
        self, address: EdgeAddress, *, key: bytes, context: ssl.SSLContext | None = None
    ) -> None:
        self.address = address
        self._key = key
        self._context = context or dialling_context()

    async def dial(
        self, purpose: Purpose, *, lost: Callable[[Line], None] | None = None
    ) -> tuple[Line, Greeted]:
        """Give a line that is greeted. Raises ``Unavailable``."""
        line = None
        try:
            async with asyncio.timeout(WITHIN_S):
                _, line = await asyncio.get_running_loop().create_connection(
                    partial(Line, lost=lost),
                    self.address.host,
                    self.address.port,
                    ssl=self._context,
                    server_hostname="",
                )
                greeted = await greet_edge(
                    line, key=self._key, certificate=line.certificate, purpose=purpose
                )
        except (OSError, TimeoutError, NotOurs) as error:
            if line is not None:
                line.abort()
            said = str(error) or type(error).__name__
            raise Unavailable(f"the edge {self.address.url} can't be reached: {said}") from error
        except BaseException:
            if line is not None:
                line.abort()
            raise
        return line, greeted
