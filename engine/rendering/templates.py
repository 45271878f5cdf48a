"""The templates of a site by name, and the names that every template can use.

A template's name is its path in the site (`templates/base.html`, `pages/blog/_layout.html`) or, for the built-in
ones, `engine/NAME`. Where a name is used (`extends`, `include`, `import`, `render_template`) it is looked for
1. relative to the user, if it begins with `./` or `../`,  2. as a name as it stands,  3. in `templates/`,
4. beside the user, and in each directory above.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from posixpath import dirname, join, normpath
from types import CodeType, MappingProxyType
from typing import Any, NamedTuple

from jinja2 import (
    BaseLoader,
    BytecodeCache,
    Template,
    TemplateError,
    TemplateNotFound,
    TemplatesNotFound,
    TemplateSyntaxError,
    nodes,
)
from jinja2.bccache import Bucket
from jinja2.environment import TemplateModule
from jinja2.runtime import Context

from engine.errors import Fault, SiteError
from engine.http.context import SiteContext, current
from engine.rendering.jinja import Environment, escapes
from engine.rendering.template_hints import hint_of, place_of, sentence
from engine.signals import before_render_template, template_rendered
from engine.source.files import SourceFile
from engine.source.frontmatter import split
from engine.trace import Dependencies, collecting, depend, depend_all

THEME = Path(__file__).parent / "theme"
PARENT_LAYOUT = re.compile(r"(\{%[-+]?\s*extends\s+)parent_layout(\s*[-+]?%\})")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


class Source(NamedTuple):
    """Where a template comes from, and what is put before its text when it is compiled."""

    file: SourceFile
    matter: bool = False
    layout: str | None = None
    parent_layout: str | None = None


class Templates:
    """The Jinja2 templates of one site. `sources` is every template by name."""

    def __init__(self, sources: dict[str, Source], names: Mapping[str, Any]) -> None:
        self.sources = sources
        self._layouts: dict[tuple[str, str], str | None] = {}
        self.environment = _SiteEnvironment(_Loader(sources), sources)
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
        return _Template.from_code(self.environment, code, self.environment.make_globals(None))

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


def candidates(name: str, user: str) -> Iterator[str]:
    """The full names that `name` may mean where `user` says it, the likeliest first."""
    folder = dirname(user)
    if name.startswith(("./", "../")):
        yield normpath(join(folder, name))
        return
    yield name
    yield join("templates", name)
    while folder:
        yield join(folder, name)
        folder = dirname(folder)


def find(sources: Mapping[str, Source], name: str, user: str) -> str:
    return next((full for full in candidates(name, user) if full in sources), name)


class _Template(Template):
    """A template that says what its kept module was made of, each time the module is used."""

    made_of: Dependencies | None = None

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        if self.made_of is not None:
            depend_all(self.made_of)
            return super()._get_default_module(ctx)
        if ctx is not None and ctx.globals_keys - self.globals.keys():  # it is made for this use alone
            return super()._get_default_module(ctx)
        with collecting() as made_of, _of_nobody():
            module = super()._get_default_module(ctx)
        self.made_of = made_of
        return module


@contextmanager
def _of_nobody() -> Iterator[None]:
    """Within, there is no request: what is made is kept for every visitor."""
    here = current.get(None)
    if here is None:
        yield
        return
    context = SiteContext(here.app)
    token = current.set(context)
    try:
        yield
    finally:
        current.reset(token)
        context.close()


class _SiteEnvironment(Environment):
    """Resolves the names that templates call each other by."""

    template_class = _Template

    def __init__(self, loader: BaseLoader, sources: Mapping[str, Source]) -> None:
        super().__init__(loader=loader, bytecode_cache=_ThemeCode())
        self._sources = sources
        self._joined: dict[tuple[str, str], str] = {}

    def join_path(self, template: str, parent: str) -> str:
        folder = parent[: parent.rfind("/") + 1]  # which template is meant is the same for all that is in it
        depend("template", template, folder)
        full = self._joined.get((template, folder))
        if full is None:
            full = find(self._sources, template, folder)
            if full in self._sources:  # others are not kept: a visitor may have made them up
                self._joined[template, folder] = full
        return full


class _ThemeCode(BytecodeCache):
    """The compiled templates of the engine, for all sites of a process: they cost each load of one 40 ms."""

    kept: dict[str, CodeType] = {}

    def get_bucket(self, environment: Any, name: str, filename: str | None, source: str) -> Bucket:
        bucket = Bucket(environment, name, "")
        bucket.code = self.kept.get(name)
        return bucket

    def set_bucket(self, bucket: Bucket) -> None:
        if bucket.key.startswith("engine/"):
            assert bucket.code is not None
            self.kept[bucket.key] = bucket.code


class _Loader(BaseLoader):
    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources

    def get_source(self, environment: Any, template: str) -> tuple[str, str, Callable[[], bool]]:
        source = self._sources.get(template)
        if source is None:
            raise TemplateNotFound(template)
        return prepared(source), source.file.location, lambda: True


def prepared(source: Source) -> str:
    """The text to compile: without its front matter, with its layout, every line where it stands in the file."""
    text = source.file.read_text()
    if source.matter:
        matter = split(text, file=source.file.path)
        text = (("{#" + "\n" * (matter.body_line - 1) + "#}") if matter.body_line > 1 else "") + matter.body
    if source.file.suffix.lower() == ".jinja" and text.endswith("\n"):
        text += "\n"  # Jinja2 drops the last one, and a text file ends with one
    if source.parent_layout:
        text = PARENT_LAYOUT.sub(rf'\1"{source.parent_layout}"\2', text)
    if source.layout:
        text = f'{{% extends "{source.layout}" %}}' + text
    return text


def built_in() -> dict[str, Source]:
    """The engine's own templates."""
    return {
        f"engine/{path.name}": Source(_theme_file(path)) for path in sorted(THEME.iterdir()) if path.is_file()
    }


def _theme_file(path: Path) -> SourceFile:
    return SourceFile(path=f"engine/{path.name}", place=str(path), size=0, mtime_ns=0)
