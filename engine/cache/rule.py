"""What a page says of keeping its answers: for how long, under which tags, and what they differ by."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

DURATION = re.compile(r"([1-9][0-9]{0,8})([smhd])", re.ASCII)
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600}
A_DURATION = "a duration like 30s, 10m, 1h or 7d"
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
"""What the name of a header may be (RFC 9110 §5.1)."""


def read_duration(text: object) -> int | None:
    """The seconds of a duration such as `10m`; `None` for what is none."""
    found = DURATION.fullmatch(text) if isinstance(text, str) else None
    return int(found[1]) * SECONDS[found[2]] if found else None


class Rule(NamedTuple):
    """How the answers of one page are kept. `ttl` and `stale` are in seconds, `vary` is in small letters.

    `variables` are the keys of the environ in which the headers of `vary` stand.
    """

    ttl: int
    stale: int = 0
    tags: tuple[str, ...] = ()
    vary: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cache:
    """What a page module may say of its answers, as `cache = Cache("10m", stale="1m")`.

    An answer is sent for `ttl`, and for `stale` after that while another is made. `purge(tag=…)` forgets those that
    have the tag. `vary` are the headers of requests by which answers may differ. Raises `ValueError`, and
    `TypeError` for a text where a list belongs.
    """

    ttl: str
    stale: str | None = None
    tags: Iterable[str] = ()
    vary: Iterable[str] = ()

    def __post_init__(self) -> None:
        for name in ("ttl", "stale"):
            value = getattr(self, name)
            if read_duration(value) is None and (value is not None or name == "ttl"):
                raise ValueError(f"`{name}` must be {A_DURATION}, not {value!r}")
        for name in ("tags", "vary"):
            value = getattr(self, name)
            if isinstance(value, str):
                raise TypeError(f"`{name}` must be a list, as [{value!r}]")
            object.__setattr__(self, name, tuple(value))
        for header in self.vary:
            if not NAME.fullmatch(header) or header == "*":
                raise ValueError(f"`vary` has the names of headers, and {header!r} is none")
            if header.lower() == "cookie":
                raise ValueError("`vary` cannot have Cookie: what depends on cookies belongs to one visitor")

    @property
    def rule(self) -> Rule:
        """The same in numbers."""
        vary = tuple(sorted({header.lower() for header in self.vary}))
        return Rule(
            ttl=read_duration(self.ttl) or 0,
            stale=read_duration(self.stale) or 0,
            tags=tuple(self.tags),
            vary=vary,
            variables=tuple(map(_variable, vary)),
        )


def read_rule(value: object) -> Rule | None:
    """The rule that a duration or a `Cache` stands for; `None` for everything else."""
    if isinstance(value, Cache):
        return value.rule
    return None if (seconds := read_duration(value)) is None else Rule(seconds)


def _variable(header: str) -> str:
    name = header.upper().replace("-", "_")
    return name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"
