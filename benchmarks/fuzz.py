"""Hostile descriptions and packets against a live media process: who else notices?

    python -m benchmarks.fuzz [--json] [--quick] [--seed N]

Descriptions (50,000; quick 4,000), a browser's offer with wounds or made by a grammar: the check of
offers is to refuse each with its own error or to take it; some of those it takes are negotiated
with the process as well. Packets (1,000,000; quick 20,000): RTP and RTCP under the keys of a
hostile publisher and of a hostile viewer (numbers that jump and wrap, foreign SSRCs, lengths that
lie, retransmissions of the unknown), and raw datagrams to the process's port.

Meanwhile an honest viewer watches an honest publisher. All is well if it has no gap and a picture
still, if the process has logged no error and no traceback, and if its memory grew by less than
16 MiB after the first tenth. The hostile session that the process ends is connected again.

Base: memory before. Left out: fuzzing that is guided by coverage, TURN, other codecs' payloads.
"""

import asyncio
import logging
import os
import random
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks._clip import Clip
from benchmarks._command import filmed_clip, options, tell
from benchmarks._machine import machine, resident_bytes
from benchmarks._media import Media, media_process
from benchmarks._peers import Publisher, Receiver, close_all, use_address
from domain.streams import BadSessionDescription
from tests.component.webrtc.hostile import Descriptions, Packets
from tests.component.webrtc.hostile_peer import HostilePeer
from webrtc.offers import check_fragment, check_offer

_ERROR = re.compile(r"\w+(Error|Exception)\b")  # a traceback's last line
_ALLOWED_BYTES = 16 * 1024 * 1024
_BATCH = 240
"""Packets between two answers of the process: its socket's buffer is not what is tested."""


@dataclass(frozen=True, slots=True)
class Form:
    descriptions: int
    negotiated: int
    packets: int


_QUICK = Form(descriptions=4_000, negotiated=60, packets=20_000)
_FULL = Form(descriptions=50_000, negotiated=1_000, packets=1_000_000)


@dataclass(slots=True)
class Seen:
    descriptions: Counter[str] = field(default_factory=Counter)
    negotiated: Counter[int] = field(default_factory=Counter)
    packets: Counter[str] = field(default_factory=Counter)
    hostile_sessions: int = 0
    memory: list[int] = field(default_factory=list)


# Descriptions


async def fuzz_descriptions(media: Media, chance: random.Random, form: Form, seen: Seen) -> None:
    descriptions = Descriptions(chance)
    left = form.negotiated
    for number in range(form.descriptions):
        if number % 5 == 0:
            seen.descriptions[_checked_fragment(descriptions.fragment())] += 1
            continue
        body, what = descriptions.offer(), ("whip", "whep")[number % 2]
        outcome = _checked_offer(body, we_send=what == "whep")
        seen.descriptions[outcome] += 1
        if outcome == "taken" and left:
            left -= 1
            await _negotiate(media, body, what, seen)
        if number % 100 == 0:
            await asyncio.sleep(0)  # the honest publisher's turn


def _checked_offer(body: bytes, *, we_send: bool) -> str:
    try:
        check_offer(body, we_send=we_send)
    except BadSessionDescription:
        return "refused"
    except Exception as error:  # whatever escapes is what is looked for
        return f"{type(error).__name__}: {body[:200]!r}"
    return "taken"


def _checked_fragment(body: bytes) -> str:
    try:
        check_fragment(body)
    except BadSessionDescription:
        return "fragment refused"
    except Exception as error:  # as above
        return f"{type(error).__name__}: {body[:200]!r}"
    return "fragment taken"


async def _negotiate(media: Media, body: bytes, what: str, seen: Seen) -> None:
    stream = media.stream if what == "whep" else uuid4()
    status, _, place = await media.offer(body, what, stream=stream)
    seen.negotiated[status] += 1
    if status == 201:
        async with media.http.delete(place):
            pass


# Packets


