"""Templates that are filled for the view that answers now: by its names, and found from its file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.http.context import current
from engine.rendering.renderer import Renderer


class Filling:
    """Fills the templates of one site. What `context()` hooks say is known to them. Raises `SiteError`."""

    def __init__(self, renderer: Renderer) -> None:
        self._templates = renderer.templates

    def render(self, name: str | Sequence[str], variables: Mapping[str, Any]) -> str:
        """The template `name`, or the first that is there of several."""
        user, names = _here(variables)
        return self._templates.render(self._templates.get(name, user), names)

    def render_text(self, text: str, variables: Mapping[str, Any]) -> str:
        """The text of a template."""
        user, names = _here(variables)
        return self._templates.render_text(text, user, names)

    def render_block(self, name: str, block: str, variables: Mapping[str, Any]) -> str:
        """A block of the template `name`."""
        user, names = _here(variables)
        return self._templates.render_block(self._templates.get(name, user), block, names)

    def stream(self, name: str | Sequence[str], variables: Mapping[str, Any]) -> Iterator[str]:
        """The template `name`, or the first that is there of several, piece by piece."""
        user, names = _here(variables)
        return self._templates.stream(self._templates.get(name, user), names)

    def stream_text(self, text: str, variables: Mapping[str, Any]) -> Iterator[str]:
        """The text of a template, piece by piece."""
        user, names = _here(variables)
        return self._templates.stream_text(text, user, names)


def _here(variables: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The file of the view that answers, and the names for it."""
    context = current.get()
    return context.endpoint.source, {**context.variables(), **variables}
