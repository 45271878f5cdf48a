"""The address of the visitor, and how it came, where proxies stand before the server."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

from engine.http.request import REQUEST_ID

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


ID = re.compile(r"[\w.:-]{1,128}", re.ASCII)
"""What an id may be: it is written into logs and headers."""


def proxies(number: int) -> ProxyFix | None:
    """What puts into an environ what that many proxies say: who asked, by `X-Forwarded-For`, and the scheme.

    Each proxy adds to `X-Forwarded-For`, so that what a visitor has written there stands before that, and is not
    believed. The last sets `X-Forwarded-Proto`. `X-Forwarded-Host` is not read: where a proxy does not set it, it is
    the visitor's. Proxies hand `Host` on instead.
    """
    if not number:
        return None
    return ProxyFix(_with_id, x_for=number, x_proto=1, x_host=0)


def _with_id(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Take the id that a proxy gave the request, so that its log and ours can be read together."""
    if ID.fullmatch(given := environ.get("HTTP_X_REQUEST_ID", "")):
        environ[REQUEST_ID] = given
    return ()
