"""Puts an element into the HTML pages that pass by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from engine.dev.policy import admitting, nonce_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# A validator of the page as the site made it would have a browser show one that holds the element of a server
# that has ended; and no page of a site under work should come out of a cache at all.
OF_THE_PAGE = ("etag", "last-modified", "content-length", "cache-control", "content-md5", "accept-ranges")
POLICY = "content-security-policy"
OWN = "/_engine/"
"""Below this lies what the element asks for."""
BODY_END = b"</body>"
STARTS = (b"<!doctype", b"<html")


class Injector:
    """Puts `element()` at the end of each whole HTML page that `app` answers: fragments are left alone, and what is
    streamed stays a stream."""

    def __init__(self, app: WSGIApplication, element: Callable[[], bytes]) -> None:
        self._app = app
        self._element = element

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        # First, because it names the version of the site, which may change while `app` answers.
        element = self._element()
        answer = _Answer(start_response)
        body = self._app(environ, answer.start)
        parts = iter(body)
        try:
            first = next(parts, b"")  # `start_response` may be called as late as that
            if not answer.is_page(environ) or not _is_whole(first):
                answer.send()
                return _Body(body, first, parts)
            element = answer.admit(element, environ)
            if not answer.is_measured:
                answer.restart(None)
                return _Body(body, first, _then(parts, element))
            page = _into(first + b"".join(parts), element)
            answer.restart(len(page))
            return _Body(body, page, iter(()))
        except BaseException:
            _close(body)
            raise


class _Answer:
    """The start of an answer, held back until it is known what follows."""

    def __init__(self, start_response: StartResponse) -> None:
        self._start_response = start_response
        self._status = ""
        self._headers: list[tuple[str, str]] = []
        self._sent = False

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[..., Any]:
        """`start_response` for the application inside (PEP 3333)."""
        if self._sent:
            return self._start_response(status, headers, exc_info)
        self._status, self._headers = (
            status,
            list(headers),
        )  # the second of two starts counts: nothing was sent yet
        return _no_write

    def send(self) -> None:
        self._sent = True
        self._start_response(self._status, self._headers)

    def is_page(self, environ: WSGIEnvironment) -> bool:
        given = {name.lower(): value for name, value in self._headers}
        return (
            environ["REQUEST_METHOD"] != "HEAD"
            and given.get("content-type", "").lower().startswith("text/html")
            and "content-encoding" not in given
        )

    def admit(self, element: bytes, environ: WSGIEnvironment) -> bytes:
        """Have the policies of the page let the element do its work, which is returned with the nonce they ask for."""
        nonce = ""
        for at, (name, value) in enumerate(self._headers):
            if name.lower() == POLICY:
                nonce = nonce or nonce_of(value)
                source = f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', '')}{OWN}"
                self._headers[at] = (name, admitting(value, source))
        return element.replace(b"<script ", f'<script nonce="{nonce}" '.encode(), 1) if nonce else element

    @property
    def is_measured(self) -> bool:
        return any(name.lower() == "content-length" for name, _ in self._headers)

    def restart(self, length: int | None) -> None:
        """Send the start of a page that was changed, without what no longer fits it."""
        kept = [header for header in self._headers if header[0].lower() not in OF_THE_PAGE]
        kept += [("Content-Length", str(length))] if length is not None else []
        self._headers = [*kept, ("Cache-Control", "no-store")]
        self.send()


class _Body:
    """`first`, then `rest`; `close` closes `origin`."""

    def __init__(self, origin: Iterable[bytes], first: bytes, rest: Iterator[bytes]) -> None:
        self._origin = origin
        self._first = first
        self._rest = rest

    def __iter__(self) -> Iterator[bytes]:
        if self._first:
            yield self._first
        yield from self._rest

    def close(self) -> None:
        _close(self._origin)


def _close(body: Iterable[bytes]) -> None:
    if hasattr(body, "close"):
        body.close()


def _no_write(data: bytes) -> None:
    raise NotImplementedError("`write()` of start_response is not offered; return the body (PEP 3333)")


def _is_whole(first: bytes) -> bool:
    return first.lstrip(b"\xef\xbb\xbf \t\r\n\f")[:9].lower().startswith(STARTS)


def _into(page: bytes, element: bytes) -> bytes:
    """The page with the element before the end of its body, or at its own end where HTML leaves that tag out."""
    at = page.lower().rfind(BODY_END)
    return page + element if at < 0 else page[:at] + element + page[at:]


def _then(parts: Iterator[bytes], element: bytes) -> Iterator[bytes]:
    yield from parts
    yield element
