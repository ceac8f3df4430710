"""What a viewer's link takes, decided from its reports: which layer, thinned or not, how fast.

A pure function of what was heard and when. Loss alone is no proof of a thin link (radio loses
packets at any rate), so it counts only when it is heavy, or when the round trip grows with it. Nor
is the receiver's own estimate: a browser on a busy machine has been seen to say 11 kbit/s.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

_BAD_FOR_S, _DOUBTFUL_FOR_S = 1.5, 3.0
"""One bad look may be a passing lorry; moving down waits for so much of them, and for longer where
only the round trip speaks, which a busy machine lengthens too."""
_APART_S = 2.0
"""Between two changes: what a change does shows in the reports a second or two later."""
_HEAVY_LOSS, _RUINOUS_LOSS = 0.25, 0.5
_CONGESTED_LOSS = 0.15  # with a round trip that has grown
_REDUCED_LOSS = 0.3  # of the few packets of one keyframe: chance alone loses a quarter of them
_ACCEPTED_LOSS = 0.25
_GROWN_ROUND_TRIP = 2.0
_GROWN_BY_S, _FAR_S = 0.2, 0.5
_BEHIND_FOR_S = 1.0
"""A machine that stalls is behind for less, and then has it all."""
_STANDING_S = 0.06
"""On its way for so much longer than a round trip: it waits in a queue, and the link is full."""
_ROOM = 0.85
"""The share of what a link is thought to take that is sent: the rest is sound and what is lost."""
_GUESS = 0.7  # of what was sent, where too much was and none was lost
_LEAST_SHARE = 0.2  # of a layer's rate, at the first step; further ones follow each other
_LEAST_LEFT = 0.7  # of a reduced rate, at one step: the reports still speak of the time before
_GROWTH_PER_S, _TRIM = 1.08, 0.92
_PATIENCE_S, _LONGEST_PATIENCE_S = 10.0, 120.0
_TRIAL_S = 15.0
"""Moved down again within this after moving up: the next attempt waits twice as long."""
_LEAST_BIT_PER_S = 64_000.0
_FULL = 1.2  # of a layer's rate: from there on nothing is left out any more
# For a link nothing is known against: a keyframe of 60 kB takes 24 ms, an ordinary picture none.
_OPEN_BIT_PER_S = 20_000_000.0
_OPEN_FACTOR = 5.0
_CAREFUL_FACTOR = 2.5


@dataclass(frozen=True, slots=True)
class Heard:
    """What one look at a viewer's link found, since the look before. ``at_s``: monotonic."""

    at_s: float
    sent_bit_per_s: float
    loss: float = 0.0  # 0 to 1, as the viewer's receiver reports say
    round_trip_s: float | None = None
    estimate_bit_per_s: float | None = None  # the receiver's own (REMB)
    refused: int = 0  # packets this host's socket did not take
    received_bit_per_s: float | None = None  # None: not known
    behind_s: float = 0.0  # how long the oldest packet that had not come there was on its way


@dataclass(frozen=True, slots=True)
class Link:
    """What is thought of one viewer's link. ``layer`` counts from the highest.

    ``reduced``: the first pictures of each group, then none until the next keyframe.
    ``bit_per_s``: what it takes; None: nothing is known against it.
    """

    layer: int = 0
    reduced: bool = False
    bit_per_s: float | None = None
    bad_since_s: float | None = None
    good_since_s: float | None = None
    heard_at_s: float | None = None
    changed_at_s: float = float("-inf")
    raised_at_s: float = float("-inf")
    patience_s: float = _PATIENCE_S
    failed_bit_per_s: float | None = None
    """It was too much once; tried again only after patience."""
    least_round_trip_s: float | None = None
    is_full: bool = False
    """What it is sent now waits in it: no time to send more."""

    def pace_bit_per_s(self, rate: float) -> float:
        """How fast packets may follow each other, where the layer's pictures take ``rate``."""
        if self.bit_per_s is None:
            return max(_OPEN_BIT_PER_S, _OPEN_FACTOR * rate)
        if self.reduced:
            return self.bit_per_s
        return max(self.bit_per_s, _CAREFUL_FACTOR * rate)


def look(link: Link, heard: Heard, rates: Sequence[float]) -> Link:
    """The link after one look. ``rates``: bit/s of each layer, highest first; 0: not known."""
    if link.layer >= len(rates):  # the publisher has taken layers away
        link = replace(link, layer=len(rates) - 1)
    least = link.least_round_trip_s
    if heard.round_trip_s is not None:
        least = heard.round_trip_s if least is None else min(least, heard.round_trip_s)
    now = heard.at_s
    since = now - (link.heard_at_s if link.heard_at_s is not None else now)
    bad_for_s = _bad_for_s(link, heard, rates[link.layer], least)
    bad = bad_for_s is not None
    if (
        not bad and link.bit_per_s is None and link.bad_since_s is None
    ):  # nearly all, at each report
        return link if least == link.least_round_trip_s else replace(link, least_round_trip_s=least)
    good = not bad and heard.loss < _ACCEPTED_LOSS
    link = replace(
        link,
        heard_at_s=now,
        least_round_trip_s=least,
        bad_since_s=(now if link.bad_since_s is None else link.bad_since_s) if bad else None,
        good_since_s=(now if link.good_since_s is None else link.good_since_s) if good else None,
        is_full=_is_full(link, heard, least or 0.0),
    )
    if bad_for_s is not None and link.bad_since_s is not None:
        ripe = now - link.bad_since_s >= bad_for_s
        return _down(link, heard, rates) if ripe and now - link.changed_at_s >= _APART_S else link
    if link.reduced and link.is_full:
        return _trimmed(link, heard)
    return _up(link, heard, rates, since) if good else link


