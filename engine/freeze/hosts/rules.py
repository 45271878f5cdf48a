"""What the configuration of a host says, read back from its text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

PASSED_ON = 200
"""The status of a rule that shows what another server answers (docs.netlify.com, "Rewrites and proxies")."""


class RedirectRule(NamedTuple):
    """From a percent-encoded path to a target with `:name`s. With `force` it goes before a file of that name.

    With `loose` a slash at the end of the path makes no difference. With the status `PASSED_ON` the server answers.
    """

    pattern: re.Pattern[str]
    target: str
    status: int
    force: bool = True
    loose: bool = False

    def location(self, path: str) -> str | None:
        """Where a path is sent; `None` where the rule does not hold for it."""
        bare = path.rstrip("/") or "/"
        found = self.pattern.fullmatch(path) or (self.pattern.fullmatch(bare) if self.loose else None)
        if found is None:
            return None
        names = {name: value or "" for name, value in found.groupdict().items()}
        return re.sub(r":([A-Za-z]\w*)", lambda name: names.get(name[1], name[0]), self.target)


class HeaderRule(NamedTuple):
    """A header for the paths that match."""

    pattern: re.Pattern[str]
    name: str
    value: str


def named(pattern: str) -> str:
    """A pattern with its groups called c1, c2, …; those that capture nothing stay as they are."""
    before, *groups = re.split(r"(?<!\\)\((?!\?)", pattern)
    return before + "".join(f"(?P<c{number}>{it}" for number, it in enumerate(groups, 1))


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that was read."""

    redirects: tuple[RedirectRule, ...] = ()
    headers: tuple[HeaderRule, ...] = ()
