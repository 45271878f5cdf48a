"""Inline text of the plainest kinds, read without rules: where it answers, the HTML is that of their tokens.

Most paragraphs are words, with code, emphasis, links and images that hold nothing but words. One expression finds
these in a tenth of the rules' time. What it does not know, it leaves to them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from engine.rendering.markdown_state import QuickToken

PLACE = "place"
"""The key of `Token.meta` under which a link or image with a destination of its own keeps its offset."""

PLAIN, PIECES = "plain", "pieces"
"""The type of a token that stands for a whole plain text, and the key of its `meta` for what it was read into."""

Piece = tuple[str, str, str, int]
"""The kind of a piece, its text, and the URL and the offset of a link or image."""

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


def read_plain(text: str, parser: MarkdownIt) -> list[Piece] | None:
    """The pieces of a text, line ends within their texts; `None` if the rules must read it."""
    pieces: list[Piece] = []
    end = 0
    for found in _PIECE.finditer(text):
        kind = found.lastgroup or ""
        if found.start() != end:
            return None
        if kind in _URLS:
            if (piece := _linking(found, parser)) is None:
                return None
            pieces.append(piece)
        else:
            pieces.append((kind, found[kind], "", 0))
        end = found.end()
    return pieces if end == len(text) else None


def _linking(found: re.Match[str], parser: MarkdownIt) -> Piece | None:
    """A link or an image; `None` where the rules would refuse its URL."""
    kind = found.lastgroup or ""
    url = parser.normalizeLink(found[kind])
    if not parser.validateLink(url):
        return None
    if kind == "link" and found["label"] is None:
        return ("code_link", found["code_label"], url, found.start())
    return (kind, found[_URLS[kind]], url, found.start())


_URLS = {"link": "label", "image": "alt"}
"""The kinds that have a URL, and which group is their text."""


def plain_tokens(pieces: Iterable[Piece]) -> list[Token]:
    """The tokens into which the rules would have read a text."""
    return [token for piece in pieces for token in _TOKENS[piece[0]](*piece)]


def _text(kind: str, text: str, *_: object) -> Iterator[Token]:
    yield QuickToken(kind, "", 0, content=text)


def _code(_: str, text: str, *__: object) -> Iterator[Token]:
    token = QuickToken("code_inline", "", 0, content=text)
    token.markup = "`"
    yield token


def _emphasis(kind: str, text: str, *_: object) -> Iterator[Token]:
    yield QuickToken(f"{kind}_open", kind, 1)
    yield QuickToken("text", "", 0, content=text)
    yield QuickToken(f"{kind}_close", kind, -1)


def _link(kind: str, text: str, url: str, place: int) -> Iterator[Token]:
    yield QuickToken("link_open", "a", 1, {"href": url}, meta={PLACE: place})
    yield from (_code if kind == "code_link" else _text)("text", text)
    yield QuickToken("link_close", "a", -1)


def _image(_: str, text: str, url: str, place: int) -> Iterator[Token]:
    image = QuickToken("image", "img", 0, {"src": url, "alt": ""}, meta={PLACE: place})
    image.children = [*_text("text", text)]
    yield image


_TOKENS: dict[str, Callable[[str, str, str, int], Iterator[Token]]] = {
    "text": _text,
    "code_inline": _code,
    "strong": _emphasis,
    "em": _emphasis,
    "link": _link,
    "code_link": _link,
    "image": _image,
}
