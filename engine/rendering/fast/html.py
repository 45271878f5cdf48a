"""pyromark's HTML becomes the default engine's: the same spelling, URLs, ids of headings, contents, summary.

The text that it was made of holds no raw HTML, so that each `<` begins a tag of pyromark's own. What stands from one
`<` to the next is a part: a tag, and the text after it. Most parts stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice

from engine.rendering.escape import escape
from engine.rendering.fast.doubt import Doubt
from engine.rendering.fast.links import Urls
from engine.rendering.fast.text import unescape, untagged
from engine.rendering.headings import Heading, Ids
from engine.rendering.markdown import Marks
from engine.rendering.markdown_html import Highlight
from engine.rendering.markdown_links import Link

_TABLE = (
    ("<table><thead><tr>", "<table>\n<thead>\n<tr>\n"),
    ("</th>", "</th>\n"),
    ("</tr></thead><tbody>\n", "</tr>\n</thead>\n<tbody>\n"),
    ("<tr><td", "<tr>\n<td"),
    ("</td>", "</td>\n"),
    ("</tbody></table>", "</tbody>\n</table>"),
    ("<tbody>\n</tbody>\n", ""),
    (' style="text-align: ', ' style="text-align:'),
)
_QUOTE = re.compile(r"&[#qQ]")
_LINK_TAG = re.compile(r"</?a\b[^>]*>")
_LOCAL_LINK = re.compile(r'<a href="#[^>]*>(.*?)</a>', re.DOTALL)
_HEADING_ID = re.compile(r'(?<=<h[1-6]) id="[^"]*"')
_LEVELS = re.compile(r"<(?:(/)?(?:ul|ol|blockquote)\b[^>]*>|p>)")
_OF_TEXT = ("/a>", "/em>", "/strong>", "/code>", "/s>", "img ")
"""What the parts of tags within a text begin with, of those that may end a line."""
_CODE, _CODE_END = 'code class="language-', "</code></pre>\n"


def spelt(html: str, source: str) -> str:
    """The HTML as the default engine spells it, where that differs for anything in `source`."""
    if "'" in source:
        html = html.replace("&#39;", "'").replace("&#x27;", "'")
    if "|" in source and (first := html.find("<table>")) >= 0:
        end = html.rindex("</table>") + len("</table>")
        tables = html[first:end]
        for theirs, ours in _TABLE:
            tables = tables.replace(theirs, ours)
        html = html[:first] + tables + html[end:]
    if "~" in source:
        html = html.replace("<del>", "<s>").replace("</del>", "</s>")
    return html


def may_hold_quotes(source: str) -> bool:
    """Whether quotation marks may stand in the HTML of a text, which pyromark leaves as they are."""
    return '"' in source or ("&" in source and _QUOTE.search(source) is not None)


def _with_quotes(part: str) -> str:
    tag, end, text = part.rpartition(">")
    return tag + end + text.replace('"', "&quot;")


class Document:
    """One document whose HTML is finished: all is known once it is made.

    `full` counts the full URLs of links and images; `is_local` says whether a link leads into the document,
    `has_images` and `has_code` whether there are images and blocks of code.
    """

    __slots__ = (
        "_depth",
        "_heading",
        "_highlight",
        "_link",
        "_parts",
        "_prefix",
        "_urls",
        "_written_urls",
        "full",
        "has_code",
        "has_images",
        "headings",
        "html",
        "ids",
        "is_local",
        "title",
    )

    def __init__(
        self,
        html: str,
        has_quotes: bool,
        urls: Urls,
        link: Link | None,
        highlight: Highlight,
        prefix: str = "",
    ) -> None:
        self.headings: list[Heading] = []
        self._written_urls: list[str] = []
        self.title: str | None = None
        self.ids = Ids()
        self.full = self._depth = self._heading = 0
        self.is_local = self.has_images = self.has_code = False
        self._urls, self._link, self._highlight, self._prefix = urls, link, highlight, escape(prefix)
        parts = html.split("<")
        if has_quotes:
            parts = [part if '"' not in part else _with_quotes(part) for part in parts]
        self._parts = parts
        for index in [index for index, part in enumerate(parts) if part[:2] in _WRITERS]:
            _WRITERS[parts[index][:2]](self, index, parts[index])
        self.html = "<".join(parts)

    def _a(self, index: int, part: str) -> None:
        href, _, rest = part[8:].partition('"')
        if href[:1] == "#":
            self.is_local = True
        if rest[0] != ">" and "\n" in rest.partition(">")[0]:
            raise Doubt("a title on two lines")
        self._parts[index] = f'a href="{self._written(href)}"{rest}'

    def _image(self, index: int, part: str) -> None:
        src, _, rest = part[9:].partition('"')
        self.has_images = True
        if "\n" in rest.partition(">")[0]:
            raise Doubt("a title on two lines")
        self._parts[index] = f'img src="{self._written(src)}"{rest}'

    def _written(self, href: str) -> str:
        if "://" in href:
            self.full += 1
        url, written = self._urls.spelt(href)
        if self._link is not None and (meant := self._link(url, 1)) != url:
            written = escape(meant)
        self._written_urls.append(written)
        return written

    def _enter(self, _: int, __: str) -> None:
        self._depth += 1

    def _leave(self, _: int, __: str) -> None:
        self._depth -= 1

    def _heading_open(self, index: int, _: str) -> None:
        self._heading = index

    def _heading_close(self, index: int, part: str) -> None:
        first = self._heading
        level, inner = part[2], self._parts[first][3:]
        start = inner
        if index > first + 1:
            inner = "<".join([inner, *self._parts[first + 1 : index]])
        text = untagged(inner)
        name = self._prefix + self.ids.generated(text)
        self._parts[first] = f'h{level} id="{name}">{start}'
        text = " ".join(text.split())
        if level == "1" and all(it.startswith("!--") for it in islice(self._parts, 1, first)):
            self.title = text
        elif not self._depth:
            shown = inner if "<a " not in inner else _LINK_TAG.sub("", inner).strip()
            self.headings.append(Heading(int(level), name, text, shown))

    def _code_block(self, index: int, _: str) -> None:
        self.has_code = True
        before, code = self._parts[index - 1], self._parts[index + 1]
        if before[-1:] == "\n" and (before[-2:] != ">\n" or before.startswith(_OF_TEXT)):
            self._parts[index - 1] = before[
                :-1
            ]  # no line end stands between a tight item's text and its code
        if self._depth and code.endswith((">\n", "\n\n")):
            raise Doubt("an empty line that may make a list loose")
        if code.startswith(_CODE):
            language, _, text = code[len(_CODE) :].partition('">')
            block = self._highlight(unescape(text), unescape(language))
            self._parts[index + 1] = block[len("<pre><") : -len(_CODE_END)]

    @property
    def marks(self) -> Marks:
        """What its attributes say, as long as no raw HTML is put back into it."""
        return Marks(tuple(self._written_urls), tuple([self._prefix + name for name in self.ids.given]))

    def summary(self, more: str | None) -> str:
        """The HTML before the mark `more`, else the first paragraph with words; fit to stand on any page."""
        if more is not None:
            text = _HEADING_ID.sub("", self.html[: self.html.index(more)])
        elif (start := self._first_paragraph()) is not None:
            text = self.html[start : self.html.index("</p>\n", start) + len("</p>\n")]
        else:
            return ""
        return _LOCAL_LINK.sub(r"\1", text) if self.is_local else text

    def _first_paragraph(self) -> int | None:
        if self.html.startswith("<p>") and self._has_words(0):
            return 0
        depth = 0
        for tag in _LEVELS.finditer(self.html):
            if tag[0] != "<p>":
                depth += -1 if tag[1] else 1
            elif not depth and self._has_words(tag.start()):
                return tag.start()
        return None

    def _has_words(self, start: int) -> bool:
        if self.html[start + len("<p>")].isalnum():
            return True
        return bool(untagged(self.html[start : self.html.index("</p>", start)]).strip())


_WRITERS: dict[str, Callable[[Document, int, str], None]] = {
    "a ": Document._a,
    "im": Document._image,
    "li": Document._enter,
    "/l": Document._leave,
    "bl": Document._enter,
    "/b": Document._leave,
    **{f"h{level}": Document._heading_open for level in range(1, 7)},
    "/h": Document._heading_close,
    "pr": Document._code_block,
}
"""By the first two characters of a part."""
