"""How far behind what is live goes whatever can wait."""

STEPS_BEHIND = 10
"""Of Linux's priority: a tenth of what the others have on a full processor.

Not the lowest of all, which a full processor hardly runs: what waits for it would wait for ever.
"""
