"""One page for each tag of the journal; the template beside this file shows it."""

from collections.abc import Iterator

from engine import Pages, abort, pages


def posts() -> Pages:
    found: Pages = pages.under("/blog").where(draft=False)
    return found


def static_params() -> Iterator[dict[str, str]]:
    for group in posts().group("tags"):
        yield {"tag": group.key}


def get(tag: str) -> dict[str, object]:
    tagged = posts().where(tags=tag).sort("-date")
    if not tagged:
        abort(404)
    return {"tag": tag, "posts": tagged}
