"""Answers kept ready as bytes: those whose trace shows that they do not depend on the visitor."""

from __future__ import annotations

from engine.http.ready import FileReady, Ready
from engine.http.response import Response
from engine.trace import Trace

BUDGET = 64 * 1024 * 1024
"""Bytes of bodies that are kept; what comes after is made for each request."""

STATUSES = frozenset([200, 301, 302, 303, 307, 308, 404])
"""What a page, a redirect and a missing page answer."""

Kept = Ready | FileReady


class KeptAnswers:
    """`found` by `PATH_INFO` as the server sends it, `missing` by the directory that owns the URL."""

    def __init__(self, budget: int = BUDGET) -> None:
        self.found: dict[str, Kept] = {}
        self.missing: dict[str, Kept] = {}
        self._left = budget

    def keep(self, shelf: dict[str, Kept], key: str, answer: Kept) -> Kept:
        """Keep `answer` while there is room."""
        size = len(answer.body) if isinstance(answer, Ready) else 0
        if size <= self._left:
            self._left -= size
            shelf[key] = answer
        return answer


def is_alike_for_all(response: Response, trace: Trace) -> bool:
    """Whether every visitor would get this answer: RFC 9111 §3 for what may be stored, and the trace for why."""
    if trace.visitor or trace.changing or trace.error is not None or trace.faults:
        return False
    if response.status_code == 404 and "path" in trace.touches:
        return False
    return (
        response.status_code in STATUSES and "Set-Cookie" not in response.headers and not response.is_streamed
    )