class Attack:
    """A hostile publisher on a stream of its own and a hostile viewer of the honest one."""

    def __init__(self, media: Media, chance: random.Random, seen: Seen, ssrc: int) -> None:
        self._media, self._chance, self._seen, self._ssrc = media, chance, seen, ssrc
        self._peers: dict[str, tuple[HostilePeer, Packets]] = {}

    async def send(self, count: int) -> None:
        """So many packets; returns when the process has had time for them."""
        publisher, packets = await self._peer("whip")
        viewer, reports = await self._peer("whep")
        for _ in range(count):
            kind = self._chance.randrange(10)
            if kind < 5:
                publisher.send_rtp(packets.rtp())
            elif kind < 6:
                publisher.send_rtcp(packets.rtcp())
            elif kind < 8:
                viewer.send_rtcp(reports.rtcp())
            elif kind < 9:
                self._chance.choice((publisher, viewer)).send(packets.datagram())
            else:
                viewer.send_rtp(reports.rtp())
            self._seen.packets[_KINDS[kind]] += 1
        async with self._media.http.get(f"{self._media.url}/healthz") as response:
            response.raise_for_status()

    async def _peer(self, what: str) -> tuple[HostilePeer, Packets]:
        known = self._peers.get(what)
        if known is not None and known[0].is_connected:
            return known
        if known is not None:
            await known[0].close()
        peer = HostilePeer(publishes=what == "whip")
        self._seen.hostile_sessions += 1
        stream = self._media.stream if what == "whep" else uuid4()

        async def signal(offer: bytes) -> str:
            status, text, _ = await self._media.offer(offer, what, stream=stream)
            if status != 201:
                raise ConnectionError(text)
            return text

        await peer.connect(signal)
        packets = Packets(self._chance, payload_types=peer.payload_types)
        packets.ssrcs += [self._ssrc, self._chance.randrange(2**32)]
        self._peers[what] = peer, packets
        return peer, packets

    async def close(self) -> None:
        for peer, _ in self._peers.values():
            await peer.close()


_KINDS = ["rtp"] * 5 + ["rtcp"] + ["viewer's rtcp"] * 2 + ["raw", "viewer's rtp"]


async def fuzz_packets(
    media: Media, chance: random.Random, form: Form, seen: Seen, ssrc: int
) -> None:
    attack = Attack(media, chance, seen, ssrc)
    tenth = form.packets // 10
    sent = 0
    while sent < form.packets:
        await attack.send(_BATCH)
        if sent // tenth != (sent + _BATCH) // tenth:
            seen.memory.append(resident_bytes(media.pid))
        sent += _BATCH
    await attack.close()


# All together


async def fuzz(clip: Path, form: Form, seed: int) -> dict[str, Any]:
    seen, chance = Seen(), random.Random(seed)  # noqa: S311 to be repeated from its seed
    async with media_process() as media:
        publisher, viewer = Publisher(Clip(clip)), Receiver()
        await publisher.connect(media)
        await media.until_live()
        await viewer.connect(media)
        seen.memory.append(resident_bytes(media.pid))
        await fuzz_descriptions(media, chance, form, seen)
        await fuzz_packets(media, chance, form, seen, viewer.ssrc)
        pictures = viewer.pictures
        async with asyncio.timeout(10):
            while viewer.pictures < pictures + 25:  # noqa: ASYNC110 another process
                await asyncio.sleep(0.05)
        gaps = viewer.gaps
        await close_all([publisher, viewer])
        log = media.complaints()
    return report(seen, gaps, log, seed)


def report(seen: Seen, gaps: int, log: list[str], seed: int) -> dict[str, Any]:
    known = {"refused", "taken", "fragment refused", "fragment taken"}
    crashes = {outcome: n for outcome, n in seen.descriptions.items() if outcome not in known}
    answers = {str(status): n for status, n in sorted(seen.negotiated.items())}
    failed = [line for line in log if line.startswith(("ERROR", "CRITICAL", "Traceback"))]
    grown = seen.memory[-1] - seen.memory[1]
    return {
        "benchmark": "fuzz",
        "machine": machine(),
        "seed": seed,
        "descriptions": sum(seen.descriptions.values()),
        "descriptions_by_outcome": dict(seen.descriptions.most_common(10)),
        "negotiated_by_status": answers,
        "packets": sum(seen.packets.values()),
        "packets_by_kind": dict(seen.packets),
        "hostile_sessions": seen.hostile_sessions,
        "gaps": gaps,
        "memory_mib_before_tenth_end": [round(seen.memory[at] / 2**20, 1) for at in (0, 1, -1)],
        "warnings": len(log) - len(failed),
        "errors": len(failed),
        "error": next((line for line in log if _ERROR.match(line)), None),
        "ok": not crashes
        and not failed
        and not gaps
        and not any(status >= 500 and status != 503 for status in seen.negotiated)
        and grown < _ALLOWED_BYTES,
    }


async def run(form: Form, seed: int) -> dict[str, Any]:
    use_address()
    with filmed_clip() as clip:
        return await fuzz(clip, form, seed)


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("--seed", type=int, help="repeat a run; by default another each time")
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(2**32)
    sys.stdout.write(f"seed {seed}\n")
    sys.stdout.flush()
    logging.disable(logging.ERROR)  # of the peers
    result = asyncio.run(run(_QUICK if given.quick else _FULL, seed))
    tell(result, as_json=given.json)
    return 0 if result["ok"] else os.EX_SOFTWARE


if __name__ == "__main__":
    sys.exit(main())
