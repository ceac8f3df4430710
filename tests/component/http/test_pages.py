"""The built pages, and the headers on every answer."""

from pathlib import Path
from urllib.parse import quote

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient
from yarl import URL

from server.http import pages
from server.http.forwarded import TRUSTED_PROXIES
from server.http.problem import problem_details

type Client = TestClient[web.Request, web.Application]


@pytest.fixture
def built(tmp_path: Path) -> Path:
    for name, text in {
        "index.html": "<!doctype html><title>Poste</title>",
        "patrol/index.html": "<!doctype html><title>Patrouille</title>",
        "patrol/sw.js": "// worker",
        "patrol/manifest.webmanifest": "{}",
        "assets/main-abc123.js": "export {}",
        "assets/worker-abc123.mjs": "export {}",
        "secrets.env": "no page",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


async def serve(aiohttp_client: AiohttpClient, folder: Path) -> Client:
    app = web.Application(middlewares=[problem_details])
    app[TRUSTED_PROXIES] = ()
    app[pages.PAGES] = folder
    app[pages.POLICY] = pages.policy(())
    for route in pages.ROUTES:
        app.router.add_route(route.method, route.path, route.handler)
    app.on_response_prepare.append(pages.add_headers)
    return await aiohttp_client(app)


@pytest.mark.parametrize(
    ("path", "title"), [("/", "Poste"), ("/patrol/", "Patrouille"), ("/patrol", "Patrouille")]
)
async def test_each_page_is_served_at_its_address(
    aiohttp_client: AiohttpClient, built: Path, path: str, title: str
) -> None:
    answer = await (await serve(aiohttp_client, built)).get(path)

    assert title in await answer.text()
    assert answer.headers["Cache-Control"] == "no-cache"


async def test_hashed_files_are_kept_and_the_service_worker_is_asked_for_again(
    aiohttp_client: AiohttpClient, built: Path
) -> None:
    client = await serve(aiohttp_client, built)
    hashed = await client.get("/assets/worker-abc123.mjs")
    worker = await client.get("/patrol/sw.js")

    assert "immutable" in hashed.headers["Cache-Control"]
    assert hashed.content_type == "text/javascript"
    assert worker.headers["Cache-Control"] == "no-cache"


async def test_every_answer_forbids_other_origins_and_inline_code(
    aiohttp_client: AiohttpClient, built: Path
) -> None:
    client = await serve(aiohttp_client, built)
    for path in ("/", "/nowhere.js", "/patrol/manifest.webmanifest"):
        answer = await client.get(path)

        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "media-src 'self' blob:;" in policy  # recordings, by Media Source Extensions
        assert "worker-src 'self';" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "http" not in policy


@pytest.mark.parametrize(
    "path",
    [
        "/secrets.env",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/../../x.js",
        "/a%00b.js",
        "/patrol/x.js",
        f"/{'a' * 300}.js",
    ],
)
async def test_what_is_no_page_is_not_found(
    aiohttp_client: AiohttpClient, built: Path, path: str
) -> None:
    answer = await (await serve(aiohttp_client, built)).get(path)

    assert answer.status == 404


async def test_a_clone_without_built_pages_says_so(
    aiohttp_client: AiohttpClient, tmp_path: Path
) -> None:
    answer = await (await serve(aiohttp_client, tmp_path)).get("/")

    assert answer.status == 503
    assert "make web" in (await answer.json(content_type=None))["detail"]


@pytest.mark.parametrize("prefix", ["/", "/%2F", "/%2f", "/patrol/..%2f..%2f"])
async def test_no_file_outside_of_the_pages_is_served(
    aiohttp_client: AiohttpClient,
    built: Path,
    tmp_path_factory: pytest.TempPathFactory,
    prefix: str,
) -> None:
    outside = tmp_path_factory.mktemp("elsewhere") / "sign-ins.json"
    outside.write_text('{"secret": true}')
    (built / "linked.json").symlink_to(outside)
    client = await serve(aiohttp_client, built)
    address = str(client.make_url("/")).rstrip("/")
    target = quote(str(outside).lstrip("/"), safe="")

    for url in (f"{address}{prefix}{target}", f"{address}/{outside}", f"{address}/linked.json"):
        answer = await client.session.get(URL(url, encoded=True))
        assert answer.status == 404
