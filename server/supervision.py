"""Keeps long-running services alive together: if one dies, all end and the process says so."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager

logger = logging.getLogger(__name__)

type Service = Callable[[], Coroutine[None, None, None]]


@asynccontextmanager
async def supervise(
    services: Mapping[str, Service], *, on_failure: Callable[[], None]
) -> AsyncIterator[None]:
    """Run ``services`` until the block ends; call ``on_failure`` if one of them dies.

    The task group lives in a task of its own: held open across this generator's ``yield`` it
    would make shutting down wait for services that never end.
    """

    async def run() -> None:
        async with asyncio.TaskGroup() as group:
            for name, service in services.items():
                group.create_task(service(), name=name)

    def report(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            logger.critical("a service died, stopping", exc_info=error)
            on_failure()

    running = asyncio.create_task(run(), name="services")
    running.add_done_callback(report)
    try:
        yield
    finally:
        running.remove_done_callback(report)  # from here on, ending is what we ask for
        running.cancel()
        await asyncio.wait({running})
        if not running.cancelled():
            running.exception()  # seen: it was reported when it happened, or came while stopping
