"""The JSON schemas of a document: those of pydantic where they need a word more, and those that every API has."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import DecimalSchema

SCHEMAS = "#/components/schemas/"
OF_TYPES: Mapping[str, JsonSchemaValue] = {
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "uuid": {"type": "string", "format": "uuid"},
    "date": {"type": "string", "format": "date"},
    "slug": {"type": "string", "pattern": "^[a-z0-9]+(?:-[a-z0-9]+)*$"},
    "": {"type": "string", "minLength": 1},
}
"""What the types of parameters take."""
DECIMAL = r"^-?[0-9]{1,20}(?:\.[0-9]{1,20})?$"
BOUNDS = frozenset({"ge", "gt", "le", "lt", "multiple_of"})

PROBLEM_SCHEMA: JsonSchemaValue = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong (RFC 9457).",
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "What is wrong with each value: where it was sent, a JSON pointer to it, and why.",
            "items": {
                "type": "object",
                "properties": {
                    "in": {"type": "string", "enum": ["body", "query", "path", "header"]},
                    "pointer": {
                        "type": "string",
                        "description": "Where it is, as a JSON pointer (RFC 6901).",
                    },
                    "detail": {"type": "string"},
                    "type": {"type": "string"},
                },
                "required": ["in", "pointer", "detail", "type"],
            },
        },
    },
    "required": ["title", "status", "detail"],
}


class Schemas(GenerateJsonSchema):
    """pydantic's schemas, but for decimals: which texts are decimals, and none where it has bounds that no text has."""

    def decimal_schema(self, schema: DecimalSchema) -> JsonSchemaValue:
        made = super().decimal_schema(schema)
        branches = [made, *made.get("anyOf", ())]
        texts = [it for it in branches if it.get("type") == "string" and "pattern" not in it]
        if BOUNDS & schema.keys() and "anyOf" in made:
            return {**next(it for it in branches if it.get("type") == "number")}
        for text in texts if self.mode == "validation" else ():
            text["pattern"] = DECIMAL
        return made

    def encode_default(self, dft: Any) -> Any:
        """A decimal as the number that its schema takes: texts with bounds it takes none."""
        if self.mode == "validation" and isinstance(dft, Decimal) and dft.is_finite():
            return float(dft) if dft % 1 else int(dft)
        return super().encode_default(dft)


def without_null(schema: Mapping[str, Any]) -> JsonSchemaValue:
    """What may be sent as text: `null` is not among it, and is said by leaving the parameter out."""
    kind = {name: it for name, it in schema.items() if not (name == "default" and it is None)}
    branches = [it for it in kind.get("anyOf", ()) if it != {"type": "null"}]
    if not branches:
        return kind
    if len(branches) == 1:
        del kind["anyOf"]
        return {**branches[0], **kind}  # a reference may have neighbours in OpenAPI 3.1
    return {**kind, "anyOf": branches}


def used_by(made: Any, known: Mapping[str, Any]) -> set[str]:
    """The names of the schemas that `made` refers to, and these in turn."""
    used: set[str] = set()
    waiting = [made]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            name = str(value.get("$ref", "")).removeprefix(SCHEMAS)
            if name in known and name not in used:
                used.add(name)
                waiting.append(known[name])
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return used
