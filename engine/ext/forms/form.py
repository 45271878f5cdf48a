"""Forms that read the request by themselves, with a token of the session."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import copy
from typing import Any, NoReturn

import wtforms
from werkzeug.datastructures import CombinedMultiDict, FileStorage
from wtforms.csrf.core import CSRF, CSRFTokenField
from wtforms.fields.core import UnboundField
from wtforms.i18n import DummyTranslations
from wtforms.meta import DefaultMeta

from engine import current_app, has_request_context, request
from engine.ext.forms.tokens import FIELD, HEADER, LIFETIME, SAFE, STALE, csrf_token, is_csrf_token

LONG = re.compile("[0-9]{10}").search
"""Finds the number of a row that no form has."""
SENT: Any = object()
"""Stands for what the request has sent."""


def in_order(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a form, to be shown in this order. WTForms itself goes by when each was made."""
    ordered = {name: copy(field) for name, field in fields.items()}
    for field in ordered.values():
        UnboundField.creation_counter += 1
        field.creation_counter = UnboundField.creation_counter
    return ordered


class _TokenField(CSRFTokenField):
    """A hidden field. Its token is made when it is shown: a form that is only read starts no session."""

    def process(self, *args: Any, **kwargs: Any) -> None:
        super(CSRFTokenField, self).process(*args, **kwargs)

    def _value(self) -> str:
        return csrf_token()


class _Csrf(CSRF):
    field_class = _TokenField

    def generate_csrf_token(self, csrf_token_field: CSRFTokenField) -> str:
        return csrf_token()

    def validate_csrf_token(self, form: Any, field: CSRFTokenField) -> None:
        if not is_csrf_token(field.data or request.headers.get(HEADER), form.meta.csrf_lifetime):
            raise wtforms.ValidationError(STALE)


class Meta(DefaultMeta):
    """What forms have in common. A form changes it by a class `Meta` of its own, as in WTForms."""

    csrf = True
    csrf_class = _Csrf
    csrf_field_name = FIELD
    csrf_lifetime = LIFETIME
    """Seconds for which a token holds."""

    def get_translations(self, form: Any) -> Any:
        """The messages of WTForms in the language of the site, where it has them."""
        if self.locales is False and has_request_context():
            try:
                return _in_language(self, current_app.config.language)
            except OSError:  # WTForms does not speak it
                return DummyTranslations()
        return super().get_translations(form)


def _in_language(meta: DefaultMeta, language: str) -> Any:
    names = [language.replace("-", "_"), language.partition("-")[0]]
    if names[-1] == "en":
        return DummyTranslations()
    meta.locales = names
    return DefaultMeta.get_translations(meta, None)  # type: ignore[arg-type]  # it is not read


class Form(wtforms.Form):
    """A form of WTForms that is bound to the request: `PostForm()` holds what was sent, if a form was.

    Forms of one page are told apart by their `prefix`. `formdata` says what to read instead, as `request.args`.
    """

    Meta = Meta

    def __init__(
        self,
        formdata: Any = SENT,
        obj: object | None = None,
        prefix: str = "",
        data: Mapping[str, Any] | None = None,
        meta: Mapping[str, Any] | None = None,
        **values: Any,
    ) -> None:
        sent = _sent(prefix) if formdata is SENT else None
        formdata = sent if formdata is SENT else formdata
        self._submitted = formdata is not None
        if meta is not None and "_parent_form" in meta:  # a form in a form: the outer one has a token
            meta = {**meta, "csrf": False}
        super().__init__(formdata, obj, prefix, data, meta, **values)
        if sent is not None and request.files:
            self._take_files(sent, request.files)

    def _take_files(self, sent: _Sent, files: Any) -> None:
        """Give the files that were sent to the fields of files."""
        for field, name in _as_sent(self, sent):
            if isinstance(field, wtforms.FileField) and name in files:
                field.raw_data = files.getlist(name)
                field.process_formdata(field.raw_data)

    def is_submitted(self) -> bool:
        """Whether the form was sent."""
        return self._submitted

    def hidden_tag(self) -> NoReturn:
        """What Flask-WTF calls the hidden fields."""
        raise AttributeError("a form has no `hidden_tag`. Write {{ form_hidden(form) }}")

    def validate_on_submit(self) -> bool:
        """Whether the form was sent and is right. Where it is not, `errors` says why."""
        return self._submitted and self.validate()

    @property
    def data(self) -> dict[str, Any]:
        """The values by the names of their fields, without the token."""
        return {name: it.data for name, it in self._fields.items() if not isinstance(it, CSRFTokenField)}

    @property
    def enctype(self) -> str:
        """How the form must be sent: files need another type than text (HTML, "form-submission")."""
        rows = [_row(field) for field in self if isinstance(field, wtforms.FieldList)]
        has_files = any(isinstance(field, wtforms.FileField) for field in leaves([*self, *rows]))
        return "multipart/form-data" if has_files else "application/x-www-form-urlencoded"


class _Sent(CombinedMultiDict[str, Any]):
    """What a request has sent, of which a field gets the texts: one of texts could do nothing with a file.

    No browser sends a NUL in a text, and databases such as PostgreSQL take none.
    """

    def getlist(self, key: str, type: Any = None) -> list[Any]:
        return [it.replace("\0", "") for it in super().getlist(key, type) if not isinstance(it, FileStorage)]

    def __iter__(self) -> Iterator[str]:
        """The names, by which lists find their rows, without those whose number WTForms would fail to read."""
        return (it for it in super().__iter__() if not (LONG(it) or _has_other_digits(it)))


def _has_other_digits(name: str) -> bool:
    return not name.isascii() and any(it.isdigit() and not it.isascii() for it in name)


def _sent(prefix: str) -> _Sent | None:
    """The fields and files of the request, if it sends a form: with a `prefix`, the form that has it."""
    if not has_request_context() or request.method in SAFE:
        return None
    sent = _Sent([request.files, request.form])
    return sent if not prefix or any(name.startswith(prefix) for name in sent) else None


def _as_sent(
    fields: Any, sent: _Sent, before: str = "", now: str = ""
) -> Iterator[tuple[wtforms.Field, str]]:
    """Each field that holds a value, with the name by which it was sent: lists have numbered their rows anew since.

    So what begins with `now` began with `before`.
    """
    for field in fields:
        name = before + field.name.removeprefix(now)
        if isinstance(field, wtforms.FieldList):
            numbers = sorted(set(field._extract_indices(name, sent)))  # type: ignore[attr-defined]
            # Not all of them may be taken, and a row may be there for none.
            for number, row in zip(numbers, field, strict=False):
                start = f"{name}{field._separator}{number}"  # type: ignore[attr-defined]
                yield from _as_sent([row], sent, start, row.name)
        elif isinstance(field, wtforms.FormField):
            yield from _as_sent(field, sent, before, now)
        else:
            yield field, name


def _row(field: Any) -> wtforms.Field:
    """What a list has in each row: a script may add the first one."""
    row: wtforms.Field = field.meta.bind_field(None, field.unbound_field, {"name": "", "_meta": field.meta})
    row.process(None)
    return row


def leaves(form: Any) -> list[wtforms.Field]:
    """Every field that holds a value of its own, those of inner forms and lists too."""
    found: list[wtforms.Field] = []
    for field in form:
        inner = isinstance(field, (wtforms.FormField, wtforms.FieldList))
        found += leaves(field) if inner else [field]
    return found
