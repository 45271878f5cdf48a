"""The schema of a section: the dataclass in its `_schema.py` that the front matter below it must satisfy."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from engine.content.schema_faults import faults_of, path_of, value_at
from engine.errors import Fault, SiteError
from engine.source.frontmatter import FrontMatter

if TYPE_CHECKING:
    from pydantic import TypeAdapter
    from pydantic_core import ErrorDetails

_TEXTUAL = ("string_type", "literal_error", "enum")
"""The errors that a value may have only because YAML made a number, a date or a bool of its text."""


def find_schema(names: Mapping[str, Any], file: str) -> type:
    """The schema among the `names` of the module `file`: `Schema`, or the only dataclass or model made there.

    Raises SiteError if there is none, or more than one, or one that cannot be checked against.
    """
    schema = names.get("Schema")
    if schema is None:
        home = names.get("__name__")
        records = [it for it in names.values() if is_record(it) and it.__module__ == home]
        if len(records) != 1:
            what = f"this must hold one dataclass, and holds {len(records)}"
            raise SiteError(Fault("bad-schema", file, what, "Name the one that counts `Schema`"))
        [schema] = records
    if not isinstance(schema, type) or not is_record(schema):
        raise SiteError(Fault("bad-schema", file, "`Schema` is no dataclass", "Decorate it with @dataclass"))
    try:
        adapter_of(schema)
    except Exception as error:  # whatever the annotations of the site raise
        what = f"`{schema.__name__}` cannot be used as a schema: {_first_line(error)}"
        raise SiteError(Fault("bad-schema", file, what, "Check its annotations")) from None
    return schema


def check(
    schema: type,
    matter: FrontMatter,
    file: str,
    *,
    allowed: frozenset[str],
    inherited: Mapping[str, Any] = MappingProxyType({}),
) -> tuple[dict[str, Any], list[Fault]]:
    """The values of `matter` with the fields of `schema` in their types and its defaults filled in.

    Keys of `allowed` may stand beside the fields. A field of text keeps the text as written: `version: 1.10`
    is "1.10". Nested dataclasses come as such. `inherited` fills fields that `matter` does not give. If there
    are faults, the values are those of `matter`.
    """
    fields = fields_of(schema)
    beside = {key: value for key, value in matter.values.items() if key in allowed and key not in fields}
    given = {key: value for key, value in inherited.items() if key in fields}
    given |= {key: value for key, value in matter.values.items() if key not in beside}
    try:
        record, errors = _validate(adapter_of(schema), given, matter.text)
    except Exception as error:  # whatever a validator of the site raises
        what = f"the schema `{schema.__name__}` failed: {type(error).__name__}: {_first_line(error)}"
        return matter.values, [Fault("schema-failed", file, what, "Raise ValueError to refuse a value", 1)]
    if errors:
        return matter.values, faults_of(errors, given, matter, file, fields | allowed)
    return {**beside, **values_of(record)}, []


def is_record(thing: object) -> bool:
    """Whether it is a class whose fields pydantic can check: a dataclass or a model."""
    return isinstance(thing, type) and (dataclasses.is_dataclass(thing) or hasattr(thing, "model_fields"))


def fields_of(schema: Any) -> frozenset[str]:
    """The keys that an author may give for the fields of `schema`."""
    if dataclasses.is_dataclass(schema):
        return frozenset(field.name for field in dataclasses.fields(schema) if field.init)
    return frozenset(field.alias or name for name, field in schema.model_fields.items())


def values_of(record: Any) -> dict[str, Any]:
    """The fields of a dataclass or a model, and what a model takes beside them."""
    if dataclasses.is_dataclass(record):
        return {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    return {name: getattr(record, name) for name in type(record).model_fields} | (record.model_extra or {})


@lru_cache(maxsize=64)
def adapter_of(schema: Any) -> TypeAdapter[Any]:
    """What validates a one-tuple of `schema`: pydantic gives settings only to a type that is not the record itself."""
    from pydantic import ConfigDict, TypeAdapter  # 80 ms, which only a site with a schema pays  # noqa: PLC0415

    if hasattr(schema, "model_fields") and "extra" not in schema.model_config:
        schema = type(schema)(schema.__name__, (schema,), {"__module__": schema.__module__}, extra="forbid")
    adapter = TypeAdapter(tuple[schema], config=ConfigDict(extra="forbid"))
    adapter.rebuild(raise_errors=True)  # a name that is not defined would otherwise wait for the first page
    return adapter


def _validate(
    adapter: TypeAdapter[Any], given: dict[str, Any], text: Callable[..., str | None]
) -> tuple[Any, list[ErrorDetails]]:
    """The record and no errors, or what is wrong."""
    from pydantic import ValidationError  # noqa: PLC0415

    record, errors = None, []
    try:
        [record] = adapter.validate_python([given])
    except ValidationError as error:
        errors = error.errors(include_url=False)
    known = {error["loc"] for error in errors}
    errors += [error for error in surprises(adapter, given) if error["loc"] not in known]
    if errors and (written := _as_written(errors, given, text)) is not None:
        return _validate(adapter, written, text)
    return record, errors


def surprises(adapter: TypeAdapter[Any], given: dict[str, Any]) -> list[ErrorDetails]:
    """What pydantic would convert and no author expects: "12" to 12, true to 1, 20240203 to a date.

    Its strict mode for JSON takes just the conversions that JSON needs: text to a date or an enum, a list to a
    tuple. JSON has no dates; of those the other mode has judged.
    """
    from pydantic import ValidationError  # noqa: PLC0415
    from pydantic_core import to_json  # noqa: PLC0415

    try:
        adapter.validate_json(to_json([given]), strict=True)
    except ValidationError as error:
        found = error.errors(include_url=False)
        return [
            each for each in found if not isinstance(value_at(given, path_of(given, each["loc"])), dt.date)
        ]
    return []


def _as_written(
    errors: list[ErrorDetails], given: dict[str, Any], text: Callable[..., str | None]
) -> dict[str, Any] | None:
    """`given` with texts as written for what YAML made numbers, dates and bools of; `None` if nothing helps."""
    written: dict[str, Any] | None = None
    for error in errors:
        path = path_of(given, error["loc"])
        if error["type"] not in _TEXTUAL or not isinstance(
            value_at(given, path), (bool, int, float, dt.date)
        ):
            continue
        if (scalar := text(*path)) is not None:
            written = written or copy.deepcopy(given)
            value_at(written, path[:-1])[path[-1]] = scalar
    return written


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
