"""What is known of a frozen site when it goes to a host, as plain values. Nothing here asks the app."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias
from urllib.parse import unquote

from engine.errors import Fault
from engine.routing.route import Slash

Header = tuple[str, str]
INDEX = "index.html"
MISSING = "404.html"
RULES = ("_headers", "_redirects")
"""Files of the output that some hosts read and do not show."""
NAMED = 5
"""So many things are named; of more it is said that there are."""


class Capture(NamedTuple):
    """A part of an address that differs: one segment or a piece of one, or with `rest` any number of segments."""

    name: str
    rest: bool = False


Address: TypeAlias = tuple[str | Capture, ...]
"""An address without its last slash, in pieces: texts are percent-encoded."""


@dataclass(frozen=True, slots=True)
class Output:
    """One frozen answer. `url` is percent-encoded and has the site's prefix; `headers` are those beyond the type.

    The page of an error (`status` 404) holds for the directory that its file is in; its `url` is that directory's.
    """

    file: str
    url: str
    content_type: str
    status: int = 200
    headers: tuple[Header, ...] = ()


@dataclass(frozen=True, slots=True)
class Redirect:
    """From an address, with and without a slash at its end, to another or to a URL. `file` says so."""

    source: Address
    target: Address
    status: int
    file: str

    @property
    def is_static(self) -> bool:
        return all(isinstance(part, str) for part in self.source)

    @property
    def path(self) -> str:
        """The address of a static one, without its last slash."""
        return "".join(map(str, self.source))

    @property
    def location(self) -> str:
        """The target of a static one."""
        return "".join(map(str, self.target))


@dataclass(frozen=True, slots=True)
class Dynamic:
    """A route that stays with the server: its id, its methods, its source."""

    route: str
    methods: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """A frozen site on its way to a host. `root` and `server` are where the host finds the output and the engine.

    `unruly` are redirects that no rule can express: the id and the source. `gone` are addresses that lead nowhere any
    more: they have the status 410, and no target. With `hybrid` the server answers what is not frozen: all of
    `dynamic`, and of the routes `open`, whose pages nobody enumerates, those that no frozen page links to.
    `compressed` says that there are `.br`, `.gz` and `.zst` files beside the outputs. The headers of `everywhere` are
    for every answer, and no output has them.
    """

    outputs: tuple[Output, ...]
    redirects: tuple[Redirect, ...] = ()
    unruly: tuple[tuple[str, str], ...] = ()
    gone: tuple[Redirect, ...] = ()
    dynamic: tuple[Dynamic, ...] = ()
    open: tuple[Dynamic, ...] = ()
    base_path: str = ""
    slash: Slash = "always"
    hybrid: bool = False
    compressed: bool = False
    everywhere: tuple[Header, ...] = ()
    name: str = "site"
    root: str = "/srv/site/dist"
    server: str = "127.0.0.1:8000"
    own: Mapping[str, str] = field(default_factory=dict)
    """What the author wrote for the host, by file: `_redirects` and `_headers`. It goes before what we write."""

    @property
    def pages(self) -> Iterator[Output]:
        """The answers with the status 200."""
        return (it for it in self.outputs if it.status == 200)

    @property
    def error_pages(self) -> list[Output]:
        """The pages of 404, the deepest directory first."""
        found = (it for it in self.outputs if it.status == 404)
        return sorted(found, key=lambda it: (-it.file.count("/"), it.file))

    @property
    def literal(self) -> Iterator[Output]:
        """The outputs that are asked by the name of their file although a page has such a file: `/a/index.html`."""
        return (it for it in self.pages if self.is_page_file(it.file) and self.is_literal(it))

    def is_page_file(self, file: str) -> bool:
        """Whether the file is one that is asked by another address than its name."""
        if self.slash == "never":
            return file.endswith(".html")
        return file.rpartition("/")[2] == INDEX

    def is_literal(self, output: Output) -> bool:
        return unquote(output.url) == f"{unquote(self.base_path)}/{output.file}"


@dataclass(slots=True)
class Made:
    """What a host needs: texts by path, `inside` the output and `beside` it, and what the host cannot do as faults.

    `notes` are sentences, without their full stop, on what it does in another way that is no fault.
    """

    inside: dict[str, str] = field(default_factory=dict)
    beside: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def exceeded(host: str, what: str, file: str = "site.toml", hint: str = "") -> Fault:
    """A rule that the host does not take: named, never dropped."""
    return Fault("host-limit", file, f"{host} {what}", hint or "Choose another host, or remove the rule")


def unruly_faults(deployment: Deployment, host: str) -> Iterator[Fault]:
    """A fault for each redirect that no rule can express, where no server is there to answer it."""
    for id, file in () if deployment.hybrid else deployment.unruly:
        hint = "Use parameters without a type, and [...path] at the end only, or freeze with --hybrid"
        yield exceeded(host, f"cannot redirect from {id}", file, hint)


def gone_notes(gone: Collection[Redirect], host: str) -> list[str]:
    """What is to be known of addresses that are gone, where the host has no rule that says so."""
    if not gone:
        return []
    names = [shown(it.source) for it in gone]
    listed = ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")
    return [f"{host} has no rule for 410 and answers 404 at what is said to be gone: {listed}"]


def everywhere_notes(headers: Collection[Header], host: str, way: str = "") -> list[str]:
    """What is to be known of headers that the server sends with every answer, where the host has no rule for them."""
    if not headers:
        return []
    names = ", ".join(name for name, _ in headers)
    return [f"{host} does not send what the server sends with every answer: {names}{way}"]


def shown(address: Address) -> str:
    """An address as a reader of the site's files knows it."""
    return "".join(
        part if isinstance(part, str) else f"[...{part.name}]" if part.rest else f"[{part.name}]"
        for part in address
    )


