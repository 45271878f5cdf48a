"""The settings of a site: read once, checked whole, frozen. The only reader of `site.toml` and `ENGINE_*`."""

from __future__ import annotations

import dataclasses
import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

from engine.errors import Fault, SiteError

FILE = "site.toml"
ENVIRONMENT = "ENGINE_"


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FreezeConfig:
    """`[freeze]`: where the frozen site goes, and whether it is always deployed with its server."""

    output: str = "dist"
    hybrid: bool = False


@dataclass(frozen=True, slots=True)
class MarkdownConfig:
    """`[markdown]`: `highlight` colours fenced code."""

    highlight: bool = True


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """`[session]`: the signed cookie. `lifetime` is in seconds and counts for permanent sessions."""

    cookie: str = "session"
    lifetime: int = 31 * 24 * 3600
    same_site: Literal["Lax", "Strict", "None"] = "Lax"
    secure: bool = True
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
    freeze: FreezeConfig = FreezeConfig()
    markdown: MarkdownConfig = MarkdownConfig()
    session: SessionConfig = SessionConfig()
    limits: LimitsConfig = LimitsConfig()
    redirects: Mapping[str, Any] = field(default_factory=_nothing)
    app: Mapping[str, Any] = field(default_factory=_nothing)
    dev: bool = False

    @property
    def base_path(self) -> str:
        """The path that every link of the site begins with: `""`, or `/prefix` without a last slash."""
        return urlsplit(self.base_url).path.rstrip("/")

    @property
    def name(self) -> str:
        """What to call the site where it has no title: the name of its directory."""
        return self.title or Path(self.root).name


NOT_IN_FILE = ("root", "dev")
TABLES = ("redirects", "app")


def load_config(root: str | os.PathLike[str], **flags: Any) -> Config:
    """Read the settings of the site at `root`: `site.toml`, then `ENGINE_*`, then `flags` (dotted names use `__`).

    Raises `SiteError` with every fault of the settings, and with `no-site` where there is no such directory.
    """
    folder = Path(root).resolve()
    if not (folder / "pages").is_dir():
        raise SiteError(
            Fault(
                "no-site",
                str(root),
                "there is no pages/ directory here, so this is not a site",
                "Make pages/index.md",
            )
        )
    text = _text(folder / FILE)
    table = _parse(text)
    faults: list[Fault] = []
    settings = _read(Config, table, (), _Lines(text), faults)
    if faults:
        raise SiteError(faults)
    config = Config(root=str(folder), **settings)
    config = _override(config, _environment(os.environ))
    return _checked(_override(config, flags), _Lines(text))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise SiteError(
            Fault("config-unreadable", FILE, f"cannot be read: {error}", "Save it as UTF-8")
        ) from None


