"""Where the functions of a site stand, for what is said of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Origin:
    """A function of a site: where it stands in the site, and its name."""

    file: str
    line: int | None
    name: str

    @classmethod
    def of(cls, function: Callable[..., Any], root: str = "") -> Self:
        """Where `function` is defined; its file is told from `root`, the directory of the site."""
        code = getattr(inspect.unwrap(function), "__code__", None)
        name = getattr(function, "__name__", type(function).__name__)
        file = code.co_filename if code else getattr(function, "__module__", "") or ""
        return cls(file.removeprefix(root.rstrip("/") + "/"), code.co_firstlineno if code else None, name)