def regex(address: Address, rest: str = "(?:/(.*?))?") -> str:
    """An address as a regular expression whose groups are its captures, in order; a catch-all takes its slash along."""
    found = ""
    for part in address:
        if isinstance(part, str):
            found += re.escape(unquote(part)).replace("\\-", "-")
        elif part.rest:
            found = found.removesuffix("/") + rest
        else:
            found += "([^/]+)"
    return found


# One capture as it was asked, without an escaped slash or control character. No lookahead: Caddy's patterns have none.
_RAW = r"((?:[^/?%]|%(?:[3-9A-Fa-f][0-9A-Fa-f]|2[0-9A-Ea-e]))+)"


def raw_regex(address: Address) -> str:
    """An address as `regex` has it, for a path as it was asked: what is captured can stand in a location as it is."""
    found = ""
    for part in address:
        if isinstance(part, str):
            found += "".join(map(_raw, unquote(part)))
        elif part.rest:
            found = found.removesuffix("/") + "(?:/([^?]*?))?"
        else:
            found += _RAW
    return found


def _raw(character: str) -> str:
    """A pattern for one character, by itself or escaped, with capital letters or small ones."""
    plain = re.escape(character).replace("\\-", "-")
    if re.fullmatch(r"[A-Za-z0-9/._~-]", character):
        return plain
    escaped = (f"%{it:02X}" for it in character.encode())
    return f"(?:{plain}|{''.join(re.sub('[A-F]', lambda it: f'[{it[0]}{it[0].lower()}]', it) for it in escaped)})"


def filled(address: Address, captures: Mapping[str, str]) -> str:
    """An address with what stands for each capture."""
    return "".join(part if isinstance(part, str) else captures[part.name] for part in address)


def numbered(redirect: Redirect, mark: str, literal: Callable[[str], str] = str) -> str:
    """The target with the numbers of the groups of `regex(source)` in `mark`: `${}` gives `$1`.

    `literal` writes the texts between them so that they stand for themselves.
    """
    names = [part.name for part in redirect.source if isinstance(part, Capture)]
    texts = tuple(literal(part) if isinstance(part, str) else part for part in redirect.target)
    return filled(texts, {name: mark.format(number) for number, name in enumerate(names, 1)})


Answers: TypeAlias = Literal["strict", "cloudflare", "netlify", "github"]


def suffix(file: str) -> str:
    """What the name of a file ends with, in lower case; empty where there is none."""
    name = file.rpartition("/")[2]
    return name.rpartition(".")[2].lower() if "." in name else ""


def by_suffix(outputs: Iterable[Output], name: str) -> tuple[dict[str, str], dict[str, str]]:
    """The values of one header: by suffix where all files of that suffix agree, else by file."""
    values: dict[str, dict[str, str]] = {}
    for output in outputs:
        found = (
            value for key, value in [*output.headers, ("Content-Type", output.content_type)] if key == name
        )
        values.setdefault(suffix(output.file), {})[output.file] = ", ".join(found)
    shared, single = {}, {}
    for ending, files in values.items():
        if ending and len(set(files.values())) == 1:
            shared[ending] = next(iter(files.values()))
        else:
            single.update(files)
    drop = {it: value for it, value in shared.items() if value}
    return drop, {it: value for it, value in single.items() if value}


def header_names(outputs: Iterable[Output]) -> list[str]:
    """The names of all declared headers but the type, sorted."""
    return sorted({name for output in outputs for name, _ in output.headers})
