"""The interface described as OpenAPI 3.1, from the same rows that serve it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from alerting.api.endpoint import Endpoint

_TEMPLATE: Final = "#/components/schemas/{model}"
_NAMES: Final = re.compile(r"\{(\w+)\}")
_REFUSALS: Final = {
    "400": "What was sent is not what is wanted; nothing was done.",
    "401": "No valid token.",
    "403": "Who asks may not.",
    "404": "There is no such thing.",
    "409": "It cannot be done, or not any more.",
    "503": "The store does not answer; nothing was done.",
}


def openapi(endpoints: Iterable[Endpoint], version: str) -> dict[str, Any]:
    """The document; every type stands once, under components."""
    rows = list(endpoints)
    asked: list[tuple[Any, JsonSchemaMode, TypeAdapter[Any]]] = []
    for number, one in enumerate(rows):
        asked.append(((number, "answer"), "serialization", TypeAdapter(one.answer)))
        if one.body:
            asked.append(((number, "body"), "validation", TypeAdapter(one.body)))
    schemas, shared = TypeAdapter.json_schemas(asked, ref_template=_TEMPLATE)
    paths: dict[str, Any] = {}
    for number, one in enumerate(rows):
        answer = schemas[(number, "answer"), "serialization"]
        body = schemas.get(((number, "body"), "validation"))
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, answer, body)
    components = {
        "schemas": {**shared.get("$defs", {}), "Refusal": _REFUSAL},
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Forewarn", "version": version},
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": components,
    }


_REFUSAL: Final = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "string", "description": "who, what, bound and remedy, in words"}},
}


def _operation(one: Endpoint, answer: Any, body: Any) -> dict[str, Any]:
    plain = one.raw and one.method == "GET"
    content = {one.raw: {"schema": {"type": "string"}}} if plain else {"application/json": {"schema": answer}}
    needed = ", ".join(sorted(one.may)) or "any role"
    made: dict[str, Any] = {
        "operationId": _id(one),
        "summary": one.summary,
        "description": f"Needs: {needed}.",
        "parameters": [*(_in_path(name) for name in _NAMES.findall(one.path)), *_in_query(one)],
        "responses": {"200": {"description": "Done.", "content": content}, **_refusals()},
    }
    if body is not None:
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    elif one.raw and not plain:
        made["requestBody"] = {"required": True, "content": {one.raw: {"schema": {"type": "string"}}}}
    return made


def _id(one: Endpoint) -> str:
    return "_".join([one.method.lower(), *re.findall(r"\w+", one.path)])


def _in_path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _in_query(one: Endpoint) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "query", "description": meaning, "schema": {"type": "string"}}
        for name, meaning in one.query.items()
    ]


def _refusals() -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Refusal"}
    return {
        status: {"description": meaning, "content": {"application/json": {"schema": schema}}}
        for status, meaning in _REFUSALS.items()
    }
