"""What the settings of a site mean for its requests and sessions."""

from __future__ import annotations

from engine.cache.sessions import ServerSessions
from engine.cache.store import MemoryStore, Store
from engine.config import MEMORY, CacheConfig, Config, LimitsConfig
from engine.http.request import Request
from engine.http.session import SessionSettings, SessionStore


def request_class(limits: LimitsConfig) -> type[Request]:
    """A request with the limits of the site."""
    settings = {
        "max_content_length": limits.body,
        "max_form_memory_size": limits.form_memory,
        "max_form_parts": limits.form_parts,
    }
    return type("Request", (Request,), settings)


def cache_store(cache: CacheConfig) -> Store:
    """Where the answers of the site are kept."""
    if cache.store == MEMORY:
        return MemoryStore(cache.memory)
    from engine.cache.redis import RedisStore  # noqa: PLC0415  optional: the extra `redis`

    return RedisStore(cache.store, cache.prefix)


def session_store(config: Config) -> SessionStore:
    """What opens and saves the sessions of the site."""
    settings = session_settings(config)
    if config.session.store == "cookie":
        return SessionStore(settings)
    from engine.cache.redis import RedisStore  # noqa: PLC0415  optional: the extra `redis`

    return ServerSessions(settings, RedisStore(config.cache.store, config.cache.prefix))


def session_settings(config: Config) -> SessionSettings:
    session = config.session
    return SessionSettings(
        secret_key=config.secret_key,
        fallbacks=config.secret_key_fallbacks,
        cookie_name=session.cookie,
        path=config.base_path or "/",
        domain=session.domain or None,
        secure=session.secure and not config.dev,
        samesite=session.same_site,
        partitioned=session.partitioned and not config.dev,
        lifetime=session.lifetime,
    )
