"""Forms made of models of SQLAlchemy: a field for each column that is named."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
import wtforms
from wtforms import validators as v

from engine.ext.forms.form import Form, in_order

MOMENTS = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S"]
TIMES = ["%H:%M:%S", "%H:%M"]
"""As browsers send them; the first is how they are shown."""
TEXT_AREA = 255
"""Columns of longer text get several lines."""


def model_form(model: type, names: Iterable[str], *, base: type[Form] = Form, **fields: Any) -> type[Form]:
    """A form with a field for each of the `names`, which are columns of `model`, in their order.

    There is no way to name all of them: a column that is added later, such as `is_admin`, must not be open to what a
    visitor sends. `fields` replace those that are made, in their place, or add others. `label`, `hint` and
    `validators` in the `info` of a column are those of its field. Raises `TypeError` for a name that is no column, or
    has a type without a field.
    """
    columns: Any = sa.inspect(model).columns
    made: dict[str, Any] = {}
    for name in names:
        if name not in fields and name not in columns:
            raise TypeError(f"{model.__name__} has no column {name!r}, only {', '.join(columns.keys())}")
        made[name] = fields.pop(name, None) or _field(model, name, columns[name])
    return type(f"{model.__name__}Form", (base,), in_order({**made, **fields}))


def _field(model: type, name: str, column: sa.Column[Any]) -> Any:
    make = next((make for kind, make in KINDS if isinstance(column.type, kind)), None)
    if make is None:
        hint = f"Give model_form() a field: {name}=…"
        raise TypeError(f"there is no field for {model.__name__}.{name}, a {column.type!r}. {hint}")
    kind, options, checks = make(column)
    info: Mapping[str, Any] = column.info
    if "label" in info:
        options["label"] = info["label"]
    options["description"] = info.get("hint", "")
    if column.default is not None and column.default.is_scalar:
        options["default"] = column.default.arg  # type: ignore[attr-defined]
    options["validators"] = [*_presence(column, options), *checks, *info.get("validators", ())]
    return kind(**options)


def _presence(column: sa.Column[Any], options: dict[str, Any]) -> list[Any]:
    """Whether something must be entered; where nothing may be, an empty text is `NULL`."""
    if isinstance(column.type, sa.Boolean):
        return []
    if column.nullable:
        options["filters"] = [_none_if_empty]
        return [v.Optional()]
    if isinstance(column.type, sa.String) and column.default is not None:
        return []
    return [v.DataRequired() if isinstance(column.type, sa.String) else v.InputRequired()]


def _none_if_empty(value: Any) -> Any:
    """`None` for what `Optional` takes for nothing, which asks no further whether it is a choice."""
    return None if isinstance(value, str) and not value.strip() else value


Made = tuple[Callable[..., Any], dict[str, Any], list[Any]]


def _text(column: Any) -> Made:
    length = column.type.length
    long = isinstance(column.type, sa.Text) or (length or 0) > TEXT_AREA
    kind = wtforms.TextAreaField if long else wtforms.StringField
    return kind, {}, [v.Length(max=length)] if length else []


def _enum(column: Any) -> Made:
    enum = column.type.enum_class
    # Something must be chosen: without an empty choice a browser takes the first one.
    empty = {"": ""} if column.nullable or column.default is None else {}
    if enum is None:
        return wtforms.SelectField, {"choices": {**empty, **{it: it for it in column.type.enums}}}, []
    choices = {**empty, **{it.name: it.name.replace("_", " ").capitalize() for it in enum}}
    return wtforms.SelectField, {"choices": choices, "coerce": _member_of(enum)}, []


def _member_of(enum: Any) -> Callable[[Any], Any]:
    """What reads the name of a member, as SQLAlchemy stores it. WTForms asks it for members too."""
    known: dict[str, Any] = dict(enum.__members__)

    def read(value: Any) -> Any:
        if value in ("", None) or isinstance(value, enum):
            return value or None
        if value not in known:
            raise ValueError
        return known[value]

    return read


def _plain(kind: Callable[..., Any], **options: Any) -> Callable[[Any], Made]:
    return lambda column: (kind, dict(options), [])


def _whole(column: Any) -> Made:
    bits = next(bits for kind, bits in BITS if isinstance(column.type, kind))

    def fits(form: Any, field: Any) -> None:
        if field.data is not None and not -(1 << bits - 1) <= field.data < 1 << bits - 1:
            raise v.ValidationError(field.gettext("Not a valid integer value."))

    return wtforms.IntegerField, {}, [fits]


BITS: list[tuple[type, int]] = [(sa.SmallInteger, 16), (sa.BigInteger, 64), (sa.Integer, 32)]
"""How large the whole numbers of a type are in the databases that hold them to it, the narrower type first."""


def _number(column: Any) -> Made:
    digits, scale = column.type.precision, column.type.scale
    unit = Decimal(10) ** -(scale or 0)
    # What would be rounded up to one digit more is too large as well.
    limit = unit * 10**digits - unit / 2 if digits else LARGEST

    def fits(form: Any, field: Any) -> None:
        if field.data is not None and not (field.data.is_finite() and field.data.copy_abs() < limit):
            raise v.ValidationError(field.gettext("Not a valid decimal value."))

    return wtforms.DecimalField, {"places": scale}, [fits]


LARGEST = Decimal(sys.float_info.max)
"""What a column without digits can hold in every database: SQLite makes it a float, and of what is larger Infinity."""


def _float(column: Any) -> Made:
    def fits(form: Any, field: Any) -> None:
        if field.data is not None and not math.isfinite(field.data):
            raise v.ValidationError(field.gettext("Not a valid float value."))

    return wtforms.FloatField, {}, [fits]


EVERY_SECOND = {"step": "1"}
"""Browsers take minutes alone unless told otherwise, and then refuse what the column holds already."""

KINDS: list[tuple[type, Callable[[Any], Made]]] = [
    (sa.Enum, _enum),
    (sa.String, _text),
    (sa.Boolean, _plain(wtforms.BooleanField)),
    (sa.Integer, _whole),
    (sa.Float, _float),
    (sa.Numeric, _number),
    (sa.DateTime, _plain(wtforms.DateTimeLocalField, format=MOMENTS, render_kw=EVERY_SECOND)),
    (sa.Date, _plain(wtforms.DateField)),
    (sa.Time, _plain(wtforms.TimeField, format=TIMES, render_kw=EVERY_SECOND)),
]
"""The field of each type of columns, the narrower type first."""
