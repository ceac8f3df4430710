"""Consent freshness (RFC 7675): a session whose peer answers no more is over, in a stated time.

aioice gives up after six checks without an answer, each of them sent once: 33 s as a rule, and on a
link that loses a tenth now and then for nothing. Here a check is sent twice, and the time counts.
"""

import asyncio
import random
from collections.abc import Callable

from aioice import stun
from aioice.ice import Connection

from webrtc import internals

_PER_LIMIT = 4  # checks in the time after which a peer is gone: 5 s apart, for 20 s
_AGAIN_S = 1.0


async def keep(connection: Connection, *, gone_after_s: float, gone: Callable[[], None]) -> None:
    """Check on the peer; call ``gone`` and return once it has not answered for so long."""
    loop = asyncio.get_running_loop()
    answered_at_s = loop.time()
    every_s = gone_after_s / _PER_LIMIT
    pause_s = every_s
    while True:
        # RFC 7675 section 5.1: not all peers at once.
        await asyncio.sleep(pause_s * random.uniform(0.8, 1.2))  # noqa: S311 spreads load
        if await _answers(connection):
            answered_at_s, pause_s = loop.time(), every_s
        elif loop.time() - answered_at_s >= gone_after_s:
            gone()
            return
        else:
            pause_s = min(every_s, _AGAIN_S)


async def _answers(connection: Connection) -> bool:
    pair = internals.nominated_pair_of(connection)
    if pair is None or connection.remote_password is None:
        return False
    try:
        await pair.protocol.request(
            connection.build_request(pair, nominate=False),
            pair.remote_addr,
            integrity_key=connection.remote_password.encode(),
            retransmissions=1,
        )
    except stun.TransactionError:
        return False
    return True
