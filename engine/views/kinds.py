"""THE TABLE: what a file below `pages/` is, by the end of its name. Adding a kind of file is one line here."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Role = Literal["markdown", "template", "handler", "asset"]

FILE_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,9}$")


class Kind(NamedTuple):
    """A kind of file. If it `may_name_a_file`, a suffix in the stem makes a file URL: `feed.xml.py` → `/feed.xml`."""

    suffix: str
    role: Role
    may_name_a_file: bool = False


KINDS = (
    Kind(".md", "markdown"),
    Kind(".markdown", "markdown"),
    Kind(".html", "template"),
    Kind(".jinja", "template", may_name_a_file=True),
    Kind(".py", "handler", may_name_a_file=True),
)
ASSET = Kind("", "asset", may_name_a_file=True)


def kind_of(name: str) -> tuple[Kind, str]:
    """The kind of a file and the stem of its name: `feed.xml.py` is a handler with the stem `feed.xml`.

    `README.MD` is Markdown as well: code in a file is not to be served for the case of its suffix.
    """
    lower = name.lower()
    for kind in KINDS:
        if lower.endswith(kind.suffix) and len(name) > len(kind.suffix):
            return kind, name[: -len(kind.suffix)]
    return ASSET, name


def is_file_url(kind: Kind, stem: str) -> bool:
    """Whether the URL of such a page is a file's (`/feed.xml`) and not a directory's (`/about/`)."""
    return kind.role == "asset" or (kind.may_name_a_file and FILE_SUFFIX.search(stem) is not None)
