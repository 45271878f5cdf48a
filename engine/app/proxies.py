"""The address of the visitor, and how it came, where proxies stand before the server."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def proxies(number: int) -> ProxyFix | None:
    """What puts into an environ what that many proxies say: who asked, by `X-Forwarded-For`, and the scheme.

    Each proxy adds to `X-Forwarded-For`, so that what a visitor has written there stands before that, and is not
    believed. The last sets `X-Forwarded-Proto`. `X-Forwarded-Host` is not read: where a proxy does not set it, it is
    the visitor's. Proxies hand `Host` on instead.
    """
    if not number:
        return None
    return ProxyFix(_nothing, x_for=number, x_proto=1, x_host=0)


def _nothing(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    return ()
