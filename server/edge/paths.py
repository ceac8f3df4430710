"""Which requests pass an edge: those of phones. The inner side asks this too, and decides."""

import re
from functools import lru_cache

#: What the patrol's page and apps on phones ask; nothing of the control room, no administration,
#: no sign-in by password.
OF_PHONES: tuple[str, ...] = (
    "/patrol",
    "/patrol/**",
    "/assets/*",
    "/icon.svg",
    "/api/v1/mobile/**",
    "/api/v1/live",
    "/api/v1/whip",
    "/api/v1/publications/*",
    "/api/v1/streams/*/whep",
    "/api/v1/viewings/*",
    "/api/v1/map/*",
    "/osmand",
    "/root.crt",
    "/root.mobileconfig",
)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def passes(method: str, path: str, allowed: tuple[str, ...] = OF_PHONES) -> bool:
    """Whether ``path``, decoded and without its query, is one of ``allowed``.

    In a pattern ``*`` stands for one part between slashes, a final ``/**`` for anything below.
    """
    if method not in METHODS or ".." in path.split("/") or "//" in path or "\\" in path:
        return False
    return _pattern(allowed).fullmatch(path) is not None


@lru_cache(maxsize=8)
def _pattern(allowed: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(_one(each) for each in allowed) or r"(?!)", re.DOTALL)


def _one(pattern: str) -> str:
    below = pattern.endswith("/**")
    stem = pattern.removesuffix("/**")
    text = "[^/]+".join(re.escape(part) for part in stem.split("*"))
    return f"(?:{text}{'/.*' if below else ''})"
