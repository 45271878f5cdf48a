"""The reference page of an API: its document as one HTML page that fetches nothing and runs no script."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from engine import Response, current_app, render_template_string, url_for
from engine.errors import UnknownRoute

HTML = "text/html; charset=utf-8"
HERE = Path(__file__).parent
METHODS = ("get", "post", "put", "patch", "delete", "options", "head")
LIMITS = (
    ("minimum", "at least {}"),
    ("exclusiveMinimum", "more than {}"),
    ("maximum", "at most {}"),
    ("exclusiveMaximum", "less than {}"),
    ("multipleOf", "a multiple of {}"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("minItems", "at least {} items"),
    ("maxItems", "at most {} items"),
    ("pattern", "matches {}"),
)
DEEPEST = 6
"""How deep an example goes into schemas that hold schemas, which may hold themselves."""


def reference(id: str, /) -> Response:
    """The page for the document that the route `id` answers, such as `/api/openapi.json`. Raises `UnknownRoute`.

    Its style is within it, and allowed by its hash, so that it also stands under a strict policy of the site.
    """
    document = _document(id)
    text = render_template_string(
        _template(), api=document, groups=list(_groups(document)), schemas=list(_schemas(document)),
        style=Markup(_style()), source=url_for(id),
    )  # fmt: skip
    response = Response.quick(text.encode(), HTML)
    digest = b64encode(sha256(_style().encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self' data:; base-uri 'none'"
    response.headers["Content-Security-Policy"] = f"{policy}; form-action 'none'; frame-ancestors 'self'"
    return response


@cache
def _template() -> str:
    return (HERE / "reference.html").read_text("utf-8")


@cache
def _style() -> str:
    return (HERE / "reference.css").read_text("utf-8")


def _document(id: str) -> dict[str, Any]:
    for route, method, function in current_app.site.handlers():
        if route.id == id and method == "GET":
            found: dict[str, Any] = json.loads(function().get_data())
            return found
    raise UnknownRoute(f"no handler with the id {id!r} answers GET")


def _groups(document: Mapping[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The operations by their first tag, those without one first."""
    every = sorted(_operations(document), key=lambda it: it["tag"])
    for tag, found in groupby(every, key=lambda it: it["tag"]):
        yield tag, list(found)


def _operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if (it := item.get(method)) is not None:
                yield _operation(document, path, method, it)


def _operation(document: Mapping[str, Any], path: str, method: str, it: Mapping[str, Any]) -> dict[str, Any]:
    body = it.get("requestBody", {})
    schema = _content(body)
    secured = it.get("security", document.get("security", []))
    return {
        "tag": next(iter(it["tags"]), ""),
        "id": it["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": it["summary"],
        "description": it.get("description", ""),
        "deprecated": it.get("deprecated", False),
        "security": [name for one in secured for name in one],
        "parameters": [
            {**one, "kind": kind(one["schema"]), "limits": limits(one["schema"])}
            for one in it.get("parameters", ())
        ],
        "body": None if schema is None else {"kind": kind(schema), "required": body["required"]},
        "example": None if schema is None else _example(document, schema),
        "responses": [_response(document, status, one) for status, one in it["responses"].items()],
    }


def _response(document: Mapping[str, Any], status: str, it: Mapping[str, Any]) -> dict[str, Any]:
    schema, is_good = _content(it), status[:1] == "2"
    return {
        "status": status,
        "description": it["description"],
        "kind": "" if schema is None else kind(schema),
        "headers": it.get("headers", {}),
        "example": _example(document, schema) if is_good and schema else None,
    }


def _content(it: Mapping[str, Any]) -> Any:
    return next((content["schema"] for content in it.get("content", {}).values()), None)


def _schemas(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name, schema in document["components"]["schemas"].items():
        required = schema.get("required", ())
        yield {
            "name": name,
            "title": schema.get("title", name),
            "description": schema.get("description", ""),
            "kind": kind(schema),
            "limits": limits(schema),
            "properties": [
                {
                    "name": key,
                    "required": key in required,
                    "kind": kind(one),
                    "limits": limits(one),
                    "description": one.get("description", ""),
                }
                for key, one in schema.get("properties", {}).items()
            ],
        }


def kind(schema: Any) -> Markup:
    """The type of a value in words, with a link to each schema that has a name."""
    if not isinstance(schema, Mapping) or not schema:
        return Markup("anything")
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Markup('<a href="#schema-{0}">{0}</a>').format(name)
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return Markup(" and " if word == "allOf" else " or ").join(map(kind, schema[word]))
    if "const" in schema or "enum" in schema:
        values = schema.get("enum", [schema.get("const")])
        return Markup(" or ").join(Markup("<code>{}</code>").format(json.dumps(it)) for it in values)
    types = schema.get("type", "anything")
    if types == "array":
        return Markup("list of ") + kind(schema.get("items", {}))
    if types == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return Markup("object of ") + kind(schema["additionalProperties"])
    words = " or ".join(types) if isinstance(types, list) else types
    return escape(f"{words} ({schema['format']})" if "format" in schema else words)


def limits(schema: Mapping[str, Any]) -> str:
    """What else is said of a value."""
    branches = [schema, *(it for it in schema.get("anyOf", ()) if isinstance(it, Mapping))]
    found = [words.format(it[key]) for it in branches for key, words in LIMITS if key in it]
    if schema.get("default") is not None:
        found.append(f"{json.dumps(schema['default'], ensure_ascii=False)} if left out")
    return ", ".join(dict.fromkeys(found))


def _example(document: Mapping[str, Any], schema: Any) -> str:
    return json.dumps(example(document, schema), ensure_ascii=False, indent=2)


def example(document: Mapping[str, Any], schema: Any, depth: int = 0) -> Any:
    """A value that looks like the schema: its own example, its default, or what its type is made of."""
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        return None
    if "$ref" in schema:
        named = document["components"]["schemas"].get(schema["$ref"].rpartition("/")[2], {})
        return example(document, named, depth + 1)
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    for key in ("const", "default"):
        if schema.get(key) is not None:
            return schema[key]
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return example(document, schema[word][0], depth + 1)
    return _of_type(document, schema, depth)


def _of_type(document: Mapping[str, Any], schema: Mapping[str, Any], depth: int) -> Any:
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {})
            return {name: example(document, it, depth + 1) for name, it in properties.items()}
        case "array":
            item = example(document, schema.get("items"), depth + 1)
            return [] if item is None else [item]
        case "integer" | "number":
            return schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
        case "boolean":
            return True
        case "string":
            return _TEXTS.get(schema.get("format", ""), "text")
    return None


_TEXTS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "time": "12:00:00",
    "duration": "PT1H",
    "uuid": "7b1c3a52-9d3f-4c1e-8a55-0f6a2f9f1c7e",
    "email": "ada@example.org",
    "uri": "https://example.org/",
}
