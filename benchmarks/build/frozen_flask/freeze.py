"""Flask with Flask-FlatPages, frozen by Frozen-Flask."""

from functools import cache
from itertools import groupby, pairwise

from flask import Flask, abort, render_template, send_file
from flask_flatpages import FlatPages
from flask_frozen import Freezer

PER_PAGE = 20
app = Flask(__name__, static_folder=None)
app.config.update(
    FLATPAGES_ROOT="content",
    FLATPAGES_EXTENSION=".md",
    FLATPAGES_MARKDOWN_EXTENSIONS=["fenced_code", "tables"],
    FLATPAGES_AUTO_RELOAD=False,
    FREEZER_DESTINATION="public",
)
flat = FlatPages(app)
freezer = Freezer(app, with_no_argument_rules=False, log_url_for=False)


@cache
def posts():
    return sorted(flat, key=lambda post: post["date"], reverse=True)


@cache
def sections():
    ordered = sorted(posts(), key=lambda post: post.path.partition("/")[0])
    return {
        name: list(members) for name, members in groupby(ordered, lambda post: post.path.partition("/")[0])
    }


@cache
def tags():
    named = sorted({tag for post in posts() for tag in post["tags"]})
    return {tag: [post for post in posts() if tag in post["tags"]] for tag in named}


@cache
def neighbours():
    """The older and the newer post by the path of a post."""
    near = {post.path: {} for post in posts()}
    for members in sections().values():
        for newer, older in pairwise(members):
            near[newer.path]["older"], near[older.path]["newer"] = older, newer
    return near


@app.get("/")
def home():
    return render_template("home.html", posts=posts()[:PER_PAGE], sections=sections())


@app.get("/<section>/")
@app.get("/<section>/page/<int:n>/")
def section(section, n=1):
    members = sections().get(section) or abort(404)
    shown = members[(n - 1) * PER_PAGE : n * PER_PAGE]
    return render_template("section.html", section=section, posts=shown, n=n, total=total(members))


@app.get("/<section>/<slug>/")
def post(section, slug):
    found = flat.get_or_404(f"{section}/{slug}")
    return render_template("post.html", post=found, **neighbours()[found.path])


@app.get("/tags/<tag>/")
def tag(tag):
    return render_template("tag.html", tag=tag, posts=tags()[tag])


@app.get("/rss.xml")
def rss():
    return render_template("rss.xml", posts=posts()[:PER_PAGE]), {"Content-Type": "application/rss+xml"}


@app.get("/sitemap.xml")
def sitemap():
    text = render_template("sitemap.xml", posts=posts(), sections=sections(), tags=tags())
    return text, {"Content-Type": "application/xml"}


@app.get("/style.css")
def style():
    return send_file("static/style.css")


@freezer.register_generator
def addresses():
    yield from ("/", "/rss.xml", "/sitemap.xml", "/style.css")
    yield from (f"/{post.path}/" for post in posts())
    yield from (f"/tags/{tag}/" for tag in tags())
    for name, members in sections().items():
        yield f"/{name}/"
        yield from (f"/{name}/page/{n}/" for n in range(2, total(members) + 1))


def total(members):
    return -(-len(members) // PER_PAGE)


if __name__ == "__main__":
    freezer.freeze()
