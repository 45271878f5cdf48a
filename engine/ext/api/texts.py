"""What comes as text: the query, headers and the path. Read as the JSON that their types allow, and then validated.

So the same rules hold for them and for bodies, and the JSON schema of the document says them all: `?limit=5` is a
number where the type is one, and `?limit=0x5` or `?limit=5_0` is a text, which is no number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isinf
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import DecimalSchema

from engine.ext.api.problems import Invalid, invalid

Given = Callable[[str], list[str]]
"""The texts of a name: none, one or several."""

_integer = re.compile(r"-?(?:0|[1-9][0-9]*)").fullmatch
_number = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?").fullmatch
_OF = {bool: "boolean", int: "integer", float: "number", type(None): "null", str: "string"}
LONGEST = 400
"""Characters of a number: enough for every finite one of 64 bits that is not written to annoy."""
_NUMBERS = frozenset({"integer", "number"})


class _Kinds(GenerateJsonSchema):
    """Schemas that tell decimals from numbers: as a text it keeps its digits, of which a float has about 16."""

    def decimal_schema(self, schema: DecimalSchema) -> JsonSchemaValue:
        return {"type": "decimal"}


@dataclass(frozen=True, slots=True)
class Field:
    """One name: its key in JSON, the JSON types of a value, and whether it takes several."""

    key: str
    types: frozenset[str]
    several: bool

    def json(self, texts: list[str]) -> str:
        """What was sent, as JSON."""
        if self.several:
            return f"[{','.join(map(self._json, texts))}]"
        return self._json(texts[0])

    def _json(self, text: str) -> str:
        types = self.types
        if _NUMBERS & types and _is_number(text, "number" in types):
            return text
        if "boolean" in types and text in ("true", "false"):
            return text
        return json.dumps(text)


def _is_number(text: str, broken: bool) -> bool:
    """Whether a text is a number that a float can hold, a `broken` one too."""
    found = len(text) <= LONGEST and (_integer(text) or (broken and _number(text)))
    return bool(found) and not isinf(float(text))


class Texts:
    """Reads the values of one `kind`, a model or the like, from texts that come in `place`.

    `named` is how a key is called in the request. Raises `TypeError` for what no text can be.
    """

    def __init__(
        self, kind: Any, place: str, named: Callable[[str], str] = str, only: Iterable[str] = ()
    ) -> None:
        self.adapter: TypeAdapter[Any] = TypeAdapter(kind)
        self.place = place
        self.named = named
        whole = self.adapter.json_schema(schema_generator=_Kinds)
        definitions = whole.get("$defs", {})
        schema = resolved(whole, definitions)
        if schema.get("type") != "object" or "properties" not in schema:
            raise TypeError(f"`{place}` needs a model, a dataclass or the like, which names its fields")
        self.fields = {
            named(key): _field(key, place, it, definitions) for key, it in schema["properties"].items()
        }
        self.takes_others = "additionalProperties" in schema
        self._keys = {field.key: name for name, field in self.fields.items()}
        self._validate = self.adapter.validator.validate_json

    def read(self, given: Given, others: Iterable[str] = ()) -> Any:
        """The value. `others` are the names that were sent, for a model that allows or forbids what it does not name.

        Raises `Invalid`.
        """
        parts, twice = [], []
        for name, field in self.fields.items():
            if texts := given(name):
                if len(texts) > 1 and not field.several:
                    twice.append(name)
                parts.append(f"{json.dumps(field.key)}:{field.json(texts)}")
        if self.takes_others:
            parts += (
                f"{json.dumps(name)}:{json.dumps(given(name)[-1])}"
                for name in others
                if name not in self.fields
            )
        if twice:
            raise Invalid(*map(self._twice, twice))
        text = "{" + ",".join(parts) + "}"
        try:
            return self._validate(text, strict=True)
        except ValidationError as error:
            raise invalid(error, self.place, json.loads(text), self._keys) from None

    def _twice(self, name: str) -> Mapping[str, str]:
        detail = "Input should be given once"
        return {"in": self.place, "pointer": f"/{name}", "detail": detail, "type": "repeated"}


def resolved(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a schema refers to, where it does."""
    while "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    return schema


def _field(key: str, place: str, schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Field:
    branches = list(_branches(schema, definitions))
    items = [it for branch in branches if "array" in _types(branch) for it in _items(branch, definitions)]
    types = frozenset(name for it in items or branches for name in _types(it))
    if {"object", "array"} & types:
        raise TypeError(f"`{key}` in `{place}` cannot hold objects, nor lists of lists: it comes as text")
    return Field(key, types, bool(items))


def _items(branch: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for item in (*branch.get("prefixItems", ()), branch.get("items") or {}):
        yield from _branches(item, definitions)


def _branches(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The schemas of which a value fits one."""
    schema = resolved(schema, definitions)
    several = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
    for branch in several:
        yield from _branches(branch, definitions)
    if not several:
        yield schema


def _types(schema: Mapping[str, Any]) -> set[str]:
    if "type" in schema:
        return {schema["type"]} if isinstance(schema["type"], str) else set(schema["type"])
    values = [*schema.get("enum", ()), *([schema["const"]] if "const" in schema else ())]
    return {_OF[type(value)] for value in values}
