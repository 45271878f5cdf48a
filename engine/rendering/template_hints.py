"""What Jinja2 finds wrong: its words, its place and the way out. The only reader of the sentences that it writes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches

from jinja2 import Environment, TemplateError, UndefinedError

TAGS = (
    *(
        "autoescape",
        "block",
        "call",
        "elif",
        "else",
        "endautoescape",
        "endblock",
        "endcall",
        "endfilter",
        "endfor",
    ),
    *("endif", "endmacro", "endraw", "endset", "endwith", "extends", "filter", "for", "from", "if", "import"),
    *("include", "macro", "raw", "set", "with"),
)
OF_EXTENSIONS = {
    **dict.fromkeys(("form_fields", "form_field", "form_errors", "form_hidden", "csrf_token"), "forms"),
    "current_user": "login",
}
"""Which extension of the engine brings a name."""
IS_DEFINED = "Ask with `is defined` where it may be missing"
_OBJECT = re.compile(r"'(?:[^']*\.)?(\w+) object'")  # a class of a page has the path of its file in its name
"""An object as Jinja2 tells it, by the module of its class: nobody's business but ours."""


def sentence(error: TemplateError) -> str:
    """What Jinja2 says of `error`."""
    said = str(error.message or error).rstrip(".")
    return _OBJECT.sub(lambda found: f"{'an' if found[1][0] in 'AEIOU' else 'a'} {found[1]}", said)


def place_of(error: BaseException, by_location: Mapping[str, str]) -> tuple[str | None, int | None]:
    """The innermost template line in the error's traceback, which Jinja2 has rewritten to template lines."""
    place: tuple[str | None, int | None] = (None, None)
    traceback = error.__traceback__
    while traceback is not None:
        path = by_location.get(traceback.tb_frame.f_code.co_filename)
        place = (path, traceback.tb_lineno) if path else place
        traceback = traceback.tb_next
    return place


def hint_of(error: TemplateError, environment: Environment) -> str:
    """What to do about `error`; empty where its sentence says all that is known."""
    said = str(error.message or error)
    for pattern, hint in HINTS:
        if found := pattern.search(said):
            return hint(found, environment)
    return IS_DEFINED if isinstance(error, UndefinedError) else ""


def _near(name: str, known: Iterable[str], otherwise: str) -> str:
    near = get_close_matches(name, sorted(known), 1)
    return f"Did you mean `{near[0]}`?" if near else otherwise


def _filter(found: re.Match[str], environment: Environment) -> str:
    return _near(found[1], environment.filters, "The site adds its own in setup() of app.py")


def _test(found: re.Match[str], environment: Environment) -> str:
    return _near(found[1], environment.tests, "The site adds its own in setup() of app.py")


def _tag(found: re.Match[str], environment: Environment) -> str:
    if found[1] in TAGS:
        return "Remove it: nothing is open that it could belong to"
    return _near(
        found[1], TAGS, "Write {{ … }} to print a value, and {% raw %} around braces that mean themselves"
    )


def _undefined(found: re.Match[str], environment: Environment) -> str:
    if (extension := OF_EXTENSIONS.get(found[1])) is not None:
        return f"Call {extension}.init_app(app) in setup(app) of app.py"
    return _near(found[1], environment.globals, IS_DEFINED)


def _end(found: re.Match[str], environment: Environment) -> str:
    return f"Write {{% {found[1]} %}} where it ends"


def _closing(found: re.Match[str], environment: Environment) -> str:
    return "Close every brace, bracket and parenthesis with its own kind"


def _missing(found: re.Match[str], environment: Environment) -> str:
    return "Something is missing before the braces close"


def _surplus(found: re.Match[str], environment: Environment) -> str:
    return "Close the braces before it, or say by an operator or a filter what it is for"


HINTS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Environment], str]], ...] = (
    (re.compile(r"No filter named '(.+?)'"), _filter),
    (re.compile(r"No test named '(.+?)'"), _test),
    (re.compile(r"unknown tag '(.+?)'\.(?! Jinja was looking)"), _tag),
    (re.compile(r"'(\w+)' is undefined"), _undefined),
    (re.compile(r"looking for the following tags: (?:.* or )?'(\w+)'"), _end),
    (re.compile(r"(?:got|unexpected) 'end of (?:print statement|statement block)'"), _missing),
    (re.compile(r"expected token 'end of (?:print statement|statement block)'"), _surplus),
    (re.compile(r"unexpected '[}\])]'|unexpected end of template|unexpected 'end of template'"), _closing),
)
"""What Jinja2 says, and the way out of it, tried in order."""
