"""The document of an API (OpenAPI 3.1, spec.openapis.org/oas/v3.1.1), made of the tree: the same bytes each time."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Literal, NamedTuple
from urllib.parse import quote
from weakref import WeakKeyDictionary

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaValue

from engine import App, Response, current_app
from engine.ext.api.operations import Operation, operation_of
from engine.ext.api.problems import PROBLEM
from engine.ext.api.schemas import (
    OF_TYPES,
    PROBLEM_SCHEMA,
    SCHEMAS,
    Schemas,
    used_by,
    without_null,
)
from engine.ext.api.texts import resolved

JSON = "application/json"
FOLLOWING = ("HEAD", "OPTIONS")
"""Methods that follow from the others."""
NOT_AS_PARAMETERS = frozenset({"accept", "authorization", "content-type"})
"""Headers that a document shall not name among its parameters (OpenAPI 3.1.1, §4.8.12.1)."""
_made: WeakKeyDictionary[App, dict[str, Any]] = WeakKeyDictionary()
"""What was made for each app. An app never changes, and goes with its site."""


def openapi(
    *,
    title: str = "",
    version: str = "1",
    description: str = "",
    below: str = "",
    security: Mapping[str, Mapping[str, Any]] | None = None,
) -> Response:
    """The document of all handlers with `@api`, or of those below a path such as `/v1`, as JSON.

    `security` are schemes by name, as OpenAPI writes them. A handler that names none of its own needs any of them.
    """
    made = document(title=title, version=version, description=description, below=below, security=security)
    return Response.quick(json.dumps(made, ensure_ascii=False, indent=1).encode(), JSON)


def document(
    *,
    title: str = "",
    version: str = "1",
    description: str = "",
    below: str = "",
    security: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """The document as a mapping, which nobody may change."""
    site = current_app.site  # each time, as a page that shows it depends on the whole site
    app: App = current_app._get_current_object()
    info = {"title": title or site.config.title or "API", "version": version}
    if description:
        info["description"] = description
    key = json.dumps([info, below, security])
    made = _made.setdefault(app, {})
    if key not in made:
        made[key] = _Document(site, below, security or {}).made(info)
    found: dict[str, Any] = made[key]
    return found


class _Found(NamedTuple):
    """An operation at a path of the document; `names` are the parameters in the path."""

    path: str
    method: str
    operation: Operation
    slots: tuple[Any, ...]
    route: Any


class _Document:
    """Makes one document. Schemas are made all at once, so that two models of one name get two."""

    def __init__(self, site: Any, below: str, security: Mapping[str, Mapping[str, Any]]) -> None:
        self._site = site
        self._security = security
        self._found = [it for it in _operations(site) if f"{it.path}/".startswith(f"{below.rstrip('/')}/")]
        self._adapters: dict[int, tuple[int, Literal["validation", "serialization"], TypeAdapter[Any]]] = {}
        for it in self._found:
            self._note(it.operation)
        schemas, rest = TypeAdapter.json_schemas(
            list(self._adapters.values()), ref_template=SCHEMAS + "{model}", schema_generator=Schemas
        )
        self._schemas = {key: schema for (key, _), schema in schemas.items()}
        self._definitions: dict[str, Any] = rest.get("$defs", {})
        self._problem_name = "Problem"
        while self._problem_name in self._definitions:  # a model of the site's
            self._problem_name += "_"
        self._ids: set[str] = set()

    def _note(self, operation: Operation) -> None:
        if operation.body is not None:
            self._adapters[id(operation.body)] = (id(operation.body), "validation", operation.body.adapter)
        for adapter in operation.path.values():
            self._adapters[id(adapter)] = (id(adapter), "validation", adapter)
        for texts in operation.texts:
            self._adapters[id(texts)] = (id(texts), "validation", texts.adapter)
        if operation.writer.adapter is not None:
            writer = operation.writer
            self._adapters[id(writer)] = (id(writer), "serialization", operation.writer.adapter)

    def made(self, info: Mapping[str, Any]) -> dict[str, Any]:
        """The document."""
        paths: dict[str, dict[str, Any]] = {}
        for it in sorted(self._found, key=lambda it: it.path):
            paths.setdefault(it.path, {})[it.method.lower()] = self._operation(it)
        tags = sorted({tag for item in paths.values() for one in item.values() for tag in one["tags"]})
        known = {**self._definitions, self._problem_name: PROBLEM_SCHEMA}
        used = used_by(paths, known) | {self._problem_name}
        components: dict[str, Any] = {"schemas": {name: known[name] for name in sorted(used)}}
        if self._security:
            components["securitySchemes"] = {name: dict(it) for name, it in self._security.items()}
        made = {
            "openapi": "3.1.1",
            "info": info,
            "servers": [{"url": self._site.config.base_path or "/"}],
            "tags": [{"name": tag} for tag in tags],
            "paths": paths,
            "components": components,
        }
        if self._security:
            made["security"] = [{name: []} for name in self._security]
        return made

    def _operation(self, found: _Found) -> dict[str, Any]:
        operation = found.operation
        summary, described = _told(operation.function)
        made: dict[str, Any] = {
            "operationId": self._id(found),
            "summary": summary or f"{found.method} {found.path}",
            "description": described,
            "tags": list(operation.said.tags) or _tags(found.route.source),
            "parameters": [*self._path(found), *self._texts(operation), *_if_match(operation)],
            "requestBody": self._body(operation),
            "responses": self._responses(found),
        }
        if operation.said.deprecated:
            made["deprecated"] = True
        if operation.said.security is not None:
            made["security"] = [{name: []} for name in operation.said.security]
        empty: tuple[Any, ...] = ("", [], None)
        return {name: it for name, it in made.items() if it not in empty or name in ("tags", "security")}

    def _id(self, found: _Found) -> str:
        words = re.findall(r"[A-Za-z0-9]+", re.sub(r"=\w+", "", found.route.id))
        name = "_".join([found.method.lower(), *words])
        number = 1
        while (made := name if number == 1 else f"{name}_{number}") in self._ids:
            number += 1
        self._ids.add(made)
        return made

    def _path(self, found: _Found) -> Iterator[dict[str, Any]]:
        for slot in found.slots:
            schema = self._of_type(slot.converter)
            if (adapter := found.operation.path.get(slot.name)) is not None:
                own = without_null(resolved(self._schemas[id(adapter)], self._definitions))
                schema = {**schema, **own}
                schema.pop("title", None)
            made = {"name": slot.name, "in": "path", "required": True, "schema": schema}
            if "description" in schema:
                made["description"] = schema["description"]
            yield made

    def _of_type(self, converter: str) -> JsonSchemaValue:
        if converter in OF_TYPES:
            return OF_TYPES[converter]
        try:
            return TypeAdapter(self._site.routes.converters[converter].accepts).json_schema()
        except Exception:  # a type of the site's own, which pydantic does not know
            return {"type": "string"}

    def _texts(self, operation: Operation) -> Iterator[dict[str, Any]]:
        for texts in operation.texts:
            schema = resolved(self._schemas[id(texts)], self._definitions)
            required = schema.get("required", ())
            for key, own in schema["properties"].items():
                name = texts.named(key)
                if texts.place == "header" and name.lower() in NOT_AS_PARAMETERS:
                    continue
                kind = without_null(own)
                made = {"name": name, "in": texts.place, "required": key in required}
                if described := kind.pop("description", ""):
                    made["description"] = described
                kind.pop("title", None)
                yield {**made, "schema": kind}

    def _body(self, operation: Operation) -> dict[str, Any] | None:
        if operation.body is None:
            return None
        schema = self._schemas[id(operation.body)]
        return {"required": not operation.body.optional, "content": {JSON: {"schema": schema}}}

    def _responses(self, found: _Found) -> dict[str, Any]:
        operation, writer = found.operation, found.operation.writer
        good: dict[str, Any] = {"description": HTTPStatus(writer.status).phrase}
        if not writer.is_empty:
            good["content"] = {JSON: {"schema": self._schemas.get(id(writer), {})}}
        if headers := dict(_headers(found)):
            good["headers"] = headers
        made = {str(writer.status): good}
        for status, meaning in sorted({**_refusals(found), **operation.said.errors}.items()):
            made[str(status)] = self._problem(meaning or HTTPStatus(status).phrase)
        return {**made, "default": self._problem("Any other error.")}

    def _problem(self, description: str) -> dict[str, Any]:
        schema = {"$ref": f"{SCHEMAS}{self._problem_name}"}
        return {"description": description, "content": {PROBLEM: {"schema": schema}}}


def _operations(site: Any) -> Iterator[_Found]:
    for handled in site.handlers():
        operation = operation_of(handled.function)
        if operation is None or handled.method in FOLLOWING:
            continue
        for path, slots in _paths(handled.route, site.config.slash):
            yield _Found(path, handled.method, operation, slots, handled.route)


def _paths(route: Any, slash: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The paths of a route: one that may leave a segment out has two, as a parameter of a document cannot be empty."""
    ways: list[list[tuple[str, tuple[Any, ...]]]] = [[]]
    for segment in route.segments:
        slots: tuple[Any, ...] = getattr(segment, "slots", ())
        if not slots:
            part = [(quote(segment.text, safe="!$&'()*+,;=:@~"), ())]
            ways = [[*way, *part] for way in ways]
            continue
        before, *after = (quote(text, safe="!$&'()*+,;=:@~") for text in segment.texts)
        text = before + "".join(f"{{{slot.name}}}{rest}" for slot, rest in zip(slots, after, strict=True))
        short = ways if slots[0].takes != "one" else []
        ways = [*([*way, (text, slots)] for way in ways), *short]
    for way in ways:
        yield route.spelt([text for text, _ in way], slash), tuple(slot for _, slots in way for slot in slots)


