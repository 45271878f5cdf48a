"""Turns pages and templates into text: Markdown, Jinja2 and layouts brought together."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from jinja2 import Template, TemplateRuntimeError, Undefined
from markupsafe import Markup

from engine.errors import Fault
from engine.http.context import current
from engine.rendering.links import SourceLinks
from engine.rendering.literal import outside
from engine.rendering.markdown import LinkPlace, Markdown, Rendered
from engine.rendering.templates import Templates
from engine.source.files import SourceFile
from engine.source.frontmatter import body_of
from engine.trace import FALLBACK, Dependencies, collecting, depend, depend_all

PREFIX = re.compile(r"[A-Za-z0-9_-]*")
"""What may stand before ids: it needs no escape, neither in an attribute nor in a URL."""
KEPT_BODIES = 2048  # enough for the lists and feeds of a large site; the rest is rendered when its page is


class Recipe(NamedTuple):
    """How a page is made: its template (`None` for Markdown), the layout around it, and what its blocks mean.

    `content` is true where the page is the `{{ content }}` of its layout, false where it fills the layout's blocks
    or stands alone.
    """

    layout: str | None
    template: str | None = None
    content: bool = True
    jinja: bool = False
    parent_layout: str | None = None
    trust: str = "author"
    is_file: bool = False
    """Whether it is a feed, a script or the like, which hooks of rendering have no business with."""

    @property
    def is_plain(self) -> bool:
        """Whether it is Markdown in which no template has a say."""
        return self.template is None and not self.jinja


class Kept(NamedTuple):
    """The body of a Markdown page as it was rendered, by the trust of its page, and what it is made of."""

    body: Rendered
    dependencies: Dependencies
    trust: str


Recall = Callable[[str, str], Kept | None]
"""Finds a body that was rendered before this process began, by its source and its trust. It has no `text`."""


def nothing(source: str, trust: str) -> None:
    """The `Recall` of who has rendered nothing before."""


class PageLike(Protocol):
    """What the renderer needs of a page; templates see the rest."""

    @property
    def source(self) -> SourceFile: ...

    @property
    def head(self) -> bytes:
        """What tells its front matter from any other."""


class Renderer:
    """Makes the text of the pages of one site. Every method may raise `SiteError`."""

    def __init__(
        self,
        templates: Templates,
        markdown: Mapping[str, Markdown],
        links: Callable[[str], SourceLinks],
        hooks: Sequence[Callable[[str, Any], str | None]] = (),
    ) -> None:
        self.templates = templates
        self._markdown = markdown
        self._links = links
        self._hooks = hooks
        self._bodies: OrderedDict[str, Kept] = OrderedDict()
        self._recall: Recall = nothing
        self._codes: dict[str, list[tuple[int, int]]] = {}

    def page(self, page: PageLike, recipe: Recipe, variables: Mapping[str, Any]) -> str:
        """The whole text of a page: its body in its layout, as the hooks of rendering leave it."""
        text = self._whole(page, recipe, variables)
        return text if recipe.is_file or not self._hooks else self._hooked(text, page)

    def _hooked(self, text: str, page: PageLike) -> str:
        for hook in self._hooks:
            changed = hook(text, page)
            if not isinstance(changed, str | None):
                name = getattr(hook, "__name__", "a hook")
                raise TypeError(f"`{name}()` must return the text of a page or None, not {changed!r:.60}")
            text = text if changed is None else changed
        return text

    def _whole(self, page: PageLike, recipe: Recipe, variables: Mapping[str, Any]) -> str:
        depend("page", page.source.path)
        names = {"page": page, "parent_layout": recipe.parent_layout, **variables}
        if not recipe.content:
            return self.template(recipe.template or "", names)
        names["content"] = Markup(self.body(page, recipe, names).html)
        return (
            str(names["content"])
            if recipe.layout is None
            else self.template(recipe.layout, names, page.source.path)
        )

    def prepare(self, page: PageLike, recipe: Recipe) -> None:
        """Render the body of a page that is plain Markdown, and keep it."""
        if recipe.is_plain:
            self._kept(page, recipe)

    def body(self, page: PageLike, recipe: Recipe, variables: Mapping[str, Any]) -> Rendered:
        """The rendered body of a page, without its layout."""
        if recipe.is_plain:
            return self._kept(page, recipe)
        names = {"page": page, **variables}
        if recipe.template is None:
            return self._jinja_markdown(page, recipe, names)
        return Rendered(html=self.template(recipe.template, names) if recipe.content else "")

    def forget(self, source: str) -> None:
        """Read the text of a page anew when it is asked for."""
        # A new one: whoever renders the old text at this moment keeps it in the one that nobody asks any more.
        self._bodies = OrderedDict(it for it in self._bodies.items() if it[0] != source)
        self._codes = {path: places for path, places in self._codes.items() if path != source}

    def template(self, name: str, variables: Mapping[str, Any], user: str = "") -> str:
        """The template that `user` calls `name`, rendered."""
        template = self.templates.get(name, user)
        return self.templates.render(template, variables)

    def link(self, source: str, href: str) -> str:
        """The URL that `href` in the Markdown file `source` means. Raises `SiteError` where it means none."""
        return self._links(source)(href, 1)

    def link_places(self, source: SourceFile, trust: str) -> list[LinkPlace]:
        """Where the links of a Markdown page stand in its file, which is read again."""
        text, line = _body(source)
        return self._markdown[trust].link_places(
            text, file=source.path, first_line=line, link=self._links(source.path)
        )

    def stream(self, name: str, variables: Mapping[str, Any], user: str = "") -> Template:
        """The compiled template, for those who render it piece by piece."""
        return self.templates.get(name, user)

    @contextmanager
    def recalling(self, recall: Recall) -> Iterator[None]:
        """Ask `recall` within for bodies before they are rendered."""
        self._recall = recall
        try:
            yield
        finally:
            self._recall = nothing

    def kept(self, source: str) -> Kept | None:
        """The body of a Markdown page, if it was rendered lately."""
        return self._bodies.get(source)

    def _kept(self, page: PageLike, recipe: Recipe) -> Rendered:
        key, bodies = page.source.path, self._bodies
        kept = bodies.get(key) or self._recalled(page, recipe)
        if kept is None:
            kept = self._made(page, recipe)
        else:
            depend_all(kept.dependencies)
        bodies[key] = kept
        if len(bodies) > KEPT_BODIES:
            bodies.popitem(last=False)
        _report(kept.body.faults)
        return kept.body

    def _made(self, page: PageLike, recipe: Recipe) -> Kept:
        with collecting() as dependencies:
            text, line = _body(page.source, page.head)
            body = self._markdown_body(text, line, page.source.path, recipe)
        return Kept(body, dependencies, recipe.trust)

    def _recalled(self, page: PageLike, recipe: Recipe) -> Kept | None:
        kept = self._recall(page.source.path, recipe.trust)
        if kept is None:
            return None
        return kept._replace(body=replace(kept.body, text=lambda: self._made(page, recipe).body.prose))

    def _jinja_markdown(self, page: PageLike, recipe: Recipe, variables: Mapping[str, Any]) -> Rendered:
        text, line = _body(page.source, page.head)
        above = "\n" * (line - 1)
        filled = outside(
            above + text,
            [(start + len(above), end + len(above)) for start, end in self._code(page, recipe, text)],
            lambda part: self.templates.render_text(part, page.source.path, variables, page.source.location),
        )
        body = self._markdown_body(filled[line - 1 :], line, page.source.path, recipe)
        _report(body.faults)
        return body

    def _code(self, page: PageLike, recipe: Recipe, text: str) -> list[tuple[int, int]]:
        """Where the code of a page stands, which is the same for each request."""
        codes = self._codes
        places = codes.get(page.source.path)
        if places is None:
            places = codes[page.source.path] = self._markdown[recipe.trust].code_places(text)
        return places

    def _markdown_body(self, text: str, line: int, path: str, recipe: Recipe) -> Rendered:
        markdown = self._markdown[recipe.trust]
        rendered = markdown.render(text, file=path, first_line=line, link=self._links(path))
        if rendered.fell_back:
            depend(FALLBACK, path)
        return rendered


def markdown_filter(markdown: Mapping[str, Markdown]) -> Callable[..., Markup]:
    """The filter `markdown`, which renders a text that is no page: one of strangers, unless `trust` is "author".

    Nothing, as an empty column of a database, is an empty text.
    `prefix` stands before each id in it, so that several on one page have none in common. Raises
    `TemplateRuntimeError` for a text that is too large, for another word, and for a prefix that is none.
    """

    def render(text: object, trust: str = "untrusted", prefix: str | None = None) -> Markup:
        if trust not in markdown:
            raise TemplateRuntimeError(f"`trust` must be {' or '.join(map(repr, markdown))}, not {trust!r}")
        if prefix is not None and not PREFIX.fullmatch(prefix):
            raise TemplateRuntimeError(f"`prefix` must be of letters, digits, - and _, not {prefix!r}")
        if text is None or isinstance(text, Undefined):
            return Markup("")
        rendered = markdown[trust].render(str(text), file="the text", prefix=prefix)
        if rendered.faults:
            raise TemplateRuntimeError(f"the text {rendered.faults[0].what}")
        return Markup(rendered.html)

    return render


def _body(source: SourceFile, head: bytes = b"") -> tuple[str, int]:
    depend("body", source.path)
    return body_of(source.read_text(), head, file=source.path)


def _report(faults: tuple[Fault, ...]) -> None:
    """Note faults of a page that can be shown all the same, for those who watch the answer."""
    context = current.get(None) if faults else None
    if context is not None and context.trace is not None:
        context.trace.faults.extend(faults)
