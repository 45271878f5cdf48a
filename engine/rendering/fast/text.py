"""The text of finished HTML."""

from __future__ import annotations

import re

_TAG = re.compile(r"<[^>]*>")
_CODE_BLOCK = re.compile(r"<pre>.*?</pre>", re.DOTALL)


def unescape(html: str) -> str:
    """The text that `escape` makes this HTML of."""
    if "&" not in html:
        return html
    return html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")


def untagged(html: str) -> str:
    """The text of some HTML."""
    return unescape(_TAG.sub("", html) if "<" in html else html)


def prose(html: str) -> str:
    """The text of finished HTML, without blocks of code."""
    return untagged(_CODE_BLOCK.sub(" ", html) if "<pre>" in html else html)
