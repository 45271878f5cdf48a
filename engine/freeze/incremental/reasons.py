"""Why a page was made again, in words: one sentence for each kind of dependency, and for what is no dependency."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from engine.content.pages import Question
from engine.trace import Dependency

Reasons = tuple[Dependency, ...]
"""Dependencies that have changed, or one of those below."""

CLEAN: Reasons = (("clean",),)
UNKNOWN: Reasons = (("unknown",),)
NEW: Reasons = (("new",),)
OTHER: Reasons = (("other",),)
TAMPERED: Reasons = (("tampered",),)

MOST_REASONS = 20
"""More are not written down."""


class Made(NamedTuple):
    """Why a page was made, and when, in seconds since 1970."""

    why: Reasons = UNKNOWN
    when: int = 0


def sentence(reason: Dependency) -> str:
    """What made a page be made again, such as `the body of pages/a.md changed`."""
    kind = reason[0]
    return _SENTENCES[kind] if kind in _SENTENCES else f"{noun(reason)} {_VERBS.get(kind, 'changed')}"


def noun(dependency: Dependency) -> str:
    """What a page depends on, such as `the body of pages/a.md`."""
    kind, *about = dependency
    say = _NOUNS.get(kind)
    return say(*about) if say else " ".join(map(str, dependency))


def collection(question: Question) -> str:
    """A question to the pages of the site, as it is written in Python: `pages.under("/blog/").sort("-date")`."""
    return "pages" + "".join(_step(name, *about) for name, *about in question)


def _step(name: str, *about: Any) -> str:
    if name == "slice":
        start, stop, step = ("" if value is None else str(value) for value in about)
        return f"[{start}:{stop}{':' if step else ''}{step}]"
    if name == "where":
        fields = ", ".join(f"{field}={value!r}" for field, value in about)
        return f".where({fields})"
    if name == "group":
        return f'.group("{about[0]}")[{about[1]}]'
    return f".{name}({', '.join(map(_quoted, about))})"


def _quoted(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


_SENTENCES = {
    "clean": "a clean freeze makes every page",
    "unknown": "nothing was known of a freeze before that could be used",
    "new": "no freeze had made it before",
    "other": "it has another source, file or status than before",
    "tampered": "its file in the output was not the one that was written",
}

_VERBS = {
    "pages": "changed: their order, or what they say of themselves",
    "changing": "may be another each time",
}

_NOUNS: dict[str, Callable[..., str]] = {
    "body": lambda path: f"the body of {path}",
    "changing": str,
    "code": lambda name: f"the code of {name}, which is not installed,",
    "count": lambda question: f"the number of {collection(question)}",
    "data": str,
    "data-names": lambda path: f"the names in {path}",
    "disk": str,
    "environment": lambda name: f"the variable {name} of the environment",
    "environment-names": lambda: "the names of all variables of the environment",
    "error-page": lambda directory, status: f"the page for status {status} in {directory}",
    "fallback": lambda path: f"which Markdown engine reads {path}",
    "file": str,
    "folder": lambda path: f"the list of files in {path}",
    "groups": lambda question, key: f"the groups of {collection(question)} by {key}",
    "hooks": lambda directory: f"the hooks of {directory}",
    "import": lambda name: f"whether the site has a module {name}",
    "link": lambda source, path: f"what the link {path} in {source} means",
    "match": lambda path: f"what answers at {path}",
    "memory": lambda path: f"what {path} has read and can remember",
    "module": lambda path: f"{path}, or what it imports,",
    "neighbour": lambda path, side: f"the page {'before' if side == 'prev' else 'after'} {path}",
    "page": lambda path: f"the front matter of {path}",
    "page-at": lambda question, index: f"{collection(question)}[{index}]",
    "page-for": lambda question, path: f'{collection(question)}.get("{path}")',
    "pages": collection,
    "route": lambda id: f"the route {id}",
    "setting": lambda name: f"the setting {name}",
    "settings": lambda: "the settings",
    "site": lambda: "any file of the site",
    "stat": lambda path: f"size, time or mode of {path}",
    "template": lambda name, user: f"the template {name}",
    "working-directory": lambda: "the directory in which the freeze runs",
}
