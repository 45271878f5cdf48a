"""Requests that a browser sends for a page of another site (cross-site request forgery).

Browsers say from where a request comes: by `Sec-Fetch-Site` (Fetch Metadata), and those before 2023 at least by
`Origin` (RFC 6454). What says neither is no browser, and carries no cookie that it was not told to carry.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

SAFE = frozenset(["GET", "HEAD", "OPTIONS", "TRACE"])
"""Methods that change nothing (RFC 9110 §9.2.1)."""

OWN = ("same-origin", "none")
"""From a page of this very origin, or by the visitor's own hand."""

REFUSAL = "This request comes from a page of another site."


def is_foreign(environ: WSGIEnvironment, trusted: Collection[str]) -> bool:
    """Whether a request comes from a page of another origin that is not `trusted`, such as `https://example.org`."""
    origin = environ.get("HTTP_ORIGIN")
    if origin in trusted:
        return False
    if site := environ.get("HTTP_SEC_FETCH_SITE"):
        return site not in OWN
    return origin is not None and origin.partition("://")[2] != environ.get("HTTP_HOST")
