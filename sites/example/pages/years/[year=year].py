"""The entries of one year. The type of the parameter is in `app.py`."""

from collections.abc import Iterator

from engine import Pages, abort, pages


def entries() -> Pages:
    found: Pages = pages.under("/blog").where(draft=False)
    return found


def static_params() -> Iterator[int]:
    for group in entries().group("date.year"):
        yield group.key


def get(year: int) -> dict[str, object]:
    posts = [post for post in entries().sort("date") if post.date.year == year]
    if not posts:
        abort(404)
    return {"year": year, "posts": posts}
