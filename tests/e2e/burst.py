"""Many clients that raise alerts at once, and a book of what each of them was answered."""

import asyncio
from dataclasses import dataclass, field
from uuid import uuid4

from tests.e2e.api import Api

BETWEEN_ALERTS_S = 0.1  # ten clients: up to a hundred a second, on what the machine has


@dataclass
class Burst:
    """Clients that ask again with the same identifier until they are answered."""

    api: Api
    commune_id: str
    acknowledged: list[str] = field(default_factory=list)
    is_over: asyncio.Event = field(default_factory=asyncio.Event)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def client(self, number: int) -> None:
        """Raise one alert after the other until the burst is over."""
        raised = 0
        while not self.is_over.is_set():
            alert_id, raised = str(uuid4()), raised + 1
            alert = {
                "id": alert_id,
                "commune_id": self.commune_id,
                "kind": "other",
                "point": {"type": "Point", "coordinates": [24.9453, 60.1697]},
                "note": f"burst {number}-{raised}",
            }
            kept = await self.api.patiently("POST", "/alerts", alert)
            assert kept["id"] == alert_id
            async with self._news:
                self.acknowledged.append(alert_id)
                self._news.notify_all()
            await asyncio.sleep(BETWEEN_ALERTS_S)

    async def more(self, count: int, *, within_s: float) -> None:
        """Wait until that many more were acknowledged."""
        wanted = len(self.acknowledged) + count
        async with asyncio.timeout(within_s), self._news:
            await self._news.wait_for(lambda: len(self.acknowledged) >= wanted)
