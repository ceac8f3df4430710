"""What `pytest --numprocesses=2` gives to which process: `make test` runs files beside each other.

A file stays together, so that what its tests share is made once. Files that drive a browser stay
together too: two browsers at once are more than two cores carry. The end-to-end tests come last,
in one process, when nothing else runs any more. The names of tests must be the same in each
process: no parameter of theirs is random.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

from tests.order import ALONE, BROWSER


class LastAlone(LoadFileScheduling):  # type: ignore[misc]  # xdist publishes no types
    """Gives out files as they were collected, and the last ones to a process that is alone."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # their order is ours

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        if file.startswith(ALONE):
            return ALONE
        return BROWSER if BROWSER in file else file

    def _reschedule(self, node: Any) -> None:
        if not node.shutting_down and next(iter(self.workqueue), None) == ALONE:
            keeper, *others = self.nodes
            if node is not keeper:
                node.shutdown()
            if others:
                return
        super()._reschedule(node)

    def remove_node(self, node: Any) -> str | None:
        crashed: str | None = super().remove_node(node)
        for other in self.nodes:
            self._reschedule(other)
        return crashed