def _parse(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        place = re.search(r"^(.*) \(at (?:line (\d+), column (\d+)|end of document)\)$", str(error))
        what, line, column = place.groups() if place else (str(error), None, None)
        raise SiteError(
            Fault(
                "config-syntax",
                FILE,
                f"is not TOML: {what}",
                "See https://toml.io",
                int(line or text.count("\n") + 1),
                int(column or 1),
            )
        ) from None


class _Lines:
    """Finds the line of a setting, which `tomllib` does not tell."""

    def __init__(self, text: str) -> None:
        self.of = dict(self._scan(text))

    @staticmethod
    def _scan(text: str) -> Iterator[tuple[tuple[str, ...], int]]:
        table: tuple[str, ...] = ()
        for number, line in enumerate(text.split("\n"), 1):
            if head := re.match(r"\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$", line):
                table = _dotted(head[1])
                yield table, number
            elif key := re.match(
                r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""", line
            ):
                yield table + _dotted(key[1]), number

    def __call__(self, path: tuple[str, ...]) -> int | None:
        return self.of.get(path)


def _dotted(key: str) -> tuple[str, ...]:
    return tuple(bare or quoted for bare, quoted in re.findall(r"""([\w-]+)|["']([^"']*)["']""", key))


def _read(
    record: type, table: Mapping[str, Any], path: tuple[str, ...], line: _Lines, faults: list[Fault]
) -> dict[str, Any]:
    """The fields of `record` that `table` sets; what is unknown or ill-typed is added to `faults`."""
    kinds = {k: v for k, v in get_type_hints(record).items() if k not in NOT_IN_FILE}
    values: dict[str, Any] = {}
    for key, value in table.items():
        here = (*path, key)
        if key not in kinds:
            faults.append(_unknown(here, kinds, line))
        elif dataclasses.is_dataclass(kind := kinds[key]) and isinstance(value, dict):
            assert isinstance(kind, type)
            values[key] = kind(**_read(kind, value, here, line, faults))
        elif (good := _typed(value, kind)) is not None:
            values[key] = good
        else:
            what = f"`{'.'.join(here)}` must be {_say(kind)}, not {value!r}"
            faults.append(Fault("config-type", FILE, what, "", line(here)))
    return values


def _unknown(path: tuple[str, ...], kinds: Mapping[str, Any], line: _Lines) -> Fault:
    near = difflib.get_close_matches(path[-1], kinds, 1)
    if near:
        hint = f"Did you mean `{'.'.join((*path[:-1], near[0]))}`?".rstrip(".")
    else:
        hint = "Settings of your own go under [app]"
    return Fault("config-unknown-key", FILE, f"`{'.'.join(path)}` is not a setting", hint, line(path))


def _typed(value: Any, kind: Any) -> Any:
    """`value` as a setting of `kind`, or `None` where it is not one."""
    if get_origin(kind) is Literal:
        return value if value in get_args(kind) else None
    if get_origin(kind) is tuple:
        strings = isinstance(value, list) and all(isinstance(item, str) for item in value)
        return tuple(value) if strings else None
    if get_origin(kind) is Mapping:
        return MappingProxyType(value) if isinstance(value, dict) else None
    return value if type(value) is kind else None


def _say(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return " or ".join(f'"{choice}"' for choice in get_args(kind))
    words = {str: "text", int: "a whole number", bool: "true or false", tuple: "a list of texts"}
    return words.get(get_origin(kind) or kind, "a table")


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """`ENGINE_FREEZE__OUTPUT=x` → `{"freeze__output": "x"}`, for the names that are settings."""
    known = {_flag(path) for path in _paths(Config)}
    given = {
        name.removeprefix(ENVIRONMENT).lower(): value
        for name, value in environ.items()
        if name.startswith(ENVIRONMENT)
    }
    return {name: value for name, value in given.items() if name in known}


def _flag(path: tuple[str, ...]) -> str:
    return "__".join(path)


def _paths(record: type, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, kind in get_type_hints(record).items():
        if dataclasses.is_dataclass(kind):
            assert isinstance(kind, type)
            yield from _paths(kind, (*path, name))
        elif name not in (*NOT_IN_FILE, *TABLES):
            yield (*path, name)


def _override(config: Config, given: Mapping[str, Any]) -> Config:
    """`config` with the given settings; texts (from the environment) are read as the setting's type."""
    for name, value in given.items():
        if value is not None:
            config = _replace(config, name.split("__"), value, name)
    return config


def _replace(record: Any, path: list[str], value: Any, name: str) -> Any:
    if len(path) > 1:
        return dataclasses.replace(
            record, **{path[0]: _replace(getattr(record, path[0]), path[1:], value, name)}
        )
    kind = get_type_hints(type(record))[path[0]]
    good = _from_text(value, kind) if isinstance(value, str) else value
    if good is None:
        raise SiteError(
            Fault(
                "config-environment",
                f"{ENVIRONMENT}{name.upper()}",
                f"must be {_say(kind)}, not {value!r}",
                "Correct or unset it",
            )
        )
    return dataclasses.replace(record, **{path[0]: good})


def _from_text(text: str, kind: Any) -> Any:
    if kind is bool:
        return {
            "1": True,
            "true": True,
            "yes": True,
            "on": True,
            "0": False,
            "false": False,
            "no": False,
            "off": False,
        }.get(text.lower())
    if kind is int:
        return int(text) if re.fullmatch(r"\d{1,18}", text) else None
    if get_origin(kind) is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return _typed(text, kind)


def _checked(config: Config, line: _Lines) -> Config:
    """`config`, or every fault that its types could not show."""
    faults: list[Fault] = []
    parts = urlsplit(config.base_url)
    if config.base_url and (
        parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment
    ):
        what = f"`base_url` must be like https://example.org or https://example.org/path, not {config.base_url!r}"
        faults.append(Fault("config-base-url", FILE, what, "", line(("base_url",))))
    if not config.freeze.output.strip():
        faults.append(
            Fault(
                "config-output",
                FILE,
                "`freeze.output` is empty",
                "Name a directory",
                line(("freeze", "output")),
            )
        )
    if faults:
        raise SiteError(faults)
    return config