def _told(function: Callable[..., Any]) -> tuple[str, str]:
    """The first line of a docstring, and the rest."""
    first, _, rest = (inspect.getdoc(function) or "").partition("\n")
    return first.strip().removesuffix("."), rest.strip()


def _tags(source: str) -> list[str]:
    """The name of the nearest directory that is a word of the address."""
    return [it for it in source.split("/")[1:-1] if it[0] != "(" and "[" not in it][-1:]


def _if_match(operation: Operation) -> Iterator[dict[str, Any]]:
    if operation.said.if_match:
        yield {
            "name": "If-Match",
            "in": "header",
            "required": True,
            "description": "The ETag of the version that was read, or * for any.",
            "schema": {"type": "string"},
            "example": "*",
        }


def _headers(found: _Found) -> Iterator[tuple[str, Any]]:
    writer = found.operation.writer
    if found.method == "GET" and writer.adapter is not None and writer.status == 200:
        yield "ETag", {"description": "The version of this answer.", "schema": {"type": "string"}}
    if writer.is_sliced:
        yield "Link", {"description": "The parts before and after (RFC 8288).", "schema": {"type": "string"}}
    if writer.status == 201:
        yield "Location", {"description": "What was made.", "schema": {"type": "string"}}


def _refusals(found: _Found) -> dict[int, str]:
    """The errors that the engine and this extension answer by themselves."""
    operation = found.operation
    made: dict[int, str] = {}
    if found.slots:
        made[404] = "There is no such thing."
    if operation.body is not None:
        made |= {
            400: "The body is not JSON.",
            413: "The body is too large.",
            415: "The body has another type.",
        }
    if operation.body is not None or operation.texts or operation.path:
        made[422] = "What was sent does not fit."
    if operation.said.if_match:
        made |= {412: "It has changed since it was read.", 428: "The request names no version."}
    return made
