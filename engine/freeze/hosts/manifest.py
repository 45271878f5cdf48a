"""The list of what stays with the server, for those who write rules of their own."""

from __future__ import annotations

import json

from engine.freeze.hosts.model import Deployment

FILE = "dynamic.json"
KEPT = "it says `freeze = False`"
OPEN = "nothing says which pages it has: those that were not frozen are the server's"
UNRULY = "no rule of a host can express it"


def manifest(site: Deployment) -> str:
    """As JSON: the routes of the server, and the redirects that only it can answer, each with source and reason."""
    routes = [
        {"route": it.route, "methods": list(it.methods), "source": it.source, "reason": reason}
        for reason, found in ((KEPT, site.dynamic), (OPEN, site.open))
        for it in found
    ]
    unruly = [{"route": id, "source": source, "reason": UNRULY} for id, source in site.unruly]
    found = {"base_path": site.base_path, "server": site.server, "routes": routes, "redirects": unruly}
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"
