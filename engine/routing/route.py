"""One route of a site: the path that it answers and the source that it comes from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from engine.routing.paths import quote
from engine.routing.shapes import Param, Segment, Slot

Slash: TypeAlias = Literal["always", "never"]
"""Whether the URLs of pages end with a slash. Those of files never do, and that of the root always does."""


@dataclass(frozen=True, slots=True)
class Route:
    """`id` is its path as the author wrote it; `source` is the file behind it, relative to the site.

    The URL of an `is_file` route has no slash at its end. With `any_slash` (redirects) both are answered. `place` is
    the line, and the column where it is known, in a source that says more than this route.
    """

    id: str
    segments: tuple[Segment, ...]
    is_file: bool
    source: str
    any_slash: bool = False
    place: tuple[int, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:  # in a third of the time of a dataclass
        return Route, (self.id, self.segments, self.is_file, self.source, self.any_slash, self.place)

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The parameters, from the left. No two have the same name."""
        return tuple(slot for part in self.segments if isinstance(part, Param) for slot in part.slots)

    @property
    def told(self) -> str:
        """The source with its line, for the faults of another route."""
        return f"{self.source}:{self.place[0]}" if self.place else self.source

    @property
    def param_names(self) -> tuple[str, ...]:
        return tuple(slot.name for slot in self.slots)

    @property
    def is_static(self) -> bool:
        return not any([isinstance(segment, Param) for segment in self.segments])

    @property
    def shape(self) -> str:
        """Equal for two routes if and only if they match the same paths, slashes at the end aside."""
        return "/" + "/".join([segment.shape for segment in self.segments])

    def spelt(self, texts: Iterable[str], slash: Slash) -> str:
        """The path that has these texts as its segments."""
        path = "/" + "/".join(texts)
        return path + "/" if path != "/" and self.has_slash(slash) else path

    def has_slash(self, slash: Slash) -> bool:
        return not self.is_file and slash == "always"

    def canonical(self, slash: Slash) -> str:
        """The URL of a static route, percent-encoded; of another one its pattern, as `/blog/[slug]/`."""
        return (
            quote(self.static_path(slash)) if self.is_static else self.spelt(map(str, self.segments), slash)
        )

    def static_path(self, slash: Slash) -> str:
        """The decoded path of a static route."""
        return self.spelt([segment.text for segment in self.segments], slash)
