"""The templates of a site, filled; what goes wrong in them, as faults of the site."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from posixpath import dirname
from types import MappingProxyType
from typing import Any

from jinja2 import (
    Template,
    TemplateError,
    TemplateNotFound,
    TemplatesNotFound,
    TemplateSyntaxError,
    nodes,
)

from engine.errors import Fault, SiteError
from engine.http.context import current
from engine.rendering.jinja import escapes
from engine.rendering.site_environment import SiteEnvironment, SiteTemplate, Source, find
from engine.rendering.template_hints import hint_of, place_of, sentence
from engine.signals import before_render_template, template_rendered

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


class Templates:
    """The Jinja2 templates of one site. `sources` is every template by name."""

    def __init__(self, sources: dict[str, Source], names: Mapping[str, Any]) -> None:
        self.sources = sources
        self._layouts: dict[tuple[str, str], str | None] = {}
        self.environment = SiteEnvironment(sources)
        self.environment.globals.update(names)

    @property
    def names(self) -> list[str]:
        """The names of all templates of the site, in order."""
        return sorted(name for name in self.sources if not name.startswith("engine/"))

    def find(self, name: str, user: str = "") -> str:
        """The full name of the template that `user` calls `name`; `name` itself where there is none."""
        return self.environment.join_path(name, user)

    def layout(self, name: str, user: str) -> str | None:
        """The full name of the layout that `user` calls `name`, with or without `.html`; `None` where there is none."""
        asked = (name, dirname(user))  # all of one directory mean one template
        if asked not in self._layouts:
            found = (find(self.sources, spelling, user) for spelling in (name, f"{name}.html"))
            self._layouts[asked] = next((full for full in found if full in self.sources), None)
        return self._layouts[asked]

    def get(self, name: str | Sequence[str], user: str = "") -> Template:
        """The compiled template; of several names the first that is there.

        Raises `SiteError` where it is missing or its text is at fault.
        """
        try:
            if isinstance(name, str):
                return self.environment.get_template(name, user)
            return self.environment.select_template(list(name), user)
        except TemplateError as error:
            raise SiteError(self.fault(error, user or str(name))) from error

    def render(self, template: Template, variables: Mapping[str, Any]) -> str:
        """The text of `template`. Raises `SiteError` for a fault of a template, and what the site's own code raises."""
        try:
            return _rendered(template, variables)
        except TemplateError as error:
            raise SiteError(self.fault(error, template.name or "")) from error
        except RecursionError as error:
            what = "includes or extends itself without end"
            name = self._path(template.name)
            own = {source.file.location: name for known, source in self.sources.items() if known == name}
            _, line = place_of(error, own)
            raise SiteError(Fault("template-recursion", name, what, "Break the circle", line)) from error

    def render_block(self, template: Template, block: str, variables: Mapping[str, Any]) -> str:
        """The text of one block that `template` itself has. Raises as `render`."""
        fill = template.blocks.get(block)
        name = template.name or ""
        if fill is None:
            near = difflib.get_close_matches(block, template.blocks, 1)
            hint = f"Did you mean {near[0]!r}?" if near else "A block of its layout is none of its own"
            raise SiteError(Fault("template-block", name, f"the template has no block {block!r}", hint))
        try:
            return _block(template, fill, variables)
        except TemplateError as error:
            raise SiteError(self.fault(error, name)) from error

    def stream(self, template: Template, variables: Mapping[str, Any]) -> Iterator[str]:
        """The text of `template`, piece by piece. Raises as `render`, after what was given already."""
        try:
            yield from _streamed(template, variables)
        except TemplateError as error:
            raise SiteError(self.fault(error, template.name or "")) from error

    def render_text(self, text: str, name: str, variables: Mapping[str, Any], location: str = "") -> str:
        """`text` rendered as a template; faults name `name`, with the line where it is the text of `location`.

        What it prints is escaped. Templates are found from `name`.
        """
        try:
            return _rendered(self._of_text(text, name, location), variables)
        except TemplateError as error:
            raise SiteError(self._text_fault(error, name, location)) from error

    def stream_text(self, text: str, name: str, variables: Mapping[str, Any]) -> Iterator[str]:
        """`text` rendered as a template, piece by piece."""
        try:
            yield from _streamed(self._of_text(text, name, ""), variables)
        except TemplateError as error:
            raise SiteError(self._text_fault(error, name, "")) from error

    def _of_text(self, text: str, name: str, location: str) -> Template:
        code = self.environment.compile(text, _user(name), location or "<text>")
        return SiteTemplate.from_code(self.environment, code, self.environment.make_globals(None))

    def _text_fault(self, error: TemplateError, name: str, location: str) -> Fault:
        found = self.fault(error, name, {location: name} if location else {})
        return replace(found, file=name) if found.file == _user(name) else found

    def fills_blocks(self, name: str, layout: str | None) -> bool:
        """Whether a page fills the blocks of a layout instead of being its content.

        One that does not say which layout by `{% extends … %}` extends `layout` from now on.
        """
        tree = self._parsed(name)
        if tree.find(nodes.Extends) is not None:
            return True
        if tree.find(nodes.Block) is None:
            return False
        if layout is not None and (line := _beside_blocks(tree)) is not None:
            what = "what stands here, outside of the blocks, is never shown"
            hint = (
                "A page with blocks fills those of its layout: put it into one, such as {% block content %}"
            )
            raise SiteError(Fault("template-outside", name, what, hint, line))
        self.sources[name] = self.sources[name]._replace(layout=layout)
        return True

    def users_of(self, names: Collection[str]) -> Iterator[tuple[str, int]]:
        """The templates that read one of `names` without setting it, and the line where."""
        for template in self.names:
            try:
                tree = self._parsed(template)
            except SiteError:
                continue
            uses = list(tree.find_all(nodes.Name))
            own = {node.name for node in uses if node.ctx != "load"}
            lines = [node.lineno for node in uses if node.name in names and node.name not in own]
            if lines:
                yield template, min(lines)

    def _parsed(self, name: str) -> nodes.Template:
        try:
            assert self.environment.loader is not None
            text, file, _ = self.environment.loader.get_source(self.environment, name)
            return self.environment.parse(text, name, file)
        except TemplateError as error:
            raise SiteError(self.fault(error, name)) from error

    def fault(
        self, error: TemplateError, name: str, texts: Mapping[str, str] = MappingProxyType({})
    ) -> Fault:
        """A Jinja2 error as a fault of the site, at the line of the template that caused it.

        `texts` are files that are rendered as templates without being any, by location.
        """
        if isinstance(error, TemplateSyntaxError):
            hint = hint_of(error, self.environment)
            return Fault(
                "template-syntax", self._path(error.name or name), sentence(error), hint, error.lineno
            )
        named = {source.file.location: source.file.path for source in self.sources.values()}
        path, line = place_of(error, {**named, **texts})
        if isinstance(error, TemplateNotFound):
            what = f"the template {error.name or error.message!r} does not exist"
            if isinstance(error, TemplatesNotFound):
                what = f"there is none of the templates {', '.join(map(repr, error.templates))}"
            hint = "Templates live in templates/, or beside the page with a name that begins with _"
            return Fault("template-missing", path or self._path(name), what, hint, line)
        return Fault(
            "template-error",
            path or self._path(name),
            sentence(error),
            hint_of(error, self.environment),
            line,
        )

    def _path(self, name: str | None) -> str:
        return name or "<template>"


