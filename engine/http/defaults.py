"""The headers that every answer of a site has unless it has its own, and the nonce in one of them."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_urlsafe

from engine.http.context import Context, here
from engine.http.outgoing import Defaults

POLICY = "content-security-policy"
PLACE = "'nonce'"
"""What stands in the policy for the nonce of an answer (Content Security Policy Level 3, §2.3.1)."""
SAFE: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Content-Security-Policy": "frame-ancestors 'self'",
}
"""What a site sends that says nothing else (OWASP, HTTP Security Response Headers)."""


class DefaultHeaders:
    """The default headers of one site: those of `SAFE` as `own` changes them. An empty text leaves one out."""

    def __init__(self, own: Mapping[str, str]) -> None:
        said = {name.lower() for name in own}
        kept = {name: value for name, value in SAFE.items() if name.lower() not in said}
        self._every = [(name, value) for name, value in {**kept, **own}.items() if value]
        self._has_place = any(name.lower() == POLICY and PLACE in value for name, value in self._every)
        self.plain = self._with_nonce("")

    def of(self, context: Context) -> Defaults:
        """Those of an answer, with its nonce if its page asked for one, or may still do so while it is streamed."""
        if not context.nonce:
            if not (context.streams and self._has_place):
                return self.plain
            context.nonce = token_urlsafe(16)
        return self._with_nonce(context.nonce)

    def _with_nonce(self, nonce: str) -> Defaults:
        return Defaults((name, _policy(name, value, nonce)) for name, value in self._every)


def _policy(name: str, value: str, nonce: str) -> str:
    if name.lower() != POLICY or PLACE not in value:
        return value
    return value.replace(PLACE, f"'nonce-{nonce}'") if nonce else value.replace(f" {PLACE}", "")


def csp_nonce() -> str:
    """The nonce of this answer, for `<script nonce="{{ csp_nonce() }}">`: each answer has another, so none is kept."""
    context = here("csp_nonce")
    if context.trace is not None:
        context.trace.touch("nonce")
    if not context.nonce:
        context.nonce = token_urlsafe(16)
    return context.nonce
