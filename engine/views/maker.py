"""Makes the view of each page from what its files say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, NamedTuple

from jinja2 import TemplateRuntimeError

from engine.cache.rule import read_rule
from engine.content.cascade import Cascade
from engine.content.keys import ENGINE_KEYS, check_keys
from engine.content.page import Body, Neighbours, Page
from engine.content.titles import title_of
from engine.errors import Fault, SiteError
from engine.http.media_types import HTML, media_type
from engine.rendering.layouts import Layouts
from engine.rendering.renderer import Recipe, Renderer
from engine.rendering.templates import Templates
from engine.routing.route import Route
from engine.source.document import shown
from engine.source.files import SourceFile
from engine.source.frontmatter import FrontMatter, Read, load_defaults, read_matter
from engine.source.tree import Directory
from engine.views.asset import AssetView
from engine.views.handler import OFFERED, OFFERED_FOR_ERRORS, HandlerView, setting_faults
from engine.views.kinds import kind_of
from engine.views.modules import SiteModules
from engine.views.mount import MountView, mounted
from engine.views.page import PageView
from engine.views.units import Unit
from engine.views.view import View

_making: ContextVar[tuple[str, ...]] = ContextVar("engine.making", default=())
"""The sources of the pages whose bodies are in the making, each for the one after it."""


class Written(NamedTuple):
    """What the author of a page wrote: the front matter with what it inherits, and its title.

    `own` is the front matter alone, `text` the file that it stands in, which is read again for the place of a key.
    """

    own: Mapping[str, Any]
    meta: Mapping[str, Any]
    title: str | None = None
    text: SourceFile | None = None
    body_digest: bytes = b""
    head: bytes = b""

    def place(self, key: str, *item: int) -> tuple[int, int] | tuple[()]:
        """The line and column of a key of the front matter, or of an item of its list if that is known."""
        if key not in self.own or self.text is None:
            return ()
        try:
            matter = _read_again(self.text)
        except SiteError:  # it is another one now
            return ()
        return matter.place(key, *item) or matter.place(key) or ()

    def line(self, key: str) -> int | None:
        """The line of a key of the front matter."""
        place = self.place(key)
        return place[0] if place else None


@lru_cache(maxsize=1)  # who asks for the place of one alias asks for those of the others
def _read_again(text: SourceFile) -> FrontMatter:
    return read_matter(text)


Check = Callable[..., tuple[dict[str, Any], list[Fault]]]
"""Checks front matter by a schema. See `content/schema.py`."""


def read_written(
    unit: Unit, cascade: Cascade, schema: Callable[[Directory], Check | None], read: Read = read_matter
) -> Written:
    """The front matter of a unit, checked. Raises `SiteError` with all its faults."""
    inherited = cascade.of(unit.directory)
    if unit.text is None:
        return Written({}, inherited)
    path = unit.text.path
    matter = read(unit.text)
    values, faults = check_keys(matter, path)
    check = None if _is_section_page(unit) else schema(unit.directory)
    if check is not None:
        checked, more = check(matter, path, allowed=ENGINE_KEYS, inherited=inherited)
        values = {**checked, **{key: values[key] for key in ENGINE_KEYS & values.keys()}}
        places = {(fault.line, fault.column) for fault in faults}
        faults += [fault for fault in more if (fault.line, fault.column) not in places]
    if (
        "render" in values
        and values["render"] == "jinja"
        and {**inherited, **values}.get("trust") == "untrusted"
    ):
        what = "an untrusted page cannot be rendered by Jinja"
        faults.append(
            Fault("untrusted-jinja", path, what, "Remove `render`", *(matter.place("render") or ()))
        )
    if faults:
        raise SiteError(faults)
    meta = {**inherited, **values} if inherited else values
    return Written(values, meta, title_of(meta, matter.body, ""), unit.text, matter.body_digest, matter.head)


def _is_section_page(unit: Unit) -> bool:
    """Whether it is the page of the very directory that holds the schema, which is for the pages below it."""
    return unit.stem == "index" and unit.directory.schema_file is not None


class ViewMaker:
    """Makes views for the units of one site.

    Pages come first, then what needs all of them: `resume`, their `neighbours`, the `templates`, the `renderer`.
    """

    _modules: SiteModules
    _layouts: Layouts

    neighbours: Callable[[Page], Neighbours]
    templates: Templates
    renderer: Renderer

    def __init__(self) -> None:
        self._recipes: dict[str, Recipe] = {}
        self._shared: dict[Recipe, Recipe] = {}

    def __getstate__(self) -> dict[str, Recipe]:
        return self._recipes

    def __setstate__(self, recipes: dict[str, Recipe]) -> None:
        self._recipes, self._shared = recipes, {}

    def resume(self, *, modules: SiteModules, layouts: Layouts) -> None:
        """Make views for one load, of which this is not the first one if the maker was pickled."""
        self._modules, self._layouts = modules, layouts

    def page(self, unit: Unit, written: Written, path: str, url: str) -> Page | None:
        """The page of a unit that has a text; `path` and `url` are empty for an error page."""
        if unit.text is None:
            return None
        title = written.title or title_of(written.meta, "", path)
        return Page(
            source=unit.text,
            directory=unit.directory.path,
            path=path,
            url=url,
            meta=written.meta,
            title=title,
            body_digest=written.body_digest,
            head=written.head,
            maker=self,
        )

    def recipe(self, unit: Unit, written: Written) -> Recipe:
        """How the text of a unit becomes a page.

        Raises `SiteError` where its template does not parse, or its layout does not exist.
        """
        assert unit.text is not None
        layout = self._layout(unit.text.path, unit.directory, written)
        nearest = self._layouts.of_directory(unit.directory)
        if kind_of(unit.text.name)[0].role == "markdown":
            jinja = written.meta.get("render") == "jinja"
            recipe = Recipe(
                layout, jinja=jinja, parent_layout=nearest, trust=written.meta.get("trust", "author")
            )
        else:
            recipe = self._template_recipe(unit, layout, nearest)
        recipe = self._recipes[unit.text.path] = self._shared.setdefault(recipe, recipe)
        return recipe

    def error_view(self, unit: Unit, written: Written) -> View:
        """The view of an error page, which has no URL of its own. Raises as `view` does."""
        return self.view(unit, written, self.page(unit, written, "", ""), None, OFFERED_FOR_ERRORS)

    def view(
        self,
        unit: Unit,
        written: Written,
        page: Page | None,
        route: Route | None,
        offered: tuple[str, ...] = OFFERED,
    ) -> View:
        """The view of a unit; one without a `route` is an error page.

        Raises `SiteError` where its module or its template is at fault.
        """
        freeze = written.meta.get("freeze")
        if unit.asset is not None:
            return AssetView(unit.asset, freeze)
        content_type = media_type(unit.stem, HTML) if unit.is_file else HTML
        recipe = self.recipe(unit, written) if page else None
        if unit.handler is None:
            assert page is not None and recipe is not None
            return PageView(page, recipe, self, content_type)
        module = self._modules.load(unit.handler)
        csrf = written.meta.get("csrf", True)
        if page is None and route is not None and (app := mounted(module)) is not None:
            if faults := list(setting_faults(unit.handler.path, module)):
                raise SiteError(faults)
            own: bool | None = getattr(module, "csrf", None)
            return MountView(unit.handler.path, app, route.segments, csrf=csrf if own is None else own)
        return HandlerView(
            unit.handler.path,
            module,
            route.param_names if route else (),
            modules=self._modules,
            content_type=content_type,
            page=page,
            recipe=recipe,
            renderer=self.renderer,
            freeze=freeze,
            csrf=csrf,
            cache=read_rule(written.meta.get("cache")),
            offered=offered,
        )

    def _layout(self, path: str, directory: Directory, written: Written) -> str | None:
        """The full name of the layout of a page; `None` where it has none."""
        name = self._layouts.of_page(written.own, directory)
        if name is None or (full := self.templates.layout(name, path)) is not None:
            return None if name is None else full
        line = written.line("layout")
        if "layout" not in written.own and (owner := self._layouts.named_by(directory)) and owner.data_file:
            path, place = owner.data_file.path, load_defaults(owner.data_file).place("layout")
            line = place[0] if place else None
        what = f"the layout `{shown(name)}` does not exist"
        hint = "Layouts are in templates/, or beside the page or above it with a name that begins with _"
        raise SiteError(Fault("template-missing", path, what, hint, line))

    def _template_recipe(self, unit: Unit, layout: str | None, nearest: str | None) -> Recipe:
        assert unit.text is not None
        name = unit.text.path
        if unit.is_file:  # a feed or a script is no part of a layout
            return Recipe(None, name, content=False, parent_layout=nearest, is_file=True)
        if self.templates.fills_blocks(name, layout):
            return Recipe(layout, name, content=False, parent_layout=nearest)
        return Recipe(layout, name, parent_layout=nearest)

    def neighbours_of(self, page: Page) -> Neighbours:
        """The pages before and after a page."""
        return self.neighbours(page)

    def body(self, page: Page) -> Body:
        """The body of a page that its own template or another page asks for.

        Raises `TemplateRuntimeError` where it is asked for while it is made.
        """
        path, making = page.source.path, _making.get()
        if path in making:
            raise TemplateRuntimeError(f"asks for the text of {path} while that is made")
        token = _making.set((*making, path))
        try:
            return self.renderer.body(page, self._recipes[path], {})
        finally:
            _making.reset(token)
