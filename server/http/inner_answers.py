"""What another process of the installation answers with, as control reads it."""

import json
import logging
from typing import Any

from domain.errors import Unavailable

logger = logging.getLogger(__name__)


def object_in(body: bytes) -> dict[str, Any]:
    """A JSON object, with whatever is in it. Raises ``Unavailable`` for anything else.

    What is not one came from something in between, or from a process of another version.
    """
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise unreadable()
    return said


def unreadable() -> Unavailable:
    logger.error("another process answered with what is no answer of its kind")
    return Unavailable("another process of the installation did not answer properly; try again")
