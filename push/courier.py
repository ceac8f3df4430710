"""Courier: takes due messages to their channels, rings until somebody answers, gives up aloud."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import datetime, timedelta
from random import Random
from uuid import uuid4

from domain.errors import Unavailable
from push.channels import (
    BadPushAddress,
    Became,
    Channel,
    ChannelOff,
    ChannelStatus,
    Outcome,
    PushRefused,
)
from push.messages import PushMessage, message_of
from push.metrics import DELIVERIES, SENT_TO_ACCEPTED, WAITING
from push.outgoing import ChannelName, Delivery, Outgoing

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 50
#: Longer than any attempt and the writing down of its outcome: who holds a message is its only
#: sender.
HOLD = timedelta(seconds=40)
#: What is on its way at shutdown may take this long, seconds; the rest falls due again.
FINISHING_S = 5.0
FIRST_RETRY = timedelta(seconds=1)
LONGEST_RETRY = timedelta(seconds=30)
#: Pauses before an outcome is written down again, seconds: the database may be restarting.
WRITE_AGAIN_S = (0.5, 1.0, 2.0, 4.0, 8.0)


class Courier:
    """``run`` is its life; ``wake`` says that something may be due.

    ``poll_s`` is the safety net, and what lets a message ring again on time.
    """

    def __init__(
        self,
        *,
        outgoing: Outgoing,
        channels: Mapping[ChannelName, Channel],
        clock: Callable[[], datetime],
        repeat_after: timedelta = timedelta(seconds=10),
        vapid_public_key: str | None = None,
        poll_s: float = 2.0,
        random: Random | None = None,
    ) -> None:
        self._outgoing = outgoing
        self._channels = channels
        self._clock = clock
        self._repeat_after = repeat_after
        self._vapid_public_key = vapid_public_key
        self._poll_s = poll_s
        # Retries of many phones are spread; nothing secret hangs on it.
        self._random = random or Random()  # noqa: S311
        self._woken = asyncio.Event()
        self._on_their_way: set[asyncio.Task[None]] = set()

    # What a phone asks of push: mobile_api.keys.Push.

    @property
    def vapid_public_key(self) -> str | None:
        return self._vapid_public_key

    def channels(self) -> Mapping[ChannelName, ChannelStatus]:
        return {name: channel.status for name, channel in self._channels.items()}

    def check_address(self, channel: ChannelName, address: Mapping[str, str]) -> None:
        """Raise ``ChannelOff`` or ``BadPushAddress`` when nothing may be sent there."""
        self._channels[channel].check(address)

    async def test(self, channel: ChannelName, address: Mapping[str, str]) -> None:
        """Send a message of kind 'test' now; raises ``ChannelOff``, ``PushRefused``."""
        status = self._channels[channel].status
        if not status.on:
            raise ChannelOff(status.reason)
        message = PushMessage(kind="test", id=uuid4(), at=self._clock(), ttl=timedelta(minutes=1))
        outcome = await self._channels[channel].send(message, address)
        DELIVERIES.labels(channel, f"test-{outcome.became.value}").inc()
        if outcome.became is not Became.ACCEPTED:
            raise PushRefused(outcome.detail)

    # The courier's own life.

    def wake(self) -> None:
        """Look at once; from any code of the same event loop."""
        self._woken.set()

    async def run(self) -> None:
        """Deliver until cancelled; what is on its way then has ``FINISHING_S`` to be finished."""
        async with AsyncExitStack() as stack:
            for channel in self._channels.values():
                await stack.enter_async_context(channel.open())
            async with asyncio.TaskGroup() as group:
                try:
                    await self._deliver_for_ever(group)
                except asyncio.CancelledError:
                    if self._on_their_way:
                        await asyncio.wait(self._on_their_way, timeout=FINISHING_S)
                    raise

    async def _deliver_for_ever(self, group: asyncio.TaskGroup) -> None:
        while True:
            self._woken.clear()
            room = MOST_AT_ONCE - len(self._on_their_way)
            deliveries = await self._due(room) if room else []
            for delivery in deliveries:
                task = group.create_task(self._deliver(delivery), name=f"push {delivery.id}")
                self._on_their_way.add(task)
                task.add_done_callback(self._done)
            if room == 0 or len(deliveries) < room:
                await self._wait()

    async def _due(self, room: int) -> Sequence[Delivery]:
        try:
            WAITING.set(await self._outgoing.waiting())
            return await self._outgoing.due(limit=room, now=self._clock(), hold=HOLD)
        except Unavailable as error:
            # What is due stays in the table; the next look finds it.
            logger.warning("can't read the push messages: %s", error)
            return []

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._poll_s):
                await self._woken.wait()

    def _done(self, task: asyncio.Task[None]) -> None:
        if len(self._on_their_way) == MOST_AT_ONCE:
            self._woken.set()  # there is room again
        self._on_their_way.discard(task)

    async def _deliver(self, delivery: Delivery) -> None:
        """Try one message once and write down what became of it; nothing of it reaches others."""
        try:
            await self._deliver_once(delivery)
        except Exception:  # one message's boundary: the next is not to be silenced
            # It stays held, and falls due again after HOLD.
            logger.exception("push message %s failed in our own code", delivery.id)
            DELIVERIES.labels(delivery.channel or "none", "broken").inc()

    async def _deliver_once(self, delivery: Delivery) -> None:
        now, channel = self._clock(), delivery.channel
        if now >= delivery.expires_at:
            logger.warning(
                "nobody answered push message %s about %s %s",
                delivery.id,
                delivery.about_kind,
                delivery.about_id,
            )
            DELIVERIES.labels(channel or "none", "expired").inc()
            await self._write(lambda: self._outgoing.expired(delivery.id))
            return
        if channel is None or not self._channels[channel].status.on:
            reason = self._channels[channel].status.reason if channel else "no push address"
            DELIVERIES.labels(channel or "none", "no-way").inc()
            # A phone without an address has its page open or is not reached: the control room
            # sees which. A channel that is off although a phone counts on it is to be repaired.
            level = logging.INFO if channel is None else logging.WARNING
            logger.log(level, "push message %s has no way: %s", delivery.id, reason)
            await self._write(lambda: self._outgoing.given_up(delivery.id, error=reason))
            return
        message = message_of(delivery, now=now)
        try:
            outcome = await self._channels[channel].send(message, delivery.address)
        except BadPushAddress as error:
            outcome = Outcome(became=Became.REFUSED, detail=str(error), loud=True)
        DELIVERIES.labels(channel, outcome.became.value).inc()
        log = logger.error if outcome.loud else logger.info
        log("push message %s: %s %s", delivery.id, outcome.became.value, outcome.detail)
        await self._note(delivery, channel, outcome)

    async def _note(self, delivery: Delivery, channel: ChannelName, outcome: Outcome) -> None:
        now, outgoing = self._clock(), self._outgoing
        match outcome.became:
            case Became.ACCEPTED:
                if delivery.accepted_at is None:
                    taken = (now - delivery.sent_at).total_seconds()
                    SENT_TO_ACCEPTED.labels(channel).observe(max(0.0, taken))
                again_at = min(now + self._repeat_after, delivery.expires_at)
                await self._write(
                    lambda: outgoing.accepted(
                        delivery.id, channel=channel, at=now, again_at=again_at
                    )
                )
            case Became.LATER:
                pause = outcome.pause or self._back_off(delivery.attempts)
                retry_at = min(now + pause, delivery.expires_at)
                await self._write(
                    lambda: outgoing.failed(
                        delivery.id, channel=channel, error=outcome.detail, retry_at=retry_at
                    )
                )
            case Became.GONE:
                await self._write(
                    lambda: outgoing.drop_subscription(delivery.device_id, address=delivery.address)
                )
                await self._write(
                    lambda: outgoing.given_up(delivery.id, error=f"gone: {outcome.detail}")
                )
            case Became.REFUSED:
                await self._write(lambda: outgoing.given_up(delivery.id, error=outcome.detail))

    def _back_off(self, attempts: int) -> timedelta:
        """Twice as long each time up to ``LONGEST_RETRY``, and somewhere between half and whole."""
        whole = min(FIRST_RETRY * (1 << min(attempts, 10)), LONGEST_RETRY)
        return whole * self._random.uniform(0.5, 1.0)

    async def _write(self, write: Callable[[], Awaitable[None]]) -> None:
        """Write an outcome down, again while the database restarts.

        Given up after ``WRITE_AGAIN_S``: the message falls due again, and the phone, which knows
        its id, shows it once.
        """
        for pause_s in WRITE_AGAIN_S:
            try:
                return await write()
            except Unavailable as error:
                logger.warning("an outcome is not written down yet: %s", error)
                await asyncio.sleep(pause_s)
        return await write()
