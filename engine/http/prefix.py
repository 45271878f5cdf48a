"""The path that a URL has within a site that stands below a prefix."""

from __future__ import annotations


def without_prefix(path: str, prefix: str) -> str:
    """`/docs/a/` below `/docs` is `/a/`. A server may have cut the prefix off already."""
    if prefix and path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in ("", "/"):
        path = path[len(prefix) :]
    return path or "/"
