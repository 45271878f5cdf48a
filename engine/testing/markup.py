"""Whether HTML is well-formed: what is opened is closed, what is closed was opened, no attribute stands twice.

It is HTML's own rule (WHATWG HTML §13.1.2), by which many end tags may be left out, and not XML's.
"""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import NamedTuple

VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)
FOREIGN = frozenset(["svg", "math"])
HTML_WITHIN = frozenset(["foreignobject", "desc", "title", "annotation-xml", "mtext", "mi", "mo", "mn", "ms"])
"""Elements of SVG and MathML whose content is HTML again."""

_TABLE = ["tr", "td", "th", "thead", "tbody", "tfoot", "caption", "colgroup"]
RUNS_OUT = frozenset(
    ["html", "head", "body", "p", "li", "dt", "dd", "option", "optgroup", "rt", "rp", *_TABLE]
)
"""Elements whose end tags may be left out."""

_BLOCKS = """
    address article aside blockquote details dialog div dl fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6
    header hgroup hr main menu nav ol p pre search section table ul
"""
_CELLS = frozenset(["td", "th"])
_ROWS = _CELLS | {"tr"}
_GROUPS = _ROWS | {"thead", "tbody", "tfoot", "caption", "colgroup"}
ENDS: dict[str, frozenset[str]] = {
    **dict.fromkeys(_BLOCKS.split(), frozenset(["p"])),
    "li": frozenset(["li"]),
    **dict.fromkeys(("dt", "dd"), frozenset(["dt", "dd"])),
    "option": frozenset(["option"]),
    "optgroup": frozenset(["option", "optgroup"]),
    **dict.fromkeys(("rt", "rp"), frozenset(["rt", "rp"])),
    **dict.fromkeys(_CELLS, _CELLS),
    "tr": _ROWS,
    **dict.fromkeys(("thead", "tbody", "tfoot", "caption", "colgroup"), _GROUPS),
    "body": frozenset(["head"]),
}
"""What a start tag ends without an end tag."""

WALLS = frozenset(
    ["table", "template", "button", "ul", "ol", "dl", "select", "foreignobject", "object", "ruby"]
)
"""Elements through which no start tag ends anything."""


class Flaw(NamedTuple):
    """One thing that is not well-formed, at a line and a column of the text, both from 1."""

    line: int
    column: int
    what: str


class _Open(NamedTuple):
    name: str
    line: int
    column: int
    is_html: bool


class _Reader(HTMLParser):
    """Reads a text and notes its flaws."""

    # Python's own reads tags in these two before 3.11.14, which browsers never do.
    CDATA_CONTENT_ELEMENTS = ("script", "style", "textarea", "title")  # type: ignore[misc]

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.flaws: list[Flaw] = []
        self.open: list[_Open] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        is_html = tag not in FOREIGN and self._is_html
        self._attributes(tag, attrs)
        if is_html:
            self._end_implied(tag)
        if not (is_html and tag in VOID):
            self.open.append(_Open(tag, *self._place, is_html))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in FOREIGN or not self._is_html:
            self._attributes(tag, attrs)
            return
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._note(f"<{tag}/> closes nothing: the slash of an element of HTML has no meaning")
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not any(it.name == tag for it in self.open):
            is_void = tag in VOID
            self._note(f"</{tag}> " + ("ends what has no end tag" if is_void else "ends what is not open"))
            return
        while (ended := self.open.pop()).name != tag:
            self._unclosed(ended, f"</{tag}>")

    def finish(self) -> None:
        """Read the end of the text."""
        self.close()
        for left in reversed(self.open):
            self._unclosed(left, "the end")

    @property
    def _is_html(self) -> bool:
        """Whether what comes now is HTML, and not SVG or MathML."""
        if not self.open or self.open[-1].is_html:
            return True
        return self.open[-1].name in HTML_WITHIN

    @property
    def _place(self) -> tuple[int, int]:
        line, offset = self.getpos()
        return line, offset + 1

    def _note(self, what: str) -> None:
        self.flaws.append(Flaw(*self._place, what))

    def _attributes(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self._note(f"<{tag}> has the attribute {name} twice")

    def _end_implied(self, tag: str) -> None:
        """Take from the open elements what the start of `tag` ends."""
        ended = ENDS.get(tag, frozenset())
        at = len(self.open)
        for place in range(len(self.open) - 1, -1, -1):
            name = self.open[place].name
            if name in ended:
                at = place
            elif name in WALLS or not self.open[place].is_html:
                break
        while len(self.open) > at:
            self._unclosed(self.open.pop(), f"<{tag}>")

    def _unclosed(self, left: _Open, before: str) -> None:
        if left.name not in RUNS_OUT or not left.is_html:
            self.flaws.append(Flaw(left.line, left.column, f"<{left.name}> is not closed before {before}"))


def flaws(text: str) -> Iterator[Flaw]:
    """What is not well-formed in a document or a piece of one, in the order of the text."""
    reader = _Reader()
    reader.feed(text)
    reader.finish()
    yield from sorted(reader.flaws)
