"""Push messages that wait: what the courier needs of the table they wait in.

``server.database`` provides it, ``server.wiring`` introduces the two.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol
from uuid import UUID

type ChannelName = Literal["web-push", "firebase"]
type About = Literal["alert", "guidance"]


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One message to one device.

    ``channel`` and ``address`` are the device's subscription as it is now, None when it has none;
    ``sent_at`` is when the alert or the guidance was sent, ``accepted_at`` when a push service
    first took this message, ``attempts`` how often it was tried, this time not counted.
    """

    id: UUID
    device_id: UUID
    about_kind: About
    about_id: UUID
    channel: ChannelName | None
    address: Mapping[str, str]
    attempts: int
    sent_at: datetime
    expires_at: datetime
    accepted_at: datetime | None = None


class Outgoing(Protocol):
    """The table of push messages. Each call is one transaction; a row is one (device, thing).

    A message rings until somebody answers: after it was accepted it stays ``due`` at ``again_at``.
    ``due`` leaves out, and settles, what need not ring any more: an alert that is no longer in
    state ``sent`` or that this unit declined, guidance that has arrived or was read, a revoked
    device, a shift that has ended.
    """

    async def due(self, *, limit: int, now: datetime, hold: timedelta) -> Sequence[Delivery]:
        """Take up to ``limit`` messages with ``due_at <= now``, oldest first (SKIP LOCKED).

        Each is held until ``now + hold`` (its ``due_at`` is put there), so that no second courier
        sends it; of a courier that dies it falls due again. One past ``expires_at`` is given too:
        the courier says aloud that nobody answered.
        """

    async def accepted(
        self, delivery_id: UUID, *, channel: ChannelName, at: datetime, again_at: datetime
    ) -> None:
        """A push service took it: counts the attempt, keeps the first ``accepted_at``."""

    async def failed(
        self, delivery_id: UUID, *, channel: ChannelName, error: str, retry_at: datetime
    ) -> None:
        """It was not taken, or nobody knows: counts the attempt, due again at ``retry_at``."""

    async def given_up(self, delivery_id: UUID, *, error: str) -> None:
        """It can't be sent (state ``failed``): no address, or one that the service refuses."""

    async def expired(self, delivery_id: UUID) -> None:
        """Nobody answered before ``expires_at`` (state ``expired``)."""

    async def drop_subscription(self, device_id: UUID, *, address: Mapping[str, str]) -> None:
        """Forget the device's push address if it still is ``address``."""

    async def waiting(self) -> int:
        """How many messages are ``due``, now or later."""
