"""The built pages, and the headers that every answer carries."""

from collections.abc import Iterable
from importlib.resources import files
from os.path import isfile
from pathlib import Path

from aiohttp import web

from domain.errors import NotFound, Unavailable
from mobile_api.description import Needs, Routes
from server.http.forwarded import is_secure

PAGES = web.AppKey("PAGES", Path)

ROUTES = Routes("pages")


def policy(media_urls: Iterable[str]) -> str:
    """Nothing from another origin, nothing inline (tried with the map in Chromium).

    Save offers to the media processes that are named: there a page may be sent. The map draws from
    a worker of ours; its icons are data: images; a picture shown from memory is a blob:, and so is
    a recording that is played.
    """
    parts = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        " ".join(("connect-src 'self'", *media_urls)),
        "worker-src 'self'",
        "manifest-src 'self'",
        "media-src 'self' blob:",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    )
    return "; ".join(parts)


POLICY = web.AppKey("POLICY", str)
HEADERS = {
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(self)",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ONE_YEAR_S = 31_536_000
REVALIDATE = "no-cache"
IMMUTABLE = f"public, max-age={ONE_YEAR_S}, immutable"

MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/vnd.microsoft.icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mjs": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".wav": "audio/wav",
}


def built_pages() -> Path:
    """Give the folder that the front-end build fills; it may be empty."""
    return Path(str(files("server.http"))) / "pages"


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put the headers on every answer, sockets and files included (``on_response_prepare``)."""
    response.headers.setdefault("Content-Security-Policy", request.config_dict[POLICY])
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if is_secure(request):
        response.headers.setdefault("Strict-Transport-Security", f"max-age={ONE_YEAR_S}")
    # What an API says of people and places is kept by nobody on the way.
    response.headers.setdefault("Cache-Control", "no-store")


@ROUTES.get("/", needs=Needs.PUBLIC, summary="The control room's page.", answers={200: "text/html"})
async def control_room(request: web.Request) -> web.StreamResponse:
    return _page(request, "index.html")


@ROUTES.get(
    "/patrol/", needs=Needs.PUBLIC, summary="The patrol's page.", answers={200: "text/html"}
)
async def patrol(request: web.Request) -> web.StreamResponse:
    return _page(request, "patrol/index.html")


@ROUTES.get(
    "/patrol",
    needs=Needs.PUBLIC,
    summary="Leads to the patrol's page, whose scope ends with a slash.",
    answers={308: None},
)
async def patrol_without_slash(_: web.Request) -> web.StreamResponse:
    raise web.HTTPPermanentRedirect("/patrol/")


@ROUTES.get(
    r"/{path:(?!api/).+}",
    needs=Needs.PUBLIC,
    summary="A file of the pages.",
    answers={200: "application/octet-stream"},
)
async def file(request: web.Request) -> web.StreamResponse:
    return _page(request, request.match_info["path"])


def _page(request: web.Request, path: str) -> web.FileResponse:
    folder = request.config_dict[PAGES]
    if not (folder / "index.html").is_file():
        raise Unavailable("the pages are not built: run `make web`, or install a wheel")
    if "\0" in path:
        raise NotFound("there is no such file among the pages")
    # Resolved, not read off the text: "//etc/x.json" is absolute, and joining would leave the
    # folder; so would a link that points out of it.
    found = (folder / path).resolve()
    media_type = MEDIA_TYPES.get(found.suffix)
    # Not found.is_file(), which raises for a name that is too long for the file system.
    is_page = found.is_relative_to(folder.resolve()) and isfile(found)
    if media_type is None or not is_page:
        raise NotFound("there is no such file among the pages")
    # Build tools put a hash of the content into the names below assets/; all else may change.
    hashed = "assets" in path.split("/")[:-1]
    return web.FileResponse(
        found,
        headers={
            "Content-Type": media_type,
            "Cache-Control": IMMUTABLE if hashed else REVALIDATE,
        },
    )
