"""Who may ask a server on the author's machine. The only module that judges `Host` and `Origin`.

A web page elsewhere can have its name resolved to 127.0.0.1 and then read what a local server answers (DNS
rebinding). Its `Host` header gives it away, so every name is refused that is not this machine's own.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOOPBACK = ("localhost", ".localhost", "127.0.0.1", "[::1]")
EVERYWHERE = ("0.0.0.0", "::")
# RFC 3986, §3.2.2, without the names that no DNS server hands out.
AUTHORITY = re.compile(
    r"(\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?)(?::[0-9]{1,5})?", re.IGNORECASE
)


def host_of(authority: str) -> str | None:
    """The host of `host[:port]` in lower case, an IPv6 address in brackets; `None` for what is malformed."""
    match = AUTHORITY.fullmatch(authority)
    return match[1].lower() if match else None


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server that listens at `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Hosts:
    """The hosts that a server which listens at `listening` answers for, and `more` of them by name.

    A name that begins with a dot stands for all names that end with it. A server that listens everywhere
    answers for every IP address as well: there is no name in such a `Host` that could be rebound.
    """

    def __init__(self, listening: str, more: Iterable[str] = ()) -> None:
        own = f"[{listening}]" if ":" in listening else listening
        self.names = tuple(name.lower() for name in (*LOOPBACK, own, *more))
        self._addresses = listening in EVERYWHERE

    def __contains__(self, host: str) -> bool:
        if any(host == name or (name.startswith(".") and host.endswith(name)) for name in self.names):
            return True
        return self._addresses and _is_address(host)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


class HostGuard:
    """Answers 403 for the host of a stranger and 400 for what is no host, before the site sees the request."""

    def __init__(self, app: WSGIApplication, hosts: Hosts) -> None:
        self._app = app
        self._hosts = hosts

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        host = host_of(environ.get("HTTP_HOST", ""))
        if host is None:
            return refuse(start_response, "400 BAD REQUEST", "The Host header is missing or malformed.")
        if host not in self._hosts:
            why = f"This server answers for localhost, not for {host}."
            out = f"Ask for it by --host {host}, or list it as `trusted_hosts` in site.toml."
            return refuse(start_response, "403 FORBIDDEN", f"{why} {out}")
        return self._app(environ, start_response)


def is_own_request(environ: WSGIEnvironment) -> bool:
    """Whether a request came from a page of this very server, as far as the browser says (Fetch standard, §3.1)."""
    site = environ.get("HTTP_SEC_FETCH_SITE")
    if site is not None and site != "same-origin":
        return False
    origin = environ.get("HTTP_ORIGIN")
    return origin is None or urlsplit(origin).netloc.lower() == environ.get("HTTP_HOST", "").lower()


def refuse(start_response: StartResponse, status: str, sentence: str) -> Iterable[bytes]:
    """A short answer in plain text."""
    body = f"{sentence}\n".encode()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response(status, [*headers, ("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store")])
    return [body]
