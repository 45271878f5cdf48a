"""Which line of a site is to blame for an exception of its own Python."""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Callable
from difflib import get_close_matches

from engine.errors import OF_FLASK, Fault

EXTRAS = {
    **dict.fromkeys(("sqlalchemy", "alembic"), "sql"),
    "wtforms": "forms",
    **dict.fromkeys(("limits", "argon2"), "login"),
    **dict.fromkeys(("authlib", "joserfc"), "oauth"),
}
"""The extra that brings a module, for a site that has it not."""
OF_FLASKS = {
    "flask": "Import it from engine",
    "flask_wtf": "Write from engine.ext.forms import Form",
    "flask_login": "It is in engine.ext.login",
    **dict.fromkeys(("flask_sqlalchemy", "flask_migrate"), "Write from engine.ext.sql import SQL"),
    **dict.fromkeys(("flask_caching", "flask_session"), "See `[cache]` and `[session]` among the settings"),
}
"""What is imported of Flask and its extensions, where a site has it not, and what to write instead."""


def blame(error: BaseException, file: str, path_of: Callable[[str], str | None], package: str) -> Fault:
    """The fault at the innermost line of the site, else of `file`. `package` is a name that is nobody's business.

    `path_of` gives the path that a file has in the site.
    """
    if isinstance(error, SyntaxError) and error.filename:
        path = path_of(error.filename) or file
        return Fault("python-syntax", path, f"is not Python: {error.msg}", "", error.lineno, error.offset)
    frames = [(path_of(it.filename), it.lineno) for it in traceback.extract_tb(error.__traceback__)]
    path, line = next(((path, line) for path, line in reversed(frames) if path), (file, None))
    # A module that lacks a name is told with its path, and by the name that only we know it by.
    text = (str(error.msg) if isinstance(error, ImportError) else said(error)).partition(" (/")[0]
    what = f"raised {type(error).__name__} when it was imported: {text.replace(f'{package}.', '')}"
    return Fault(
        "python-import", path or file, what.rstrip(":. "), way_out(error) or _instead(error, text), line
    )


def _instead(error: BaseException, said: str) -> str:
    """What to install, or to write, instead of what could not be imported."""
    if isinstance(error, ModuleNotFoundError):
        name = (error.name or "").partition(".")[0]
        extra = EXTRAS.get(name)
        return f"Install it: pip install 'pages-engine[{extra}]'" if extra else OF_FLASKS.get(name, "")
    found = re.fullmatch("cannot import name '(.+)' from 'engine'", said)
    if not found:
        return ""
    near = get_close_matches(found[1], dir(sys.modules["engine"]), 1)
    return OF_FLASK.get(found[1]) or (f"Did you mean `{near[0]}`?" if near else "")


def called_from(root: str) -> tuple[str, int, None] | None:
    """The innermost line of the site that has called, as path and line; `None` where none has."""
    frame = sys._getframe(1)
    while frame is not None:
        if path := below(root, frame.f_code.co_filename):
            return path, frame.f_lineno, None
        frame = frame.f_back  # type: ignore[assignment]
    return None


def said(error: BaseException) -> str:
    """What an error says, in one line: a database adds the statement, and others a page of advice."""
    return str(error).partition("\n")[0].rstrip(":. ")


def way_out(error: BaseException) -> str:
    """What was noted by `add_note`, in one line."""
    notes: list[str] = getattr(error, "__notes__", [])
    return notes[0].partition("\n")[0].rstrip(".") if notes else ""


def below(root: str, file: str) -> str | None:
    """The path of a file in the site; `None` for one that is not there."""
    prefix = root.rstrip("/") + "/"
    return file.removeprefix(prefix) if file.startswith(prefix) else None
