"""Lists and mappings that cannot be changed: what all requests of a site share."""

from __future__ import annotations

from typing import Any, NoReturn


def refuse(self: object, *_args: object, **_kwargs: object) -> NoReturn:
    raise TypeError("data belongs to all requests and cannot be changed; change a copy: copy.deepcopy(…)")


class FrozenList(list[Any]):
    """A list that refuses to be changed. Its copies are plain lists."""

    __slots__ = ()

    append = clear = extend = insert = pop = remove = reverse = sort = refuse
    __setitem__ = __delitem__ = __iadd__ = __imul__ = refuse

    def __reduce__(self) -> tuple[type, tuple[list[Any]]]:
        return list, (list(self),)


class FrozenDict(dict[Any, Any]):
    """A mapping that refuses to be changed. Its copies are plain dicts."""

    __slots__ = ()

    clear = pop = popitem = setdefault = update = refuse
    __setitem__ = __delitem__ = __ior__ = refuse

    def __reduce__(self) -> tuple[type, tuple[dict[Any, Any]]]:
        return dict, (dict(self),)
