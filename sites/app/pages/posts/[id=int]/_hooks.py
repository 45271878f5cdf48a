"""What the pages of one notice share: the notice, and links to each other that need not name it."""

from engine import g
from models import Post, db


def url_value_preprocessor(route, params):
    if "id" in params:
        g.post = db.get_or_404(Post, params["id"])


def url_defaults(route, params):
    if "post" in g:
        params.setdefault("id", g.post.id)
