"""The Jinja2 environment of every template: which names escape, what filters there are, quicker code.

With `jinja_compiler` the only module that touches Jinja2's internals.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import re
from collections import ChainMap
from collections.abc import Callable, Mapping
from typing import Any

import jinja2
from jinja2.compiler import CodeGenerator
from jinja2.runtime import Context, new_context

from engine.http import json
from engine.rendering.headings import slug
from engine.rendering.jinja_compiler import generator_for, get_attribute

MARKUP = frozenset({"html", "htm", "xhtml", "xml", "svg"})
"""The suffixes of outputs that `<` and `&` mean something in."""

SUFFIX = re.compile(r"\.([A-Za-z][A-Za-z0-9]{0,9})$")
"""What ends the name of a file URL; a name without one answers a directory URL, which is HTML."""


def escapes(name: str | None) -> bool:
    """Whether the template called `name` escapes what it prints: it does where its output is HTML or XML.

    `x.html`, `x.html.jinja`, `feed.xml.jinja`, `x.jinja` and `x.md` (a page) do, as does text without a name;
    `x.txt.jinja`, `x.css.jinja`, `x.js.jinja`, `x.json.jinja` and `x.md.jinja` (a file) do not.
    """
    if name is None:
        return True
    name = name.lower()
    output = name.removesuffix(".jinja")
    suffix = SUFFIX.search(output)
    page = output == name and name.endswith((".md", ".markdown"))
    return suffix is None or page or suffix[1] in MARKUP


class Template(jinja2.Template):
    def new_context(
        self,
        vars: dict[str, Any] | None = None,
        shared: bool = False,
        locals: Mapping[str, Any] | None = None,
    ) -> Context:
        """Jinja2's, of a plain dict: it copies the `ChainMap` of the globals name by name, in Python."""
        names: dict[str, Any] = {}
        for layer in reversed(self.globals.maps if isinstance(self.globals, ChainMap) else [self.globals]):
            names.update(layer)
        return new_context(self.environment, self.name, self.blocks, vars, shared, names, locals)


class Environment(jinja2.Environment):
    """Jinja2 as sites use it: escaping by output, no look at the disk once compiled, the filters below.

    Undefined names are Jinja2's default: printed as nothing, an error where anything else is asked of them.
    `options` are those of `jinja2.Environment`.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"autoescape": escapes, "auto_reload": False, **options})
        self.filters.update(FILTERS)
        self.write_json_by(json.default)

    def write_json_by(self, default: Callable[[Any], Any]) -> None:
        """Have the filter `tojson` ask `default` for what JSON has no form for."""
        self.policies["json.dumps_kwargs"] = {"sort_keys": True, "default": default}

    template_class = Template
    getattr = get_attribute

    @property
    def code_generator_class(self) -> type[CodeGenerator]:  # type: ignore[override]
        return generator_for(self)


def date(value: Any, format: str = "%Y-%m-%d") -> str:
    """A date or a time by `format` (that of `strftime`); ISO 8601 text is read, nothing stays nothing."""
    return _of_moment("date", value, lambda moment: moment.strftime(format))


def isoformat(value: Any) -> str:
    """A date or a time as ISO 8601, no more precise than it is: `2026-01-31`, `2026-01-31T12:00:00+00:00`."""
    return _of_moment("isoformat", value, lambda moment: moment.isoformat())


def rfc822(value: Any) -> str:
    """A moment as RSS wants it (RFC 822): `Sat, 31 Jan 2026 12:00:00 +0000`."""
    return _of_moment("rfc822", value, lambda moment: email.utils.format_datetime(_instant(moment)))


def rfc3339(value: Any) -> str:
    """A moment as Atom and sitemaps want it (RFC 3339): `2026-01-31T12:00:00+00:00`."""
    return _of_moment("rfc3339", value, lambda moment: _instant(moment).isoformat())


def _of_moment(filter_name: str, value: Any, write: Callable[[dt.date], str]) -> str:
    if value is None or isinstance(value, jinja2.Undefined) or value == "":
        return ""
    try:
        moment = _read(value) if isinstance(value, str) else value
        if isinstance(moment, dt.date):
            return write(moment)
        problem = f"it is {type(value).__name__}, not a date or a time"
    except (ValueError, OverflowError) as error:
        problem = str(error)
    raise jinja2.TemplateRuntimeError(f"the filter {filter_name!r} cannot write {value!r}: {problem}")


def _read(text: str) -> dt.date:
    return dt.date.fromisoformat(text) if len(text) == len("2026-01-31") else dt.datetime.fromisoformat(text)


def _instant(moment: dt.date) -> dt.datetime:
    """The moment with its offset: a day begins at midnight, and what names no zone is in UTC."""
    if not isinstance(moment, dt.datetime):
        moment = dt.datetime(moment.year, moment.month, moment.day)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def slugify(value: Any) -> str:
    """Text as the end of a URL, by GitHub's rule for headings: `Hello, World!` is `hello-world`."""
    return slug(str(value))


FILTERS: Mapping[str, Callable[..., Any]] = {
    "date": date,
    "isoformat": isoformat,
    "rfc822": rfc822,
    "rfc3339": rfc3339,
    "slugify": slugify,
}
"""What sites can use beside Jinja2's own filters."""
