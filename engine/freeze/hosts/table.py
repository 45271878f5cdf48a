"""HOSTS, the table of hosts: adding one is a module and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engine.freeze.hosts import apache, caddy, cloudfront, emulator, github, nginx, servers, underscore
from engine.freeze.hosts.emulator import Behaviour
from engine.freeze.hosts.model import Deployment, Made
from engine.freeze.hosts.rules import Rules
from engine.http.media_types import media_type


@dataclass(frozen=True, slots=True)
class Host:
    """A host: how its files are made and read, and how it answers. `statuses` are those that it knows others for.

    `sends_redirects` and `sends_headers` are false for one that has none of one's own; one that `knows_gone` says 410.
    Of one that `is_server`, the engine itself answers.
    """

    title: str
    make: Callable[[Deployment], Made]
    read: Callable[[Mapping[str, str]], Rules] = lambda texts: Rules()
    behaviour: Behaviour = Behaviour(emulator.strict, kind=media_type)  # noqa: RUF009  it is frozen
    statuses: Mapping[int, int] = field(default_factory=dict)
    sends_redirects: bool = True
    sends_headers: bool = True
    knows_gone: bool = False
    is_server: bool = False


HOSTS: Mapping[str, Host] = {
    "nginx": Host("nginx", nginx.make, nginx.read, knows_gone=True),
    "caddy": Host(caddy.NAME, caddy.make, caddy.read, knows_gone=True),
    "apache": Host(apache.NAME, apache.make, apache.read, knows_gone=True),
    "netlify": Host(
        "Netlify",
        underscore.netlify,
        underscore.read_netlify,
        Behaviour(emulator.netlify, nearest=False),
        underscore.NETLIFY_STATUS,
    ),
    "cloudflare": Host(
        underscore.CLOUDFLARE,
        underscore.cloudflare,
        underscore.read_cloudflare,
        Behaviour(emulator.cloudflare),
    ),
    "github": Host(
        github.NAME,
        github.make,
        behaviour=Behaviour(emulator.github, nearest=False),
        sends_redirects=False,
        sends_headers=False,
    ),
    "cloudfront": Host(
        cloudfront.NAME,
        cloudfront.make,
        cloudfront.read,
        Behaviour(emulator.cloudfront, nearest=False, asks_server=False, kind=media_type),
        sends_headers=False,
        knows_gone=True,
    ),
    "docker": Host("Docker", servers.docker, is_server=True),
    "systemd": Host("systemd", servers.systemd, is_server=True),
    "lambda": Host("AWS Lambda", servers.aws_lambda, is_server=True),
}

EMULATED = [name for name, host in HOSTS.items() if not host.is_server]
"""The hosts that answer by themselves."""
