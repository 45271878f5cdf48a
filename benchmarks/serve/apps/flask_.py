"""Flask as its documentation writes it.

`keyed`: with a secret key; `full`: with that, and the hooks and headers of the engine's `full`; `render`: the page by a
template; `caching`: the kept page by Flask-Caching.
"""

import re

from flask import Flask, g, render_template, request, send_from_directory, session
from flask_caching import Cache
from lab import WORK
from markupsafe import Markup
from rows import TABLE
from workloads import routes, user

SLASH = ""
SITE = WORK / "serve"


def create(variant):
    app = Flask(
        __name__,
        template_folder=SITE / "templates",
        static_folder=SITE / "static/assets",
        static_url_path="/assets",
    )
    if variant in ("keyed", "full"):  # Flask then opens a session on every request.
        app.secret_key = "a-secret-of-the-bench-that-guards-nothing"
    if variant == "full":
        surround(app)

    @app.get("/hello")
    def hello():
        return "<h1>Hello, World!</h1>"

    @app.get("/users/<int:id>")
    def users(id):
        return user(id)

    @app.get("/table")
    def table():
        return render_template("table.html", **TABLE)

    def kept():
        return render_template("table.html", **TABLE)

    if variant == "caching":
        kept = Cache(app, config={"CACHE_TYPE": "SimpleCache"}).cached(timeout=600)(kept)
    app.add_url_rule("/kept", "kept", kept)

    @app.post("/form")
    def form():
        form = request.form
        session["visits"] = visits = session.get("visits", 0) + 1
        session["name"] = form["name"]
        return f"<p>{form['name']} {form['email']} {len(form['message'])}, visit {visits}</p>"

    if variant == "render":
        ready = (WORK / "ready/guide.html").read_text()
        content = Markup(re.search(r"<main>\n(.*)\n</main>", ready, re.S)[1])

        @app.get("/guide")
        def guide():
            return render_template(
                "page.html", content=content, page={"title": "Guide"}, site={"title": "Bench"}
            )

    else:

        @app.get("/guide")
        def guide():
            return send_from_directory(WORK / "ready", "guide.html")

    return app


def surround(app):
    @app.before_request
    def before():
        g.visitor = "somebody"

    @app.after_request
    def after(response):
        response.headers["X-Visitor"] = g.visitor
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
        response.headers["Content-Security-Policy"] = "default-src 'self'; frame-ancestors 'self'"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=()"
        return response

    @app.teardown_request
    def teardown(error):
        g.pop("visitor", None)


def create_routes(count):
    app = Flask(__name__, static_folder=None)

    def static():
        return "<h1>Hello, World!</h1>"

    def parameters(slug, id):
        return "<h1>Hello, World!</h1>"

    for number, (has_parameters, path) in enumerate(routes(count)):
        if has_parameters:
            app.add_url_rule(f"{path}/<slug>/<int:id>", f"p{number}", parameters)
        else:
            app.add_url_rule(path, f"s{number}", static)
    return app
