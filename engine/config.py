"""The settings of a site: every one with its type and its default, read once, checked whole, frozen.

    site.toml < site.ENV.toml < environment < flags

ENV is the value of ENGINE_ENV, else what the command is for: `dev` or `production`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import urlsplit

from engine.errors import A_SETTING, Elsewhere, Fault, Faults, SiteError
from engine.settings.given import from_environment, from_flags, misnamed, override
from engine.settings.origins import Layer, Origins
from engine.settings.reading import read
from engine.settings.record import Settings
from engine.source import toml
from engine.source.document import DATA_LIMIT, Document
from engine.source.files import SourceFile
from engine.trace import depend

FILE = "site.toml"
ENV = "ENGINE_ENV"
PRODUCTION, DEV = "production", "dev"
ENV_NAME = re.compile(r"[a-z0-9_-]+")
LAYER = re.compile(rf"site(?:\.{ENV_NAME.pattern})?\.toml")
"""The name of a file with settings."""
HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""The name of a header (RFC 9110 §5.6.2), or of a cookie (RFC 6265 §4.1.1)."""
VALUE = re.compile(r"[\x20-\x7e]*")
OF_CONTENT = frozenset(
    [
        *("cache-control", "connection", "content-encoding", "content-length", "content-type", "date"),
        *("etag", "last-modified", "location", "set-cookie", "transfer-encoding", "vary"),
    ]
)
"""Headers that depend on the answer, and are said by what makes it."""
FEWEST_HEADERS = 8192
"""Bytes that no server refuses: what is usual for one header."""
BASE_PATH = re.compile(r"(?:/(?!\.\.?(?:/|$))[A-Za-z0-9._~!$&'()*+,;=:@-]+)+")
"""A path that is the same whether it is escaped or not (RFC 3986, 3.3): what is asked is compared with it as it is."""
ORIGIN = re.compile(r"http://[a-z0-9.:\[\]_-]+(?<!:80)|https://[a-z0-9.:\[\]_-]+(?<!:443)")
"""An origin as browsers send it (HTML standard, §7.1.1): in small letters, a usual port left out."""
FAST_NEEDS = "pyromark"
"""The package of the fast Markdown engine."""


MEMORY = "memory"
REDIS = re.compile(r"(?:rediss?|unix)://\S+")
REDIS_NEEDS = "redis"
"""The package that speaks with Redis."""


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
    """`[session]`: the signed cookie, which holds the session or the id of one in the Redis of `[cache]`. `lifetime` is
    in seconds: a session that is older is not read.
    """

    store: Literal["cookie", "cache"] = "cookie"
    cookie: str = "session"
    lifetime: int = 31 * 24 * 3600
    same_site: Literal["Lax", "Strict", "None"] = "Lax"
    secure: bool = True
    partitioned: bool = False
    domain: str = ""


