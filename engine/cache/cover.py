"""What an answer depends on, and whether the key under which it is kept covers that."""

from __future__ import annotations

from engine.cache.rule import Rule
from engine.cache.store import Key
from engine.http.conditional import Environ
from engine.http.response import Response
from engine.trace import HANDED_ON, Seen, Trace

STATUSES = frozenset([200, 301, 302, 303, 307, 308, 404, 410])
NEVER = ("session", "cookies", "body", "address", "nonce")
"""What is one visitor's alone."""
IN_KEY = frozenset(["query", "host"])
"""What becomes part of the key once an answer depends on it."""
HOST = ("wsgi.url_scheme", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "SCRIPT_NAME")
UNKEPT = frozenset(["private", "no-store"])

Needs = frozenset[str]
"""Those of `IN_KEY` that are part of the keys of a route."""
NOTHING: Needs = frozenset()


def key_of(environ: Environ, rule: Rule, needs: Needs) -> Key:
    """The key of an answer: its path, with the prefix if that was sent, and all that it may depend on."""
    key: Key = (environ["PATH_INFO"],)
    if needs:
        if "query" in needs:
            key += ("?", environ.get("QUERY_STRING", ""))
        if "host" in needs:
            key += ("//", *[environ.get(name) for name in HOST])
    if rule.variables:
        key += tuple([environ.get(name) for name in rule.variables])
    return key


def needs_of(seen: Seen, before: Seen | None, rule: Rule) -> Needs | None:
    """What must be part of the key for an answer; `None` where no key can cover what its view has `seen`.

    What hooks have seen `before` counts if the view looks at what they have left.
    """
    own = _needs(seen, rule)
    if before is None or HANDED_ON not in seen.touches or own is None:
        return own
    theirs = _needs(before, rule)
    return None if theirs is None else own | theirs


def _needs(seen: Seen, rule: Rule) -> Needs | None:
    if any(what in seen.touches for what in NEVER) or not seen.headers.issubset(rule.vary):
        return None
    return IN_KEY & seen.touches.keys()


def is_keepable(response: Response, trace: Trace, rule: Rule) -> bool:
    """Whether an answer is of a kind that may be kept at all."""
    if trace.error is not None or trace.faults or response.status_code not in STATUSES:
        return False
    if response.is_streamed or response.direct_passthrough or "Set-Cookie" in response.headers:
        return False
    if UNKEPT & {name.lower() for name in response.cache_control}:
        return False
    return {name.lower() for name in response.vary}.issubset(rule.vary)
