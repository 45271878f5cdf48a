"""The pieces of HTML that a token alone decides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from markdown_it.common.utils import MD_TRIM_RE
from markdown_it.token import Token

from engine.rendering.escape import escape

BREAKS = ("softbreak", "hardbreak")
ANCHOR_TAG = re.compile(r"</?a[\s>]|<[^>]*\sid\s*=", re.IGNORECASE)


def plain_code(code: str, info: str) -> str:
    """A fenced block without colours, as the specification writes it."""
    language = f' class="language-{escape(MD_TRIM_RE.split(info, maxsplit=1)[0])}"' if info else ""
    return f"<pre><code{language}>{escape(code)}</code></pre>\n"


def block_tag(tokens: Sequence[Token], index: int) -> str:
    """The tag of a block, with the line ends that the specification's examples have around it."""
    token = tokens[index]
    if token.hidden:  # the paragraph of a tight list's item
        return ""
    if token.nesting == -1:
        return f"</{token.tag}>\n"
    lead = "\n" if index and tokens[index - 1].hidden else ""
    name = token.tag + attributes(token) if token.attrs else token.tag
    if token.nesting == 0:
        return f"{lead}<{name} />\n"
    return f"{lead}<{name}>" if _is_joined(token, tokens[index + 1]) else f"{lead}<{name}>\n"


def _is_joined(token: Token, following: Token) -> bool:
    """Whether no line end stands between a block's tag and what follows it."""
    if following.type == "inline" or following.hidden:
        return True
    # an empty quotation is the one empty block that the examples write on two lines
    return following.nesting == -1 and following.tag == token.tag != "blockquote"


def attributes(token: Token) -> str:
    """The attributes of a tag, each with a space before it."""
    return "".join([f' {name}="{escape(str(value))}"' for name, value in token.attrs.items()])


def plain_text(children: Iterable[Token]) -> str:
    """The text of an image's description, without marks."""
    return "".join(map(_plain, children))


def _plain(token: Token) -> str:
    if token.type == "image":
        return plain_text(token.children or ())
    return "\n" if token.type in BREAKS else token.content


def is_anchor(token: Token) -> bool:
    """Whether this is a tag of raw HTML that must not stand twice on a page, or not in a link."""
    return token.type == "html_inline" and ANCHOR_TAG.match(token.content) is not None


def reference_id(token: Token) -> str:
    """The id of one reference to a footnote: `fnref1`, and `fnref1-2` for the second."""
    repeat = token.meta.get("subId", 0) + 1
    return f"fnref{token.meta['id'] + 1}" + (f"-{repeat}" if repeat > 1 else "")
