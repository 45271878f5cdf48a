"""Finds the route of a path. Compiled once from ordered routes; answers as if they were tried one by one.

Routes are kept as a tree by segment, the children of a node in the order of `order`. All routes below one
child stand together in that order, so that the first child with any match has the best one. A path is walked
greedily first; only where this fails is the tree searched, and then each pair of a node and a position is
looked at once. The cost grows with the tree and the length of the path, never exponentially.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from engine.routing.converters import Converters
from engine.routing.paths import MAX_SEGMENTS
from engine.routing.readers import Reader, make_reader
from engine.routing.route import Route
from engine.routing.shapes import Param, Segment, Static

LastParam: TypeAlias = tuple[Reader, Route, tuple[str, ...]]
Hit: TypeAlias = tuple["Node", Sequence[object]]


NO_CHILDREN: dict[str, Node] = {}
"""Of all nodes without any: one that is in the cache of the processor, not one for each."""


class Node:
    """A place in the tree. `order` is the place of `route` among all routes, `names` are its parameters."""

    __slots__ = (
        "names",
        "number",
        "only",
        "optional",
        "order",
        "plain",
        "readers",
        "rest",
        "route",
        "static",
        "tail",
    )

    def __init__(self, number: int) -> None:
        self.number = number
        self.route: Route | None = None
        self.order = -1
        self.names: tuple[str, ...] = ()
        self.static = NO_CHILDREN
        self.readers: tuple[tuple[Reader, Node], ...] = ()
        self.plain: Node | None = None
        self.optional: tuple[tuple[Reader, Node], ...] = ()
        self.rest: Node | None = None
        self.only = True
        """Whether a path that came here could have gone nowhere else, nor can go on in two ways."""
        self.tail: Node | None = None
        """Where a catch-all ends the route, if nothing but that is left to try here."""

    def settle(self) -> None:
        """Draw the conclusions for this node and its children, once all of these are there."""
        single = [child for _, child in self.readers] + ([self.plain] if self.plain else [])
        several = len(single) + bool(self.static) > 1 or bool(self.optional) or self.rest is not None
        self.only = self.only and not several
        for child in (*self.static.values(), *single):
            child.only = self.only
        if self.rest is not None and self.rest.is_leaf and not self.optional:
            self.tail = self.rest

    @property
    def is_leaf(self) -> bool:
        return not (self.static or self.readers or self.plain or self.optional or self.rest)


class Matcher:
    """The compiled routes, which must come in order. Of routes of one shape the first counts."""

    def __init__(self, routes: Iterable[Route], converters: Converters) -> None:
        self._root = root = _tree(routes, converters)
        # Most misses are over with their first segment, where every route begins with a text.
        only_static = not (root.readers or root.plain or root.optional or root.rest or root.route)
        self._first = root.static if only_static else None

    def match(self, path: str) -> tuple[Route, dict[str, Any]] | None:
        """The first route that matches, and its converted parameters; `None` where none does.

        `path` is sound (see `paths`); a slash at its end does not count. A catch-all gives `"a/b"` or `""`,
        an optional parameter that is not there `None`.
        """
        if self._first is not None and path[1:].partition("/")[0] not in self._first:
            return None
        bare = path[1:-1] if path[-1:] == "/" else path[1:]
        parts = bare.split("/") if bare else []
        if len(parts) > MAX_SEGMENTS:
            return None
        hit = self._walk(parts)
        if hit is None:
            return None
        node, values = hit
        assert node.route is not None
        return node.route, dict(zip(node.names, values, strict=False))

    def last_params(self) -> Iterator[tuple[str, tuple[LastParam, ...]]]:
        """The routes of static segments and one parameter after them, by the path of these segments, in order.

        No other route goes before these where one of them matches.
        """
        waiting = [("", self._root)]
        while waiting:
            path, node = waiting.pop()
            waiting += [(f"{path}/{text}", child) for text, child in node.static.items()]
            children = [*node.readers, *([(_as_it_is, node.plain)] if node.plain else [])]
            ends = [(read, child.route, child.names) for read, child in children if child.route is not None]
            if ends:
                yield path, tuple(ends)

    def _walk(self, parts: list[str]) -> Hit | None:
        """Greedily down the tree. As long as it gets through, its first choices are the best ones."""
        node = self._root
        values: list[object] = []
        remaining = iter(parts)
        for part in remaining:
            child = node.static.get(part)
            if child is None:
                for read, accepting in node.readers:
                    if (got := read(part)) is not None:
                        values += got
                        child = accepting
                        break
                else:
                    if (child := node.plain) is None:
                        return self._stopped(node, parts, [*values, "/".join([part, *remaining])])
                    values.append(part)
            node = child
        if node.route is not None:
            return node, values
        return self._stopped(node, parts, [*values, ""])

    def _stopped(self, node: Node, parts: list[str], values: list[object]) -> Hit | None:
        """The greedy walk came to `node` and no further; the last of `values` is what is left of the path."""
        if node.tail is not None:
            return node.tail, values
        return None if node.only else _Search(parts).best(self._root, 0)


class _Search:
    """One search of the tree, with backtracking. `best` of a node and a position is where the first route in
    order ends that matches from there, with the values on the way to it."""

    def __init__(self, parts: list[str]) -> None:
        self._parts = parts
        self._end = len(parts)
        self._known: dict[tuple[int, int], Hit | None] = {}
        self._tails: dict[int, list[tuple[int, Hit] | None]] = {}

    def best(self, node: Node, at: int) -> Hit | None:
        key = (node.number, at)
        if key not in self._known:
            self._known[key] = self._one(node, at) or self._optional(node, at) or self._rest(node, at)
        return self._known[key]

    def _one(self, node: Node, at: int) -> Hit | None:
        """By a child that takes exactly one segment, or by the route that ends here."""
        if at == self._end:
            return (node, ()) if node.route is not None else None
        part = self._parts[at]
        child = node.static.get(part)
        if child is not None and (hit := self.best(child, at + 1)):
            return hit
        for read, child in node.readers:
            if (got := read(part)) is not None and (hit := self.best(child, at + 1)):
                return hit[0], (*got, *hit[1])
        if node.plain is not None and (hit := self.best(node.plain, at + 1)):
            return hit[0], (part, *hit[1])
        return None

    def _optional(self, node: Node, at: int) -> Hit | None:
        for read, child in node.optional:
            without = self.best(child, at)
            got = read(self._parts[at]) if at < self._end else None
            within = self.best(child, at + 1) if got is not None else None
            if got is not None and within and (without is None or within[0].order <= without[0].order):
                return within[0], (*got, *within[1])
            if without:
                return without[0], (None, *without[1])
        return None

    def _rest(self, node: Node, at: int) -> Hit | None:
        """By the catch-all: of the places where it may end that with the best route, the last of these.

        The answers for a node are kept from the end of the path on, so that one step gives the answer for one
        more.
        """
        if node.rest is None:
            return None
        tails = self._tails.setdefault(node.number, [])
        while len(tails) <= self._end - at:
            start = self._end - len(tails)
            hit = self.best(node.rest, start)
            longer = tails[-1] if tails else None
            shorter = (start, hit) if hit else None
            tails.append(
                shorter if shorter and (not longer or shorter[1][0].order < longer[1][0].order) else longer
            )
        found = tails[self._end - at]
        return found and (found[1][0], ("/".join(self._parts[at : found[0]]), *found[1][1]))


def _tree(routes: Iterable[Route], converters: Converters) -> Node:
    root = Node(0)
    nodes = [root]
    by_shape: dict[tuple[int, str], Node] = {}
    readers: dict[str, Reader] = {}
    for order, route in enumerate(routes):
        node = root
        for segment in route.segments:
            key = (node.number, segment.shape)
            if (child := by_shape.get(key)) is None:
                child = by_shape[key] = Node(len(nodes))
                nodes.append(child)
                if isinstance(segment, Param) and segment.shape not in readers:
                    readers[segment.shape] = make_reader(segment, converters)
                _attach(node, segment, child, readers)
            node = child
        if node.route is None:
            node.route, node.order, node.names = route, order, route.param_names
    for node in nodes:
        node.settle()
    return root


def _attach(node: Node, segment: Segment, child: Node, readers: Mapping[str, Reader]) -> None:
    """Put `child` below `node`. Segments of one shape share a reader, by shape."""
    if isinstance(segment, Static):
        node.static = node.static or {}
        node.static[segment.text] = child
    elif segment.takes == "rest":
        node.rest = child
    elif segment.takes == "optional":
        node.optional += ((readers[segment.shape], child),)
    elif segment.text or segment.slots[0].converter:
        node.readers += ((readers[segment.shape], child),)
    else:
        node.plain = child


def _as_it_is(text: str) -> tuple[object, ...]:
    return (text,)
