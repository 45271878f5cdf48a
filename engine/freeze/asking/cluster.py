"""Executors by their address: `dask://HOST:PORT` is a scheduler of dask.distributed."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from engine.app.app import App
from engine.errors import EngineError
from engine.freeze.asking.executors import Crew
from engine.freeze.asking.workers import Hire
from engine.freeze.publish.stage import Stage

DASK = "dask://"
PATIENCE = 10
"""Seconds in which a scheduler must answer."""


def hire(address: str) -> Hire:
    """What opens a crew of the executor at an address. Raises `EngineError`, as do the crews."""
    if not address.startswith(DASK):
        raise EngineError(f"--executor {address}: no such kind of executor. Write {DASK}HOST:PORT.")
    if importlib.util.find_spec("distributed") is None:
        raise EngineError(f"--executor {address} needs dask: pip install 'pages-engine[dask]'.")

    @contextmanager
    def crew(app: App, stage: Stage) -> Iterator[Crew]:
        with _client(address) as client:
            # Scattered, the site goes to each worker once, and not with each chunk.
            executor = client.get_executor(pure=False)
            yield Crew(app, stage, executor, lambda bundle: client.scatter(bundle, hash=False))

    return crew


def _client(address: str) -> Any:
    distributed: Any = importlib.import_module("distributed")
    scheduler = "tcp://" + address.removeprefix(DASK)
    try:
        return distributed.Client(scheduler, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise EngineError(f"--executor {address}: no scheduler answers there: {error}.") from error
