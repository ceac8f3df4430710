"""Answers that are almost XML: cameras name prefixes that they never declare."""

import re
from typing import Any

from onveef import AsyncOnvifClient
from onveef.exceptions import OnvifTransportError
from onveef.parsers import parse_xml

_USED = re.compile(r"</?([A-Za-z_][\w.-]{0,30}):")
_ROOT = re.compile(r"<(?![?!])[^\s/>]+")
MOST_PREFIXES = 20


def with_prefixes(text: str) -> str:
    """``text`` with what it forgot to declare declared, each as a name of its own."""
    used = sorted(set(_USED.findall(text)))[:MOST_PREFIXES]
    missing = [prefix for prefix in used if f"xmlns:{prefix}=" not in text]
    declared = "".join(f' xmlns:{prefix}="urn:undeclared:{prefix}"' for prefix in missing)
    root = _ROOT.search(text)
    if root is None or not missing:
        return text
    return text[: root.end()] + declared + text[root.end() :]


class ForgivingClient(AsyncOnvifClient):
    """The library's client; an answer that nobody can read is said to be one."""

    async def call(self, **question: Any) -> str:
        text = await super().call(**question)
        if parse_xml(text) is not None:
            return text
        mended = with_prefixes(text)
        if parse_xml(mended) is None:
            raise OnvifTransportError("the answer is no XML")
        return mended

    async def _raw_post(self, **question: Any) -> tuple[int, str, str]:
        # 0.6.0 asks httpx 0.28 for a time limit that it refuses; `OnvifCamera.ask` has ours.
        return await super()._raw_post(**(question | {"read_timeout_s": None}))
