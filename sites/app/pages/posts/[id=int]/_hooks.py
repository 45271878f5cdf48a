"""What the pages of one notice share: the notice, and links to each other that need not name it."""

from engine import g, url_defaults, url_value_preprocessor
from models import Post, db


@url_value_preprocessor
def find_the_notice(route, params):
    g.post = db.get_or_404(Post, params["id"])


@url_defaults
def of_the_notice(route, params):
    if "post" in g:
        params.setdefault("id", g.post.id)
