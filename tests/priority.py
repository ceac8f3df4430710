"""The priority of the process that runs the tests, and what takes it away."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept() -> Iterator[None]:
    """Undo what SVT-AV1 does when root encodes: it makes its caller a real-time thread.

    At priority 99 whatever the tests start from then on, browsers and databases too, leaves the
    kernel nothing to run beside it; two of them have been seen to stop the machine.
    """
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, parameters)
