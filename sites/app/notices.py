"""What follows from a notice that is new, changed or gone."""

from __future__ import annotations

from engine import current_app, url_for


def have_changed() -> None:
    """Have the feed made again, which is kept for a while."""
    current_app.cache.purge(path=url_for("/feed.xml"))
