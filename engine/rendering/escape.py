"""Text becomes HTML text."""

from __future__ import annotations


def escape(text: str) -> str:
    """`text` for HTML, between tags or between double quotes, in the spelling of CommonMark's examples."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
