"""Pages without code of their own: Markdown and Jinja2 files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from engine.cache.rule import read_rule
from engine.content.page import Page
from engine.http.context import Context
from engine.http.response import Response
from engine.rendering.renderer import Recipe, Renderer
from engine.views.view import GET


class HasRenderer(Protocol):
    """What made a view."""

    renderer: Renderer


class PageView:
    """Answers with a page in its layout. `content_type` follows from the name of its file."""

    __slots__ = ("_maker", "cache", "content_type", "freeze", "page", "recipe")
    methods = GET
    answers_options = False

    def __init__(self, page: Page, recipe: Recipe, maker: HasRenderer, content_type: str) -> None:
        self.page = page
        self.recipe = recipe
        self.freeze: bool | None = page.meta.get("freeze")
        self.cache = read_rule(page.meta.get("cache"))
        self._maker = maker
        self.content_type = content_type

    def __reduce__(self) -> tuple[Any, ...]:
        return PageView, (self.page, self.recipe, self._maker, self.content_type)

    @property
    def source(self) -> str:
        return self.page.source.path

    def __call__(self, context: Context, params: Mapping[str, Any]) -> Response:
        return self.respond({**context.variables(), "params": params})

    def prepare(self) -> None:
        """Render the text of the page, if no template has a say in it, for the answer that follows soon."""
        self._maker.renderer.prepare(self.page, self.recipe)

    def respond(self, variables: Mapping[str, Any], status: int = 200) -> Response:
        """The page with `variables` in its template."""
        text = self._maker.renderer.page(self.page, self.recipe, variables)
        return Response.quick(text.encode(), self.content_type, status)

    def static_params(self) -> None:
        return None
