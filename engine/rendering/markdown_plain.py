"""Inline text of the plainest kinds, read without rules: where it answers, the tokens are written as theirs are.

Most paragraphs are words, with code, emphasis, links and images that hold nothing but words. One expression finds
these in a tenth of the rules' time. What it does not know, it leaves to them.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.token import Token

from engine.rendering.markdown_state import QuickToken

PLACE = "place"
"""The key of `Token.meta` under which a link or image with a destination of its own keeps its offset."""

# Possessive throughout, so that no text makes it try twice. A character that a rule may begin at is text only where
# what stands beside it keeps each rule from matching.
_CHARACTERS = r"[^\\`\[\]!*_<&~:@\n]++"
_HARMLESS = r"!(?!\[)|:(?!//)|&(?![#A-Za-z])|<(?![A-Za-z/!?])|(?<![ ])\n(?![ \t])|(?<=[^\W_])_++(?=[^\W_])"
_TEXT = rf"(?:{_CHARACTERS}|{_HARMLESS})++"
_CLOSES = r"(?:(?<=[^\W_])|(?<=[.,:;!?)\"'])(?=\*++(?:[ \n.,:;!?)]|\Z)))"  # flanking (CommonMark 6.2)
_CODE = r"[^`\ \n][^`\n]*+"  # it begins with no space, so none is cut off
_URL = r"[^\s<>()\\;\x00-\x1f\x7f]++"  # no `;`, so no entity; no escapes, no brackets to count
_PIECE = re.compile(
    rf"""(?P<text>{_TEXT})
    |`(?P<code_inline>{_CODE})`(?!`)
    |(?<!\*)\*\*(?=[^\W_])(?P<strong>{_TEXT}){_CLOSES}\*\*(?!\*)
    |(?<!\*)\*(?=[^\W_])(?P<em>{_TEXT}){_CLOSES}\*(?!\*)
    |\[(?:(?P<label>{_TEXT})|`(?P<code_label>{_CODE})`)\]\((?P<link>{_URL})\)
    |!\[(?P<alt>{_TEXT})\]\((?P<image>{_URL})\)
    """,
    re.VERBOSE,
)


def read_plain(text: str, parser: MarkdownIt) -> list[Token] | None:
    """The tokens of a text, line ends within their texts; `None` if the rules must read it."""
    tokens: list[Token] = []
    end = 0
    for piece in _PIECE.finditer(text):
        if piece.start() != end or not _MAKERS[piece.lastgroup or ""](piece, parser, tokens):
            return None
        end = piece.end()
    return tokens if end == len(text) else None


def _word(kind: str, content: str) -> Token:
    return QuickToken(kind, "", 0, content=content)


def _code(content: str) -> Token:
    token = _word("code_inline", content)
    token.markup = "`"
    return token


def _leaf(piece: re.Match[str], _: MarkdownIt, tokens: list[Token]) -> bool:
    code = piece["code_inline"]
    tokens.append(_word("text", piece["text"]) if code is None else _code(code))
    return True


def _emphasis(piece: re.Match[str], _: MarkdownIt, tokens: list[Token]) -> bool:
    kind = piece.lastgroup or ""
    tokens += (
        QuickToken(f"{kind}_open", kind, 1),
        _word("text", piece[kind]),
        QuickToken(f"{kind}_close", kind, -1),
    )
    return True


def _link(piece: re.Match[str], parser: MarkdownIt, tokens: list[Token]) -> bool:
    href = parser.normalizeLink(piece["link"])
    code = piece["code_label"]
    label = _word("text", piece["label"]) if code is None else _code(code)
    opening = QuickToken("link_open", "a", 1, {"href": href}, meta={PLACE: piece.start()})
    tokens += (opening, label, QuickToken("link_close", "a", -1))
    return parser.validateLink(href)


def _image(piece: re.Match[str], parser: MarkdownIt, tokens: list[Token]) -> bool:
    source = parser.normalizeLink(piece["image"])
    image = QuickToken("image", "img", 0, {"src": source, "alt": ""}, meta={PLACE: piece.start()})
    image.children = [_word("text", piece["alt"])]
    tokens.append(image)
    return parser.validateLink(source)


_Maker = Callable[[re.Match[str], MarkdownIt, list[Token]], bool]
"""Appends the tokens of a piece; false where the rules would refuse its URL."""

_MAKERS: dict[str, _Maker] = {
    "text": _leaf,
    "code_inline": _leaf,
    "strong": _emphasis,
    "em": _emphasis,
    "link": _link,
    "image": _image,
}
