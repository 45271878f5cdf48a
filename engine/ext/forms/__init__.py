"""Forms by WTForms: bound to the request, with a token of the session, files, and errors that everybody can read.

`forms.init_app(app)` in the site's `setup(app)` gives the templates what shows a form.
"""

from __future__ import annotations

from typing import Any

from engine.ext.forms.files import FileField as FileField
from engine.ext.forms.files import FileRequired as FileRequired
from engine.ext.forms.files import FileSize as FileSize
from engine.ext.forms.files import FileSuffix as FileSuffix
from engine.ext.forms.files import FileType as FileType
from engine.ext.forms.files import MultipleFileField as MultipleFileField
from engine.ext.forms.form import Form as Form
from engine.ext.forms.markup import form_errors, form_field, form_fields, form_hidden
from engine.ext.forms.tokens import csrf_token as csrf_token
from engine.ext.forms.tokens import is_csrf_token as is_csrf_token
from engine.ext.forms.tokens import require_csrf_token as require_csrf_token
from engine.extensions import Registry


def init_app(app: Registry) -> None:
    """Give templates `form_fields`, `form_field`, `form_errors`, `form_hidden` and `csrf_token`."""
    app.needs_secret_key = True
    for function in (form_fields, form_field, form_errors, form_hidden, csrf_token):
        app.template_global()(function)


def model_form(*args: Any, **options: Any) -> type[Form]:
    """A form of a model of SQLAlchemy: `model_form(Post, ["title", "body"])`. See `models.model_form`."""
    from engine.ext.forms import models  # noqa: PLC0415  it needs the extra `sql`

    return models.model_form(*args, **options)


def pydantic_form(*args: Any, **options: Any) -> Any:
    """A form of a model of pydantic. See `schemas.pydantic_form`."""
    from engine.ext.forms import schemas  # noqa: PLC0415  few sites with forms have models

    return schemas.pydantic_form(*args, **options)
