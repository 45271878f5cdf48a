"""Forms made of models of pydantic: pydantic reads and checks what was sent, the form shows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, ClassVar, Literal, Union, get_args, get_origin

import annotated_types as at
import wtforms
from pydantic import AnyUrl, BaseModel, EmailStr, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from wtforms import widgets

from engine.ext.forms.form import Form, in_order

WORDS = {
    "missing": "This field is required.",
    "int_parsing": "Not a valid integer value.",
    "int_from_float": "Not a valid integer value.",
    "float_parsing": "Not a valid float value.",
    "decimal_parsing": "Not a valid decimal value.",
    "date_from_datetime_parsing": "Not a valid date value.",
    "datetime_from_date_parsing": "Not a valid datetime value.",
    "time_parsing": "Not a valid time value.",
    "literal_error": "Not a valid choice.",
    "enum": "Not a valid choice.",
}
"""What WTForms says where pydantic would speak of parsing; these are translated."""


class ModelForm(Form):
    """A form of a model. `instance` is that model once the form is valid."""

    model: ClassVar[type[BaseModel]]
    instance: Any = None

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        self.form_errors = []
        sound = super().validate(extra_validators)
        try:
            self.instance = self.model.model_validate(self._given(), by_alias=False, by_name=True)
        except ValidationError as error:
            for problem in error.errors(include_url=False, include_context=False):
                self._blame(problem["loc"], problem["type"], problem["msg"])
            return False
        return sound

    def _given(self) -> dict[str, Any]:
        """What was sent, as pydantic reads it: nothing is left out where nothing was entered."""
        values = {name: it.data for name, it in self._fields.items() if name in self.model.model_fields}
        return {name: value for name, value in values.items() if value not in ("", None)}

    def _blame(self, loc: tuple[int | str, ...], kind: str, message: str) -> None:
        message = message.removeprefix("Value error, ")
        field = self._fields.get(str(loc[0])) if loc else None
        if field is None:
            self.form_errors.append(message)
        else:
            said = field.gettext(WORDS[kind]) if kind in WORDS else message
            field.errors = [*field.errors, said]


def pydantic_form(
    model: type[BaseModel], *, base: type[ModelForm] = ModelForm, **fields: Any
) -> type[ModelForm]:
    """A form with a field for each field of `model`. `fields` replace those that are made, in their place.

    A title is the label, a description the hint. Raises `TypeError` for a type that no single field can hold.
    """
    made = {
        name: fields.pop(name, None) or _field(model, name, info) for name, info in model.model_fields.items()
    }
    return type(f"{model.__name__}Form", (base,), {**in_order({**made, **fields}), "model": model})


def _field(model: type[BaseModel], name: str, info: FieldInfo) -> Any:
    kind, can_be_nothing = _without_none(info.annotation)
    options: dict[str, Any] = {"description": info.description or ""}
    if info.title:
        options["label"] = info.title
    if not info.is_required():
        options["default"] = info.default_factory or info.default
    required = info.is_required() and not can_be_nothing and kind is not bool
    options["validators"] = [_Attributes(_constraints(info), required=required)]
    choices = _choices(kind)
    if choices is not None:
        # Something must be chosen: without an empty choice a browser takes the first one.
        empty = {"": ""} if info.is_required() or can_be_nothing else {}
        return _Select(
            choices={**empty, **_shown(choices)}, coerce=_read(choices), validate_choice=False, **options
        )
    item = get_args(kind)[0] if get_origin(kind) in (list, set, tuple, frozenset) and get_args(kind) else None
    if (several := _choices(item)) is not None:
        return _Several(choices=_shown(several), coerce=_read(several), validate_choice=False, **options)
    for known, make in KINDS:
        if isinstance(kind, type) and issubclass(kind, known):
            return make(**options)
    if kind is EmailStr:
        return _text(widgets.EmailInput())(**options)
    what = f"there is no field for {model.__name__}.{name}, a {kind!r}"
    raise TypeError(f"{what}. Give pydantic_form() a field: {name}=…")


def _without_none(kind: Any) -> tuple[Any, bool]:
    """A type without its `| None`, and whether it had one."""
    if get_origin(kind) in (Union, UnionType):
        others = [it for it in get_args(kind) if it is not NoneType]
        if len(others) == 1:
            return others[0], len(others) != len(get_args(kind))
    return kind, False


def _choices(kind: Any) -> dict[Any, str] | None:
    """What may be chosen, and how each is called."""
    if get_origin(kind) is Literal:
        return {it: str(it) for it in get_args(kind)}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {it.value: it.name.replace("_", " ").capitalize() for it in kind}
    return None


def _shown(choices: Mapping[Any, str]) -> dict[str, str]:
    """The choices as a browser sends them."""
    return {str(value): label for value, label in choices.items()}


def _read(choices: Mapping[Any, str]) -> Callable[[Any], Any]:
    """What makes a choice of its text: pydantic takes no text for a `Literal` that is a number."""
    known = {str(value): value for value in choices}
    return lambda value: known.get(value, value)


class _Attributes:
    """Tells the browser what pydantic will check. It checks nothing itself."""

    def __init__(self, flags: Mapping[str, Any], *, required: bool) -> None:
        self.field_flags = {**flags, "required": True} if required else dict(flags)

    def __call__(self, form: Any, field: Any) -> None:
        pass


def _constraints(info: FieldInfo) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for it in info.metadata:
        for kind, attribute, name in CONSTRAINTS:
            if isinstance(it, kind):
                found[attribute] = getattr(it, name)
    return found


CONSTRAINTS = (
    (at.MinLen, "minlength", "min_length"),
    (at.MaxLen, "maxlength", "max_length"),
    (at.Ge, "min", "ge"),
    (at.Le, "max", "le"),
)


class _Text(wtforms.StringField):
    """A field whose value stays what was typed: pydantic makes something of it."""

    def process_data(self, value: Any) -> None:
        self.data = value.get_secret_value() if isinstance(value, SecretStr) else value

    def _value(self) -> str:
        value = self.data
        if isinstance(value, (dt.datetime, dt.time)):
            return value.isoformat(timespec="seconds")
        return "" if value is None else str(value)


class _Select(wtforms.SelectField):
    """Takes a member of an `Enum` as its value."""

    def process_data(self, value: Any) -> None:
        super().process_data(_value_of(value))


class _Several(wtforms.SelectMultipleField):
    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()

    def process_data(self, value: Any) -> None:
        super().process_data([_value_of(it) for it in value] if value else value)


def _value_of(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _text(widget: Any, **attributes: Any) -> Any:
    return lambda **options: _Text(widget=widget, render_kw=attributes, **options)


KINDS: list[tuple[type, Any]] = [
    (bool, wtforms.BooleanField),
    (str, _Text),
    (int, _text(widgets.NumberInput())),
    (float, _text(widgets.NumberInput(step="any"))),
    (Decimal, _text(widgets.NumberInput(step="any"))),
    (dt.datetime, _text(widgets.DateTimeLocalInput(), step="1")),
    (dt.date, _text(widgets.DateInput())),
    (dt.time, _text(widgets.TimeInput(), step="1")),
    (SecretStr, wtforms.PasswordField),
    (AnyUrl, _text(widgets.URLInput())),
]
"""The field of each type, the narrower type first."""
