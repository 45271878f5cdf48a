"""The names that every template of a site can use."""

from __future__ import annotations

from typing import Any

from engine.config import Config, WatchedConfig
from engine.http.current import g, request, session
from engine.http.defaults import csp_nonce
from engine.http.vocabulary import get_flashed_messages, url_for
from engine.rendering.highlight import highlight_css


def names_of(config: Config, pages: object, data: object) -> dict[str, Any]:
    """The names, for a site of these pages and data; the site's own Python may add some."""
    watched = WatchedConfig(config)
    return {
        "site": watched,
        "config": watched,
        "pages": pages,
        "data": data,
        "request": request,
        "session": session,
        "g": g,
        "url_for": url_for,
        "csp_nonce": csp_nonce,
        "get_flashed_messages": get_flashed_messages,
        "highlight_css": highlight_css,
    }