@dataclass(frozen=True, slots=True)
class CacheConfig:
    """`[cache]`: where answers are kept. `store` is `memory`, with as many bytes, or the address of a Redis, in which
    the keys begin with `prefix`.
    """

    store: str = MEMORY
    prefix: str = "engine"
    memory: int = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class LoggingConfig:
    """`[logging]`: what `engine serve` writes of the site's own logs, and how it writes all."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "WARNING"
    format: Literal["text", "json"] = "text"


@dataclass(frozen=True, slots=True)
class LimitsConfig:
    """`[limits]`: what one request may send, in bytes; a larger one is answered 413. `headers` is for the server, which
    counts all of them with the first line, and answers 431.
    """

    body: int = 16 * 1024 * 1024
    form_memory: int = 500_000
    form_parts: int = 1000
    api_body: int = 1_000_000
    headers: int = 65_536


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting of a site, with its default. `root` is the site's absolute directory.

    `app` holds the site's own settings: a table, or what the class `Settings` in the site's `app.py` makes of it once
    the site is loaded. `app_table` is the table in any case. `dev` is set by `engine dev` alone. `env` is the name in
    the file that was read after `site.toml`, whether or not there is one.
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
    extensions: tuple[str, ...] = ()
    secret_key: str = ""
    secret_key_fallbacks: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    trusted_origins: tuple[str, ...] = ()
    trusted_proxies: int = 0
    freeze: FreezeConfig = FreezeConfig()
    deploy: DeployConfig = DeployConfig()
    markdown: MarkdownConfig = MarkdownConfig()
    session: SessionConfig = SessionConfig()
    cache: CacheConfig = CacheConfig()
    limits: LimitsConfig = LimitsConfig()
    logging: LoggingConfig = LoggingConfig()
    headers: Mapping[str, Any] = field(default_factory=_nothing)
    redirects: Mapping[str, Any] = field(default_factory=_nothing)
    app: Mapping[str, Any] = field(default_factory=_nothing)
    dev: bool = False
    env: str = PRODUCTION
    app_table: Mapping[str, Any] = field(default_factory=_nothing)
    origins: Origins = field(default=Origins(), repr=False, compare=False)

    # What Flask calls it.
    get = Elsewhere("Settings are attributes, as config.secret_key. Those of the site are in config.app")
    update = Elsewhere(A_SETTING)
    from_object = Elsewhere(A_SETTING)
    from_pyfile = Elsewhere(A_SETTING)
    from_mapping = Elsewhere(A_SETTING)

    @property
    def base_path(self) -> str:
        """The path that every link of the site begins with: `""`, or `/prefix` without a last slash."""
        return urlsplit(self.base_url).path.rstrip("/")

    @property
    def name(self) -> str:
        """What to call the site where it has no title: the name of its directory."""
        return self.title or Path(self.root).name

    def __getitem__(self, name: str) -> Any:
        what = f"settings are attributes, as config.secret_key. Those of the site are in config.app, not {name!r}"
        raise TypeError(what)

    def __setitem__(self, name: str, value: object) -> None:
        raise TypeError(f"{A_SETTING[0].lower()}{A_SETTING[1:]}, and not {name!r} by code")

    def place_of(self, *path: str | int) -> tuple[str, int | None, int | None]:
        """The file, line and column of a setting, for a fault; `site.toml` where nobody has set it."""
        source, line, column = self.origins.of(*path)
        return source or FILE, line, column


class WatchedConfig:
    """The settings as templates see them: those that a page reads are dependencies of it."""

    __slots__ = ("_config",)

    def __init__(self, config: Config) -> None:
        self._config = config

    def __getattr__(self, name: str) -> Any:
        depend("setting", name)
        return getattr(self._config, name)


NOT_IN_FILE = frozenset(["root", "dev", "env", "app_table", "origins"])
SETTINGS = Settings(
    Config, hidden=NOT_IN_FILE, own="Settings of your own go under [app]", free=frozenset(["app"])
)


def load_config(root: str | os.PathLike[str], *, env: str = PRODUCTION, **flags: Any) -> Config:
    """Read the settings of the site at `root`: `site.toml`, `site.ENV.toml`, `ENGINE_*`, then `flags`
    (`freeze__output` for `[freeze] output`). `env` is ENV where `ENGINE_ENV` does not say otherwise.

    Raises `SiteError` with every fault of the settings, and with `no-site` where there is no such directory.
    """
    folder = Path(root).resolve()
    if not (folder / "pages").is_dir():
        what = "there is no pages/ directory here, so this is not a site"
        raise SiteError(Fault("no-site", str(root), what, "Make pages/index.md"))
    env = _env(env)
    layers = _layers(folder, env)
    if faults := list(misnamed(SETTINGS, os.environ)):
        raise SiteError(faults)
    config = Config(root=str(folder), env=env, **read(SETTINGS, layers))
    config, variables = override(SETTINGS, config, from_environment(SETTINGS, os.environ))
    config, options = override(SETTINGS, config, from_flags(flags))
    config = replace(config, app_table=config.app, origins=Origins(layers, {**variables, **options}))
    if faults := list(_faults(config)):
        raise SiteError(faults)
    return config


def _env(usual: str) -> str:
    """The name in the file of settings that is read after the first."""
    env = os.environ.get(ENV) or usual
    if not ENV_NAME.fullmatch(env):
        what = f"must be a name of a-z, 0-9, - and _, not {env!r}"
        raise SiteError(Fault("config-env", ENV, what, "Correct or unset it"))
    return env


def _layers(folder: Path, env: str) -> tuple[Layer, ...]:
    """The files of settings that there are, the one that counts less first."""
    faults = Faults()
    names = [name for name in (FILE, f"site.{env}.toml") if (folder / name).exists()]
    documents = [faults.tried(_document, folder, name) for name in names]
    if faults:
        raise SiteError(faults)
    return tuple(Layer(name, it) for name, it in zip(names, documents, strict=True) if it is not None)


def _document(folder: Path, name: str) -> Document:
    text = SourceFile(path=name, place=str(folder / name), size=0, mtime_ns=0).read_text()
    return toml.load(text, file=name, limit=DATA_LIMIT)


def _faults(config: Config) -> Iterator[Fault]:
    """What the types of the settings could not show."""
    parts = urlsplit(config.base_url)
    bare = parts.scheme in ("http", "https") and parts.netloc and not parts.query and not parts.fragment
    if config.base_url and not bare:
        file, *place = config.place_of("base_url")
        what = f"`base_url` must be like https://example.org or https://example.org/path, not {config.base_url!r}"
        yield Fault("config-base-url", file, what, "", *place)
    elif config.base_path and not BASE_PATH.fullmatch(config.base_path):
        file, *place = config.place_of("base_url")
        what = f"`base_url` has the path {config.base_path}, which URLs do not write as it is"
        yield Fault("config-base-url", file, what, "Name it in letters, digits, - and _", *place)
    for number, origin in enumerate(config.trusted_origins):
        if not ORIGIN.fullmatch(origin):
            file, *place = config.place_of("trusted_origins", number)
            what = f"`trusted_origins` must be like https://example.org, not {origin!r}"
            hint = "Browsers send no path and no usual port, and small letters. Each is listed: `*` stands for none"
            yield Fault("config-origin", file, what, hint, *place)
    yield from _header_faults(config)
    if config.trusted_proxies < 0:
        what = f"`trusted_proxies` must be a number of proxies, not {config.trusted_proxies}"
        file, *place = config.place_of("trusted_proxies")
        yield Fault("config-proxies", file, what, "0 is none", *place)
    if config.limits.headers < FEWEST_HEADERS:
        what = f"`limits.headers` must be {FEWEST_HEADERS:,} or more, not {config.limits.headers}"
        file, *place = config.place_of("limits", "headers")
        yield Fault("config-headers", file, what, "A browser may send as much", *place)
    yield from _cookie_faults(config)
    if config.markdown.engine == "fast" and find_spec(FAST_NEEDS) is None:
        file, *place = config.place_of("markdown", "engine")
        what = f'`markdown.engine` is "fast", which needs {FAST_NEEDS}'
        yield Fault("config-extra", file, what, "Install it: pip install 'pages-engine[fast]'", *place)
    yield from _faults_of_cache(config)
    if not config.freeze.output.strip():
        file, *place = config.place_of("freeze", "output")
        yield Fault("config-output", file, "`freeze.output` is empty", "Name a directory", *place)


def _cookie_faults(config: Config) -> Iterator[Fault]:
    session, hint = config.session, "Browsers drop such a cookie where it is not secure"
    if not HEADER.fullmatch(session.cookie):
        what = f"`session.cookie` must be the name of a cookie, not {session.cookie!r}"
        file, *place = config.place_of("session", "cookie")
        yield Fault("config-cookie", file, what, "Name it in letters, digits, - and _", *place)
    if session.secure:
        return
    if session.partitioned:
        what = "`session.partitioned` needs `session.secure`"
        file, *place = config.place_of("session", "partitioned")
        yield Fault("config-secure", file, what, hint, *place)
    if session.same_site == "None":
        what = '`session.same_site = "None"` needs `session.secure`'
        file, *place = config.place_of("session", "same_site")
        yield Fault("config-secure", file, what, hint, *place)


def _header_faults(config: Config) -> Iterator[Fault]:
    for name, value in config.headers.items():
        file, *place = config.place_of("headers", name)
        if not HEADER.fullmatch(name) or name.lower() in OF_CONTENT:
            what = f"`headers` cannot have {name!r}"
            hint = "It takes headers that are the same for every answer"
            yield Fault("config-header", file, what, hint, *place)
        elif not isinstance(value, str) or not VALUE.fullmatch(value):
            what = f"`headers.{name}` must be text in one line of ASCII, not {value!r}"
            yield Fault("config-header", file, what, "An empty text leaves the header out", *place)


def _faults_of_cache(config: Config) -> Iterator[Fault]:
    store = config.cache.store
    file, *place = config.place_of("cache", "store")
    if store != MEMORY and not REDIS.fullmatch(store):  # which is not told: a password may stand in it
        what = '`cache.store` must be "memory" or like redis://localhost:6379/0'
        yield Fault("config-cache", file, what, "", *place)
    elif store != MEMORY and find_spec(REDIS_NEEDS) is None:
        what = f"`cache.store` is the address of a Redis, which needs {REDIS_NEEDS}"
        yield Fault("config-extra", file, what, "Install it: pip install 'pages-engine[redis]'", *place)
    if config.session.store == "cache" and store == MEMORY:
        what = '`session.store` is "cache", which needs a Redis in `cache.store`'
        file, *place = config.place_of("session", "store")
        yield Fault("config-session-store", file, what, "What one process keeps no other would know", *place)
