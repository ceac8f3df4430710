"""The reference pages and the OpenAPI document, held against the code."""

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import BaseModel, create_model

import domain
import mobile_api
import push
import server
from domain.errors import DomainError
from mobile_api.description import Needs, Route, Routes
from server.http import openapi, pages
from server.http.app import mounted
from server.http.problem import BY_STATUS
from server.problems import status_of

REFERENCE = Path(__file__).parents[3] / "docs" / "ref"
ROW = re.compile(r"^\| `(?P<name>[^`]+)` \| (?P<second>[^|]+) \| (?P<third>[^|]+) \|", re.MULTILINE)


def rows(page: str) -> dict[str, tuple[str, str]]:
    """Give the table of a page: the first column's code, then the next two."""
    text = (REFERENCE / page).read_text("utf-8")
    return {m["name"]: (m["second"].strip(), m["third"].strip()) for m in ROW.finditer(text)}


def kinds_of_error() -> Iterator[type[DomainError]]:
    """Give every domain error of the packages that meet HTTP."""
    for package in (domain, mobile_api, push, server):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            # Those need the other roles' libraries, and HTTP meets none of their errors.
            if not re.search(r"__main__|\.demo|\.pipeline|\.media|\.duty", module.name):
                importlib.import_module(module.name)
    waiting: list[type[DomainError]] = [DomainError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if re.match(r"(domain|mobile_api|push|server(?!\.demo))\.", kind.__module__):
            yield kind


def test_every_problem_type_has_its_line_with_its_status_and_title() -> None:
    written = rows("problems.md")
    for kind in kinds_of_error():
        status = str(int(status_of(kind.__new__(kind))))

        assert written.get(kind.code) == (status, kind.title), kind.code
    for code, title in BY_STATUS.values():
        assert written[code][1] == title


def test_every_code_that_a_route_names_is_a_problem_type() -> None:
    written = rows("problems.md")
    named = {code for _, route in mounted() for code in route.problems}

    assert named <= set(written)


def test_every_route_has_its_line_with_what_it_needs() -> None:
    written = rows("routes.md")
    expected = {
        f"{route.method} {prefix}{plain(route)}": (route.needs.value, route.summary)
        for prefix, route in [*mounted(), *(("", page) for page in pages.ROUTES)]
    }

    assert written == expected


def test_the_document_describes_each_route_once_and_nothing_else() -> None:
    document = openapi.describe(mounted(), version="1")
    described = {
        (method.upper(), path) for path, item in document["paths"].items() for method in item
    }
    routes = list(mounted())

    assert described == {(route.method, prefix + plain(route)) for prefix, route in routes}
    assert len(described) == len(routes)


def test_every_reference_in_the_document_leads_somewhere() -> None:
    document = openapi.describe(mounted(), version="1")
    text = json.dumps(document)
    schemas = document["components"]["schemas"]

    assert set(re.findall(r'"#/components/schemas/([^"]+)"', text)) <= set(schemas)
    names = [operation["operationId"] for operation in operations(document)]
    assert len(set(names)) == len(names)


def test_two_shapes_of_one_name_are_refused() -> None:
    def shape(kind: type) -> type[BaseModel]:
        return create_model("Step", state=(kind, ...))

    async def handler(_: web.Request) -> web.Response:
        return web.Response()

    routes = Routes("steps")
    for path, kind in (("/one", str), ("/another", int)):
        routes.get(path, needs=Needs.PUBLIC, summary="", answers={200: shape(kind)})(handler)

    with pytest.raises(openapi.NameTaken, match="Step"):
        openapi.describe((("", route) for route in routes), version="1")


def test_who_may_ask_is_in_the_document() -> None:
    document = openapi.describe(mounted(), version="1")
    for operation in operations(document):
        assert bool(operation["security"]) is (operation["x-needs"] != "public")


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in document["paths"].values():
        yield from item.values()


def plain(route: Route) -> str:
    """Give the path without the patterns of its parameters."""
    return re.sub(r"\{(\w+):.*\}$", r"{\1}", route.path)
