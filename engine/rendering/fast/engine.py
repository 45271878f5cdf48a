"""Markdown by pyromark, at ten times the speed of the default engine, and with its very HTML.

pyromark reads the text and writes HTML, which is finished here. That is done only where the default engine is sure to
write the same bytes. All else, and all that goes wrong, goes to the default engine.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from engine.rendering.fast.doubt import (
    Doubt,
    is_all_text,
    may_hold_html,
    refuse,
    refuse_code,
    refuse_html,
    refuse_images,
)
from engine.rendering.fast.html import Document, may_hold_quotes, spelt
from engine.rendering.fast.links import Urls, may_hold_bare, refuse_strange_fragments
from engine.rendering.fast.raw import put_aside
from engine.rendering.fast.text import prose
from engine.rendering.headings import tree
from engine.rendering.markdown import FEATURES, Markdown, MarkdownOptions, Marks, Rendered
from engine.rendering.markdown_links import Link

PACKAGE = "pyromark"


class FastMarkdown(Markdown):
    """Renders Markdown with every feature of the dialect. May be used by many threads at once.

    Needs the package `PACKAGE`.
    """

    def __init__(self, options: MarkdownOptions | None = None) -> None:
        import pyromark  # noqa: PLC0415  an extra

        super().__init__(options)
        if self.options.features != FEATURES:
            raise ValueError("the fast engine reads the whole dialect")
        extensions = pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_STRIKETHROUGH
        self._parser = pyromark.Markdown(options=extensions)
        self._urls = Urls(self._dialect.parser_for(""))

    def render(
        self,
        text: str,
        *,
        file: str,
        first_line: int = 1,
        link: Link | None = None,
        prefix: str | None = None,
    ) -> Rendered:
        """As the default engine; `fell_back` says that it was the default engine."""
        try:
            return self._fast(text, link, self._prefix(prefix))
        except (
            Exception
        ):  # doubts, dead links (whose lines only the default engine knows), and our own mistakes
            pass
        except BaseException as panic:  # of Rust, which is no `Exception`
            if type(panic).__name__ != "PanicException":
                raise
        rendered = super().render(text, file=file, first_line=first_line, link=link, prefix=prefix)
        return replace(rendered, fell_back=True)

    def _fast(self, text: str, link: Link | None, prefix: str) -> Rendered:
        if self._is_too_large(text):
            raise Doubt("its size")
        text = _normalised(text)
        refuse(text)
        html = self._parser.html(text)
        if not may_hold_html(text) or is_all_text(text, html):
            document = self._finished(html, text, link, prefix)
            return self._rendered(document, document.html, document.summary(None), document.marks)
        aside = put_aside(text, self._parser.events_with_range(text))
        if aside.html and self.options.trust != "author":
            raise Doubt("HTML that is text")
        document = self._finished(
            self._parser.html(aside.text), aside.text, link, prefix, may_autolink=not aside.may_link
        )
        aside.refuse(document.html)
        return self._rendered(document, aside.back(document.html), aside.back(document.summary(aside.more)))

    def _rendered(self, document: Document, html: str, summary: str, marks: Marks | None = None) -> Rendered:
        text = partial(prose, document.html)
        return Rendered(html, tree(document.headings), document.title, summary, text, marks=marks)

    def _finished(
        self, html: str, text: str, link: Link | None, prefix: str, *, may_autolink: bool = True
    ) -> Document:
        refuse_html(html, text)
        html = spelt(html, text)
        if "]:" in text:
            definitions = self._parser.reference_definitions(text)
            self._urls.define([it["dest"] for it in definitions.values()], html, text, link)
        document = self._document_of(html, text, link, prefix)
        if may_hold_bare(html, text, document.full):
            if not may_autolink:
                raise Doubt("a bare URL that may be in a link")
            document = self._document_of(self._urls.bare(html, text), text, link, prefix)
        if document.is_local and prefix:
            raise Doubt("a link to an id with a prefix")
        if document.is_local:
            refuse_strange_fragments(document.html, document.ids)
        return document

    def _document_of(self, html: str, text: str, link: Link | None, prefix: str) -> Document:
        document = Document(html, may_hold_quotes(text), self._urls, link, self._highlight, prefix)
        if document.has_code:
            refuse_code(text)
        if document.has_images:
            refuse_images(text)
        return document


def _normalised(text: str) -> str:
    """As the default engine reads it (`markdown_rules.normalise`)."""
    text = text.removeprefix("\ufeff").replace("\0", "\ufffd")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
