"""Writes a document's tokens as HTML, and notes on the way what else is known of it: headings, words, summary.

The HTML is that of markdown-it's own renderer, which calls a method for each token and looks at each twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from markdown_it.common.utils import mdTrim, unescapeAll
from markdown_it.token import Token

from engine.rendering.escape import escape
from engine.rendering.headings import Heading, Ids
from engine.rendering.markdown_links import LinkWriter, settle
from engine.rendering.markdown_plain import PIECES, PLACE, PLAIN
from engine.rendering.markdown_rules import EXPLICIT_ID, MORE
from engine.rendering.markdown_tags import BREAKS, attributes, block_tag, is_anchor, plain_text, reference_id

FIXED = {
    "softbreak": "\n",
    "hardbreak": "<br />\n",
    "em_open": "<em>",
    "em_close": "</em>",
    "strong_open": "<strong>",
    "strong_close": "</strong>",
    "s_open": "<s>",
    "s_close": "</s>",
}
TAGS = {
    "code_inline": ("<code>", "</code>"),
    "strong": ("<strong>", "</strong>"),
    "em": ("<em>", "</em>"),
    "link": ("", "</a>"),
    "code_link": ("<code>", "</code></a>"),
}
"""What stands around the text of a plain piece."""

LINKING = ("link_open", "link_close", "footnote_ref")

Highlight = Callable[[str, str], str]
"""Code and the info string of its fence (unescaped and trimmed) → the HTML of the block."""


class Document:
    """One document on its way to HTML. `write` is called once; the rest is known after it."""

    def __init__(self, links: LinkWriter, ids: Ids | None, highlight: Highlight, prefix: str = "") -> None:
        self.headings: list[Heading] = []
        self.title: str | None = None
        self._links, self._ids, self._highlight = links, ids, highlight
        self._prefix = prefix
        self._out: list[str] = []
        self._text: list[str] = []
        # what a piece of the output becomes on another page, where ids and links to them would be wrong
        self._elsewhere: dict[int, str] = {}
        self._cut: tuple[int, str] | None = None
        self._first: tuple[int, int] | None = None
        # where the paragraph or heading being written begins: in the output, and in the text
        self._block = (0, 0)
        self._in_heading = self._in_local_link = False
        self._references: set[str] = set()
        self._local_links: list[tuple[int, Token]] = []

    @property
    def html(self) -> str:
        """All that was written."""
        return "".join(self._out)

    @property
    def prose(self) -> str:
        """The text, blocks of code and marks left out."""
        return "".join(self._text)

    @property
    def summary(self) -> str:
        """The HTML before the marker, else the first paragraph that has words; fit to stand on any page."""
        start, end, tail = (0, *self._cut) if self._cut else (*(self._first or (0, 0)), "")
        return "".join(self._elsewhere.get(index, self._out[index]) for index in range(start, end)) + tail

    def write(self, tokens: Sequence[Token]) -> None:
        """Write all blocks of the document."""
        out = self._out.append
        for index, token in enumerate(tokens):
            kind = token.type
            if kind == "inline":
                if token.children:
                    self._inline(token.children, token)
                    self._text.append("\n")
            elif (writer := _BLOCKS.get(kind)) is not None:
                writer(self, tokens, index)
            else:
                out(block_tag(tokens, index))
        if self._local_links and self._ids is not None:
            settle(self._out, self._local_links, self._ids, self._prefix)

    def _inline(self, children: Iterable[Token], parent: Token) -> None:
        out, text = self._out.append, self._text.append
        for token in children:
            kind = token.type
            if kind == "text" or kind == "text_special":
                if token.content:
                    out(escape(token.content))
                    text(token.content)
            elif (fixed := FIXED.get(kind)) is not None:
                out(fixed)
                if kind in BREAKS:
                    text("\n")
            else:
                _INLINES[kind](self, token, parent)

    def _plain(self, token: Token, parent: Token) -> None:
        out, words = self._out.append, self._text.append
        for kind, text, url, place in token.meta[PIECES]:
            if kind == "text":
                out(escape(text))
                words(text)
            elif kind == "image":
                out(f'<img src="{escape(self._placed(url, parent, place))}" alt="{escape(text)}" />')
            else:
                before, after = TAGS[kind]
                if url:
                    before = f'<a href="{escape(self._placed(url, parent, place))}">{before}'
                out(f"{before}{escape(text)}{after}")
                words(text)

    def _placed(self, url: str, parent: Token, place: int) -> str:
        """The URL to write for a link or image at `place` in the text of `parent`."""
        if parent.map is None:
            return url
        return self._links.inline(url, parent.map[0], parent.content, place)

    def _code_inline(self, token: Token, _: Token) -> None:
        self._out.append(f"<code>{escape(token.content)}</code>")
        self._text.append(token.content)

    def _link_open(self, token: Token, parent: Token) -> None:
        self._resolve(token, "href", parent)
        self._in_local_link = str(token.attrs["href"]).startswith("#")
        if self._in_local_link:
            self._local_links.append((len(self._out), token))
        self._link_tag(f"<a{attributes(token)}>")

    def _link_close(self, _: Token, __: Token) -> None:
        self._link_tag("</a>")
        self._in_local_link = False

    def _link_tag(self, tag: str) -> None:
        if self._in_local_link:
            self._elsewhere[len(self._out)] = ""
        self._out.append(tag)

    def _image(self, token: Token, parent: Token) -> None:
        self._resolve(token, "src", parent)
        token.attrs["alt"] = plain_text(token.children or ())
        self._out.append(f"<img{attributes(token)} />")

    def _resolve(self, token: Token, name: str, parent: Token) -> None:
        place = token.meta.pop(PLACE, None)  # once only: a heading is written a second time for the contents
        if place is not None:
            token.attrs[name] = self._placed(str(token.attrs[name]), parent, place)

    def _html_inline(self, token: Token, parent: Token) -> None:
        if parent.level == 1 and not self._in_heading and MORE.fullmatch(token.content):
            self._cut = self._cut or (len(self._out), "</p>\n")
        self._out.append(token.content)

    def _html_block(self, tokens: Sequence[Token], index: int) -> None:
        token = tokens[index]
        if token.level == 0 and MORE.match(token.content):
            self._cut = self._cut or (len(self._out), "")
        self._out.append(token.content)

    def _code_block(self, tokens: Sequence[Token], index: int) -> None:
        self._out.append(f"<pre><code>{escape(tokens[index].content)}</code></pre>\n")

    def _fence(self, tokens: Sequence[Token], index: int) -> None:
        token = tokens[index]
        self._out.append(self._highlight(token.content, mdTrim(unescapeAll(token.info))))

    def _list_item_open(self, tokens: Sequence[Token], index: int) -> None:
        self._out.append(block_tag(tokens, index))
        checked = tokens[index].meta.get("checked")
        if checked is not None:
            state = ' checked=""' if checked else ""
            self._out.append(f'<input class="task-list-item-checkbox" disabled="" type="checkbox"{state}> ')

    def _paragraph_open(self, tokens: Sequence[Token], index: int) -> None:
        self._block = (len(self._out), len(self._text))
        self._out.append(block_tag(tokens, index))

    def _paragraph_close(self, tokens: Sequence[Token], index: int) -> None:
        self._out.append("" if tokens[index].hidden else "</p>\n")
        if self._first is None and tokens[index].level == 0:
            start, text = self._block
            if "".join(self._text[text:]).strip():
                self._first = (start, len(self._out))

    def _heading_open(self, tokens: Sequence[Token], index: int) -> None:
        self._block = (len(self._out), len(self._text))
        self._in_heading = True
        self._out.append(block_tag(tokens, index))

    def _heading_close(self, tokens: Sequence[Token], index: int) -> None:
        self._in_heading = False
        opening, inline = tokens[index - 2 : index]
        start, text_start = self._block
        read = "".join(self._text[text_start:]).removesuffix("\n")
        text = " ".join(read.split())
        name = self._identify(opening, read, start)
        if self._is_title(tokens, index - 2):
            self.title = text
        elif opening.level == 0:
            self.headings.append(Heading(int(opening.tag[1]), name, text, self._unlinked(inline)))
        self._out.append(block_tag(tokens, index))

    def _is_title(self, tokens: Sequence[Token], opening: int) -> bool:
        """Whether this is a first-level heading before which stands nothing but HTML, as a comment is."""
        heading = tokens[opening]
        if self.headings or self.title is not None or heading.tag != "h1" or heading.level:
            return False
        return all(token.type == "html_block" for token in tokens[:opening])

    def _identify(self, opening: Token, text: str, start: int) -> str:
        """The id of a heading, which is put into its tag."""
        if self._ids is None:
            return ""
        given = opening.meta.get(EXPLICIT_ID)
        name = self._prefix + (self._ids.generated(text) if given is None else self._ids.explicit(given))
        tag = self._elsewhere[start] = self._out[start]
        self._out[start] = tag.replace(opening.tag, f'{opening.tag} id="{escape(name)}"', 1)
        return name

    def _unlinked(self, inline: Token) -> str:
        """The heading's HTML for use inside a link: without links, footnotes and anchors."""
        children = inline.children or []
        kept = [token for token in children if token.type not in LINKING and not is_anchor(token)]
        if len(kept) == len(children):
            return "".join(self._out[self._block[0] + 1 :])
        out, text = len(self._out), len(self._text)
        self._inline(kept, inline)
        html = "".join(self._out[out:]).strip()
        del self._out[out:], self._text[text:]
        return html

    def _footnote_ref(self, token: Token, _: Token) -> None:
        number, prefix = token.meta["id"] + 1, escape(self._prefix)
        link = f'<a href="#{prefix}fn{number}" id="{prefix}{reference_id(token)}">[{number}]</a>'
        self._elsewhere[len(self._out)] = ""
        self._out.append(f'<sup class="footnote-ref">{link}</sup>')

    def _footnote_block_open(self, tokens: Sequence[Token], _: int) -> None:
        children = (child for token in tokens for child in token.children or ())
        self._references = {reference_id(child) for child in children if child.type == "footnote_ref"}
        self._out.append('<section class="footnotes" role="doc-endnotes">\n<ol class="footnotes-list">\n')

    def _footnote_block_close(self, _: Sequence[Token], __: int) -> None:
        self._out.append("</ol>\n</section>\n")

    def _footnote_open(self, tokens: Sequence[Token], index: int) -> None:
        name = f"{escape(self._prefix)}fn{tokens[index].meta['id'] + 1}"
        self._out.append(f'<li id="{name}" class="footnote-item">')

    def _footnote_close(self, _: Sequence[Token], __: int) -> None:
        self._out.append("</li>\n")

    def _footnote_anchor(self, tokens: Sequence[Token], index: int) -> None:
        name = reference_id(tokens[index])
        if (
            name not in self._references
        ):  # it stood in a footnote that nothing refers to, which is not written
            return
        label = f"Back to reference {name.removeprefix('fnref')}"
        href = f"#{escape(self._prefix)}{name}"
        self._out.append(f' <a href="{href}" class="footnote-backref" aria-label="{label}">\u21a9\ufe0e</a>')


_INLINES: dict[str, Callable[[Document, Token, Token], None]] = {
    PLAIN: Document._plain,
    "code_inline": Document._code_inline,
    "link_open": Document._link_open,
    "link_close": Document._link_close,
    "image": Document._image,
    "html_inline": Document._html_inline,
    "footnote_ref": Document._footnote_ref,
}

_BLOCKS: dict[str, Callable[[Document, Sequence[Token], int], None]] = {
    "paragraph_open": Document._paragraph_open,
    "paragraph_close": Document._paragraph_close,
    "heading_open": Document._heading_open,
    "heading_close": Document._heading_close,
    "list_item_open": Document._list_item_open,
    "fence": Document._fence,
    "code_block": Document._code_block,
    "html_block": Document._html_block,
    "footnote_block_open": Document._footnote_block_open,
    "footnote_block_close": Document._footnote_block_close,
    "footnote_open": Document._footnote_open,
    "footnote_close": Document._footnote_close,
    "footnote_anchor": Document._footnote_anchor,
}
