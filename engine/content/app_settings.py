"""The settings of a site's own as a record: the class `Settings` in `app.py`, which `[app]` must satisfy."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine.config import Config
from engine.content.schema import adapter_of, fields_of, is_record, surprises
from engine.content.schema_faults import MISSING, UNKNOWN, path_of, refusal, told, value_at, wanted
from engine.errors import Fault, SiteError
from engine.settings.given import split
from engine.settings.record import is_secret

if TYPE_CHECKING:
    from pydantic import TypeAdapter
    from pydantic_core import ErrorDetails

NAME = "Settings"
_LISTS = ("list_type", "tuple_type", "set_type", "frozen_set_type")
Steps = tuple[str | int, ...]


def read_app_settings(schema: Any, config: Config, file: str) -> Any:
    """`[app]` of `config` as an instance of `schema`, a dataclass or a pydantic model of the module `file`.

    Files must give the types that it names. What the environment gives is a text, and is converted. Raises
    `SiteError` with every fault.
    """
    if not is_record(schema):
        what = "`Settings` is no dataclass"
        raise SiteError(Fault("bad-settings", file, what, "Decorate it with @dataclass"))
    try:
        adapter = adapter_of(schema)
    except Exception as error:  # whatever the annotations of the site raise
        what = f"`Settings` cannot be used for [app]: {_first_line(error)}"
        raise SiteError(Fault("bad-settings", file, what, "Check its annotations")) from None
    given = _copied(config.app)
    try:
        record, errors = _validate(adapter, given, config)
    except Exception as error:  # whatever a validator of the site raises
        what = f"`Settings` failed: {type(error).__name__}: {_first_line(error)}"
        raise SiteError(Fault("bad-settings", file, what, "Raise ValueError to refuse a value")) from None
    if errors:
        raise SiteError(_faults(errors, given, schema, config))
    return record


def _copied(value: Any) -> Any:
    """`value` with tables of its own, as texts in them may be split."""
    return {key: _copied(it) for key, it in value.items()} if isinstance(value, Mapping) else value


def _validate(
    adapter: TypeAdapter[Any], given: dict[str, Any], config: Config
) -> tuple[Any, list[ErrorDetails]]:
    """The record and no errors, or what is wrong. Texts of the environment that shall be lists are split."""
    from pydantic import ValidationError  # noqa: PLC0415  80 ms, which only a site with such a class pays

    record, errors = None, []
    try:
        [record] = adapter.validate_python([given])
    except ValidationError as error:
        errors = error.errors(include_url=False)
    if texts := list(_lists(errors, given, config)):
        for path in texts:
            value_at(given, path[:-1])[path[-1]] = split(value_at(given, path))
        return _validate(adapter, given, config)
    known = {error["loc"] for error in errors}
    for each in surprises(adapter, given):
        if each["loc"] not in known and not config.origins.is_given("app", *path_of(given, each["loc"])):
            errors.append(each)
    return record, errors


def _lists(errors: list[ErrorDetails], given: dict[str, Any], config: Config) -> Iterator[Steps]:
    """The paths of texts of the environment that shall be lists."""
    for error in errors:
        path = path_of(given, error["loc"])
        is_given = path and config.origins.is_given("app", *path)
        if error["type"] in _LISTS and is_given and isinstance(value_at(given, path), str):
            yield path


def _faults(
    errors: list[ErrorDetails], given: dict[str, Any], schema: Any, config: Config
) -> Iterator[Fault]:
    """A fault for each error; errors of type at one place, as those of a union, make one fault."""
    expected: dict[Steps, list[str]] = {}
    for error in errors:
        path = path_of(given, error["loc"])
        file, *place = config.place_of("app", *path)
        name = _name(path)
        if error["type"] in MISSING:
            key = error["loc"][-1]
            what = f"`{name}.{key}` is missing"
            yield Fault("config-missing", file, what, f"Write `{key} = …` in [{name}]", *place)
        elif error["type"] in UNKNOWN:
            yield Fault(
                "config-unknown-key", file, f"`{name}` is not a setting", _nearest(path, schema), *place
            )
        elif (want := wanted(error)) is not None:
            expected.setdefault(path, []).append(want)
        elif _is_hidden(name, config):
            yield Fault("config-value", file, f"`{name}`: {refusal(error, '', None)}", "", *place)
        else:
            yield Fault("config-value", file, refusal(error, name, value_at(given, path)), "", *place)
    for path, wants in expected.items():
        file, *place = config.place_of("app", *path)
        name = _name(path)
        got = "what it is" if _is_hidden(name, config) else told(value_at(given, path))
        what = f"`{name}` must be {' or '.join(dict.fromkeys(wants))}, not {got}"
        yield Fault("config-type", file, what, "", *place)


def _is_hidden(name: str, config: Config) -> bool:
    """Whether no fault tells the value: by its name, or by `freeze.secrets`."""
    return is_secret(name) or name.removeprefix("app.") in config.freeze.secrets


def _name(path: Steps) -> str:
    """`app.mail.hosts[0]`."""
    return "app" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)


def _nearest(path: Steps, schema: Any) -> str:
    known = sorted(fields_of(schema)) if len(path) == 1 else []
    near = difflib.get_close_matches(str(path[-1]), known, n=1)
    return f"Did you mean `app.{near[0]}`?" if near else "Remove it, or add it to `Settings` in app.py"


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
