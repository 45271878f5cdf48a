"""Falcon, with Jinja2 and itsdangerous by hand, as it has neither."""

import falcon
import jinja2
from itsdangerous import BadSignature, URLSafeTimedSerializer
from lab import WORK
from rows import TABLE
from workloads import routes, user

SLASH = ""
SITE = WORK / "serve"


def create(variant):
    app = falcon.App()
    loader = jinja2.FileSystemLoader(SITE / "templates")
    templates = jinja2.Environment(loader=loader, autoescape=True, auto_reload=False)
    signer = URLSafeTimedSerializer("a-secret-of-the-bench-that-guards-nothing", salt="cookie-session")

    class Hello:
        def on_get(self, request, response):
            response.content_type = falcon.MEDIA_HTML
            response.text = "<h1>Hello, World!</h1>"

    class Users:
        def on_get(self, request, response, id):
            response.media = user(id)

    class Table:
        def on_get(self, request, response):
            response.content_type = falcon.MEDIA_HTML
            response.text = templates.get_template("table.html").render(**TABLE)

    class Form:
        def on_post(self, request, response):
            form = request.get_media()
            cookie = request.cookies.get("session")
            try:
                session = signer.loads(cookie, max_age=31 * 86400) if cookie else {}
            except BadSignature:
                session = {}
            session["visits"] = visits = session.get("visits", 0) + 1
            session["name"] = form["name"]
            response.set_cookie("session", signer.dumps(session), http_only=True, secure=False, path="/")
            response.content_type = falcon.MEDIA_HTML
            response.text = f"<p>{form['name']} {form['email']} {len(form['message'])}, visit {visits}</p>"

    app.add_route("/hello", Hello())
    app.add_route("/users/{id:int}", Users())
    app.add_route("/table", Table())
    app.add_route("/form", Form())
    app.add_static_route("/assets", SITE / "static/assets")
    return app


def create_routes(count):
    app = falcon.App()

    class Static:
        def on_get(self, request, response):
            response.content_type = falcon.MEDIA_HTML
            response.text = "<h1>Hello, World!</h1>"

    class Parameters:
        def on_get(self, request, response, slug, id):
            response.content_type = falcon.MEDIA_HTML
            response.text = "<h1>Hello, World!</h1>"

    static, parameters = Static(), Parameters()
    for has_parameters, path in routes(count):
        if has_parameters:
            app.add_route(f"{path}/{{slug}}/{{id:int}}", parameters)
        else:
            app.add_route(path, static)
    return app
