"""Forms as HTML that everybody can use: labels, hints and errors are tied to their fields.

That is WCAG 2.2, 1.3.1, 1.3.5, 3.3.1 and 3.3.2. After a failed attempt a summary at the top has the focus, and links to
each field that is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import wtforms
from jinja2 import TemplateRuntimeError
from markupsafe import Markup
from wtforms.widgets import HiddenInput, ListWidget, TableWidget

from engine.ext.forms.form import leaves

AUTOFILL = frozenset(
    """
    name honorific-prefix given-name additional-name family-name honorific-suffix nickname username new-password
    current-password one-time-code organization-title organization street-address address-line1 address-line2
    address-line3 address-level1 address-level2 country country-name postal-code cc-name cc-number cc-exp cc-csc
    language bday sex url photo tel email
    """.split()  # noqa: SIM905
)
"""What browsers can fill in by themselves (HTML, "Autofill")."""
BY_TYPE = {
    wtforms.EmailField: "email",
    wtforms.TelField: "tel",
    wtforms.URLField: "url",
    wtforms.PasswordField: "current-password",
}
NEVER_FILLED = ("file", "checkbox", "radio")
"""Kinds of controls that take no `autocomplete` (HTML, "The input element")."""
TITLE = "There is a problem with what you sent"


def form_fields(form: Any) -> Markup:
    """A whole form without its `<form>` and buttons: the summary of errors, hidden fields, and every other field."""
    shown = (form_field(it) for it in form if not _is_hidden(it) and not _is_button(it))
    return Markup("\n").join(filter(None, [form_errors(form), form_hidden(form), *shown]))


def form_hidden(form: Any) -> Markup:
    """The hidden fields of a form, the token among them."""
    return Markup("\n").join(field(id=False) for field in leaves(form) if _is_hidden(field))


def form_errors(form: Any, title: str = TITLE) -> Markup:
    """What is wrong with a form, with links to its fields. Nothing where nothing is."""
    rows = [*_rows(form)]
    if not rows:
        return Markup("")
    items = Markup("\n").join(
        Markup('<li><a href="#{}">{}: {}</a></li>').format(anchor, label, error)
        if anchor
        else Markup("<li>{}</li>").format(error)
        for anchor, label, error in rows
    )
    return Markup(
        '<div class="form-errors" role="alert" tabindex="-1" autofocus aria-label="{title}">\n'
        "<h2>{title}</h2>\n<ul>\n{items}\n</ul>\n</div>"
    ).format(title=title, items=items)


def form_field(field: Any, **attributes: Any) -> Markup:
    """A field with its label, its hint and its errors. `attributes` are those of its control, as in WTForms.

    Raises `TemplateRuntimeError` for what is no field, such as the name of one.
    """
    if not hasattr(field, "widget"):
        name = field if isinstance(field, str) and field.isidentifier() else "name"
        raise TemplateRuntimeError(f"form_field() takes a field, such as form.{name}, not {field!r:.60}")
    if isinstance(field, (wtforms.FormField, wtforms.FieldList)):
        inner = Markup("\n").join(form_field(it) for it in field if not _is_hidden(it))
        return _group(field, inner, attributes)
    if isinstance(field.widget, (ListWidget, TableWidget)):
        return _group(field, Markup("\n").join(map(_option, field)), attributes)
    if _is_hidden(field) or _is_button(field):
        return Markup(field(**attributes))
    control = field(**_described(field), **_autocomplete(field), **attributes)
    if isinstance(field.widget, wtforms.widgets.Input):
        control += field.datalist()  # what a browser proposes, where the author has said that
    label = Markup('<label for="{}">{}{}</label>').format(field.id, field.label.text, _mark(field))
    if isinstance(field, wtforms.BooleanField):
        parts = [Markup("{} {}").format(control, label), _hint(field), _errors(field)]
    else:
        parts = [label, _hint(field), _errors(field), control]
    return Markup('<div class="field{}">\n{}\n</div>').format(_wrong(field), _joined(parts))


def _group(field: Any, inner: Markup, attributes: dict[str, Any]) -> Markup:
    legend = Markup("<legend>{}{}</legend>").format(field.label.text, _mark(field))
    described = {"id": field.id, **_described(field, invalid=False), **attributes}
    described["class_"] = f"field{_wrong(field)} {described.get('class_', '')}".rstrip()
    parts = [legend, _hint(field), _errors(field), inner]
    head = wtforms.widgets.html_params(**described)
    return Markup("<fieldset {}>\n{}\n</fieldset>").format(head, _joined(parts))


def _option(option: Any) -> Markup:
    """One radio button or checkbox. Of several checkboxes HTML would want all, so none is required."""
    required = {} if isinstance(option.widget, wtforms.widgets.RadioInput) else {"required": False}
    label = Markup('<label for="{}">{}</label>').format(option.id, option.label.text)
    return Markup('<div class="option">{} {}</div>').format(option(**required), label)


def _described(field: Any, *, invalid: bool = True) -> dict[str, Any]:
    """What ties a control to its hint and its errors."""
    given = _given(field).get("aria-describedby")
    ids = [given] if given else []
    ids += [f"{field.id}-hint"] if field.description else []
    wrong = bool(_texts(field))
    ids += [f"{field.id}-error"] if wrong else []
    found = {"aria-describedby": " ".join(ids)} if ids else {}
    return {**found, "aria-invalid": "true"} if wrong and invalid else found


def _autocomplete(field: Any) -> dict[str, str]:
    if "autocomplete" in _given(field) or getattr(field.widget, "input_type", "") in NEVER_FILLED:
        return {}
    name = field.short_name.replace("_", "-")
    by_type = next((word for kind, word in BY_TYPE.items() if isinstance(field, kind)), None)
    word = name if name in AUTOFILL else by_type
    return {"autocomplete": word} if word else {}


def _given(field: Any) -> dict[str, Any]:
    """What the author has said of the control."""
    return {name.rstrip("_").replace("_", "-"): value for name, value in (field.render_kw or {}).items()}


def _hint(field: Any) -> Markup:
    if not field.description:
        return Markup("")
    return Markup('<p class="hint" id="{}-hint">{}</p>').format(field.id, field.description)


def _errors(field: Any) -> Markup:
    if not (texts := _texts(field)):
        return Markup("")
    return Markup('<p class="error" id="{}-error">{}</p>').format(field.id, " ".join(texts))


def _texts(field: Any) -> list[str]:
    """The errors of a field itself, not of those in it."""
    if isinstance(field, wtforms.FormField):
        return list(field.form.form_errors)
    return [str(error) for error in field.errors if not isinstance(error, (dict, list, tuple))]


def _rows(fields: Any) -> Iterator[tuple[str, str, str]]:
    """The id of a control, its label and its error, for each error; what belongs to no field has neither."""
    yield from (("", "", str(error)) for error in getattr(fields, "form_errors", ()))
    for field in fields:
        yield from ((_anchor(field), field.label.text, error) for error in _texts(field))
        if isinstance(field, (wtforms.FormField, wtforms.FieldList)):
            yield from _rows(list(field))


def _anchor(field: Any) -> str:
    """The id of what a visitor comes to who follows the link of an error."""
    if _is_hidden(field):
        return ""
    has_parts = isinstance(field.widget, ListWidget) and any(True for _ in field)
    return f"{field.id}-0" if has_parts else str(field.id)


def _mark(field: Any) -> Markup:
    return (
        Markup('<span class="required" aria-hidden="true"> *</span>') if field.flags.required else Markup("")
    )


def _wrong(field: Any) -> str:
    return " wrong" if _texts(field) else ""


def _is_hidden(field: Any) -> bool:
    return isinstance(field.widget, HiddenInput)


def _is_button(field: Any) -> bool:
    return getattr(field.widget, "input_type", "") == "submit"


def _joined(parts: list[Markup]) -> Markup:
    return Markup("\n").join(part for part in parts if part)
