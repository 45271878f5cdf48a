"""Whether a module of a site can remember: hold what one call of its functions has left for the next."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from decimal import Decimal
from dis import opmap
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

from werkzeug.local import LocalProxy

SETS_GLOBAL = opmap["STORE_GLOBAL"]
CONSTANT = (
    str,
    bytes,
    int,
    float,
    complex,
    type(None),
    date,
    time,
    timedelta,
    Decimal,
    Path,
    re.Pattern,
    range,
)


def can_hold(value: Any, module: ModuleType | None) -> bool:
    """Whether a name of a module may hold what one call has left for the next."""
    kind = type(value)  # not its `__class__`: a proxy would ask what it stands for, and a lazy object wake up
    if issubclass(kind, FunctionType):
        own = module is not None and value.__module__ == module.__name__
        return own and bool(
            value.__dict__
            or value.__closure__
            or not _is_constant(value.__defaults__ or ())
            or _sets_globals(value.__code__)
        )
    if issubclass(kind, (LocalProxy, ModuleType)) or _is_constant(value):
        return False
    if issubclass(kind, (type, BuiltinFunctionType)):
        return module is not None and value.__module__ == module.__name__
    return True


def _sets_globals(code: CodeType) -> bool:
    """Whether a function, or one inside of it, gives another value to a name of its module, as after `global name`."""
    return SETS_GLOBAL in code.co_code[::2] or any(
        isinstance(inner, CodeType) and _sets_globals(inner) for inner in code.co_consts
    )


def _is_constant(value: Any) -> bool:
    kind = type(value)
    return (
        all(map(_is_constant, value)) if issubclass(kind, (tuple, frozenset)) else issubclass(kind, CONSTANT)
    )
