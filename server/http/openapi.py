"""The OpenAPI 3.1 document, made of the same table as the router."""

import asyncio
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aiohttp import web
from pydantic import BaseModel, TypeAdapter

from domain.people import Permission
from mobile_api.description import Needs, Route, Routes, Shape

DOCUMENT: web.AppKey[Callable[[], bytes]] = web.AppKey("DOCUMENT")
"""Made when it is first asked for: a third of a second of work that no start should wait for."""

ROUTES = Routes("description")

PREFIX = "/api/v1"
REF = "#/components/schemas/{model}"
COOKIE, BEARER, CSRF = "session", "bearer", "csrf"

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "A problem (RFC 9457); docs/ref/problems.md lists the types.",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "examples": ["/problems/not-found"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
    },
}


class NameTaken(Exception):
    """Two models of one name: the document would describe one of them in place of the other."""


@ROUTES.get(
    "/openapi.json",
    needs=Needs.PUBLIC,
    summary="This document.",
    answers={200: TypeAdapter(dict[str, Any])},
)
async def document(request: web.Request) -> web.Response:
    body = await asyncio.to_thread(request.config_dict[DOCUMENT])
    return web.Response(body=body, content_type="application/json")


def describe(routes: Iterable[tuple[str, Route]], *, version: str) -> dict[str, Any]:
    """Build the document of all ``routes``, each with the prefix that it is served under."""
    schemas: dict[str, Any] = {"Problem": PROBLEM}
    paths: dict[str, dict[str, Any]] = {}
    for prefix, route in routes:
        path = prefix + re.sub(r"\{(\w+):[^}]*\}", r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, path, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Ilotier",
            "version": version,
            "summary": "The control room's link to the patrol on the beat.",
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                COOKIE: {"type": "apiKey", "in": "cookie", "name": "ilotier_session"},
                CSRF: {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"},
                BEARER: {"type": "http", "scheme": "bearer"},
            },
        },
    }


def as_bytes(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def _operation(route: Route, path: str, schemas: dict[str, Any]) -> dict[str, Any]:
    name = f"{route.method.lower()}{re.sub(r'[^a-z0-9]+', '_', path.lower())}".strip("_")
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": route.summary,
        "tags": [route.tag],
        "security": _security(route),
        "x-needs": route.needs.value,
        "parameters": [*_path_parameters(route), *_query_parameters(route, schemas)],
        "responses": {
            str(status): _response(shape, schemas) for status, shape in route.answers.items()
        },
    }
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": _content(route.body, schemas)}
    said = f" Particular to this route: {', '.join(route.problems)}." if route.problems else ""
    operation["responses"]["default"] = {
        "description": f"A problem.{said}",
        "content": {"application/problem+json": {"schema": {"$ref": REF.format(model="Problem")}}},
    }
    return operation


def _security(route: Route) -> list[dict[str, list[str]]]:
    by_page: dict[str, list[str]] = {COOKIE: []}
    if route.method not in ("GET", "HEAD"):
        by_page[CSRF] = []
    if isinstance(route.needs, Permission) or route.needs is not Needs.DEVICE:
        return [] if route.needs is Needs.PUBLIC else [by_page, {BEARER: []}]
    return [{BEARER: []}]


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "format": "uuid"}
            if name.endswith("_id")
            else {"type": "string"},
        }
        for name in re.findall(r"\{(\w+)[:}]", route.path)
    ]


def _query_parameters(route: Route, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    schema = _schema(route.query, schemas, mode="validation")
    model = schemas.pop(schema["$ref"].rpartition("/")[2])
    required = model.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": inner}
        for name, inner in model.get("properties", {}).items()
    ]


def _response(shape: Shape, schemas: dict[str, Any]) -> dict[str, Any]:
    if shape is None:
        return {"description": "Done."}
    return {"description": "Done.", "content": _content(shape, schemas, mode="serialization")}


def _content(shape: Shape, schemas: dict[str, Any], *, mode: str = "validation") -> dict[str, Any]:
    if isinstance(shape, str):
        return {shape: {"schema": {"type": "string", "contentMediaType": shape}}}
    return {"application/json": {"schema": _schema(shape, schemas, mode=mode)}}


def _schema(shape: Any, schemas: dict[str, Any], *, mode: str) -> dict[str, Any]:
    """Describe ``shape`` and put every model it names among the components."""
    adapter = shape if isinstance(shape, TypeAdapter) else TypeAdapter(shape)
    schema: dict[str, Any] = adapter.json_schema(
        ref_template=REF, mode="serialization" if mode == "serialization" else "validation"
    )
    for name, definition in schema.pop("$defs", {}).items():
        _define(name, definition, schemas)
    if isinstance(shape, type) and issubclass(shape, BaseModel) and "$ref" not in schema:
        _define(shape.__name__, schema, schemas)
        return {"$ref": REF.format(model=shape.__name__)}
    return schema


def _define(name: str, definition: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Put a model among the components; raises ``NameTaken`` when another one has its name."""
    if schemas.setdefault(name, definition) != definition:
        raise NameTaken(f"two shapes of the API are called {name}")
