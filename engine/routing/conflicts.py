"""All ways in which two routes of a site cannot stand beside each other, found at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.errors import Fault
from engine.routing.paths import folded
from engine.routing.route import Route
from engine.routing.shapes import Static

RENAME = "Rename or remove one of the two"
APART = "Many file systems cannot keep both apart"


def conflicts(routes: Sequence[Route]) -> Iterator[Fault]:
    """A fault for each route that cannot stand beside an earlier one; the messages name both sources."""
    by_shape: dict[str, Route] = {}
    by_folded: dict[str, Route] = {}
    for route in routes:
        shape = route.shape
        if (twin := by_shape.setdefault(shape, route)) is not route:
            yield _same_url(route, twin)
        elif (twin := by_folded.setdefault(folded(shape), route)) is not route:
            yield _same_name(route, twin)
    files = {name: route for name, route in by_folded.items() if route.is_file and route.is_static}
    yield from _in_the_way(files, routes)
    yield from _same_output(files, by_folded)


def _same_url(route: Route, twin: Route) -> Fault:
    what = f"answers the same URL as {twin.told} ({_url(route)})"
    return Fault("duplicate-url", route.source, what, RENAME, *route.place)


def _same_name(route: Route, twin: Route) -> Fault:
    what = f"its URL {_url(route)} differs only in upper and lower case from {_url(twin)} of {twin.told}"
    return Fault("case-conflict", route.source, what, f"{APART}. {RENAME}", *route.place)


def _in_the_way(files: dict[str, Route], routes: Sequence[Route]) -> Iterator[Fault]:
    """`/a` as a file and `/a/b/`: on disk `a` would be a file and a directory."""
    seen: set[str] = set()
    for route in routes if files else ():
        folder = _folder(route)
        while folder and folder not in seen:
            seen.add(folder)
            if (file := files.get(folder)) is not None:
                what = f"its URL {_url(route)} lies below {_url(file)}, which is the file of {file.told}"
                hint = f"One name cannot be a file and a directory. {RENAME}"
                yield Fault("file-and-directory", route.source, what, hint, *route.place)
            folder = folder.rpartition("/")[0]


def _folder(route: Route) -> str:
    """The static directory that the output of a route is in, folded; `""` for the root."""
    texts = []
    for segment in route.segments:
        if not isinstance(segment, Static):
            break
        texts.append(segment.shape)
    else:
        texts = texts[:-1]
    return folded("/" + "/".join(texts)) if texts else ""


def _same_output(files: dict[str, Route], by_folded: dict[str, Route]) -> Iterator[Fault]:
    """`/a/index.html` and `/a/`: both would be frozen as one file. A redirect can live without its own."""
    for name, file in files.items():
        folder, _, last = name.rpartition("/")
        page = by_folded.get(folder or "/") if last == "index.html" and not file.any_slash else None
        if page is not None and not page.is_file and not page.any_slash:
            what = f"is frozen to the same file as {page.told} ({_url(page)})"
            yield Fault("duplicate-output", file.source, what, RENAME, *file.place)


def _url(route: Route) -> str:
    """The URL for a message: with the parameters as they are written, with the slash that pages have."""
    path = "/" + "/".join(map(str, route.segments))
    return path if route.is_file or path == "/" else path + "/"
