"""How Jinja2 finds the templates of a site, and their texts.

A template's name is its path in the site (`templates/base.html`, `pages/blog/_layout.html`) or, for the built-in
ones, `engine/NAME`. Where a name is used (`extends`, `include`, `import`, `render_template`) it is looked for
1. relative to the user, if it begins with `./` or `../`,  2. as a name as it stands,  3. in `templates/`,
4. beside the user, and in each directory above.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from posixpath import dirname, join, normpath
from types import CodeType
from typing import Any, NamedTuple

from jinja2 import BaseLoader, BytecodeCache, TemplateNotFound
from jinja2.bccache import Bucket
from jinja2.environment import TemplateModule
from jinja2.runtime import Context

from engine.http.context import SiteContext, current
from engine.rendering.jinja import Environment, Template
from engine.source.files import SourceFile
from engine.source.frontmatter import split
from engine.trace import Dependencies, collecting, depend, depend_all

THEME = Path(__file__).parent / "theme"
PARENT_LAYOUT = re.compile(r"(\{%[-+]?\s*extends\s+)parent_layout(\s*[-+]?%\})")


class Source(NamedTuple):
    """Where a template comes from, and what is put before its text when it is compiled."""

    file: SourceFile
    matter: bool = False
    layout: str | None = None
    parent_layout: str | None = None


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


class SiteTemplate(Template):
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


class SiteEnvironment(Environment):
    """Resolves the names that templates call each other by."""

    template_class = SiteTemplate

    def __init__(self, sources: Mapping[str, Source]) -> None:
        super().__init__(loader=_Loader(sources), bytecode_cache=_ThemeCode())
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
