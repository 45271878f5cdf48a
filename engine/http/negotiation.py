"""One URL, several representations: the one that a client likes best (RFC 9110 §12)."""

from __future__ import annotations

from typing import Any

import werkzeug
from werkzeug.exceptions import NotAcceptable

from engine.http.context import after_this_request, here
from engine.http.media_types import media_type
from engine.http.outgoing import Response
from engine.http.response import convert, jsonify


def negotiate(**answers: Any) -> Any:
    """The answer that the client's `Accept` likes best; the first where it has no preference.

    Each is named after the suffix of its media type, as `html`, `json`, `txt`, `csv`, and is what a handler may return,
    or a function that makes it when it is chosen. A mapping as `html` fills the template beside the handler. The
    response has `Vary: Accept`. Raises `NotAcceptable` where the client takes none of them.
    """
    if not answers:
        raise TypeError("negotiate() needs answers, as negotiate(html=…, json=…)")
    types = {name: media_type(f"_.{name}") for name in answers}
    by_type = {kind.partition(";")[0]: name for name, kind in types.items()}
    accept = here("negotiate").request.accept_mimetypes
    after_this_request(_vary)
    best = accept.best_match(by_type) if accept else next(iter(by_type))
    if best is None:
        raise NotAcceptable(f"This address has {', '.join(by_type)}.")
    name = by_type[best]
    value = answers[name]
    if callable(value) and not isinstance(value, werkzeug.Response):
        value = value()
    if name == "html" or isinstance(value, werkzeug.Response):
        return value
    is_data = name == "json" and not isinstance(value, tuple)  # one may be a body with its status
    return jsonify(value) if is_data else convert(value, types[name])


def _vary(response: Response) -> Response:
    response.vary.add("Accept")
    return response
