"""Lets a page with a Content-Security-Policy (CSP Level 3) of its own hear of changes all the same."""

from __future__ import annotations

import re

SCRIPTS = ("script-src-elem", "script-src", "default-src")
CONNECTIONS = ("connect-src", "default-src")
NONE = "'none'"
_NONCE = re.compile(r"'nonce-([\w+/=-]+)'", re.ASCII)


def admitting(policy: str, source: str) -> str:
    """The policies of one header, each of which lets scripts below the URL `source` run and ask the page's own origin.

    One that asks for a nonce has one of the page: see `nonce_of`.
    """
    return ", ".join(_one(it.strip(), source) for it in policy.split(",") if it.strip())


def nonce_of(policy: str) -> str:
    """The nonce that the policies of one header ask of scripts; empty where there is none."""
    found = _NONCE.search(policy)
    return found[1] if found else ""


def _one(policy: str, source: str) -> str:
    directives: dict[str, list[str]] = {}
    for directive in policy.split(";"):
        name, *sources = directive.split() or [""]
        if name:
            directives.setdefault(name.lower(), sources)  # of two with one name the first counts (§2.2.1)
    if not _NONCE.search(policy):
        _add(directives, SCRIPTS, source)
    _add(directives, CONNECTIONS, "'self'")
    return "; ".join(" ".join([name, *sources]) for name, sources in directives.items())


def _add(directives: dict[str, list[str]], names: tuple[str, ...], source: str) -> None:
    """Add a source to the first of the directives that is there; a policy without one forbids nothing of the kind."""
    ruling = next((name for name in names if name in directives), None)
    if ruling is None or source in directives[ruling]:
        return
    kept = [it for it in directives[ruling] if it.lower() != NONE]
    directives[names[0] if ruling == "default-src" else ruling] = [*kept, source]
