"""What the settings of a site mean for its requests and sessions."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b, file_digest

from engine import __version__
from engine.cache.sessions import ServerSessions
from engine.cache.store import MemoryStore, Store
from engine.config import MEMORY, CacheConfig, Config, LimitsConfig
from engine.http.request import Request
from engine.http.session import SessionSettings, SessionStore
from engine.settings.origins import Origins
from engine.site import Site
from engine.software import packages
from engine.source.files import SourceFile


def request_class(limits: LimitsConfig) -> type[Request]:
    """A request with the limits of the site."""
    settings = {
        "max_content_length": limits.body,
        "max_form_memory_size": limits.form_memory,
        "max_form_parts": limits.form_parts,
        "max_api_body": limits.api_body,
    }
    return type("Request", (Request,), settings)


def cache_store(site: Site) -> Store:
    """Where the answers of the site are kept."""
    cache = site.config.cache
    if cache.store == MEMORY:
        return MemoryStore(cache.memory)
    from engine.cache.redis import RedisStore  # noqa: PLC0415  optional: the extra `redis`

    return RedisStore(cache.store, cache.prefix, version_of(site))


def version_of(site: Site) -> str:
    """What tells the site from itself after a change: a digest of its files, its modules, its settings and packages.

    It is the same on every machine that the site is deployed to, and that has the same packages.
    """
    config = replace(site.config, root="", app=site.config.app_table, cache=CacheConfig(), origins=Origins())
    known = blake2b(repr((__version__, packages(), config)).encode("utf-8", "surrogatepass"), digest_size=16)
    for path, checksum in sorted(site.modules.checksums.items()):
        known.update(path.encode("utf-8", "surrogatepass") + checksum)
    for file in site.files:
        known.update(file.path.encode("utf-8", "surrogatepass") + _checksum(file))
    return known.hexdigest()


def _checksum(file: SourceFile) -> bytes:
    try:
        with open(file.location, "rb") as opened:  # noqa: PTH123  thousands of them
            return file_digest(opened, lambda: blake2b(digest_size=16)).digest()
    except OSError:
        return b""  # it was removed since the load


def session_store(config: Config) -> SessionStore:
    """What opens and saves the sessions of the site."""
    settings = session_settings(config)
    if config.session.store == "cookie":
        return SessionStore(settings)
    from engine.cache.redis import RedisStore  # noqa: PLC0415  optional: the extra `redis`

    return ServerSessions(settings, RedisStore(config.cache.store, config.cache.prefix))


def session_settings(config: Config) -> SessionSettings:
    session = config.session
    secure = session.secure and not config.dev
    lax = session.same_site == "None" and not secure  # browsers would drop the cookie
    return SessionSettings(
        secret_key=config.secret_key,
        fallbacks=config.secret_key_fallbacks,
        cookie_name=session.cookie,
        path=config.base_path or "/",
        domain=session.domain or None,
        secure=secure,
        samesite="Lax" if lax else session.same_site,
        partitioned=session.partitioned and secure,
        lifetime=session.lifetime,
    )
