"""Tells open pages that the site changed, over server-sent events (HTML standard, §9.2), and gives them the script
that listens. Nothing here writes anything."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hmac import compare_digest
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from engine.dev.hosts import is_own_request, refuse

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

STREAM = "/_engine/events"
SCRIPT = "/_engine/client.js"
CLIENT = Path(__file__).with_name("client.js")
STYLES, TEXTS, RELOAD = "styles", "texts", "reload"
"""What a page has to do: take new style sheets, take its new text, or be asked for again."""
HEARTBEAT = 10.0
"""Seconds after which a silent stream writes a comment: that is how a closed one is noticed."""


@dataclass(slots=True)
class Channel:
    """What open pages hear: the version of the site, and what kind of thing changed since theirs.

    A page elsewhere must not learn when its visitor works on what, so `token` is known to our own pages only.
    """

    token: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    version: int = 0
    _last: dict[str, int] = field(default_factory=dict)  # the last version of each kind
    _news: threading.Condition = field(default_factory=threading.Condition)

    @property
    def tag(self) -> bytes:
        """The element that a page needs to hear of changes. A file, because many sites forbid inline scripts."""
        return f'<script src="{SCRIPT}?t={self.token}&amp;v={self.version}"></script>'.encode()

    def publish(self, kind: str) -> None:
        """Say that there is a new version: of style sheets, of texts, or of more than that."""
        with self._news:
            self.version += 1
            self._last[kind] = self.version
            self._news.notify_all()

    def wait(self, seen: int, timeout: float) -> tuple[int, str] | None:
        """The version that came after `seen`, and what a page has to do; `None` if none comes in `timeout` seconds."""
        with self._news:
            if not self._news.wait_for(lambda: self.version != seen, timeout):
                return None
            kinds = [kind for kind, last in self._last.items() if last > seen]
            return self.version, kinds[0] if len(kinds) == 1 else RELOAD


class Events:
    """Answers the two URLs of the script in the page; everything else is for `app`.

    No CORS header is ever sent, and a request that says that it comes from elsewhere is refused.
    """

    def __init__(self, app: WSGIApplication, channel: Channel) -> None:
        self._app = app
        self._channel = channel
        self._client = CLIENT.read_bytes()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path not in (STREAM, SCRIPT):
            return self._app(environ, start_response)
        query = parse_qs(environ.get("QUERY_STRING", ""), encoding="ascii", errors="replace")
        token = query.get("t", [""])[0].encode()
        if not compare_digest(token, self._channel.token.encode()) or not is_own_request(environ):
            return refuse(start_response, "403 FORBIDDEN", "Only the pages of this server may listen to it.")
        if environ["REQUEST_METHOD"] != "GET":
            return refuse(start_response, "405 METHOD NOT ALLOWED", "This can only be read.")
        if path == SCRIPT:
            return _send(start_response, "text/javascript; charset=utf-8", [self._client])
        return _send(start_response, "text/event-stream", self._stream(_seen(environ, query)))

    def _stream(self, seen: int) -> Iterator[bytes]:
        yield b"retry: 500\n\n"
        while True:
            news = self._channel.wait(seen, HEARTBEAT)
            if news is None:
                yield b":\n\n"
                continue
            seen, kind = news
            yield f"id: {seen}\nevent: {kind}\ndata: {seen}\n\n".encode()


def _seen(environ: WSGIEnvironment, query: dict[str, list[str]]) -> int:
    """The version that a page knows: a browser that reconnects says the last event, a new page its own version."""
    said = environ.get("HTTP_LAST_EVENT_ID") or query.get("v", [""])[0]
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else -1


def _send(start_response: StartResponse, content_type: str, body: Iterable[bytes]) -> Iterable[bytes]:
    headers = [("Content-Type", content_type), ("Cache-Control", "no-store")]
    start_response("200 OK", [*headers, ("X-Content-Type-Options", "nosniff")])
    return body
