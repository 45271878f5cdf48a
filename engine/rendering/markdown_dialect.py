"""Which Markdown we read: CommonMark 0.31.2 and the features in `FEATURES`, each a line in a table."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Literal, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_inline import image, link
from mdit_py_plugins.footnote.index import footnote_def, footnote_tail

from engine.rendering import markdown_autolink as autolink
from engine.rendering import markdown_rules as rules
from engine.rendering.markdown_blocks import QuickBlocks
from engine.rendering.markdown_dispatch import DispatchInline, DispatchRuler, inline

FEATURES = frozenset(
    {"tables", "strikethrough", "task-lists", "autolinks", "alerts", "footnotes", "heading-ids"}
)
"""Everything that may be added to CommonMark."""

UNTRUSTED_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
MAX_NESTING = 50
"""Levels of blocks or of inlines; what is deeper is left out. The deepest text takes 260 frames of Python's 1,000."""

MAX_BYTES = 2 * 1024 * 1024
# a bare `www.`, or what may be one once the marks of a line (`>`, `|`, a footnote's colon) are gone
WWW = re.compile(r"www\.(?:(?<=[\s*_~(>|:]www\.)|(?<=\Awww\.))")
SCHEME = re.compile(r"([^/?#]*?):")
PLAIN_URL = re.compile(
    r"(?:https?://[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*(?=[/?#]|\Z)[\w;/?:@&=+$,\-.!~*'()#]*"
    r"|(?!//)[\w;/?@&=+$,\-.!~*'()#]*)",
    re.ASCII,
)


class MarkdownOptions(NamedTuple):
    """How Markdown is read.

    `trust` is `"author"` (raw HTML is kept) or `"untrusted"` (raw HTML is text, and the schemes of URLs are
    allow-listed). `features` is a subset of `FEATURES`: with none, this is CommonMark. `highlight` colours fenced code,
    and reads the title and marked lines of its info string. `max_bytes` bounds one document.
    """

    trust: Literal["author", "untrusted"] = "author"
    features: frozenset[str] = FEATURES
    highlight: bool = True
    max_bytes: int = MAX_BYTES


class Dialect:
    """The parsers of one set of options. They are built once for all sites, and hold nothing of a document."""

    def __init__(self, options: MarkdownOptions) -> None:
        features = options.features | ({"untrusted"} if options.trust == "untrusted" else set())
        self._autolinks = "autolinks" in features
        self._features = features
        self._plain = _build(features)

    def parser_for(self, text: str) -> MarkdownIt:
        """The parser to read `text` with.

        Only texts with a bare `www.` pay for the rule that stops at every `w`.
        """
        return _build(self._features | {"www"}) if self._autolinks and WWW.search(text) else self._plain


class _Parser(MarkdownIt):
    def normalizeLink(self, url: str) -> str:
        """The stock function costs 15 µs, and gives these URLs back as they are."""
        return url if len(url) < 250 and PLAIN_URL.fullmatch(url) else super().normalizeLink(url)


class _UntrustedParser(_Parser):
    def validateLink(self, url: str) -> bool:
        """Whether `url` is relative or has an allow-listed scheme."""
        scheme = SCHEME.match(url)
        return scheme is None or scheme[1].lower() in UNTRUSTED_SCHEMES


def _tables(parser: MarkdownIt) -> None:
    parser.enable("table")
    parser.block.ruler.at("table", rules.table, {"alt": ["paragraph", "reference"]})


def _strikethrough(parser: MarkdownIt) -> None:
    parser.enable("strikethrough")
    parser.options["strikethrough_single_tilde"] = True


def _task_lists(parser: MarkdownIt) -> None:
    parser.options["tasklists"] = True


def _alerts(parser: MarkdownIt) -> None:
    parser.options["alerts"] = True


def _autolinks(parser: MarkdownIt) -> None:
    parser.inline.ruler.push("autolink_scheme", autolink.scheme)
    parser.inline.ruler.before("emphasis", "autolink_email", autolink.email)


def _www(parser: MarkdownIt) -> None:
    parser.inline.ruler.push("autolink_www", autolink.www)


def _footnotes(parser: MarkdownIt) -> None:
    parser.block.ruler.before("reference", "footnote_def", footnote_def, {"alt": ["paragraph", "reference"]})
    parser.inline.ruler.after("image", "footnote_ref", rules.footnote_ref)
    parser.core.ruler.after("inline", "footnote_tail", footnote_tail)


def _heading_ids(parser: MarkdownIt) -> None:
    parser.core.ruler.after("block", "heading_attributes", rules.heading_attributes)


def _untrusted(parser: MarkdownIt) -> None:
    parser.options["html"] = False
    parser.disable(["html_block", "html_inline"])
    parser.core.ruler.disable("heading_attributes", ignoreInvalid=True)
    parser.core.ruler.after("block", "more_marker", rules.more_marker)


_SETUP: dict[str, Callable[[MarkdownIt], None]] = {
    "tables": _tables,
    "strikethrough": _strikethrough,
    "task-lists": _task_lists,
    "alerts": _alerts,
    "autolinks": _autolinks,
    "www": _www,
    "footnotes": _footnotes,
    "heading-ids": _heading_ids,
    "untrusted": _untrusted,
}


@cache
def _build(features: frozenset[str]) -> MarkdownIt:
    parser = (_UntrustedParser if "untrusted" in features else _Parser)(
        "commonmark", {"maxNesting": MAX_NESTING}
    )
    for name, setup in _SETUP.items():
        if name in features:
            setup(parser)
    _replace_stock_rules(parser)
    parser.inline = DispatchInline(parser.inline)
    parser.block = QuickBlocks(DispatchRuler(parser.block.ruler))
    return parser


def _replace_stock_rules(parser: MarkdownIt) -> None:
    parser.core.ruler.at("normalize", rules.normalise)
    parser.core.ruler.after("block", "references", rules.references)
    parser.core.ruler.at("inline", inline)
    parser.block.ruler.at("paragraph", rules.paragraph)
    parser.inline.ruler.at("link", rules.placed(link))
    parser.inline.ruler.at("image", rules.placed(image))
    # `paragraph` reads setext headings too; the serialiser joins texts itself
    parser.disable(["lheading", "text_join", "fragments_join"])
