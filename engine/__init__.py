"""A site is a directory of files: routed, served over WSGI, and frozen to static HTML by one request path."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from engine.app.app import App as App
    from engine.app.app import create_app as create_app
    from engine.cache.rule import Cache as Cache
    from engine.config import Config as Config
    from engine.config import load_config as load_config
    from engine.content.page import Page as Page
    from engine.content.pages import Pages as Pages
    from engine.errors import EngineError as EngineError
    from engine.errors import Fault as Fault
    from engine.errors import SiteError as SiteError
    from engine.http.context import abort as abort
    from engine.http.context import after_this_request as after_this_request
    from engine.http.context import has_request_context as has_request_context
    from engine.http.context import teardown_this_request as teardown_this_request
    from engine.http.context import touch as touch
    from engine.http.current import current_app as current_app
    from engine.http.current import data as data
    from engine.http.current import g as g
    from engine.http.current import pages as pages
    from engine.http.current import request as request
    from engine.http.current import session as session
    from engine.http.defaults import csp_nonce as csp_nonce
    from engine.http.json import JSONProvider as JSONProvider
    from engine.http.negotiation import negotiate as negotiate
    from engine.http.request import Request as Request
    from engine.http.response import Response as Response
    from engine.http.response import is_local as is_local
    from engine.http.response import jsonify as jsonify
    from engine.http.response import make_response as make_response
    from engine.http.response import redirect as redirect
    from engine.http.response import send_file as send_file
    from engine.http.response import send_from_directory as send_from_directory
    from engine.http.server_sent import ServerSentEvent as ServerSentEvent
    from engine.http.server_sent import event_stream as event_stream
    from engine.http.signing import BadToken as BadToken
    from engine.http.signing import Signer as Signer
    from engine.http.streaming import copy_current_request_context as copy_current_request_context
    from engine.http.streaming import stream_with_context as stream_with_context
    from engine.http.vocabulary import flash as flash
    from engine.http.vocabulary import get_flashed_messages as get_flashed_messages
    from engine.http.vocabulary import render_block as render_block
    from engine.http.vocabulary import render_template as render_template
    from engine.http.vocabulary import render_template_string as render_template_string
    from engine.http.vocabulary import signer as signer
    from engine.http.vocabulary import stream_template as stream_template
    from engine.http.vocabulary import stream_template_string as stream_template_string
    from engine.http.vocabulary import url_for as url_for
    from engine.loading import load_site as load_site
    from engine.signals import appcontext_popped as appcontext_popped
    from engine.signals import appcontext_pushed as appcontext_pushed
    from engine.signals import appcontext_tearing_down as appcontext_tearing_down
    from engine.signals import before_render_template as before_render_template
    from engine.signals import got_request_exception as got_request_exception
    from engine.signals import message_flashed as message_flashed
    from engine.signals import request_finished as request_finished
    from engine.signals import request_started as request_started
    from engine.signals import request_tearing_down as request_tearing_down
    from engine.signals import template_rendered as template_rendered
    from engine.site import Site as Site
    from engine.views.error_handlers import errorhandler as errorhandler
    from engine.views.hooks import url_defaults as url_defaults
    from engine.views.hooks import url_value_preprocessor as url_value_preprocessor
    from engine.views.method_view import MethodView as MethodView

# Imported when first used: `engine --help` and a site without Python must not pay for what they do not use.
_HOMES = {
    "engine.app.app": ("App", "create_app"),
    "engine.cache.rule": ("Cache",),
    "engine.config": ("Config", "load_config"),
    "engine.content.page": ("Page",),
    "engine.content.pages": ("Pages",),
    "engine.errors": ("EngineError", "Fault", "SiteError"),
    "engine.http.context": (
        *("abort", "after_this_request", "has_request_context", "teardown_this_request", "touch"),
    ),
    "engine.http.current": ("current_app", "data", "g", "pages", "request", "session"),
    "engine.http.request": ("Request",),
    "engine.http.response": (
        *("Response", "is_local", "jsonify", "make_response", "redirect"),
        *("send_file", "send_from_directory"),
    ),
    "engine.http.defaults": ("csp_nonce",),
    "engine.http.json": ("JSONProvider",),
    "engine.http.negotiation": ("negotiate",),
    "engine.http.server_sent": ("ServerSentEvent", "event_stream"),
    "engine.http.signing": ("BadToken", "Signer"),
    "engine.http.streaming": ("copy_current_request_context", "stream_with_context"),
    "engine.http.vocabulary": (
        *("flash", "get_flashed_messages", "render_block", "render_template", "render_template_string"),
        *("signer", "stream_template", "stream_template_string", "url_for"),
    ),
    "engine.signals": (
        *("appcontext_popped", "appcontext_pushed", "appcontext_tearing_down"),
        *("before_render_template", "got_request_exception", "message_flashed", "request_finished"),
        *("request_started", "request_tearing_down", "template_rendered"),
    ),
    "engine.loading": ("load_site",),
    "engine.site": ("Site",),
    "engine.views.error_handlers": ("errorhandler",),
    "engine.views.hooks": ("url_defaults", "url_value_preprocessor"),
    "engine.views.method_view": ("MethodView",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = ["__version__", *sorted(_HOME)]  # noqa: PLE0604  they are strings


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(home), name)
    return value


def __dir__() -> list[str]:
    return __all__
