"""Markdown becomes HTML, and what templates want to know of it. With its `markdown_*` parts, all that imports
markdown-it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from markdown_it.token import Token

from engine.errors import Fault
from engine.rendering.headings import Heading as Heading
from engine.rendering.headings import Ids, tree
from engine.rendering.highlight import highlight
from engine.rendering.markdown_code import code_places
from engine.rendering.markdown_dialect import FEATURES as FEATURES
from engine.rendering.markdown_dialect import Dialect
from engine.rendering.markdown_dialect import MarkdownOptions as MarkdownOptions
from engine.rendering.markdown_html import Document, Highlight
from engine.rendering.markdown_links import Link, LinkFinder, LinkWriter
from engine.rendering.markdown_links import LinkPlace as LinkPlace
from engine.rendering.markdown_rules import EXPLICIT_ID, WRITE_REFERENCE
from engine.rendering.markdown_tags import plain_code

EACH_A_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
STRANGERS = "user-content-"
"""What ids begin with that strangers chose, as on GitHub: no id, and no name in a script, of the page is theirs."""


class Marks(NamedTuple):
    """The URLs of the links and images of a document, in order, as its attributes spell them, and its ids."""

    urls: tuple[str, ...]
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A document as HTML.

    `toc` holds its headings, nested by level, without the title. `title` is the text of the first-level heading that
    the document begins with. `summary` is the HTML before `<!--more-->`, else the first paragraph with words, without
    ids, footnotes and links into the document, so that it can stand on any page. `text` is the prose, or what makes it:
    few pages show how many words they have. `fell_back` is true where the fast engine left it to the default one.
    `marks` are there where they were seen on the way, and no raw HTML can hold any more.
    """

    html: str
    toc: tuple[Heading, ...] = ()
    title: str | None = None
    summary: str = ""
    text: str | Callable[[], str] = field(default="", repr=False, compare=False)
    faults: tuple[Fault, ...] = ()
    fell_back: bool = False
    marks: Marks | None = field(default=None, repr=False, compare=False)

    @property
    def prose(self) -> str:
        """The text of the document without blocks of code and marks, its words parted by one space."""
        return " ".join((self.text if isinstance(self.text, str) else self.text()).split())

    @property
    def words(self) -> int:
        """The number of words of the prose; each Chinese or Japanese character is one."""
        text = self.prose
        return len(text.split()) if text.isascii() else len(EACH_A_WORD.sub(" x ", text).split())


class Markdown:
    """Renders Markdown by one set of options. May be used by many threads at once."""

    def __init__(self, options: MarkdownOptions | None = None) -> None:
        self.options = options or MarkdownOptions()
        self._dialect = Dialect(self.options)
        self._highlight = highlight if self.options.highlight else plain_code

    def render(
        self,
        text: str,
        *,
        file: str,
        first_line: int = 1,
        link: Link | None = None,
        prefix: str | None = None,
    ) -> Rendered:
        """Render `text`, which begins at the line `first_line` of `file`.

        `link` is given the URL of each link, image and reference definition that the author wrote out (percent-encoded,
        as CommonMark's reference renderer does) with its line in `file`, and returns the URL to write; bare URLs and
        `<https://…>` are not asked. What it raises as `SiteError` ends in `faults`, and the URL stays as it is.
        A text above `max_bytes` is a fault, and renders as nothing. No text raises. `prefix` stands before each id,
        `STRANGERS` before those of strangers if nothing else is said; links of the text to its headings leave it out.
        """
        if self._is_too_large(text):
            return Rendered("", faults=(_too_large(file, self.options.max_bytes),))
        links = LinkWriter(text, first_line, link)
        document = self._document(text, links, self._highlight, self._prefix(prefix))
        toc, faults = tree(document.headings), tuple(links.faults)
        return Rendered(document.html, toc, document.title, document.summary, document.prose, faults)

    def link_places(self, text: str, *, file: str, first_line: int, link: Link) -> list[LinkPlace]:
        """Where the links that `render` asks `link` about stand, in the order of the document."""
        links = LinkFinder(text, first_line, link)
        if not self._is_too_large(text):
            self._document(text, links, plain_code)
        return links.found

    def code_places(self, text: str) -> list[tuple[int, int]]:
        """The offsets at which each code block and code span of a text begins and ends, in order."""
        if self._is_too_large(text):
            return []
        return sorted(code_places(text, self._tokens(text, LinkWriter(text, 1, None))))

    def _prefix(self, given: str | None) -> str:
        own = STRANGERS if self.options.trust == "untrusted" else ""
        return own if given is None else given

    def _document(self, text: str, links: LinkWriter, code: Highlight, prefix: str = "") -> Document:
        tokens = self._tokens(text, links)
        document = Document(links, self._ids(text, tokens), code, prefix)
        document.write(tokens)
        return document

    def _tokens(self, text: str, links: LinkWriter) -> list[Token]:
        return self._dialect.parser_for(text).parse(text, {WRITE_REFERENCE: links.reference})

    def _is_too_large(self, text: str) -> bool:
        limit = self.options.max_bytes
        # a character has at most four bytes, so most texts need no encoding to be found small enough
        return len(text) * 4 > limit and len(text.encode("utf-8", "replace")) > limit

    def _ids(self, text: str, tokens: Sequence[Token]) -> Ids | None:
        if "heading-ids" not in self.options.features:
            return None
        if "{" not in text:
            return Ids()
        return Ids(token.meta[EXPLICIT_ID] for token in tokens if token.type == "heading_open" and token.meta)


def _too_large(file: str, limit: int) -> Fault:
    return Fault(
        "markdown-too-large",
        file,
        f"is larger than {limit:,} bytes, the limit for one page",
        "Divide it into several pages",
    )
