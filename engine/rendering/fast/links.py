"""The URLs in the fast engine's HTML: those that the author wrote are resolved, and bare ones become links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from markdown_it import MarkdownIt

from engine.rendering.escape import escape
from engine.rendering.fast.doubt import Doubt, without_code
from engine.rendering.fast.text import unescape
from engine.rendering.headings import Ids, words
from engine.rendering.markdown_autolink import url_end
from engine.rendering.markdown_links import Link

_LOCAL = re.compile(r'href="#([^"]+)"')
_DEFINITION = re.compile(
    r'\n\[[^\[\]\n\\]+\]:[ \t]++\S++(?:[ \t]++"[^"\n]*")?[ \t]*+(?=\n(?:[ \t]*\n|\[)|\n?\Z)'
)
_ANY_DEFINITION = re.compile(r"\n[ \t>*+.)\d-]*\[[^\]\n]*\]:")
_URL = re.compile(r"(?:https?|ftp)://\S*")
_WWW = re.compile(r"www\.(?:(?<=[\s*_~(>|:]www\.)|(?<=\Awww\.))(?<!\]\(www\.)")
_ADDRESS_OF_MAIL = re.compile(r"@(?<=[\w.+-]@)[\w-]+\.")
_SIMPLE = re.compile(r"[\w/.:?=&#+,()\-;!'\"@]*", re.ASCII)
_BEFORE = frozenset('(,:"')
_BLOCK = re.compile(r"(?:p|li|h[1-6]|t[dh](?: style=\"[^\"]*\")?)>")
_BLOCK_END = re.compile(r"/(?:p|li|h[1-6]|t[dh])>")
_SCHEME = re.compile(r"(?!https?://|ftp://|mailto:)[A-Za-z][A-Za-z0-9+.-]*:", re.IGNORECASE)
"""Of schemes that may stand in angle brackets, those whose text would have to be spelt as well."""
_KEPT = 16_384  # URLs whose spelling is kept: those of the menus and of the neighbours of a large site


class _Edges(NamedTuple):
    """The part before the text in which URLs are looked for, and the one after it."""

    before: str
    after: str

    def are_of_blocks(self, is_first: bool, is_last: bool) -> bool:
        """Whether what is first or last in the text is so in its block too, with no tag of a text beside it."""
        if is_first and not _BLOCK.match(self.before):
            return False
        return not is_last or _BLOCK_END.match(self.after) is not None


class Urls:
    """Spells URLs as `parser` does, and tells where that cannot be known from the HTML."""

    def __init__(self, parser: MarkdownIt) -> None:
        self._parser = parser
        self.spelt = lru_cache(maxsize=_KEPT)(self._spell)
        """The URL of an attribute as the default engine spells it, and the attribute then. Raises `Doubt`."""

    def define(self, urls: Iterable[str], html: str, source: str, link: Link | None) -> None:
        """Ask `link` for the URLs of reference definitions, as each is asked for once, also if nothing refers to it."""
        urls = list(urls)
        source = f"\n{source}"
        plain = len(_DEFINITION.findall(source))
        if len(urls) != plain or len(_ANY_DEFINITION.findall(source)) != plain or "]:" in without_code(html):
            raise Doubt("a definition that is not plain")
        if "</a>(" in html or " />(" in html:
            raise Doubt("a reference before what may be a destination")
        for url in map(self._parser.normalizeLink, urls):
            if not self._parser.validateLink(url):
                raise Doubt("the URL of a definition")
            if link is not None:
                link(url, 1)

    def bare(self, html: str, source: str) -> str:
        """The HTML with links of the URLs that stand in it bare."""
        parts = html.split("<")
        for index in _outside(parts):
            tag, end, text = parts[index].partition(">")
            if "://" in text:
                text = self._linked(text, _Edges(parts[index], parts[index + 1]), source)
                parts[index] = tag + end + text
            elif _may_hold_host(text):
                raise Doubt("a bare host or address")
        return "<".join(parts)

    def _linked(self, text: str, edges: _Edges, source: str) -> str:
        written, at = list[str](), 0
        for found in _URL.finditer(text):
            before, run = text[at : found.start()], unescape(found[0])
            start, end = found.span()
            beside = text[start - 1 : start]
            stands_apart = start == 0 or beside in _BEFORE or beside.isspace()
            stands_apart = stands_apart and edges.are_of_blocks(start == 0, end == len(text))
            is_as_written = run in source and not ("&" in run and "&amp;" in source)
            if not (_SIMPLE.fullmatch(run) and is_as_written and stands_apart):
                raise Doubt("a bare URL that is not plain")
            written += (before, self._link(run))
            at = found.end()
        written.append(text[at:])
        left = "".join(written[::2])
        if "://" in left or _may_hold_host(left):
            raise Doubt("a bare URL")
        return "".join(written)

    def _link(self, run: str) -> str:
        end = url_end(run, run.index("://") + 3, len(run), dotted=False)
        if end is None:
            raise Doubt("a bare URL that is none")
        url = run[:end]
        href = self._parser.normalizeLink(url)
        if not self._parser.validateLink(href):
            raise Doubt("the bare URL")
        return (
            f'<a href="{escape(href)}">{escape(self._parser.normalizeLinkText(url))}</a>{escape(run[end:])}'
        )

    def _spell(self, href: str) -> tuple[str, str]:
        href = unescape(href)
        url = self._parser.normalizeLink(href)
        host = url.partition("://")[2].partition("/")[0]
        # a host's own letters are not told from those that were written by their numbers
        if not self._parser.validateLink(url) or "%" in host or _SCHEME.match(url) or _has_odd_space(url):
            raise Doubt("the URL of a link")
        return url, escape(url)


def _has_odd_space(url: str) -> bool:
    return "%" in url and any(it.isspace() and not it.isascii() for it in unquote(url))


def _outside(parts: list[str]) -> Iterator[int]:
    """The parts whose text stands neither in a link nor in code."""
    is_link = False
    for index, part in enumerate(parts):
        kind = part[:3]
        if kind[:2] == "a ":
            is_link = True
        elif kind == "/a>":
            is_link = False
        if not is_link and kind != "cod":
            yield index


def _may_hold_host(text: str) -> bool:
    """Whether a host or an address of mail may stand bare in a text."""
    if "@" in text and _ADDRESS_OF_MAIL.search(text):
        return True
    return "www." in text and _WWW.search(text) is not None


def may_hold_bare(html: str, source: str, full: int) -> bool:
    """Whether a URL may stand bare in HTML whose links and images have `full` full URLs."""
    return (
        ("://" in source and html.count("://") != full)
        or _WWW.search(source) is not None
        or ("@" in source and _ADDRESS_OF_MAIL.search(html) is not None)
    )


def refuse_strange_fragments(html: str, ids: Ids) -> None:
    """Raises `Doubt` where a link into the document leads to no id of a heading, but may mean one."""
    strange = [name for it in _LOCAL.findall(html) if (name := unquote(unescape(it))) not in ids]
    meant = ids.by_words() if strange else {}
    if any(meant.get(words(name)) for name in strange):
        raise Doubt("a fragment that is no id")
