"""Trials, where they run: control asks the detect processes, of which one has it in memory."""

from collections.abc import AsyncIterator
from typing import Any

from aiohttp import ClientError, ClientTimeout, web

from domain.errors import NotFound, Unavailable
from domain.identifiers import CameraId, EventId, PersonId, TrialId
from server.database.presence import Process, Processes
from server.edge.calling import Callees, read_all
from server.http.inner_answers import object_in, unreadable
from server.http.refusals import refusal_of
from server.trial_requests import TrialRequest

LIMIT_S = 5.0
BROUGHT_WITHIN_S = 3900.0
"""The detect process gives up before."""
LARGEST_ANSWER = 4 * 1024 * 1024


class TrialProcesses:
    """All detect processes of the installation: recordings are read from whichever host."""

    def __init__(self, *, callees: Callees, processes: Processes) -> None:
        self._callees, self._processes = callees, processes

    async def begin(self, asked: TrialRequest) -> dict[str, Any]:
        """Raises ``YourTrialRuns``, ``TooManyTrials``, ``Unavailable``."""
        there = await self._there()
        path = f"/cameras/{asked.camera_id}/trials"
        return object_in(await self._ask("POST", there[0], path, data=asked.as_json()))

    async def bring(
        self, camera: CameraId, trial: TrialId, person: PersonId, film: AsyncIterator[bytes]
    ) -> TrialRequest:
        """Have the film of a trial taken as it comes; give what will be tried on it.

        Raises ``NotFound``, what is wrong with the film, ``Unavailable``.
        """
        whose = f"?person={person}"
        for process in await self._there():
            try:
                await self._ask("GET", process, _path(camera, trial) + whose)
            except NotFound:
                continue
            path = f"{_path(camera, trial)}/film{whose}"
            said = await self._ask("PUT", process, path, data=film, limit_s=BROUGHT_WITHIN_S)
            try:
                return TrialRequest.read(said)
            except (ValueError, KeyError) as error:
                raise unreadable() from error
        raise NotFound("there is no such trial (any more)")

    async def start(self, camera: CameraId, trial: TrialId, person: PersonId) -> dict[str, Any]:
        """Try rules on the film that was brought. Raises ``NotFound``, ``Unavailable``."""
        return object_in(await self._ask_all("POST", f"{_path(camera, trial)}/start", person))

    async def get(self, camera: CameraId, trial: TrialId, person: PersonId) -> dict[str, Any]:
        """Raises ``NotFound``, ``Unavailable``."""
        return object_in(await self._ask_all("GET", _path(camera, trial), person))

    async def cancel(self, camera: CameraId, trial: TrialId, person: PersonId) -> None:
        """Raises ``NotFound``, ``Unavailable``."""
        await self._ask_all("DELETE", _path(camera, trial), person)

    async def still(
        self, camera: CameraId, trial: TrialId, moment: EventId, person: PersonId
    ) -> bytes:
        """Raises ``NotFound``, ``Unavailable``."""
        return await self._ask_all("GET", f"{_path(camera, trial)}/stills/{moment}", person)

    async def _ask_all(self, method: str, path: str, person: PersonId) -> bytes:
        for process in await self._there():
            try:
                return await self._ask(method, process, f"{path}?person={person}")
            except NotFound:
                continue
        raise NotFound("there is no such trial (any more)")

    async def _there(self) -> list[Process]:
        found = [
            one
            for one in await self._processes.all()
            if one.role == "detect" and self._processes.is_there(one)
        ]
        if not found:
            raise Unavailable("no detect process is there at the moment")
        return found

    async def _ask(
        self,
        method: str,
        process: Process,
        path: str,
        *,
        data: bytes | AsyncIterator[bytes] | None = None,
        limit_s: float = LIMIT_S,
    ) -> bytes:
        try:
            async with self._callees.request(
                method,
                process.url,
                path,
                data=data,
                headers={},
                timeout=ClientTimeout(total=limit_s, sock_connect=LIMIT_S),
                allow_redirects=False,
            ) as response:
                taken = await read_all(response, most=LARGEST_ANSWER)
                if response.status == 404:
                    raise NotFound("there is no such trial (any more)")
                if response.status >= 300:
                    raise refusal_of(response.status, taken)
                return taken
        except (ClientError, TimeoutError, OSError) as error:
            raise Unavailable("the detect process does not answer; try again") from error


def _path(camera: CameraId, trial: TrialId) -> str:
    return f"/cameras/{camera}/trials/{trial}"


TRIAL_PROCESSES = web.AppKey("TRIAL_PROCESSES", TrialProcesses)
