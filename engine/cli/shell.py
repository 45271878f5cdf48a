"""`engine shell`: an interpreter of Python in the context of a site."""

from __future__ import annotations

import code
import importlib
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from engine.app.app import App
from engine.cli import console
from engine.config import load_config
from engine.http.vocabulary import url_for
from engine.loading import load_site

LIBEDIT = "libedit"
"""What some Pythons have in the place of GNU readline, and what its module says of itself."""


@click.command("shell")
@console.SITE
@console.DRAFTS
def command(site: Path, drafts: bool | None) -> None:
    """Run Python in the context of the site: what is typed, or a script on standard input.

    There are `app`, `site`, `pages`, `data`, `url_for`, `client` and `request_context`.
    """
    with console.site_faults(site):
        app = App(load_site(load_config(site, drafts=drafts)))
    names = _names(app)
    with app.context():
        if not sys.stdin.isatty():
            exec(compile(sys.stdin.read(), "<stdin>", "exec"), names)
        elif find_spec("IPython"):
            importlib.import_module("IPython").start_ipython(argv=[], user_ns=names)
        else:
            _interact(
                names, f"{app.site.config.name}: {', '.join(sorted(it for it in names if it[0] != '_'))}"
            )


def _names(app: App) -> dict[str, Any]:
    return {
        "__name__": "__main__",
        "__builtins__": app.site.modules.builtins,  # so that the site's own modules can be imported
        "app": app,
        "site": app.site,
        "pages": app.pages,
        "data": app.data,
        "url_for": url_for,
        "client": app.test_client(),
        "request_context": app.test_request_context,
    }


def _interact(names: dict[str, Any], banner: str) -> None:
    _complete(names)
    code.interact(banner, local=names, exitmsg="")


def _complete(names: Mapping[str, Any]) -> None:
    """Complete names by the tabulator, where the system can."""
    try:
        readline, rlcompleter = map(importlib.import_module, ("readline", "rlcompleter"))
    except ImportError:
        return
    readline.set_completer(rlcompleter.Completer(names).complete)
    is_libedit = LIBEDIT in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I rl_complete" if is_libedit else "tab: complete")
