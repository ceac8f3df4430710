"""When a picture is due to be looked at: each so often, also when a clock is set back."""

from datetime import datetime, timedelta

TOLERANCE = 0.25
"""Of a period: pictures come a little early or late; who waits for the next halves the rate."""


class Due:
    """Which of the pictures that come one after the other are looked at, one a period."""

    def __init__(self, period: timedelta, at: datetime | None = None) -> None:
        """``at``: when the first is due; None: as soon as it comes."""
        self._period, self._at = period, at

    def takes(self, at: datetime) -> bool:
        """Tell whether the picture of ``at`` is one of those."""
        period, due = self._period, self._at
        if due is not None and at < due - period * TOLERANCE:
            return False
        # From when it was due, so that early ones don't make more of them.
        self._at = max((due or at) + period, at + period * (1 - TOLERANCE))
        return True


def is_due(since: datetime | None, delay: timedelta, at: datetime) -> bool:
    """Tell whether what was done last at ``since`` is to be done again."""
    # abs(): a clock set back must not put it off until the clock has caught up.
    return since is None or abs(at - since) >= delay