def _rendered(template: Template, variables: Mapping[str, Any]) -> str:
    """The text of a template, and the signals before and after. A receiver may change the names of the first."""
    if not (before_render_template.receivers or template_rendered.receivers):
        return template.render(variables)
    context = current.get(None)
    app, names = context and context.app, dict(variables)
    before_render_template.send(app, template=template, context=names)
    text = template.render(names)
    template_rendered.send(app, template=template, context=names)
    return text


def _block(template: Template, fill: Callable[..., Iterator[str]], variables: Mapping[str, Any]) -> str:
    """As `_rendered`, of one block."""
    context = current.get(None)
    app, names = context and context.app, dict(variables)
    if before_render_template.receivers:
        before_render_template.send(app, template=template, context=names)
    try:
        text = "".join(fill(template.new_context(names)))
    except Exception:
        template.environment.handle_exception()
    if template_rendered.receivers:
        template_rendered.send(app, template=template, context=names)
    return text


def _streamed(template: Template, variables: Mapping[str, Any]) -> Iterator[str]:
    """As `_rendered`, piece by piece."""
    context = current.get(None)
    app, names = context and context.app, dict(variables)
    if before_render_template.receivers:
        before_render_template.send(app, template=template, context=names)
    yield from template.generate(names)
    if template_rendered.receivers:
        template_rendered.send(app, template=template, context=names)


def _user(name: str) -> str:
    """A name by which what a template prints is escaped."""
    return name if escapes(name) else f"{name}.html"


def _beside_blocks(node: nodes.Node) -> int | None:
    """The line of the first text or value that is printed outside of all blocks and macros. A comment is no text."""
    for child in node.iter_child_nodes():
        if isinstance(child, (nodes.Block, nodes.Macro, nodes.CallBlock, nodes.AssignBlock)):
            continue
        if isinstance(child, nodes.TemplateData):
            if (text := _COMMENT.sub("", child.data)).strip():
                return child.lineno + child.data[: child.data.index(text.split()[0])].count("\n")
        elif isinstance(child, nodes.Expr):
            if isinstance(node, nodes.Output):
                return child.lineno
        elif (line := _beside_blocks(child)) is not None:
            return line
    return None
