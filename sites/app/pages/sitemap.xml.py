"""The addresses of all notices for search engines, sent while they are read. The template is too short for a file."""

from sqlalchemy import select

from engine import stream_template_string
from models import Post, db

SITEMAP = """\
<?xml version="1.0" encoding="utf-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
{% for id in ids %}<url><loc>{{ url_for("/posts/[id=int]", id=id, _external=True) }}</loc></url>
{% endfor %}</urlset>
"""


def get():
    every = select(Post.id).order_by(Post.id).execution_options(yield_per=500)
    return stream_template_string(SITEMAP, ids=db.session.scalars(every))
