"""Front matter: what an author says about a page at the head of its file."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from hashlib import blake2b
from typing import Any, NamedTuple

from engine.errors import Fault, SiteError
from engine.source import yaml
from engine.source.document import FRONT_MATTER_LIMIT, Document, shown
from engine.source.files import SourceFile
from engine.source.formats import LOADERS, load_file
from engine.source.simple import read_simple

_OPENER = re.compile(r"(?:(---)[ \t]*(yaml|toml|json)?|(\+\+\+)|(`{3,}|~{3,})[ \t]*(yaml|toml|json))[ \t]*\n")
_LIKE_A_KEY = {
    "yaml": re.compile(r"[ \t]*[\w-]+[ \t]*:(?:[ \t]|$)", re.MULTILINE),
    "toml": re.compile(r"[ \t]*(?:\[|[\w.\"'-]+[ \t]*=)"),
    "json": re.compile(r"[ \t]*[{\"]"),
}
_NOTHING = Document({})


class FrontMatter(NamedTuple):
    """The values at the head of a file, and the body below them.

    `body_line` is the line of the file, from 1, at which the body begins. `place` and `text` answer as those
    of `Document` do, with lines of the file.
    """

    values: dict[str, Any]
    body: str
    body_line: int = 1
    document: Document = _NOTHING

    def place(self, *path: Any) -> tuple[int, int] | None:
        """The line and column of a key or list item; `None` if the file does not write it."""
        return self.document.place(*path)

    head: bytes = b""
    """What tells what stands above the body from anything else; empty where nothing does."""

    digest: bytes = b""
    """That of the body, where it is known already: then the body may have been left out."""

    @property
    def body_digest(self) -> bytes:
        """What tells this body from any other."""
        return self.digest or _digest(self.body)

    def text(self, *path: Any) -> str | None:
        """The scalar at `path` as it was written, without quotes; `None` if there is none."""
        return self.document.text(*path)


Read = Callable[[SourceFile], FrontMatter]


def read_matter(file: SourceFile) -> FrontMatter:
    """The front matter and the body of a file. Raises SiteError where it cannot be read, and as `split`."""
    return split(file.read_text(), file=file.path)


def split(text: str, *, file: str) -> FrontMatter:
    """Divide a text, its lines ended by LF, into front matter and body.

    Front matter begins at the first character: `---` (YAML, up to `---` or `...`), `+++` (TOML), `---toml`,
    or a fence of three or more backticks or tildes with `yaml`, `toml` or `json`, each closed by its like.
    Raises SiteError with the faults of the front matter.
    """
    if text.startswith("---\n"):
        end = text.find("\n---\n", 3)
        if end > 3 and (values := read_simple(block := text[4 : end + 1])) is not None:
            find = partial(yaml.find_marks, block, file, 2)
            return FrontMatter(
                values, text[end + 5 :], len(values) + 3, Document(values, find), _digest(block)
            )
    opener = _OPENER.match(text)
    if opener is None:
        return FrontMatter({}, text)
    return _divide(text, opener, file)


def body_of(text: str, head: bytes, *, file: str) -> tuple[str, int]:
    """The body of a text, and the line at which it begins. `head` is that of its front matter when it was read before.

    Raises SiteError as `split`, where the front matter is another one now.
    """
    end = text.find("\n---\n", 3)
    if (
        head and end > 3 and _digest(block := text[4 : end + 1]) == head
    ):  # of those that `read_simple` has read
        return text[end + 5 :], block.count("\n") + 3
    matter = split(text, file=file)
    return matter.body, matter.body_line


def load_defaults(file: SourceFile) -> FrontMatter:
    """What a `_data.*` file says to the pages below it, as front matter without a body. Raises SiteError."""
    document = load_file(file, FRONT_MATTER_LIMIT)
    return FrontMatter(_mapping(document, file.path, is_defaults=True), "", 1, document)


def _divide(text: str, opener: re.Match[str], file: str) -> FrontMatter:
    fence = opener[1] or opener[3] or opener[4]
    language = opener[2] or opener[5] or ("toml" if fence == "+++" else "yaml")
    closer = _closer(dotted=fence == "---" and not opener[2], fence=fence).search(text, opener.end())
    if closer is None:
        if not _LIKE_A_KEY[language].match(text, opener.end()):
            return FrontMatter({}, text)
        what = f"the front matter that begins with `{opener[0].strip()}` is not closed"
        raise SiteError(Fault("front-matter-unclosed", file, what, f"Close it with a line `{fence}`", 1))
    block = text[opener.end() : closer.start()]
    document = LOADERS[language](block, file=file, first_line=2, limit=FRONT_MATTER_LIMIT)
    values = _mapping(document, file)
    head = text[: closer.end()]
    return FrontMatter(values, text[closer.end() :], head.count("\n") + 1, document, _digest(head))


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8"), digest_size=16).digest()


def _closer(*, dotted: bool, fence: str) -> re.Pattern[str]:
    """What closes front matter that `fence` opens; YAML's own end of a document does so too if `dotted`."""
    mark = rf"{re.escape(fence)}{re.escape(fence[0])}*" if fence[0] in "`~" else re.escape(fence)
    return re.compile(rf"^(?:{mark}{'|[.]{3}' if dotted else ''})[ \t]*(?:\n|\Z)", re.MULTILINE)


def _mapping(document: Document, file: str, *, is_defaults: bool = False) -> dict[str, Any]:
    """The values of a document: a mapping with text for its keys. Nothing is an empty mapping."""
    values = {} if document.value is None else document.value
    if not isinstance(values, dict):
        what = "front matter must be `key: value` lines"
        hint = "Begin the file with an empty line if this is no front matter"
        if is_defaults:
            what, hint = (
                "this must be `key: value` lines, the front matter of the pages below",
                "Give the values names",
            )
        raise SiteError(Fault("front-matter-not-mapping", file, what, hint, 1))
    bad = [key for key in values if not isinstance(key, str)]
    if bad:
        what = "the keys of front matter are text, and `{}` is not"
        raise SiteError(
            Fault(
                "bad-key",
                file,
                what.format(shown(key)),
                "Put it in quotes",
                *(document.place(key) or (1, None)),
            )
            for key in bad
        )
    return values
