"""The lists of posts: sections, twenty posts a page, and tags."""

from engine import abort, current_app

PER_PAGE = 20


def posts():
    return current_app.site.pages.where(kind="post").sort("-date")


def tags():
    return dict(posts().group("tags"))


def sections():
    """The number of pages of each section's list."""
    groups = [members for _, members in posts().group("directory")]
    return {members[0].path.split("/")[1]: -(-len(members) // PER_PAGE) for members in groups}


def section_list(section, n):
    members = current_app.site.pages.under(f"/{section}").sort("-date")
    shown = members[(n - 1) * PER_PAGE : n * PER_PAGE]
    if not shown:
        abort(404)
    total = -(-len(members) // PER_PAGE)
    return {"section": section, "posts": shown, "n": n, "total": total}
