"""The signals that the engine sends, by Flask's names. Most sites have no receivers, so who sends one looks first."""

from __future__ import annotations

from blinker import Namespace

_ours = Namespace()
request_started = _ours.signal("request-started", "Before the hooks of a request.")
request_finished = _ours.signal("request-finished", "With the `response`, as it is sent.")
request_tearing_down = _ours.signal(
    "request-tearing-down", "After all, with what went wrong as `exc`, or `None`."
)
got_request_exception = _ours.signal("got-request-exception", "With the `exception`, which is no HTTP error.")
before_render_template = _ours.signal("before-render-template", "With the `template` and its `context`.")
template_rendered = _ours.signal("template-rendered", "With the `template` and its `context`.")
message_flashed = _ours.signal("message-flashed", "With the `message` and its `category`.")
