"""The URLs of a site's routes, for its own code and templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from engine.app.endpoints import Endpoint
from engine.errors import OutsideContext
from engine.http.context import current, has_request_context
from engine.routing.route import Route
from engine.site import Site
from engine.trace import depend
from engine.views.hooks import Hooks


class Urls:
    """Makes the URLs of one site, below its prefix."""

    def __init__(self, site: Site) -> None:
        self._config = site.config
        self._base = site.config.base_path
        self._table = site.routes

    def url(
        self,
        id: str,
        params: Mapping[str, Any],
        *,
        query: Mapping[str, Any] | None,
        anchor: str | None,
        external: bool,
    ) -> str:
        """The URL of a route. Raises `UnknownRoute` and `BadParams`."""
        depend("route", id)
        context = current.get(None)
        if (
            context is not None
            and type(endpoint := context.endpoint) is Endpoint
            and endpoint.hooks.url_defaults
        ):
            params = _with_defaults(endpoint.hooks, self._table.route(id), params)
        url = self._base + self._table.url(id, params)
        if query:
            url += _queried(query)
        if anchor:
            url += "#" + quote(anchor, safe="!$&'()*+,;=:@/?-._~")
        return self._origin() + url if external else url

    def _origin(self) -> str:
        """`https://host` of the site: the configured one, else that which was asked. Raises `OutsideContext`."""
        if self._config.base_url:
            return self._config.base_url.rstrip("/").removesuffix(self._base)
        if not has_request_context():
            raise OutsideContext(
                "A whole URL is wanted while no request is handled. Say `base_url` in site.toml."
            )
        return current.get().request.host_url.rstrip("/")


def _with_defaults(hooks: Hooks, route: Route, given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that are given, and what each `url_defaults` adds that the route takes."""
    params = dict(given)
    for add in hooks.url_defaults:
        add(route.id, params)
    return {name: value for name, value in params.items() if name in given or name in route.param_names}


def _queried(query: Mapping[str, Any]) -> str:
    """`?name=value&…`, or nothing where no name has a value."""
    several = (
        (name, value if isinstance(value, (list, tuple)) else [value]) for name, value in query.items()
    )
    fields = [
        f"{quote(str(name), safe='')}={quote(str(value), safe='')}"
        for name, values in several
        for value in values
        if value is not None
    ]
    return "?" + "&".join(fields) if fields else ""
