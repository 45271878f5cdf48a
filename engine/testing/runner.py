"""Runs the engine's commands, and those of the site, on the site of an app."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from click import Command
from click.testing import CliRunner, Result

from engine.app.app import App
from engine.cli import ALIASES, COMMANDS
from engine.cli import cli as engines
from engine.cli.where import SITE


class Runner(CliRunner):
    """Click's runner. SITE is the site of the app wherever a command line names none.

    A command line loads the site by itself, so that the app of the test stays as it is. Of the settings that the app
    was given, it knows `secret_key`; `env` may hold others, as `ENGINE_BASE_URL`. A command that is given itself runs
    in the context of the app.
    """

    def __init__(self, app: App, **options: Any) -> None:
        super().__init__(**options)
        self._app = app
        self._root = app.root
        self._secret_key = app.config.secret_key

    def invoke(
        self,
        cli: Command = engines,
        args: str | Sequence[str] | None = None,
        input: Any = None,
        env: Mapping[str, str | None] | None = None,
        catch_exceptions: bool | None = None,
        color: bool = False,
        **extra: Any,
    ) -> Result:
        """Run a command of the engine or of the site: `invoke(args=["freeze", "-o", "out"])`, or `invoke(command, [])`.

        The result has `output` and `exit_code`.
        """
        names = (*COMMANDS, *ALIASES)
        extra.setdefault("default_map", {name: {"site": self._root} for name in names})
        given = {SITE: self._root}  # whose own commands are known by that
        if self._secret_key:
            given["ENGINE_SECRET_KEY"] = self._secret_key
        with _collecting(), nullcontext() if cli is engines else self._app.context():
            return super().invoke(
                cli, args, input, {**given, **(env or {})}, catch_exceptions, color, **extra
            )


@contextmanager
def _collecting() -> Iterator[None]:
    """Have garbage collected as before, where a command stops that for the rest of what it takes for its process."""
    thresholds = gc.get_threshold()
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
