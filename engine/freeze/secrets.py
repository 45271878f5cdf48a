"""What must not be published: the values of the site's secrets, looked for in every file that is written."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus

import markupsafe

from engine.config import Config
from engine.errors import Fault


class Secret(NamedTuple):
    """A secret by the name that its owner knows, and the bytes by which it would show."""

    name: str
    spellings: tuple[bytes, ...]


def secrets_of(config: Config) -> tuple[Secret, ...]:
    """The keys of the site, and what `freeze.secrets` names in the environment or in `[app]`."""
    named = [
        ("secret_key", config.secret_key),
        *(("secret_key_fallbacks", key) for key in config.secret_key_fallbacks),
        *((name, value) for name in config.freeze.secrets for value in _values(config, name)),
    ]
    return tuple(Secret(name, _spellings(value)) for name, value in named if value)


def _values(config: Config, name: str) -> Iterator[str]:
    found: Any = config.app_table
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    yield from (str(value) for value in (os.environ.get(name), found) if value)


def _spellings(value: str) -> tuple[bytes, ...]:
    """A value as a text, in HTML, in JSON, and in a URL."""
    texts = (
        value,
        html.escape(value),
        str(markupsafe.escape(value)),
        json.dumps(value)[1:-1],
        quote(value),
        quote(value, safe=""),
        quote_plus(value),
    )
    return tuple(dict.fromkeys(text.encode() for text in texts))


class Scan:
    """Looks for secrets in a body while it is written. `found` are the names of those that it holds."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self.found: set[str] = set()
        self._secrets = tuple(secrets)
        self._longest = max((len(it) for secret in self._secrets for it in secret.spellings), default=0)

    def through(self, chunks: Iterable[bytes]) -> Iterable[bytes]:
        """The chunks as they are, each looked at together with the end of the one before."""
        return self._watched(chunks) if self._secrets else chunks

    def _watched(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        end = b""
        for chunk in chunks:
            seen = end + chunk if end else chunk
            self.found.update(
                secret.name for secret in self._secrets if any(it in seen for it in secret.spellings)
            )
            end = seen[1 - self._longest :] if self._longest > 1 else b""
            yield chunk

    def faults(self, url: str, source: str) -> tuple[Fault, ...]:
        """A fault for each secret that was found in what is at `url`; `source` is the file that is to blame."""
        hint = "Take it out, and make a new one if it was ever published"
        return tuple(
            Fault("secret-published", source, f"{url} holds the secret `{name}`", hint)
            for name in sorted(self.found)
        )
