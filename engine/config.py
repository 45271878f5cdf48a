"""The settings of a site: every one with its type and its default, read once, checked whole, frozen."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import urlsplit

from engine.errors import Fault, SiteError
from engine.settings import Settings, from_environment, override, read
from engine.source import toml
from engine.source.document import DATA_LIMIT, Document
from engine.source.files import SourceFile
from engine.trace import depend

FILE = "site.toml"
ORIGIN = re.compile(r"https?://[^/?#\s]+")
FAST_NEEDS = "pyromark"
"""The package of the fast Markdown engine."""


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FreezeConfig:
    """`[freeze]`: where the frozen site goes, and whether it is always deployed with its server.

    `timeout` is in seconds a page; 0 is none. `secrets` are names in the environment or in `[app]`, whose values no
    frozen file may hold.
    """

    output: str = "dist"
    hybrid: bool = False
    timeout: int = 60
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeployConfig:
    """`[deploy]`: where the site goes. `host` is the name of a host that the output is made for, and `compress` whether
    it has compressed files; `server` and `path` are where the host finds the engine and the output; `to` is the place
    that `engine deploy` sends it to, and `cloudfront` the id of the distribution before that.
    """

    host: str = ""
    server: str = "127.0.0.1:8000"
    path: str = ""
    compress: bool = False
    to: str = ""
    cloudfront: str = ""


@dataclass(frozen=True, slots=True)
class MarkdownConfig:
    """`[markdown]`: `highlight` colours fenced code. The `engine` named `fast` is the extra of that name."""

    highlight: bool = True
    engine: Literal["default", "fast"] = "default"


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """`[session]`: the signed cookie. `lifetime` is in seconds and counts for permanent sessions."""

    cookie: str = "session"
    lifetime: int = 31 * 24 * 3600
    same_site: Literal["Lax", "Strict", "None"] = "Lax"
    secure: bool = True
    partitioned: bool = False
    domain: str = ""


@dataclass(frozen=True, slots=True)
class LimitsConfig:
    """`[limits]`: what one request may send, in bytes; a larger one is answered 413."""

    body: int = 16 * 1024 * 1024
    form_memory: int = 500_000
    form_parts: int = 1000


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting of a site, with its default. `root` is the site's absolute directory.

    `app` holds the site's own settings; the engine does not look inside. `dev` is set by `engine dev` alone.
    `redirect_places` are the line and the column of each redirect in the file.
    """

    root: str
    title: str = ""
    description: str = ""
    language: str = "en"
    author: str = ""
    base_url: str = ""
    slash: Literal["always", "never"] = "always"
    ignore: tuple[str, ...] = ()
    drafts: bool = False
    secret_key: str = ""
    secret_key_fallbacks: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    trusted_origins: tuple[str, ...] = ()
    trusted_proxies: int = 0
    freeze: FreezeConfig = FreezeConfig()
    deploy: DeployConfig = DeployConfig()
    markdown: MarkdownConfig = MarkdownConfig()
    session: SessionConfig = SessionConfig()
    limits: LimitsConfig = LimitsConfig()
    redirects: Mapping[str, Any] = field(default_factory=_nothing)
    app: Mapping[str, Any] = field(default_factory=_nothing)
    dev: bool = False
    redirect_places: Mapping[str, tuple[int, int]] = field(
        default_factory=_nothing, repr=False, compare=False
    )

    @property
    def base_path(self) -> str:
        """The path that every link of the site begins with: `""`, or `/prefix` without a last slash."""
        return urlsplit(self.base_url).path.rstrip("/")

    @property
    def name(self) -> str:
        """What to call the site where it has no title: the name of its directory."""
        return self.title or Path(self.root).name


class WatchedConfig:
    """The settings as templates see them: those that a page reads are dependencies of it."""

    __slots__ = ("_config",)

    def __init__(self, config: Config) -> None:
        self._config = config

    def __getattr__(self, name: str) -> Any:
        depend("setting", name)
        return getattr(self._config, name)


NOT_IN_FILE = frozenset(["root", "dev", "redirect_places"])
SETTINGS = Settings(Config, FILE, hidden=NOT_IN_FILE, own="Settings of your own go under [app]")


def load_config(root: str | os.PathLike[str], **flags: Any) -> Config:
    """Read the settings of the site at `root`: `site.toml`, then `ENGINE_*`, then `flags` (`freeze__output` for
    `[freeze] output`).

    Raises `SiteError` with every fault of the settings, and with `no-site` where there is no such directory.
    """
    folder = Path(root).resolve()
    if not (folder / "pages").is_dir():
        what = "there is no pages/ directory here, so this is not a site"
        raise SiteError(Fault("no-site", str(root), what, "Make pages/index.md"))
    document = _document(folder / FILE)
    settings = read(SETTINGS, document)
    places = {source: document.place("redirects", source) for source in settings.get("redirects", ())}
    found = {source: place for source, place in places.items() if place}
    config = Config(root=str(folder), redirect_places=MappingProxyType(found), **settings)
    config = override(SETTINGS, config, from_environment(SETTINGS, os.environ))
    config = override(SETTINGS, config, {name: value for name, value in flags.items() if value is not None})
    if faults := list(_faults(config, document)):
        raise SiteError(faults)
    return config


def _document(path: Path) -> Document:
    if not path.exists():
        return Document({})
    text = SourceFile(path=FILE, location=str(path), size=0, mtime_ns=0).read_text()
    return toml.load(text, file=FILE, limit=DATA_LIMIT)


def _faults(config: Config, document: Document) -> Iterator[Fault]:
    """What the types of the settings could not show."""
    parts = urlsplit(config.base_url)
    bare = parts.scheme in ("http", "https") and parts.netloc and not parts.query and not parts.fragment
    if config.base_url and not bare:
        what = f"`base_url` must be like https://example.org or https://example.org/path, not {config.base_url!r}"
        yield Fault("config-base-url", FILE, what, "", *(document.place("base_url") or ()))
    for number, origin in enumerate(config.trusted_origins):
        if not ORIGIN.fullmatch(origin):
            what = f"`trusted_origins` must be like https://example.org, not {origin!r}"
            place = document.place("trusted_origins", number) or document.place("trusted_origins")
            yield Fault(
                "config-origin", FILE, what, "Browsers send no path and no port that is usual", *(place or ())
            )
    if config.trusted_proxies < 0:
        what = f"`trusted_proxies` must be a number of proxies, not {config.trusted_proxies}"
        yield Fault("config-proxies", FILE, what, "0 is none", *(document.place("trusted_proxies") or ()))
    if config.session.partitioned and not config.session.secure:
        what = "`session.partitioned` needs `session.secure`"
        hint = "Browsers drop a partitioned cookie that is not secure"
        yield Fault("config-partitioned", FILE, what, hint, *(document.place("session", "partitioned") or ()))
    if config.markdown.engine == "fast" and find_spec(FAST_NEEDS) is None:
        what = f'`markdown.engine` is "fast", which needs {FAST_NEEDS}'
        hint = "Install it: pip install 'pages-engine[fast]'"
        yield Fault("config-extra", FILE, what, hint, *(document.place("markdown", "engine") or ()))
    if not config.freeze.output.strip():
        yield Fault("config-output", FILE, "`freeze.output` is empty", "Name a directory")
