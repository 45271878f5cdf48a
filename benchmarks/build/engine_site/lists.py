"""The lists of posts: by section, twenty a page, and by tag. Which there are, the links to them say."""

from engine import abort, pages

PER_PAGE = 20


def posts_by_tag():
    return dict(pages.where(kind="post").sort("-date").group("tags"))


def section_list(section, n):
    posts = pages.under(f"/{section}").sort("-date")
    shown = posts[(n - 1) * PER_PAGE : n * PER_PAGE]
    if not shown:
        abort(404)
    return {"section": section, "posts": shown, "n": n, "total": -(-len(posts) // PER_PAGE)}
