"""One page for each tag: what `get` returns is what `[tag].html` sees."""

from typing import Any

from engine import abort, current_app


def get(tag: str) -> dict[str, Any]:
    posts = current_app.site.pages.under("/posts").where(tags=tag).sort("-date")
    return {"tag": tag, "posts": posts} if posts else abort(404)
