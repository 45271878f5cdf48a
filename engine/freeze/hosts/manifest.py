"""The list of what stays with the server, for those who write rules of their own."""

from __future__ import annotations

import json

from engine.freeze.hosts.model import Deployment

FILE = "dynamic.json"


def manifest(site: Deployment) -> str:
    """As JSON: the routes of the server with their methods and sources, and the redirects that only it can answer."""
    routes = [{"route": it.route, "methods": list(it.methods), "source": it.source} for it in site.dynamic]
    unruly = [{"route": id, "source": source} for id, source in site.unruly]
    found = {"base_path": site.base_path, "server": site.server, "routes": routes, "redirects": unruly}
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"
