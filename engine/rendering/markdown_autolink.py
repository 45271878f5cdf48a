"""Bare URLs and addresses become links (GFM 6.9, "Autolinks (extension)"), in time linear in the text.

The rules of linkify-it and of mdit-py-plugins give nearly the same links, but are quadratic: 50 kB of `:` took 44 s.
Where the specification and GitHub's own cmark-gfm differ (quotes before a URL, one-word hosts), this follows cmark-gfm.
"""

from __future__ import annotations

import re

from markdown_it.rules_inline import StateInline

BEFORE_WWW = " \t\n*_~("
SCHEMES = ("https", "http", "ftp")
DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+)*")
REST = re.compile(r"[^\s<]*")
PUNCTUATION = "?!.,:*_~'\""
ENTITY_END = re.compile(r"&[A-Za-z0-9]{1,32};\Z")
LOCAL_BEFORE = re.compile(r"[A-Za-z0-9.+_-]{1,64}\Z")  # RFC 5321 4.5.3.1.1: 64 characters before the sign
LOCAL_AFTER = re.compile(r"[A-Za-z0-9.+_-]{0,64}@")
LONGEST_DOMAIN = (
    253  # characters (RFC 1035 3.1); without a bound, a text of `www.` would be read again from each
)
EMAIL_DOMAIN = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+")


def www(state: StateInline, silent: bool) -> bool:
    """`www.example.org/path`, to which `http://` is added."""
    start = state.pos
    if silent or state.linkLevel or not state.src.startswith("www.", start):
        return False
    end = url_end(state.src, start + 4, state.posMax, dotted=True)
    if end is None or (start and state.src[start - 1] not in BEFORE_WWW):
        return False
    return _link(state, start, end, f"http://{state.src[start:end]}")


def scheme(state: StateInline, silent: bool) -> bool:
    """`https://…`, `http://…`, `ftp://…`, found at the colon; `mailto:a@b.c` likewise."""
    if silent or state.linkLevel:
        return False
    colon, pending = state.pos, state.pending
    if state.src.startswith("://", colon):
        name = next((name for name in SCHEMES if pending.endswith(name)), "")
        end = url_end(state.src, colon + 3, state.posMax, dotted=False) if name else None
    else:
        name = "mailto" if pending.endswith("mailto") else ""
        end = _address_end(state, colon + 1) if name and not state.src.startswith("@", colon + 1) else None
    start = colon - len(name)
    before = state.src[start - 1 : start]
    if end is None or before.isalnum() or before == "<":  # `<http://a b>` is text (CommonMark, example 608)
        return False
    return _link(state, start, end, state.src[start:end])


def email(state: StateInline, silent: bool) -> bool:
    """`some_one@example.org`, found at the sign, or at a `_` before it that would else end the pending text."""
    if silent or state.linkLevel:
        return False
    local = LOCAL_BEFORE.search(state.pending[-65:])
    end = _address_end(state, state.pos) if local else None
    if local is None or end is None:
        return False
    start = state.pos - len(local[0])
    if start and state.src[start - 1] in "/@":  # a handle or a path, as in example.org/@someone@example.com
        return False
    return _link(state, start, end, f"mailto:{state.src[start:end]}")


def url_end(text: str, start: int, last: int, *, dotted: bool) -> int | None:
    """The end, at most `last`, of the URL whose domain begins at `start`; a `dotted` domain needs a full stop."""
    domain = DOMAIN.match(text, start, min(last, start + LONGEST_DOMAIN))
    if domain is None or (dotted and "." not in domain[0]) or "_" in "".join(domain[0].rsplit(".", 2)[-2:]):
        return None
    rest = REST.match(text, domain.end(), last)
    return _trimmed(text, start, rest.end() if rest else domain.end())


def _trimmed(text: str, start: int, end: int) -> int:
    """`end` without what a sentence adds to a URL: punctuation, a bracket that closes nothing, an entity."""
    surplus = text.count(")", start, end) - text.count("(", start, end)
    while end > start:
        last = text[end - 1]
        if last == ")" and surplus > 0:
            surplus -= 1
            end -= 1
        elif last in PUNCTUATION:
            end -= 1
        elif last == ";":
            entity = ENTITY_END.search(text, max(start, end - 34), end)
            end = entity.start() if entity else end - 1
        else:
            break
    return end


def _address_end(state: StateInline, start: int) -> int | None:
    """The end of the address of which `start` is in the local part; its domain ends in a letter."""
    local = LOCAL_AFTER.match(state.src, start, state.posMax)
    if local is None:
        return None
    domain = EMAIL_DOMAIN.match(state.src, local.end(), min(state.posMax, local.end() + LONGEST_DOMAIN))
    if domain is None or not domain[0][-1].isalpha() or state.src[domain.end() : domain.end() + 1] == "@":
        return None
    return domain.end()


def _link(state: StateInline, start: int, end: int, url: str) -> bool:
    """Make the link of `src[start:end]`; what of it is pending text already moves into the link."""
    href = state.md.normalizeLink(url)
    if not state.md.validateLink(href):
        return False
    if start < state.pos:
        state.pending = state.pending[: start - state.pos]
    token = state.push("link_open", "a", 1)
    token.attrs, token.markup, token.info = {"href": href}, "autolink", "auto"
    state.push("text", "", 0).content = state.md.normalizeLinkText(state.src[start:end])
    token = state.push("link_close", "a", -1)
    token.markup, token.info = "autolink", "auto"
    state.pos = end
    return True