def _is_full(link: Link, heard: Heard, least_round_trip_s: float) -> bool:
    came, bit_per_s = heard.received_bit_per_s, link.bit_per_s
    if came is None or bit_per_s is None:
        return False
    if heard.sent_bit_per_s < bit_per_s / 2:  # a pause tells nothing
        return link.is_full
    return came < _ROOM * bit_per_s and heard.behind_s - least_round_trip_s > _STANDING_S


def _bad_for_s(
    link: Link, heard: Heard, rate: float, least_round_trip_s: float | None
) -> float | None:
    """How long it has to stay like this before the viewer is moved down; None: it is not bad."""
    grown_s = 0.0
    if heard.round_trip_s is not None and least_round_trip_s is not None:
        grown_s = heard.round_trip_s - _GROWN_ROUND_TRIP * least_round_trip_s
    if heard.loss >= _RUINOUS_LOSS:
        return 0.0
    if link.reduced and (heard.loss >= _REDUCED_LOSS or grown_s > _FAR_S):
        return 0.0  # it is known to be thin: there is no doubt to be given
    behind_s = heard.behind_s - (least_round_trip_s or 0.0)
    if link.reduced and behind_s > _GROWN_BY_S:
        return _BEHIND_FOR_S / 2
    if behind_s > _FAR_S:
        return _BEHIND_FOR_S
    if heard.refused or heard.loss >= _HEAVY_LOSS:
        return _BAD_FOR_S
    wanted = min(heard.sent_bit_per_s, rate) if rate else heard.sent_bit_per_s
    estimate = heard.estimate_bit_per_s
    low = estimate is not None and estimate < 0.8 * wanted
    doubtful = (low and grown_s > _FAR_S) or (
        heard.loss >= _CONGESTED_LOSS and grown_s > _GROWN_BY_S
    )
    return _DOUBTFUL_FOR_S if doubtful else None


def _down(link: Link, heard: Heard, rates: Sequence[float]) -> Link:
    # A full link carries what is sent again too, of which no report tells.
    least = 0.0 if link.reduced else _LEAST_SHARE * rates[link.layer]
    takes = max(_LEAST_BIT_PER_S, least, _taken(link, heard))
    patience = link.patience_s
    if heard.at_s - link.raised_at_s < _TRIAL_S:
        patience = min(_LONGEST_PATIENCE_S, 2 * patience)
    lower = range(link.layer + 1, len(rates))
    fitting = [layer for layer in lower if 0 < rates[layer] <= _ROOM * takes]
    layer = fitting[0] if fitting else len(rates) - 1
    return replace(
        link,
        layer=layer,
        reduced=not fitting,
        bit_per_s=max(_LEAST_BIT_PER_S, _ROOM * takes),
        failed_bit_per_s=takes,
        bad_since_s=None,
        good_since_s=None,
        changed_at_s=heard.at_s,
        patience_s=patience,
    )


def _trimmed(link: Link, heard: Heard) -> Link:
    """A little less at each look at a full link, down to what comes through with its usual room."""
    if link.bit_per_s is None or heard.sent_bit_per_s < link.bit_per_s / 2:
        return link
    came = heard.received_bit_per_s or 0.0
    least = max(_LEAST_BIT_PER_S, came / _ROOM)
    return replace(link, bit_per_s=min(link.bit_per_s, max(least, _TRIM * link.bit_per_s)))


def _taken(link: Link, heard: Heard) -> float:
    """What the link seems to take, before room is left."""
    came = heard.received_bit_per_s
    if link.reduced and link.bit_per_s is not None:
        # It was bad with so much; what came in this moment may have been a pause.
        if came is None:
            came = link.bit_per_s * (1 - heard.loss) / _ROOM
        return min(link.bit_per_s, max(came, link.bit_per_s * _LEAST_LEFT / _ROOM))
    if heard.loss >= _CONGESTED_LOSS or heard.behind_s > _FAR_S:
        return came or heard.sent_bit_per_s * (1 - heard.loss)
    estimate = heard.estimate_bit_per_s or 0.0  # of less than it gets it is no measure
    return max(_GUESS * heard.sent_bit_per_s, min(estimate, heard.sent_bit_per_s))


def _up(link: Link, heard: Heard, rates: Sequence[float], since_s: float) -> Link:
    now, bit_per_s, rate = heard.at_s, link.bit_per_s, rates[link.layer]
    good_for_s = now - (link.good_since_s if link.good_since_s is not None else now)
    if bit_per_s is None or link.is_full or good_for_s < link.patience_s / 2:
        return link
    patient = good_for_s >= link.patience_s
    bit_per_s *= _GROWTH_PER_S ** min(since_s, _APART_S)
    if link.failed_bit_per_s is not None and bit_per_s >= link.failed_bit_per_s:
        if not patient:
            return link
        link = replace(link, failed_bit_per_s=None, raised_at_s=now)
    grown = replace(link, bit_per_s=bit_per_s)
    if not patient:
        return grown
    raised = replace(grown, good_since_s=now, changed_at_s=now, raised_at_s=now)
    if link.reduced:
        return replace(raised, reduced=False) if bit_per_s >= _FULL * rate else grown
    if link.layer > 0:
        return replace(raised, layer=link.layer - 1)
    well = bit_per_s >= _CAREFUL_FACTOR * rate
    return replace(grown, bit_per_s=None, patience_s=_PATIENCE_S) if well else grown
